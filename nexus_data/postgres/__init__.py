"""Everything that is particular to Postgres: connections, table metadata, migrations and month partitions."""
