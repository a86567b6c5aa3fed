"""De-duplication of operations: DuckDB decides over narrow columns, group of months by group of months; the rows that
are new are written to the lake, each file in the order of the key, ready to be copied from there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow.parquet as pq

from nexus_data import lake
from nexus_data.deduplicate.families import settle_revisions
from nexus_data.deduplicate.history import superseded
from nexus_data.deduplicate.revisions import SETTLED_SCHEMA
from nexus_data.deduplicate.snapshot_rows import settle_snapshots
from nexus_data.deduplicate.snapshots import Plan
from nexus_data.deduplicate.views import engine, lake_view, parquet_view
from nexus_data.runs import Run
from nexus_data.sql import query
from nexus_data.tables import CANONICAL
from nexus_data.tables.model import GENERATION

TABLE = CANONICAL["trading_operations"]
_DECISION = ["file_no", "record_no", "operation_id", "outcome", "reasons"]
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
    """Holds the engine, and the files written so far, in which later groups look for ids of other months.

    Revisions and snapshots are settled for all groups at once: `taken` are published operations to be taken back
    (TAKEN_SCHEMA), `revisions` what the lake is to know of the former.
    """

    def __init__(self, run: Run, *, known: Known, groups: Sequence[Sequence[str]], plan: Plan) -> None:
        self._run = run
        self._number = 0
        self._written: list[lake.LakeFile] = []
        self._engine = engine(run.staging)
        self._live = known.landings["file_no"].to_list()
        for name, frame in (
            ("landings", known.landings),
            ("known_users", known.users.select("user_id")),
            ("known_milestones", known.milestones.select("milestone_id")),
        ):
            self._engine.register(name, frame.to_arrow())
        self._look_at_all([file for group in groups for file in group])
        found = settle_revisions(run, self._engine)
        rows, taken = settle_snapshots(run, self._engine, plan, settled=found.rows, taken=found.taken)
        self._settled, self.taken = pl.concat([found.rows, rows]), pl.concat([found.taken, taken])
        self.revisions = found.revisions
        self._engine.register("settled", self._settled.to_arrow())
        self._engine.register("taken", self.taken.to_arrow())
        self._engine.execute(f"CREATE TEMP TABLE first_month AS {query('ids_in_several_months')}")

    def decide(self, group: Sequence[str]) -> Iterator[Decided]:
        """Decide one group of staged files and write what is new under the lake (not yet committed), in bounded parts.

        The decision looks at the whole group and is narrow; the wide rows follow it part by part.
        """
        months = (
            pl.scan_parquet(list(group), glob=False)
            .select(pl.col("month").unique().sort())
            .collect()["month"]
            .to_list()
        )
        self._views(group, months)
        decision = self._engine.sql(query("decide_operations")).pl().select(_DECISION)
        for part in _parts(group):
            yield self._carry_out(pl.read_parquet(part, glob=False), decision)

    def _carry_out(self, staged: pl.DataFrame, decision: pl.DataFrame) -> Decided:
        rows = staged.filter(pl.col("file_no").is_in(self._live))
        months = rows["month"].unique().sort().to_list()
        joined = rows.join(decision, on=["file_no", "record_no"], how="left")
        fresh = joined.filter(pl.col("outcome") == "passed")
        written = tuple(self._write(month, fresh) for month in months if _has(fresh, month))
        self._written += written
        lines = joined.select("file_no", "month", "record_no", "row_fp", "outcome", "reasons")
        old = joined.filter(pl.col("outcome") == "superseded")
        outdated = superseded(self._run, old.join(self._settled.select(*_DECISION[:2], *_WHY), on=_DECISION[:2]))
        named = fresh.unique("user_id", keep="first").select("user_id", "source", "file_id", "record_no", "row_fp")
        return Decided(lines=lines, written=written, superseded=outdated, user_rows=named)

    def close(self) -> None:
        """Let the engine go."""
        self._engine.close()

    def _write(self, month: str, fresh: pl.DataFrame) -> lake.LakeFile:
        self._number += 1
        path = lake.new_file(
            self._run.settings.home, TABLE.name, run_id=self._run.run_id, month=month, number=self._number
        )
        published = pl.lit(self._run.base.generation + 1, dtype=pl.Int64).alias(GENERATION.name)
        rows = fresh.filter(pl.col("month") == month).sort("date", "operation_id").with_columns(published)
        rows = rows.select(lake.lake_schema(TABLE).names())
        rows.write_parquet(path, compression="lz4")
        return lake.LakeFile(path=str(path), month=month, rows=rows.height)

    def _views(self, group: Sequence[str], months: Sequence[str]) -> None:
        home = self._run.settings.home
        here = lake.files(home, TABLE.name, months=months)
        everywhere = lake.files(home, TABLE.name) + [one.path for one in self._written]
        self._staged_view(group)
        lake_view(self._engine, "published", TABLE, here)
        lake_view(self._engine, "elsewhere", TABLE, sorted(set(everywhere) - set(here)))

    def _staged_view(self, files: Sequence[str]) -> None:
        if not files:
            self._engine.register("nothing_staged", _STAGED.to_frame().to_arrow())
            self._engine.table("nothing_staged").create_view("staged", replace=True)
            return
        parquet_view(self._engine, "staged", files, where=f"file_no IN ({', '.join(map(str, self._live))})")

    def _look_at_all(self, files: Sequence[str]) -> None:
        """What must be known of all groups before the first is decided."""
        self._staged_view(files)
        self._engine.sql(query("checked_operations")).create_view("checked")


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


def _has(fresh: pl.DataFrame, month: str) -> bool:
    return bool((fresh["month"] == month).any())
