"""Full exports and their next versions: which files are versions of one another, what each shows, what vanished.

What becomes of the rows is decided in `snapshot_rows`; here is what that needs to know, and the guard: a version that
lacks more of its predecessor's rows than NEXUS_SNAPSHOT_SHRINK allows is held until somebody confirms it.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from nexus_data import lake, ledger
from nexus_data.contract.model import Contract, Snapshot
from nexus_data.deduplicate.views import engine
from nexus_data.kernel.identity import row_id
from nexus_data.landing import LandedFile, hold, load_files, save_files
from nexus_data.runs import Run
from nexus_data.sql import query
from nexus_data.staging import MENTIONS_SCHEMA, read_mentions, units
from nexus_data.tables import CANONICAL, LAKE
from nexus_data.tables.model import Table

SHOWS = pl.Schema(
    {
        "scope": pl.String(),
        "file_no": pl.Int64(),
        "record_no": pl.Int64(),
        "row_id": pl.Binary(),
        "content_fp": pl.Int64(),
    }
)
REPLAYED = pl.Schema(
    {
        **SHOWS,
        "file_id": pl.Binary(),
        "source": pl.String(),
        "table_name": pl.String(),
        "last_file_id": pl.Binary(),
        "last_fp": pl.Int64(),
    }
)
_SIGHTINGS, _VERSIONS = LAKE["sightings"], LAKE["snapshot_versions"]
_KINDS = "csv|tsv|tab|txt|log|json|jsonl|ndjson|parquet|xlsx|xml|ofx|qfx|qbo|sta|mt940|940|gz|zst|zip"
_EXTENSIONS = re.compile(rf"(\.({_KINDS}))+$", re.IGNORECASE)
_COPY = re.compile(r"\s*\(\d+\)$")


@dataclass(frozen=True, slots=True)
class Scope:
    """A logical file: its versions of this run in the order of arrival, the last being in force. None: no new one."""

    name: str
    table: str
    source: str
    versions: tuple[LandedFile, ...]

    @property
    def last(self) -> LandedFile:
        """The version in force."""
        return self.versions[-1]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the run's snapshot files show (SHOWS), and what their predecessors showed (`before`, a sighting each).

    mentioned: rows of rejected records (`file_no`, `row_id`), which have not vanished. elsewhere: what other logical
    files show (a sighting each). files: `file_id` of every snapshot file that ever went in. replayed: what records that
    leave quarantine show (REPLAYED), beside what the version in force shows in their place.
    """

    scopes: tuple[Scope, ...]
    shows: pl.DataFrame
    before: pl.DataFrame
    mentioned: pl.DataFrame
    elsewhere: pl.DataFrame
    files: frozenset[bytes]
    replayed: pl.DataFrame

    @property
    def lasts(self) -> dict[str, LandedFile]:
        """The version in force, by scope."""
        return {scope.name: scope.last for scope in self.scopes}

    def last_rows(self) -> pl.DataFrame:
        """What the versions in force show (SHOWS)."""
        return self.shows.filter(pl.col("file_no").is_in([file.file_no for file in self.lasts.values()]))

    def shown(self, table: str) -> pl.Series:
        """`row_id` of rows of a table that the versions in force show. A user may have the id of a project."""
        mine = [scope.last.file_no for scope in self.scopes if scope.table == table]
        return self.shows.filter(pl.col("file_no").is_in(mine))["row_id"]

    def vanished(self, table: str) -> pl.DataFrame:
        """Sightings of rows of a table that no snapshot shows any more."""
        mine = self.before.filter(pl.col("table_name") == table)
        others = self.elsewhere.filter(pl.col("table_name") == table)
        numbers = [scope.last.file_no for scope in self.scopes if scope.table == table]
        mentioned = self.mentioned.filter(pl.col("file_no").is_in(numbers))
        still = pl.concat([self.shown(table), mentioned["row_id"], others["row_id"]])
        return mine.filter(~pl.col("row_id").is_in(still.implode())).unique("row_id", keep="first", maintain_order=True)


