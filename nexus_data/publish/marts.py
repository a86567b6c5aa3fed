"""Marts into Postgres: each a table of the schema `marts`, shaped by its SELECT, replaced whole or in parts.

A table's comment is the definition that its rows were computed by: of another definition, no part can be replaced.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor, Future
from pathlib import Path

import msgspec
import polars as pl
import psycopg
from psycopg import sql

from nexus_data.postgres.partitions import build_name
from nexus_data.publish.building import building
from nexus_data.publish.copy import copy_arrow

_TYPES: dict[type[pl.DataType], str] = {
    pl.String: 'text COLLATE "C"',
    pl.Int64: "bigint",
    pl.Int32: "integer",
    pl.Boolean: "boolean",
    pl.Date: "date",
    pl.Datetime: "timestamptz",
    pl.Binary: "uuid",
}


class Computed(msgspec.Struct, frozen=True):
    """A computed mart as the run keeps it. months: those it covers; None: all. touched: Arrow file of the groups of
    these that it covers; None: all. definition: see `mart_declarations.definition`.
    """

    name: str
    path: str
    key: tuple[str, ...]
    refresh: str
    rows: int
    months: tuple[str, ...] | None
    touched: str | None = None
    definition: str = ""


def load_computed(staging: Path) -> list[Computed]:
    """The marts that this run computed."""
    return msgspec.json.decode((staging / "marts.json").read_bytes(), type=list[Computed])


def build_marts(
    url: str, marts: Iterable[Computed], *, run_id: str, workers: Executor
) -> dict[str, Future[str | None]]:
    """Build the marts that have no table yet beside the others, unseen by readers: by mart, the table's name.

    None: the mart has a table, which keeps its rows until the commit.
    """
    return {mart.name: workers.submit(_build, url, mart, run_id) for mart in marts}


def _build(url: str, mart: Computed, run_id: str) -> str | None:
    with building(url) as database:
        if _present(database, mart.name):
            return None
        build = build_name(mart.name, run_id=run_id)
        _create(database, mart, table=sql.Identifier("marts", build))
    return build


def load_mart(database: psycopg.Connection, mart: Computed, *, build: str | None = None) -> int:
    """Bring a mart's table to what was computed: all of it, or these months or groups of it. Rows copied.

    build: what `build_marts` made, which becomes the table.
    """
    if build is not None:
        return _adopt(database, mart, build)
    table = sql.Identifier("marts", mart.name)
    if _definition(database, mart.name) != mart.definition or missing_marts(
        database, {mart.name: pl.read_ipc_schema(mart.path)}
    ):
        database.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))
        return _create(database, mart, table=table)
    if mart.touched is not None:
        _take_out(database, mart, Path(mart.touched))
    elif mart.months is None:
        database.execute(sql.SQL("DELETE FROM {}").format(table))
    else:
        database.execute(sql.SQL("DELETE FROM {} WHERE month = ANY (%s)").format(table), (list(mart.months),))
    with database.cursor() as cursor:
        return copy_arrow(cursor, Path(mart.path), table=table)


def _take_out(database: psycopg.Connection, mart: Computed, touched: Path) -> None:
    """Delete the rows of the touched groups."""
    table, groups = sql.Identifier("marts", mart.name), sql.Identifier(f"touched_{mart.name}")
    names = [sql.Identifier(name) for name in pl.read_ipc_schema(touched)]
    create = sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA")
    database.execute(create.format(groups, sql.SQL(", ").join(names), table))
    with database.cursor() as cursor:
        copy_arrow(cursor, touched, table=groups)
    database.execute(sql.SQL("ANALYZE {}").format(groups))
    same = sql.SQL(" AND ").join(sql.SQL("row.{0} = gone.{0}").format(name) for name in names)
    database.execute(sql.SQL("DELETE FROM {} AS row USING {} AS gone WHERE {}").format(table, groups, same))


def _adopt(database: psycopg.Connection, mart: Computed, build: str) -> int:
    rename = sql.SQL("ALTER TABLE {} RENAME TO {}")
    database.execute(rename.format(sql.Identifier("marts", build), sql.Identifier(mart.name)))
    return mart.rows


def tables_follow(database: psycopg.Connection, definitions: Mapping[str, str]) -> bool:
    """Whether each of these marts has a table, of whatever shape, whose rows were computed by that definition."""
    return all(_definition(database, name) == definition for name, definition in definitions.items())


def missing_marts(database: psycopg.Connection, marts: dict[str, dict[str, pl.DataType]]) -> list[str]:
    """Marts whose table is not there, or not of the shape that their SELECT has now: they must be computed whole."""
    return [name for name, columns in marts.items() if _present(database, name) != _declared(columns)]


def _create(database: psycopg.Connection, mart: Computed, *, table: sql.Identifier) -> int:
    """Create a table with the mart's rows; the index after the rows, which is cheaper. Rows copied."""
    columns = pl.read_ipc_schema(mart.path)
    body = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(_type(dtype))) for name, dtype in columns.items()
    )
    database.execute(sql.SQL("CREATE TABLE {} ({})").format(table, body))
    with database.cursor() as cursor:
        rows = copy_arrow(cursor, Path(mart.path), table=table, freeze=True)
    key = sql.SQL(", ").join(map(sql.Identifier, mart.key))
    index = sql.SQL("CREATE UNIQUE INDEX {} ON {} ({})").format(sql.Identifier(f"{mart.name}_key"), table, key)
    database.execute(index)
    database.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(table, sql.Literal(mart.definition)))
    return rows


def _type(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Decimal):
        return f"numeric({dtype.precision},{dtype.scale})"
    return _TYPES[type(dtype)]


def _declared(columns: dict[str, pl.DataType]) -> list[tuple[str, str]]:
    return [(name, _type(dtype).removesuffix(' COLLATE "C"')) for name, dtype in columns.items()]


def _definition(database: psycopg.Connection, name: str) -> str:
    """Empty where there is no table, or one of a release that did not note it."""
    noted = "SELECT coalesce(obj_description(to_regclass(%s), 'pg_class'), '')"
    found = database.execute(noted, (f'marts."{name}"',)).fetchone()
    return found[0] if found else ""


def _present(database: psycopg.Connection, name: str) -> list[tuple[str, str]]:
    rows = database.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
        "WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        (f'marts."{name}"',),
    ).fetchall()
    return [(column, kind.replace("timestamp with time zone", "timestamptz")) for column, kind in rows]
