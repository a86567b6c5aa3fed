"""Marts into Postgres: each a table of the schema `marts`, shaped by its SELECT, replaced whole or in parts.

A large one that is computed whole is built beside its table and takes its place in the commit.
A table's comment is the definition that its rows were computed by: of another definition, no part can be replaced.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path

import msgspec
import polars as pl
import psycopg
from psycopg import sql

from nexus_data.maintenance.statistics import analyze_build
from nexus_data.postgres.partitions import build_name, hold_parent
from nexus_data.publish.building import building
from nexus_data.publish.copy import copy_arrow
from nexus_data.sql import query

_TYPES: dict[type[pl.DataType], str] = {
    pl.String: 'text COLLATE "C"',
    pl.Int64: "bigint",
    pl.Int32: "integer",
    pl.Boolean: "boolean",
    pl.Date: "date",
    pl.Datetime: "timestamptz",
    pl.Binary: "uuid",
}

_MORE_MEMORY = "SET LOCAL work_mem = '64MB'"
"""A build sorts or hashes the keys of what was computed; three builds run at a time."""

_LARGE = 50_000
"""Of fewer computed rows, a table is changed in place: nobody has to wait for a swap that saves next to nothing."""

_DEAR = 5
"""So many times what it costs to write a row beside the others, in the order of the key, it costs to replace one."""


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

    @property
    def covers_all(self) -> bool:
        """Whether it is the whole mart."""
        return self.months is None and self.touched is None


def load_computed(staging: Path) -> list[Computed]:
    """The marts that this run computed."""
    return msgspec.json.decode((staging / "marts.json").read_bytes(), type=list[Computed])


def build_marts(
    url: str, marts: Iterable[Computed], *, run_id: str, workers: Executor, large: int = _LARGE
) -> dict[str, Future[str | None]]:
    """Build beside the others, unseen by readers, the marts that have no table yet, and those of which much changes.

    By mart, the table's name. None: the mart's table stays, and is brought to what was computed in the commit, as
    always where fewer than `large` rows were computed, or where people have given the table what a new one would lack.
    """
    return {mart.name: workers.submit(_build, url, mart, run_id, large) for mart in marts}


def _build(url: str, mart: Computed, run_id: str, large: int) -> str | None:
    with building(url) as database:
        there = bool(_present(database, mart.name))
        if there and (mart.rows < large or not _much_changes(database, mart)):
            return None
        build = build_name(mart.name, run_id=run_id)
        _declare(database, mart, build)
        if there and not _is_replaceable(database, mart.name, build):
            database.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier("marts", build)))
            return None
        _fill(database, mart, build, merged=there and not mart.covers_all)
        if there:
            # Of a table that nobody has asked yet, autovacuum takes the statistics in time.
            analyze_build(database, sql.Identifier("marts", build))
    return build


def _much_changes(database: psycopg.Connection, mart: Computed) -> bool:
    """Whether to write all of the mart anew and have readers wait for the swap, because in place it would cost more."""
    if mart.covers_all:
        return True
    counted = "SELECT reltuples FROM pg_class WHERE oid = %s::regclass"
    there = database.execute(counted, (f'marts."{mart.name}"',)).fetchone()
    return there is not None and mart.rows * _DEAR >= there[0] and _fits(database, mart)


def _is_replaceable(database: psycopg.Connection, name: str, build: str) -> bool:
    names = {"old": f'marts."{name}"', "new": f'marts."{build}"'}
    found = database.execute(query("publish/is_replaceable"), names).fetchone()
    return found is not None and bool(found[0])


def load_mart(database: psycopg.Connection, mart: Computed) -> int:
    """Bring a mart's table to what was computed: all of it, or these months or groups of it. Rows copied."""
    table = sql.Identifier("marts", mart.name)
    if not _fits(database, mart):
        database.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))
        _declare(database, mart, mart.name)
        _fill(database, mart, mart.name)
        return mart.rows
    database.execute(sql.SQL("DELETE FROM {} AS row WHERE {}").format(table, _covered(database, mart)))
    with database.cursor() as cursor:
        return copy_arrow(cursor, Path(mart.path), table=table)


def _covered(database: psycopg.Connection, mart: Computed) -> sql.Composable:
    """The condition by which a `row` of the mart's table is one of what was computed."""
    if mart.touched is not None:
        return sql.SQL("EXISTS (SELECT FROM {} AS gone WHERE {})").format(*_touched(database, mart, Path(mart.touched)))
    if mart.months is None:
        return sql.SQL("true")
    return sql.SQL("month = ANY ({})").format(sql.Literal(list(mart.months)))


def _touched(database: psycopg.Connection, mart: Computed, touched: Path) -> tuple[sql.Identifier, sql.Composable]:
    """A temporary table of the touched groups, and when a `row` is of the group `gone`."""
    names = [sql.Identifier(name) for name in pl.read_ipc_schema(touched)]
    groups = _temporary(database, mart, touched, what="touched", columns=names)
    same = sql.SQL(" AND ").join(sql.SQL("row.{0} = gone.{0}").format(name) for name in names)
    return groups, same