def no_snapshots() -> Plan:
    """The plan of a run without any."""
    empty = lake.lake_schema(_SIGHTINGS).to_frame()
    return Plan((), SHOWS.to_frame(), empty, MENTIONS_SCHEMA.to_frame(), empty, frozenset(), REPLAYED.to_frame())


def plan(run: Run, contracts: Mapping[str, Contract]) -> Plan:
    """Look at the run's snapshot files, and hold those that lack too much."""
    files = load_files(run)
    scopes = _scopes(files, contracts)
    again = _scopes(files, contracts, replayed=True)
    if not scopes and not again:
        return no_snapshots()
    shows = _shows(run, scopes)
    mentioned = read_mentions(run.staging)
    known = _known(run, [*scopes, *again])
    kept = [one for scope in scopes if (one := _guarded(run, scope, shows, known, mentioned)).versions]
    names = [scope.name for scope in kept]
    numbers = [file.file_no for scope in kept for file in scope.versions]
    lasts = [scope.last.file_no for scope in kept]
    return Plan(
        scopes=tuple(kept),
        shows=shows.filter(pl.col("file_no").is_in(numbers)),
        before=known.filter(pl.col("scope").is_in(names)),
        mentioned=mentioned.filter(pl.col("file_no").is_in(lasts)),
        elsewhere=known.filter(~pl.col("scope").is_in(names)),
        files=_ever(run) | {scope_file.file_id for scope in kept for scope_file in scope.versions},
        replayed=_replayed(run, again, known),
    )


def logical_name(snapshot: Snapshot, name: str) -> str | None:
    """The name that versions of a file share; None: a file of this name is no snapshot."""
    if snapshot.name is None:
        return _COPY.sub("", _EXTENSIONS.sub("", name)) or name
    found = re.search(snapshot.name, name)
    return found and (found[found.re.groups and 1] or "")


def _scopes(files: Iterable[LandedFile], contracts: Mapping[str, Contract], *, replayed: bool = False) -> list[Scope]:
    found: dict[str, Scope] = {}
    for file in files:
        said = contracts[file.contract_version].snapshot if file.status == "new" else None
        if said is None or file.replayed != replayed:
            continue
        if (logical := logical_name(said, file.name)) is None:
            continue
        texts = (file.table, file.source, file.owner, logical)
        name = hashlib.sha256("\x1f".join(texts).encode()).hexdigest()
        scope = found.setdefault(name, Scope(name, file.table, file.source, ()))
        found[name] = replace(scope, versions=(*scope.versions, file))
    return list(found.values())


def _shows(run: Run, scopes: Sequence[Scope]) -> pl.DataFrame:
    parts = [SHOWS.to_frame()]
    for table in dict.fromkeys(scope.table for scope in scopes):
        numbers = {file.file_no: scope.name for scope in scopes if scope.table == table for file in scope.versions}
        rows = _rows(run, CANONICAL[table], list(numbers))
        named = pl.col("file_no").replace_strict(numbers, return_dtype=pl.String).alias("scope")
        parts.append(rows.with_columns(named).select(SHOWS.names()))
    return pl.concat(parts)


def _rows(run: Run, table: Table, numbers: Sequence[int]) -> pl.DataFrame:
    files = [file for group in units(run.staging, table.name) for file in group]
    if not files:
        return SHOWS.to_frame()
    mine = pl.scan_parquet(files, glob=False).filter(pl.col("file_no").is_in(numbers))
    if table.partition_by is None:
        return mine.select("file_no", "record_no", "content_fp", row_id(table)).collect().sort("file_no", "record_no")
    narrow = mine.select("file_no", "record_no", "identity", "by_content", "content_fp").collect()
    with engine(run.staging) as numbering:
        numbering.register("snapshot_rows", narrow.to_arrow())
        numbered: pl.DataFrame = numbering.sql(query("deduplicate/numbered_rows")).pl()
        return numbered


