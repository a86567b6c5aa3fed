"""The lake: Delta tables on Parquet under `<home>/lake`, one folder a canonical table. What they mean is elsewhere.

Facts (trading_operations) are partitioned by `month` and appended to; rows that are superseded leave it by a new file
in place of theirs. Keyed tables are replaced whole, tables of history only appended to.
A Delta commit is atomic, and the generation in Postgres says which version counts: what a dead run committed here
without committing there is undone by `recover`.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from deltalake import DeltaTable, Schema, WriterProperties, write_deltalake
from deltalake.transaction import AddAction, RemoveAction

from nexus_data.errors import RunError
from nexus_data.ledger import Generation
from nexus_data.tables import LAKE
from nexus_data.tables.model import GENERATION, Table
from nexus_data.tables.polars_schema import schema

log = logging.getLogger(__name__)

_ZSTD = WriterProperties(compression="ZSTD")


@dataclass(frozen=True, slots=True)
class LakeFile:
    """A Parquet file written under a lake table and not yet part of it. month: its partition, "" without any."""

    path: str
    month: str
    rows: int


_PARTITIONS = {"trading_operations": "month", "sightings": "scope"}
"""The column that a table's files are grouped by in folders; it is not in the files themselves."""


def table_path(home: Path, table: str) -> Path:
    """The folder of a lake table."""
    return home / "lake" / table


def lake_schema(table: Table) -> pl.Schema:
    """The declared columns, then `content_fp`, by which the same id with other content is noticed."""
    return pl.Schema({**schema(table), "content_fp": pl.Int64()})


def files(home: Path, table: str, *, months: Sequence[str] | None = None, version: int | None = None) -> list[str]:
    """The Parquet files that the table consists of, now or at a version; of these partitions only when given.

    Never by globbing.
    """
    root = table_path(home, table)
    if not _exists(root) or months == []:
        return []
    pruned = [(_PARTITIONS[table], "in", list(months))] if months is not None else None
    table_then = DeltaTable(root.as_uri(), version=version)
    return sorted(str(_file(root, uri)) for uri in table_then.file_uris(file_pruning_predicate=pruned))


def _file(root: Path, uri: str) -> Path:
    """The file of a URI, which delta-rs encodes when the home's name is not plain; what is below the root is plain."""
    folder, name = uri.rsplit("/", 2)[1:]
    return root / folder / name if folder.partition("=")[0] in _PARTITIONS.values() else root / name


def _exists(root: Path) -> bool:
    return DeltaTable.is_deltatable(root.as_uri())


def versions(home: Path) -> dict[str, int]:
    """The present Delta version of each lake table that exists."""
    return {
        name: DeltaTable(table_path(home, name).as_uri()).version() for name in LAKE if _exists(table_path(home, name))
    }


def new_file(home: Path, table: str, *, run_id: str, month: str, number: int) -> Path:
    """Where a run may write a Parquet file of a month; it counts once `append` commits it."""
    column = _PARTITIONS.get(table)
    folder = table_path(home, table) / f"{column}={month}" if column else table_path(home, table)
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{run_id}-{number:06d}.parquet"


def append(home: Path, table: Table, *, written: Sequence[LakeFile], gone: Sequence[LakeFile] = ()) -> None:
    """Make the written files part of the table, in place of those that are gone, all in one Delta commit."""
    if not written and not gone:
        return
    root = table_path(home, table.name)
    lake = _facts_table(root, table)
    actions: list[AddAction | RemoveAction] = [_removal(one, root, table) for one in gone]
    actions += [_addition(one, root, table) for one in written]
    lake.create_write_transaction(actions, mode="append", schema=lake.schema(), partition_by=_partitions(table))


def _addition(one: LakeFile, root: Path, table: Table) -> AddAction:
    found = Path(one.path).stat()
    return AddAction(
        path=Path(one.path).relative_to(root).as_posix(),
        size=found.st_size,
        partition_values=dict.fromkeys(_partitions(table), one.month),
        modification_time=int(found.st_mtime * 1000),
        data_change=True,
        stats=f'{{"numRecords":{one.rows}}}',
    )


def _removal(one: LakeFile, root: Path, table: Table) -> RemoveAction:
    return RemoveAction(
        path=Path(one.path).relative_to(root).as_posix(),
        data_change=True,
        deletion_timestamp=int(time.time() * 1000),
        size=Path(one.path).stat().st_size,
        partition_values=dict.fromkeys(_partitions(table), one.month),
    )


def _partitions(table: Table) -> list[str]:
    return [_PARTITIONS[table.name]] if table.name in _PARTITIONS else []


def add(home: Path, table: Table, *, rows: pl.DataFrame, run_id: str) -> None:
    """Append rows to a table without partitions, in one Delta commit."""
    if rows.height == 0:
        return
    path = new_file(home, table.name, run_id=run_id, month="", number=0)
    rows.select(lake_schema(table).names()).write_parquet(path, compression="lz4")
    append(home, table, written=[LakeFile(path=str(path), month="", rows=rows.height)])


def _facts_table(root: Path, table: Table) -> DeltaTable:
    if _exists(root):
        return DeltaTable(root.as_uri())
    columns = pl.Schema({**lake_schema(table), **dict.fromkeys(_partitions(table), pl.String())})
    return DeltaTable.create(root.as_uri(), schema=_delta_schema(columns), partition_by=_partitions(table))


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
    _demand_generations(home)
    if missing := sorted(set(base.lake) - set(present)):
        raise RunError(
            f"the database is at generation {base.generation}, whose lake table {missing[0]} is not under {home}: "
            "NEXUS_HOME and NEXUS_POSTGRES_URL do not belong together"
        )
    for name in present:
        version = _created(present, base.lake, name)
        if version != present[name]:
            _roll_back(table_path(home, name), version)
    _delete_orphans(home, dead_runs)


def _demand_generations(home: Path) -> None:
    root = table_path(home, "trading_operations")
    if _exists(root) and GENERATION.name not in DeltaTable(root.as_uri()).schema().to_arrow().names:
        raise RunError(
            f"{root} is of an earlier release, whose operations do not say which generation published them: set "
            f"NEXUS_HOME (and NEXUS_POSTGRES_URL) to new ones, and run the files of {home / 'raw'} again"
        )


def _delete_orphans(home: Path, dead_runs: Sequence[str]) -> None:
    # A run that died after its commit has left a staging folder too, and its files are the lake.
    live = {Path(path).name for name in versions(home) for path in files(home, name)} if dead_runs else set()
    for run in dead_runs:
        for pattern in (f"*/*=*/{run}-*.parquet", f"*/{run}-*.parquet"):
            for found in (home / "lake").glob(pattern):
                if found.name not in live:
                    found.unlink(missing_ok=True)


def _created(present: Mapping[str, int], counts: Mapping[str, int], name: str) -> int:
    version = counts.get(name, 0)
    if version > present[name]:
        raise RunError(f"lake table {name} is at version {present[name]}, older than its generation's {version}")
    return version


def _roll_back(root: Path, version: int) -> None:
    lake = DeltaTable(root.as_uri())
    if _is_restored(lake, version):
        return
    log.warning("lake table %s: undoing what an unfinished run left after version %d", root.name, version)
    lake.restore(version)


def _is_restored(lake: DeltaTable, version: int) -> bool:
    last = lake.history(1)[0]
    restored = last.get("operationParameters", {}).get("version")
    return bool(last.get("operation") == "RESTORE" and restored == str(version))
