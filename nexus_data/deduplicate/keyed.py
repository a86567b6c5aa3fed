"""De-duplication of tables with a key (users, projects, milestones, tasks): the newest version of a key counts.

A pure function over frames; what it decides is written by the step.
"""

import re
from dataclasses import dataclass, replace

import polars as pl

from nexus_data.tables.model import Table

_ARRIVAL = ["file_no", "record_no"]

PUBLISHED = -1
"""`file_no` of rows that an earlier run published; a staged record's is its landing's, from 0."""


@dataclass(frozen=True, slots=True)
class Decision:
    """decided: one row per staged record (`file_no`, `record_no`, `row_fp`, `outcome`, `reasons`).

    snapshot: the table's rows from now on, `file_no` telling which are new. taken_back: earlier rows that a new one
    replaced.
    """

    decided: pl.DataFrame
    snapshot: pl.DataFrame
    taken_back: pl.DataFrame


def decide(current: pl.DataFrame, *, staged: pl.DataFrame, table: Table) -> Decision:
    """Merge staged records into the current rows: the highest version wins, a later arrival among equals; the records
    of one file arrive in its order, also when some of them are replayed later.

    A record equal in content to the winner, or to one that came before it, is a duplicate; any other that is not the
    winner is superseded. One that would take what is unique from another key (an email) is rejected: TAKEN.
    """
    refused: list[pl.DataFrame] = []
    decision = _merge(current, staged, table)
    for column in unique_columns(table):
        while (taken := _taken(decision.snapshot, column)).height:
            losers = staged.join(taken, on=_ARRIVAL, how="semi", maintain_order="left")
            refused.append(losers.select("file_no", "record_no", "row_fp", *_rejected(f"TAKEN:{column}")))
            staged = staged.join(taken, on=_ARRIVAL, how="anti", maintain_order="left")
            decision = _merge(current, staged, table)
    return replace(decision, decided=pl.concat([decision.decided, *refused]).sort(_ARRIVAL))


def unique_columns(table: Table) -> list[str]:
    """Columns beside the key whose values are unique, compared without case."""
    texts = (text for index in table.indexes if index.unique for text in index.columns)
    return [found[1] for text in texts if (found := re.fullmatch(r"lower\((\w+)\)", text))]


def _taken(snapshot: pl.DataFrame, column: str) -> pl.DataFrame:
    """The new rows whose value another row has, that was there before or came first."""
    named = snapshot.filter(pl.col(column).is_not_null()).sort(_ARRIVAL)
    repeated = ~pl.col(column).str.to_lowercase().is_first_distinct()
    return named.filter(repeated).filter(pl.col("file_no") != PUBLISHED).select(_ARRIVAL)


def _rejected(reason: str) -> tuple[pl.Expr, pl.Expr]:
    return pl.lit("rejected").alias("outcome"), pl.lit(reason).alias("reasons")


def _merge(current: pl.DataFrame, staged: pl.DataFrame, table: Table) -> Decision:
    earlier = current.with_columns(pl.lit(PUBLISHED, dtype=pl.Int64).alias("file_no"))
    together = pl.concat([earlier, staged.select(earlier.columns)])
    order = [*_version(table), _place(), pl.col("record_no")]
    ranked = (
        together.sort(_ARRIVAL)
        .with_columns(pl.struct(*table.key, "content_fp").is_first_distinct().alias("first"))
        .filter("first")
        .sort(order)
        .with_columns(pl.struct(table.key).is_last_distinct().alias("wins"))
    )
    snapshot = ranked.filter("wins").drop("first", "wins").sort(table.key)
    winners = ranked.select("file_no", "record_no", "wins")
    decided = staged.join(winners, on=_ARRIVAL, how="left", maintain_order="left").select(
        "file_no", "record_no", "row_fp", _outcome(), pl.lit(None, dtype=pl.String).alias("reasons")
    )
    taken_back = ranked.filter(~pl.col("wins"), pl.col("file_no") == PUBLISHED).drop("first", "wins")
    return Decision(decided=decided, snapshot=snapshot, taken_back=taken_back)


def _outcome() -> pl.Expr:
    wins = pl.col("wins")
    chosen = pl.when(wins.is_null()).then(pl.lit("duplicate")).when(wins).then(pl.lit("passed"))
    return chosen.otherwise(pl.lit("superseded")).alias("outcome")


def _place() -> pl.Expr:
    """Whose rows come first among equal versions: a replayed record stands where it stands in its file."""
    own = pl.col("file_no").max().over("file_id")
    return pl.when(pl.col("file_no") == PUBLISHED).then(own).otherwise("file_no")


def _version(table: Table) -> list[pl.Expr]:
    """What to order by before arrival: rows without a version, and implied ones, are oldest."""
    if table.version is None:
        return []
    return [pl.when(pl.col("status") == "implied").then(None).otherwise(pl.col(table.version))]