def _replayed(run: Run, again: Sequence[Scope], known: pl.DataFrame) -> pl.DataFrame:
    shows = _shows(run, again)
    facts = [
        {"file_no": file.file_no, "file_id": file.file_id, "source": scope.source, "table_name": scope.table}
        for scope in again
        for file in scope.versions
    ]
    columns = {name: REPLAYED[name] for name in ("file_no", "file_id", "source", "table_name")}
    files = pl.DataFrame(facts, schema=columns, orient="row")
    last = _in_force(run)
    beside = known.select("scope", "row_id", last_fp="content_fp")
    rows = shows.join(files, on="file_no").join(last, on="scope", how="left")
    return rows.join(beside, on=["scope", "row_id"], how="left", maintain_order="left").select(REPLAYED.names())


def _in_force(run: Run) -> pl.DataFrame:
    """The version in force of every scope, also of those that show nothing (`scope`, `last_file_id`)."""
    versions = lake.snapshot(run.settings.home, _VERSIONS).with_row_index("place")
    newest = pl.col("file_id").sort_by("generation", "place").last().alias("last_file_id")
    return versions.group_by("scope").agg(newest)


def _known(run: Run, scopes: Sequence[Scope]) -> pl.DataFrame:
    """The sightings of the sources that have snapshots in this run; of keyed tables, whose keys no source owns, all."""
    columns = lake.lake_schema(_SIGHTINGS)
    found = lake.files(run.settings.home, _SIGHTINGS.name)
    parts = [pl.read_parquet(path, glob=False, hive_partitioning=False).select(columns.names()) for path in found]
    sources = {scope.source for scope in scopes}
    keyed = [name for name, table in CANONICAL.items() if table.partition_by is None]
    wanted = pl.col("source").is_in(sources) | pl.col("table_name").is_in(keyed)
    return pl.concat([columns.to_frame(), *parts]).filter(wanted)


def _ever(run: Run) -> frozenset[bytes]:
    return frozenset(lake.snapshot(run.settings.home, _VERSIONS)["file_id"])


def _guarded(run: Run, scope: Scope, shows: pl.DataFrame, known: pl.DataFrame, mentioned: pl.DataFrame) -> Scope:
    """The scope without the versions that lack too much of the one before them, which are held."""
    earlier = known.filter(pl.col("scope") == scope.name)["row_id"].unique()
    kept: list[LandedFile] = []
    for file in scope.versions:
        number = pl.col("file_no") == file.file_no
        mine = shows.filter(number)["row_id"].unique()
        there = pl.concat([mine, mentioned.filter(number)["row_id"]])
        gone = earlier.filter(~earlier.is_in(there.implode())).len()
        if gone > run.settings.snapshot_shrink * earlier.len() and not file.shrink_confirmed:
            _hold(run, file, gone=gone, of=earlier.len())
        else:
            kept.append(file)
            earlier = mine
    return replace(scope, versions=tuple(kept))


def _hold(run: Run, file: LandedFile, *, gone: int, of: int) -> None:
    """Hold a file that has been read already: none of its records went on."""
    lines = ledger.load(run.staging, "read")
    whole = next(line for line in lines if line.file_no == file.file_no)
    reason = (
        f"{gone} of the {of} rows of the version before it are not in it (more than NEXUS_SNAPSHOT_SHRINK="
        f"{run.settings.snapshot_shrink:g} of them); if that is right, run it again with --confirm-shrink"
    )
    held = replace(hold(file, reason, records=whole.records_in), fp=whole.fp_in)
    files = [held if one.file_no == file.file_no else _like(one, held) for one in load_files(run)]
    save_files(run, files)
    numbers = {one.file_no for one in files if one.status == "held"}
    untouched = [line for line in lines if line.file_no not in numbers]
    ledger.save(run.staging, "read", [*untouched, *(_held_line(one) for one in files if one.file_no in numbers)])
    done = ledger.load(run.staging, "standardize")
    ledger.save(run.staging, "standardize", [line for line in done if line.file_no not in numbers])


def _like(one: LandedFile, held: LandedFile) -> LandedFile:
    if one.same_as != held.file_no:
        return one
    return replace(one, status="held", reason=held.reason, records=held.records, fp=held.fp)


def _held_line(file: LandedFile) -> ledger.Line:
    whole = (file.records, int(file.fp))
    return ledger.line(file.file_no, hop="read", came=whole, became={"held": whole})
