"""The stores as relations of normalised columns: what was recomputed, the lake's Parquet files, Postgres' tables.

Normalised: ids as bytes, instants as microseconds, decimals in their scale, nothing where a row comes from no record.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import psycopg
import pyarrow as pa
from deltalake import DeltaTable
from psycopg import sql

from nexus_data.tables import CANONICAL
from nexus_data.tables.history import SUPERSEDED_OPERATIONS as SUPERSEDED
from nexus_data.tables.model import PROVENANCE, Kind, Table
from nexus_data.verify.compare import Side
from nexus_data.verify.engine import literal
from nexus_data.verify.fields import Value
from nexus_data.verify.keyed import Record
from nexus_data.verify.meanings import meaning, tell_meanings, told_meaning
from nexus_data.verify.spill import given_columns

_IMPLIED = "'implied'"
_PROVENANCE = {field.name for field in PROVENANCE}
_CSV_TYPES = {
    Kind.TEXT: "VARCHAR",
    Kind.JSON: "VARCHAR",
    Kind.UUID: "VARCHAR",
    Kind.DATE: "DATE",
    Kind.TIMESTAMP: "TIMESTAMPTZ",
    Kind.MONEY: "DECIMAL(38, 18)",
    Kind.PRICE: "DECIMAL(38, 20)",
    Kind.INTEGER: "BIGINT",
    Kind.SUM: "DECIMAL(38, 0)",
}
_NOT_COMPARED = {"password_hash"}
"""Never from a file: Postgres keeps what it holds."""


def compared(table: Table) -> tuple[str, ...]:
    """The columns of a table that are compared here."""
    return tuple(f.name for f in table.fields if f.name not in _NOT_COMPARED)


def expected_operations(engine: duckdb.DuckDBPyConnection, *, unverified: Sequence[bytes]) -> Side:
    """The operations that should be published, from `accepted`, `decisions` and `landings`."""
    table = CANONICAL["trading_operations"]
    where = "decisions.outcome = 'passed' AND decisions.ended_generation IS NULL"
    return _from_decisions(engine, "expected_operations", table, {}, where, unverified)


def expected_superseded(engine: duckdb.DuckDBPyConnection, *, unverified: Sequence[bytes]) -> Side:
    """The versions of operations that should be kept beside those published, as the history has them."""
    why = {
        "action": "accepted.action",
        "superseded_generation": "decisions.ended_generation",
        "superseded_reason": "decisions.ended_reason",
        "superseded_by_file_id": "by_landing.file_id",
        "superseded_by_record_no": "decisions.ended_by_record_no",
        "superseded_by": "decisions.ended_by",
    }
    where = "decisions.outcome IN ('passed', 'superseded') AND decisions.ended_generation IS NOT NULL"
    return _from_decisions(engine, "expected_superseded", SUPERSEDED, why, where, unverified)


def expected_accepted(engine: duckdb.DuckDBPyConnection) -> str:
    """A view of every accepted operation as it should be, were it published."""
    given = {
        "operation_id": "accepted.identity",
        "generation": "landings.generation",
        "source": "landings.source",
        "file_id": "landings.file_id",
        "record_no": "accepted.record_no",
        "row_fp": "accepted.row_fp",
    }
    fields = CANONICAL["trading_operations"].fields
    columns = [f'{given.get(f.name) or _typed(f.name, f.kind)} AS "{f.name}"' for f in fields]
    engine.execute(
        "CREATE OR REPLACE VIEW expected_accepted AS "  # noqa: S608 - declared names
        f'SELECT {", ".join(columns)}, accepted.month AS "partition" '
        "FROM accepted JOIN landings ON landings.seq = accepted.seq"
    )
    return "expected_accepted"


def _from_decisions(
    engine: duckdb.DuckDBPyConnection,
    name: str,
    table: Table,
    more: Mapping[str, str],
    where: str,
    unverified: Sequence[bytes],
) -> Side:
    given = {
        "operation_id": "decisions.operation_id",
        "generation": "landings.generation",
        "source": "landings.source",
        "file_id": "landings.file_id",
        "record_no": "accepted.record_no",
        "row_fp": "accepted.row_fp",
        **more,
    }
    columns = [f'{given.get(f.name) or _typed(f.name, f.kind)} AS "{f.name}"' for f in table.fields]
    engine.execute(
        f"CREATE OR REPLACE VIEW {name} AS "  # noqa: S608 - declared names
        f'SELECT {", ".join(columns)}, accepted.content_fp, accepted.month AS "partition" '
        "FROM accepted JOIN decisions ON decisions.seq = accepted.seq AND decisions.record_no = accepted.record_no "
        "JOIN landings ON landings.seq = accepted.seq "
        "LEFT JOIN landings AS by_landing ON by_landing.seq = decisions.ended_by_seq "
        f"WHERE {where} AND {_verified('landings.file_id', unverified)}"
    )
    return Side(name, compared(table))


def _typed(name: str, kind: Kind) -> str:
    column = f'accepted."{name}"'
    if kind in (Kind.MONEY, Kind.PRICE, Kind.DATE):
        return f"CAST({column} AS {_CSV_TYPES[kind]})"
    return column


def expected_keyed(
    engine: duckdb.DuckDBPyConnection, table: Table, records: Sequence[Record], *, unverified: Sequence[bytes]
) -> Side:
    """The rows of a keyed table that should be published."""
    names = given_columns(table)
    json = set(_json_columns(table))
    rows = [_keyed_row(record, names, json) for record in records if _counts(record, unverified)]
    kinds = {f.name: pa.int64() if f.kind is Kind.TIMESTAMP else pa.string() for f in table.fields}
    types = [kinds[name] for name in names] + [pa.string(), pa.binary(), pa.int64(), pa.int64(), pa.int64()]
    columns = list(zip(*rows, strict=True)) or [()] * len(types)
    arrays = [pa.array(list(column), type=kind) for column, kind in zip(columns, types, strict=True)]
    given = ["source", "file_id", "record_no", "row_fp", "content_fp"]
    engine.register("keyed_now", pa.table(arrays, names=[*names, *given]))
    selected = [f'{_from_text(f.name, f.kind)} AS "{f.name}"' for f in table.fields]
    engine.execute(
        f"CREATE OR REPLACE TABLE expected_{table.name} AS "  # noqa: S608 - declared names
        f"SELECT {', '.join(selected)}, content_fp, '' AS \"partition\" "
        "FROM keyed_now"
    )
    engine.unregister("keyed_now")
    return Side(f"expected_{table.name}", compared(table))


def _from_text(name: str, kind: Kind) -> str:
    if kind in (Kind.MONEY, Kind.PRICE, Kind.DATE):
        return f'CAST("{name}" AS {_CSV_TYPES[kind]})'
    return f'"{name}"'


def _json_columns(table: Table) -> list[str]:
    return [field.name for field in table.fields if field.kind is Kind.JSON]


def _keyed_row(record: Record, names: Sequence[str], json: Set[str]) -> tuple[Any, ...]:
    values = [_meant(record.values[name]) if name in json else record.values[name] for name in names]
    landing = record.landing
    if landing is None:
        return (*values, None, None, None, None, None)
    return (*values, landing.key[1], landing.key[0], record.record_no, record.row_fp, record.content_fp)


def _meant(value: Value) -> str | None:
    return None if value is None else meaning(str(value))


def _counts(record: Record, unverified: Sequence[bytes]) -> bool:
    return record.landing is None or record.landing.key[0] not in unverified


def lake_side(
    engine: duckdb.DuckDBPyConnection, home: Path, table: Table, version: int | None, *, unverified: Sequence[bytes]
) -> Side:
    """What the lake holds of a table at a Delta version (None: it has none)."""
    files = [] if version is None else lake_files(home, table.name, version)
    columns = [f'{_from_lake(f.name, f.kind)} AS "{f.name}"' for f in table.fields]
    partition = _partition(table)
    where = _verified("file_id", unverified)
    if files:
        listed = ", ".join(literal(path) for path in files)
        source = f"read_parquet([{listed}], hive_partitioning=false, union_by_name=true)"
    else:
        nothing = ", ".join(f'CAST(NULL AS {_empty_type(f.kind)}) AS "{f.name}"' for f in table.fields)
        source = f"(SELECT {nothing}, CAST(NULL AS BIGINT) AS content_fp WHERE false)"
    tell_meanings(engine, source, _json_columns(table))
    name = f"lake_{table.name}"
    engine.execute(
        f"CREATE OR REPLACE VIEW {name} AS SELECT {', '.join(columns)}, "  # noqa: S608 - declared names, own files
        f'{_own("content_fp", table)} AS content_fp, {partition} AS "partition" FROM {source} WHERE {where}'
    )
    return Side(name, (*compared(table), "content_fp"))


def _partition(table: Table) -> str:
    by_month = table.partition_by or ("date" if table is SUPERSEDED else None)
    return f"strftime({by_month}, '%Y-%m')" if by_month else "''"


def _empty_type(kind: Kind) -> str:
    return "BLOB" if kind is Kind.UUID else _CSV_TYPES[kind]


def lake_files(home: Path, table: str, version: int) -> list[Path]:
    """The Parquet files of a lake table at a version."""
    root = home / "lake" / table
    uris = DeltaTable(root.as_uri(), version=version).file_uris()
    return sorted(root / "/".join(uri.rsplit("/", 2)[1 if "/month=" in uri else 2 :]) for uri in uris)


def _from_lake(name: str, kind: Kind) -> str:
    if kind is Kind.JSON:
        return told_meaning(name)
    return f'epoch_us("{name}")' if kind is Kind.TIMESTAMP else f'"{name}"'


def _own(name: str, table: Table) -> str:
    """Rows that only others name come from no record, so that their provenance says nothing."""
    if "status" not in {f.name for f in table.fields} or table.partition_by:
        return name
    return f"CASE WHEN status <> {_IMPLIED} THEN {name} END"


def without_implied(side: Side, table: Table, engine: duckdb.DuckDBPyConnection) -> Side:
    """The side with no provenance for rows that only others name."""
    if _own("row_fp", table) == "row_fp":
        return side
    replaced = ", ".join(f'{_own(name, table)} AS "{name}"' for name in sorted(_PROVENANCE))
    name = f"{side.relation}_own"
    engine.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT * REPLACE ({replaced}) FROM {side.relation}")  # noqa: S608
    return Side(name, side.columns)


@contextmanager
def postgres_side(
    engine: duckdb.DuckDBPyConnection,
    database: psycopg.Connection[Any],
    table: Table,
    folder: Path,
    *,
    unverified: Sequence[bytes],
    span: tuple[date | None, date | None] = (None, None),
    files: Sequence[bytes] | None = None,
) -> Iterator[Side]:
    """What Postgres holds of a table, for partitioned ones of a span of days (from, before; None: open).

    files: only rows of these.
    """
    path = folder / f"postgres-{table.name}.csv"
    _copy_out(database, table, path, _within(table, span, files))
    columns = ", ".join(f"'{f.name}': '{_CSV_TYPES[f.kind]}'" for f in table.fields)
    source = (
        f"read_csv({literal(path)}, auto_detect=false, header=false, delim=',', quote='\"', escape='\"', nullstr='', "
        # Else the first line end in a text, CR LF perhaps, would be taken for that of the rows.
        f"new_line='\\n', allow_quoted_nulls=false, parallel=false, max_line_size=67108864, columns={{{columns}}})"
    )
    tell_meanings(engine, source, _json_columns(table))
    selected = ", ".join(f'{_from_postgres(f.name, f.kind)} AS "{f.name}"' for f in table.fields)
    partition = _partition(table)
    name = f"postgres_{table.name}"
    engine.execute(
        f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM "  # noqa: S608 - declared names, own files
        f'(SELECT {selected}, {partition} AS "partition" FROM {source}) '
        f"WHERE {_verified('file_id', unverified)}"
    )
    yield Side(name, compared(table))
    engine.execute(f"DROP VIEW {name}")
    path.unlink()


def _copy_out(database: psycopg.Connection[Any], table: Table, path: Path, where: sql.Composable) -> None:
    names = sql.SQL(", ").join(sql.Identifier(field.name) for field in table.fields)
    texts = [sql.Identifier(f.name) for f in table.fields if f.kind in (Kind.TEXT, Kind.JSON)]
    statement = sql.SQL(
        "COPY (SELECT {names} FROM {table} WHERE {where}) TO STDOUT (FORMAT csv, FORCE_QUOTE ({texts}))"
    ).format(
        names=names,
        table=sql.Identifier("public", table.name),
        where=where,
        texts=sql.SQL(", ").join(texts),
    )
    with path.open("wb") as target, database.cursor() as cursor, cursor.copy(statement) as rows:
        for block in rows:
            target.write(block)


def _within(table: Table, span: tuple[date | None, date | None], files: Sequence[bytes] | None) -> sql.Composable:
    bounds: list[sql.Composable] = [sql.SQL("TRUE")]
    if files is not None:
        bounds.append(sql.SQL("file_id = ANY ({})").format(sql.Literal([UUID(bytes=one) for one in files])))
    for sign, day in zip((">=", "<"), span, strict=True):
        if day is not None and table.partition_by:
            column = sql.Identifier(table.partition_by)
            bounds.append(sql.SQL("{} " + sign + " {}").format(column, sql.Literal(day)))
    return sql.SQL(" AND ").join(bounds)


def _from_postgres(name: str, kind: Kind) -> str:
    if kind is Kind.UUID:
        return f"unhex(replace(\"{name}\", '-', ''))"
    return _from_lake(name, kind)


def _verified(column: str, unverified: Sequence[bytes]) -> str:
    if not unverified:
        return "true"
    listed = ", ".join(f"unhex('{file_id.hex()}')" for file_id in unverified)
    return f"({column} IS NULL OR {column} NOT IN ({listed}))"
