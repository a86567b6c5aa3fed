"""Rows enough of every table that Postgres prefers an index where there is one."""

from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Identifier, Literal

from nexus_data.postgres.partitions import attach_build, create_build, index_build

MONTHS = ("2024-01", "2024-02", "2024-03")
_PER_MONTH = 6000

_OPERATIONS = SQL("""
INSERT INTO {build}
    (operation_id, date, user_id, category, amount, currency, milestone_id, source, file_id, record_no, row_fp,
     generation)
SELECT md5({month} || n)::uuid, {first}::date + n % 28, 'u' || n % 500, 'trade', n, 'EUR',
       CASE WHEN n % 10 = 0 THEN 'm' || n % 800 END, 'nexus', md5('f')::uuid, n, n, 1
FROM generate_series(1, {rows}) AS n
""")


def fill(database: Connection[Any]) -> None:
    """Fill every table, three months of operations included, and gather statistics."""
    database.execute(Path(__file__).with_suffix(".sql").read_bytes())
    for month in MONTHS:
        attach_build(database, build_month(database, month, rows=_PER_MONTH), month)
    database.execute("ANALYZE")


def build_month(database: Connection[Any], month: str, *, rows: int, run_id: str = "run") -> str:
    """Build a month of operations the way a publisher does; return the build's name."""
    build = create_build(database, month, run_id=run_id)
    insert_operations(database, build, month, rows=rows)
    index_build(database, build)
    return build


def insert_operations(database: Connection[Any], table: str, month: str, *, rows: int) -> None:
    """Insert operations numbered from 1, with ids that follow from month and number."""
    values = {"month": Literal(month), "first": Literal(f"{month}-01"), "rows": Literal(rows)}
    database.execute(_OPERATIONS.format(build=Identifier(table), **values))
