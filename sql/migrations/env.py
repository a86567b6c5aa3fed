"""Alembic's entry point: runs on the connection that nexus_data.postgres.migrate (or .draft) hands over."""

from alembic import context

from nexus_data.postgres.metadata import metadata
from nexus_data.postgres.migrate import VERSION_TABLE


def _declared(name, type_, _parents):
    # Partitions and marts come and go by themselves; a revision is about the declared tables only.
    return type_ != "table" or name in metadata().tables


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    version_table=VERSION_TABLE,
    include_name=_declared,
)
with context.begin_transaction():
    context.run_migrations()
