"""De-duplication of operations: DuckDB decides over narrow columns, and only about rows that are not plainly new; the
rows that are new are written to the lake, each file in the order of the key, ready to be copied from there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow.parquet as pq

from nexus_data import lake
from nexus_data.ahead import ahead
from nexus_data.deduplicate.families import settle_revisions
from nexus_data.deduplicate.history import superseded
from nexus_data.deduplicate.revisions import SETTLED_SCHEMA
from nexus_data.deduplicate.snapshot_rows import settle_snapshots
from nexus_data.deduplicate.snapshots import Plan
from nexus_data.deduplicate.views import engine, lake_view, parquet_view
from nexus_data.kernel.rows import nulls
from nexus_data.runs import Run
from nexus_data.sql import query
from nexus_data.tables import CANONICAL
from nexus_data.tables.model import GENERATION

TABLE = CANONICAL["trading_operations"]
_RECORD = ["file_no", "record_no"]
_WHY = SETTLED_SCHEMA.names()[SETTLED_SCHEMA.names().index("action") :]
_STAGED = pl.Schema(
    {
        **lake.lake_schema(TABLE),
        "file_no": pl.Int64(),
        "month": pl.String(),
        "identity": pl.Binary(),
        "by_content": pl.Boolean(),
    }
)
_PART_ROWS = 150_000
_DAYS = 2**20
"""More days than from the first date there may be to 1970."""
_DECIDING = (
    ("repeated", "repeated_identities"),
    ("further", "further_occurrences"),
    ("there", "operations_there"),
    ("doubtful", "doubtful_operations"),
    ("first_month", "ids_in_several_months"),
    ("decision", "decide_operations"),
)
"""Each from those before it."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A part of a group of months, decided.

    lines: `file_no`, `month`, `record_no`, `row_fp`, `outcome`, `reasons` of every staged row. written: the lake files
    of the new rows. superseded: rows that were outdated as they came in, as the history keeps them. user_rows: one new
    row per user (`user_id` and provenance).
    """

    lines: pl.DataFrame
    written: tuple[lake.LakeFile, ...]
    superseded: pl.DataFrame
    user_rows: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Known:
    """What operations may refer to: `landings` (file_no, owner, implied_parents), users and milestones."""

    landings: pl.DataFrame
    users: pl.DataFrame
    milestones: pl.DataFrame


class Deduplicator:
    """Holds the engine, in which everything is decided for all groups at once; the rows follow group by group.

    `taken` are published operations to be taken back (TAKEN_SCHEMA), `revisions` what the lake is to know of revisions.
    """

    def __init__(self, run: Run, *, known: Known, groups: Sequence[Sequence[str]], plan: Plan) -> None:
        self._run = run
        self._number = 0
        self._engine = engine(run.staging)
        self._live = known.landings["file_no"].to_list()
        for name, frame in (
            ("landings", known.landings),
            ("known_users", known.users.select("user_id")),
            ("known_milestones", known.milestones.select("milestone_id")),
        ):
            self._engine.register(name, frame.to_arrow())
        self._staged_view([file for group in groups for file in group])
        self._engine.sql(query("deduplicate/checked_operations")).create_view("checked")
        found = settle_revisions(run, self._engine)
        rows, taken = settle_snapshots(run, self._engine, plan, settled=found.rows, taken=found.taken)
        self._settled, self.taken = pl.concat([found.rows, rows]), pl.concat([found.taken, taken])
        self.revisions = found.revisions
        self._decide_doubtful()

    def _decide_doubtful(self) -> None:
        self._engine.register("settled", self._settled.to_arrow())
        self._engine.register("taken", self.taken.to_arrow())
        published = lake.files(self._run.settings.home, TABLE.name)
        lake_view(self._engine, "published", TABLE, published, columns=("operation_id", "content_fp"))
        for name, statement in _DECIDING:
            self._engine.execute(f"CREATE TEMP TABLE {name} AS {query(f'deduplicate/{statement}')}")

    def decide(self, group: Sequence[str]) -> Iterator[Decided]:
        """Write what is new of one group of staged files under the lake (not yet committed), in bounded parts."""
        months = pl.scan_parquet(list(group), glob=False).select(pl.col("month").unique()).collect()["month"]
        about = {"months": months.to_list()}
        decision = self._engine.sql(query("deduplicate/decided_operations"), params=about).pl()
        for _, done in ahead(_parts(group), lambda part: self._carry_out(part, decision)):
            yield done

    def _carry_out(self, part: Sequence[str], decision: pl.DataFrame) -> Decided:
        rows = _decided(self._live_rows(part), decision)
        passed = rows.select(_near_key(), "month", "outcome").with_row_index().filter(pl.col("outcome") == "passed")
        months = passed.sort("near_key").partition_by("month", as_dict=True, maintain_order=True)
        written = self._write({str(month): rows[places["index"]] for (month,), places in months.items()})
        lines = rows.select("file_no", "month", "record_no", "row_fp", "outcome", "reasons")
        old = rows.filter(pl.col("outcome") == "superseded")
        outdated = superseded(self._run, old.join(self._settled.select(*_RECORD, *_WHY), on=_RECORD))
        users = rows.select("user_id", "source", "file_id", "record_no", "row_fp", "outcome")
        named = users.filter(pl.col("outcome") == "passed").drop("outcome").unique("user_id", keep="first")
        return Decided(lines=lines, written=written, superseded=outdated, user_rows=named)

    def _live_rows(self, part: Sequence[str]) -> pl.DataFrame:
        staged = pl.read_parquet(list(part), glob=False)
        live = staged["file_no"].is_in(self._live)
        # Rows are gathered from one chunk for an eighth of what they cost from several.
        return (staged if live.all() else staged.filter(live)).rechunk()

    def close(self) -> None:
        """Let the engine go."""
        self._engine.close()

    def _write(self, months: Mapping[str, pl.DataFrame]) -> tuple[lake.LakeFile, ...]:
        """Write each month's new rows into a file of its own, all at once: one by one small ones cost twice that."""
        published = pl.lit(self._run.base.generation + 1, dtype=pl.Int64).alias(GENERATION.name)
        columns = lake.lake_schema(TABLE).names()
        files = [self._file(month, rows.height) for month, rows in months.items()]
        pl.collect_all(
            fresh.lazy().with_columns(published).select(columns).sink_parquet(file.path, compression="lz4", lazy=True)
            for file, fresh in zip(files, months.values(), strict=True)
        )
        return tuple(files)

    def _file(self, month: str, rows: int) -> lake.LakeFile:
        self._number += 1
        home, run_id = self._run.settings.home, self._run.run_id
        path = lake.new_file(home, TABLE.name, run_id=run_id, month=month, number=self._number)
        return lake.LakeFile(path=str(path), month=month, rows=rows)

    def _staged_view(self, files: Sequence[str]) -> None:
        if not files:
            self._engine.register("nothing_staged", _STAGED.to_frame().to_arrow())
            self._engine.table("nothing_staged").create_view("staged", replace=True)
            return
        parquet_view(self._engine, "staged", files, where=f"file_no IN ({', '.join(map(str, self._live))})")


