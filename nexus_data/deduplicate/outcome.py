"""What the step has decided so far: ledger lines, and what is rejected, taken back or outdated."""

from collections import Counter
from dataclasses import dataclass, field

import polars as pl

from nexus_data import ledger
from nexus_data.tables import CANONICAL

HOP = "deduplicate"


@dataclass(slots=True)
class Outcome:
    """What the step has decided so far.

    superseded: operations as the history keeps them; superseded_rows: those of keyed tables. vanished: by file_no.
    """

    lines: list[ledger.Line] = field(default_factory=list)
    rejected: list[pl.DataFrame] = field(default_factory=list)
    taken_back: list[pl.DataFrame] = field(default_factory=list)
    superseded: list[pl.DataFrame] = field(default_factory=list)
    rows: Counter[str] = field(default_factory=Counter)
    months: Counter[str] = field(default_factory=Counter)
    superseded_rows: list[pl.DataFrame] = field(default_factory=list)
    vanished: Counter[int] = field(default_factory=Counter)
    replayed: frozenset[int] = frozenset()
    replays: list[pl.DataFrame] = field(default_factory=list)

    def take(self, decided: pl.DataFrame, *, table: str, by_month: bool) -> None:
        keys = ("file_no", "month") if by_month else ("file_no",)
        self.lines += ledger.lines_by_outcome(decided, hop=HOP, keys=keys)
        self.rejected.append(decided.filter(pl.col("outcome") == "rejected"))
        if self.replayed:
            again = decided.filter(pl.col("file_no").is_in(list(self.replayed)), pl.col("outcome") != "rejected")
            self.replays.append(again.select("file_no", "record_no", "outcome"))
        self.rows[table] += decided.filter(pl.col("outcome") == "passed").height


def ledger_facts(rows: pl.DataFrame, *, table: str) -> pl.DataFrame:
    """What the ledger counts of rows that are taken back."""
    month = pl.col("date").dt.strftime("%Y-%m") if CANONICAL[table].partition_by else pl.lit("")
    return rows.select("source", "file_id", "row_fp", pl.lit(table).alias("table_name"), month.alias("partition"))
