"""Planner statistics and dead rows. Autovacuum sees to partitions in its own time, and never to their parent."""

import logging
from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg import sql

from nexus_data.postgres.connect import connection
from nexus_data.postgres.partitions import partition_name
from nexus_data.sql import query

log = logging.getLogger(__name__)

_PARENT = "trading_operations"
_LEAST_DEAD = 10_000
_DEAD_SHARE = "0.1"
_ANALYZE_ONLY_SINCE = 180000
# 3,000 rows of a month: the usual sample of 30,000 costs 5 CPU s for each 1M rows loaded, this one 0.5.
_SMALL_SAMPLE = sql.SQL("SET {} default_statistics_target = 10")


def analyze_build(database: psycopg.Connection[Any], table: sql.Identifier) -> None:
    """Have the planner know a table that was just filled, in the transaction that made it."""
    database.execute(_SMALL_SAMPLE.format(sql.SQL("LOCAL")))
    database.execute(sql.SQL("ANALYZE {}").format(table))


def analyze_loaded(url: str, *, grown: Iterable[str]) -> None:
    """Have the planner know what a run has just loaded: the months that have grown, and the parent where it has, too.

    Months are planned by their own statistics; the parent's, whose sample costs as much for ten rows as for millions,
    tell only how many different values there are.
    What goes wrong is logged: the rows are published, and queries are right without statistics.
    """
    try:
        with connection(url) as database:
            database.autocommit = True
            # A power cut may cost statistics: five years of months would wait for the disk sixty times.
            database.execute("SET synchronous_commit = off")
            database.execute(_SMALL_SAMPLE.format(sql.SQL("SESSION")))
            if names := [sql.Identifier(partition_name(_PARENT, month)) for month in grown]:
                database.execute(sql.SQL("ANALYZE {}").format(sql.SQL(", ").join(names)))
            database.execute("RESET default_statistics_target")
            outgrown = database.execute(query("maintenance/parent_outgrown"), {"parent": _PARENT}).fetchone()
            if outgrown and outgrown[0]:
                _analyze_parent(database)
    except psycopg.Error as error:
        log.warning("the planner's statistics are behind: %s", error)


def _analyze_parent(database: psycopg.Connection[Any]) -> None:
    """Over a sample of all partitions; before Postgres 18 each of them is analyzed once more on the way."""
    only = "ONLY " if database.info.server_version >= _ANALYZE_ONLY_SINCE else ""
    database.execute(sql.SQL("ANALYZE {}{}").format(sql.SQL(only), sql.Identifier(_PARENT)))


def analyze_changed(database: psycopg.Connection[Any]) -> list[str]:
    """Take the statistics of every table that has changed since they were taken; the tables. Needs autocommit."""
    tables = database.execute(query("maintenance/unanalyzed")).fetchall()
    for schema, name in tables:
        database.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(schema, name)))
    _analyze_parent(database)
    return [f"{schema}.{name}" for schema, name in tables]


def vacuum_where_it_pays(database: psycopg.Connection[Any]) -> list[str]:
    """Vacuum the tables of which a tenth, and at least ten thousand rows, is dead; the tables. Needs autocommit."""
    about = {"least": _LEAST_DEAD, "share": _DEAD_SHARE}
    tables = database.execute(query("maintenance/dead_rows"), about).fetchall()
    for schema, name, *_ in tables:
        database.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(schema, name)))
    return [f"{schema}.{name}" for schema, name, *_ in tables]