def _temporary(
    database: psycopg.Connection, mart: Computed, path: Path, *, what: str, columns: Sequence[sql.Identifier]
) -> sql.Identifier:
    """A temporary table of an Arrow file's rows, its columns shaped like those of the mart's table."""
    table = sql.Identifier(f"{what}_{mart.name}")
    create = sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA")
    database.execute(create.format(table, sql.SQL(", ").join(columns), sql.Identifier("marts", mart.name)))
    with database.cursor() as cursor:
        copy_arrow(cursor, path, table=table)
    database.execute(sql.SQL("ANALYZE {}").format(table))
    return table


def adopt_marts(database: psycopg.Connection, builds: Mapping[str, str]) -> None:
    """Let builds (by mart) be the marts' tables, in the caller's transaction, which holds no lock on operations yet.

    Where there is a table to replace, readers wait from here to the commit: every snapshot sees the rows of a build, so
    that who could see it must have waited.
    """
    old = [sql.Identifier("marts", name) for name in builds if _present(database, name)]
    if old:
        hold_parent(database, also=old)
        database.execute(sql.SQL("DROP TABLE {}").format(sql.SQL(", ").join(old)))
    rename, index = sql.SQL("ALTER TABLE {} RENAME TO {}"), sql.SQL("ALTER INDEX {} RENAME TO {}")
    for name, build in builds.items():
        database.execute(rename.format(sql.Identifier("marts", build), sql.Identifier(name)))
        database.execute(index.format(sql.Identifier("marts", _index(build)), sql.Identifier(_index(name))))


def tables_follow(database: psycopg.Connection, definitions: Mapping[str, str]) -> bool:
    """Whether each of these marts has a table, of whatever shape, whose rows were computed by that definition."""
    return all(_definition(database, name) == definition for name, definition in definitions.items())


def missing_marts(database: psycopg.Connection, marts: dict[str, dict[str, pl.DataType]]) -> list[str]:
    """Marts whose table is not there, or not of the shape that their SELECT has now: they must be computed whole."""
    return [name for name, columns in marts.items() if _present(database, name) != _declared(columns)]


def _declare(database: psycopg.Connection, mart: Computed, name: str) -> None:
    """Create a table of that name for the mart's rows."""
    columns = pl.read_ipc_schema(mart.path)
    body = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(_type(dtype))) for column, dtype in columns.items()
    )
    table = sql.Identifier("marts", name)
    database.execute(sql.SQL("CREATE TABLE {} ({})").format(table, body))
    database.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(table, sql.Literal(mart.definition)))


def _fill(database: psycopg.Connection, mart: Computed, name: str, *, merged: bool = False) -> None:
    """Give a new table the computed rows; the index after them, which is cheaper.

    merged: with the rows of the mart's present table that are not of the months or groups that were computed.
    """
    table, key = sql.Identifier("marts", name), sql.SQL(", ").join(map(sql.Identifier, mart.key))
    if merged:
        _merge(database, mart, table=table, key=key)
    else:
        with database.cursor() as cursor:
            copy_arrow(cursor, Path(mart.path), table=table, freeze=True)
    database.execute(sql.SQL("CREATE UNIQUE INDEX {} ON {} ({})").format(sql.Identifier(_index(name)), table, key))


def _merge(database: psycopg.Connection, mart: Computed, *, table: sql.Identifier, key: sql.Composable) -> None:
    """Fill a new table with what was computed and the other rows of the mart's table, in the order of the key.

    In that order a user's rows are beside each other, and the index is made for a third.
    """
    columns = [sql.Identifier(name) for name in pl.read_ipc_schema(mart.path)]
    merge = sql.SQL(
        "INSERT INTO {table} (SELECT {columns} FROM {old} AS row WHERE NOT ({covered}) ORDER BY {key}) "
        "UNION ALL (SELECT {columns} FROM {new} ORDER BY {key}) ORDER BY {key}"
    )
    database.execute(_MORE_MEMORY)
    database.execute(
        merge.format(
            table=table,
            columns=sql.SQL(", ").join(columns),
            old=sql.Identifier("marts", mart.name),
            covered=_covered(database, mart),
            new=_temporary(database, mart, Path(mart.path), what="computed", columns=columns),
            key=key,
        )
    )


def _index(table: str) -> str:
    return f"{table}_key"


def _type(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Decimal):
        return f"numeric({dtype.precision},{dtype.scale})"
    return _TYPES[type(dtype)]


def _declared(columns: dict[str, pl.DataType]) -> list[tuple[str, str]]:
    return [(name, _type(dtype).removesuffix(' COLLATE "C"')) for name, dtype in columns.items()]


def _fits(database: psycopg.Connection, mart: Computed) -> bool:
    """Whether the mart's table was computed by the same definition and has the shape of what was computed now."""
    shape = {mart.name: pl.read_ipc_schema(mart.path)}
    return _definition(database, mart.name) == mart.definition and not missing_marts(database, shape)


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
