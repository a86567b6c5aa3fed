"""The lake: Delta tables on Parquet under `<home>/lake`, one folder a canonical table. What they mean is elsewhere.

Facts (trading_operations) are partitioned by `month` and only ever appended to; keyed tables are replaced whole.
A Delta commit is atomic, and the generation in Postgres says which version counts: what a dead run committed here
without committing there is undone by `recover`.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from deltalake import DeltaTable, Schema, WriterProperties, write_deltalake
from deltalake.transaction import AddAction, RemoveAction

from nexus_data.errors import RunError
from nexus_data.ledger import Generation
from nexus_data.tables import LAKE
from nexus_data.tables.model import Table
from nexus_data.tables.polars_schema import schema

log = logging.getLogger(__name__)

_ZSTD = WriterProperties(compression="ZSTD")


@dataclass(frozen=True, slots=True)
class LakeFile:
    """A Parquet file written under a lake table and not yet part of it."""

    path: str
    month: str
    rows: int


def table_path(home: Path, table: str) -> Path:
    """The folder of a lake table."""
    return home / "lake" / table


def lake_schema(table: Table) -> pl.Schema:
    """The declared columns, then `content_fp`, by which the same id with other content is noticed."""
    return pl.Schema({**schema(table), "content_fp": pl.Int64()})


def files(home: Path, table: str, *, months: Sequence[str] | None = None) -> list[str]:
    """The Parquet files that the table consists of now, of these months only when given; never by globbing."""
    root = table_path(home, table)
    if not _exists(root) or months == []:
        return []
    pruned = [("month", "in", list(months))] if months is not None else None
    return sorted(str(_file(root, uri)) for uri in DeltaTable(root.as_uri()).file_uris(file_pruning_predicate=pruned))


def _file(root: Path, uri: str) -> Path:
    """The file of a URI, which delta-rs encodes when the home's name is not plain; what is below the root is plain."""
    folder, name = uri.rsplit("/", 2)[1:]
    return root / folder / name if folder.startswith("month=") else root / name


def _exists(root: Path) -> bool:
    return DeltaTable.is_deltatable(root.as_uri())


def versions(home: Path) -> dict[str, int]:
    """The present Delta version of each lake table that exists."""
    return {
        name: DeltaTable(table_path(home, name).as_uri()).version() for name in LAKE if _exists(table_path(home, name))
    }


def new_file(home: Path, table: str, *, run_id: str, month: str, number: int) -> Path:
    """Where a run may write a Parquet file of a month; it counts once `append` commits it."""
    folder = table_path(home, table) / f"month={month}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{run_id}-{number:06d}.parquet"


def append(home: Path, table: Table, *, written: Sequence[LakeFile]) -> None:
    """Make the written files part of the table, all in one Delta commit."""
    if not written:
        return
    root = table_path(home, table.name)
    lake = _facts_table(root, table)
    actions: list[AddAction | RemoveAction] = [
        AddAction(
            path=Path(one.path).relative_to(root).as_posix(),
            size=Path(one.path).stat().st_size,
            partition_values={"month": one.month},
            modification_time=int(Path(one.path).stat().st_mtime * 1000),
            data_change=True,
            stats=f'{{"numRecords":{one.rows}}}',
        )
        for one in written
    ]
    lake.create_write_transaction(actions, mode="append", schema=lake.schema(), partition_by=["month"])


def _facts_table(root: Path, table: Table) -> DeltaTable:
    if _exists(root):
        return DeltaTable(root.as_uri())
    columns = pl.Schema({**lake_schema(table), "month": pl.String()})
    return DeltaTable.create(root.as_uri(), schema=_delta_schema(columns), partition_by=["month"])


def _delta_schema(columns: pl.Schema) -> Schema:
    empty = columns.to_frame().to_arrow(compat_level=pl.CompatLevel.oldest())
    return Schema.from_arrow(empty.schema)


def snapshot(home: Path, table: Table) -> pl.DataFrame:
    """A keyed table's present rows."""
    found = files(home, table.name)
    return (
        pl.read_parquet(found, glob=False).select(lake_schema(table).names())
        if found
        else lake_schema(table).to_frame()
    )


def replace(home: Path, table: Table, *, rows: pl.DataFrame) -> None:
    """Replace a keyed table's rows in one Delta commit; the earlier version stays readable."""
    arrow = rows.select(lake_schema(table).names()).to_arrow(compat_level=pl.CompatLevel.oldest())
    root = table_path(home, table.name)
    if not _exists(root):
        DeltaTable.create(root.as_uri(), schema=_delta_schema(lake_schema(table)))
    write_deltalake(root.as_uri(), arrow, mode="overwrite", writer_properties=_ZSTD)


def recover(home: Path, *, base: Generation, dead_runs: Sequence[str]) -> None:
    """Take the lake back to the generation that Postgres knows, and delete the files that dead runs left.

    Raises RunError when the database knows a lake that this home does not hold.
    """
    present = versions(home)
    if missing := sorted(set(base.lake) - set(present)):
        raise RunError(
            f"the database is at generation {base.generation}, whose lake table {missing[0]} is not under {home}: "
            "NEXUS_HOME and NEXUS_POSTGRES_URL do not belong together"
        )
    for name in present:
        _roll_back(table_path(home, name), _created(present, base.lake, name))
    _delete_orphans(home, dead_runs)


def _delete_orphans(home: Path, dead_runs: Sequence[str]) -> None:
    # A run that died after its commit has left a staging folder too, and its files are the lake.
    live = {Path(path).name for name in versions(home) for path in files(home, name)} if dead_runs else set()
    for run in dead_runs:
        for found in (home / "lake").glob(f"*/month=*/{run}-*.parquet"):
            if found.name not in live:
                found.unlink(missing_ok=True)


def _created(present: Mapping[str, int], counts: Mapping[str, int], name: str) -> int:
    version = counts.get(name, 0)
    if version > present[name]:
        raise RunError(f"lake table {name} is at version {present[name]}, older than its generation's {version}")
    return version


def _roll_back(root: Path, version: int) -> None:
    lake = DeltaTable(root.as_uri())
    if lake.version() == version or _is_restored(lake, version):
        return
    log.warning("lake table %s: undoing what an unfinished run left after version %d", root.name, version)
    lake.restore(version)


def _is_restored(lake: DeltaTable, version: int) -> bool:
    last = lake.history(1)[0]
    restored = last.get("operationParameters", {}).get("version")
    return bool(last.get("operation") == "RESTORE" and restored == str(version))