def _near_key() -> pl.Expr:
    """Date and first 40 bits of the id in one number: it orders like the key, but for ids that begin alike."""
    days = (pl.col("date").to_physical().cast(pl.Int64) + _DAYS).cast(pl.UInt64)
    head = pl.col("operation_id").bin.head(8).bin.reinterpret(dtype=pl.UInt64, endianness="big")
    return (days * 2**40 + head // 2**24).alias("near_key")


def _decided(staged: pl.DataFrame, decision: pl.DataFrame) -> pl.DataFrame:
    """The rows with `operation_id`, `outcome` and `reasons`: what nobody doubted is published under its identity."""
    # Most rows are not doubted: to look for few in many costs a tenth of joining all.
    doubted = pl.col("record_no").is_in(decision["record_no"].implode())
    told = staged.select(*_RECORD).with_row_index("place").filter(doubted).join(decision, on=_RECORD)
    return staged.with_columns(
        pl.repeat("passed", staged.height, eager=True).scatter(told["place"], told["outcome"]).alias("outcome"),
        nulls(pl.String(), staged.height).scatter(told["place"], told["reasons"]).alias("reasons"),
        staged["identity"].clone().scatter(told["place"], told["operation_id"]).alias("operation_id"),
    )


def _parts(group: Sequence[str]) -> Iterator[list[str]]:
    """Staged files in runs of about `_PART_ROWS` rows."""
    part: list[str] = []
    rows = 0
    for file in group:
        rows += pq.read_metadata(file).num_rows
        part.append(file)
        if rows >= _PART_ROWS:
            yield part
            part, rows = [], 0
    if part:
        yield part
