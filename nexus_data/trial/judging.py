"""The kernel over records of several senders at once: most of what a call of it costs does not depend on how many."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice
from types import MappingProxyType

import polars as pl

from nexus_data import kernel
from nexus_data.tables.model import PROVENANCE, Field, Kind, Table
from nexus_data.trial.outcome import Judged, Skipped, raw_row
from nexus_data.trial.recipes import Recipe
from nexus_data.trial.records import Records, refused

NOBODY = "\0"
"""Stands for the sender until rows are told apart again; no text of a record has a NUL."""

_TOLD = {field.name for field in PROVENANCE} | {"operation_id", "generation"}
_NO_ACCOUNTS = pl.DataFrame(schema={"account_id": pl.String(), "user_id": pl.String()})


def facts(source: str, *, path_groups: Mapping[str, str] = MappingProxyType({})) -> kernel.FileFacts:
    """Records of no file: accounts are nobody's, and whoever sent them owns what names nobody."""
    return kernel.FileFacts(
        file_id=bytes(16),
        source=source,
        user_id=None,
        default_user=NOBODY,
        path_groups=path_groups,
        accounts=_NO_ACCOUNTS,
    )


def judge(sent: Sequence[Records]) -> list[Judged]:
    """What becomes of the records of each sender; all are read by one recipe."""
    recipe = sent[0].recipe
    texts = list(chain.from_iterable(records.texts for records in sent))
    decided = kernel.standardize(_frame(recipe, texts), kernel=recipe.kernel, facts=facts(recipe.source.source))
    table = recipe.kernel.table
    told = decided.with_columns(
        pl.Series("record_no", list(chain.from_iterable(records.numbers for records in sent)), dtype=pl.Int64),
        pl.Series("sender", [place for place, one in enumerate(sent) for _ in one.numbers], dtype=pl.Int64),
        pl.Series("owner", [one.owner for one in sent for _ in one.numbers], dtype=pl.String),
    )
    rows = zip(as_json(told, table=table), decided["outcome"], decided["reasons"], strict=True)
    filled = _filled(told, table)
    # `rows` goes on where the sender before left it.
    return [_of_one(one, islice(rows, len(one.numbers)), filled.get(place, {})) for place, one in enumerate(sent)]


def _frame(recipe: Recipe, texts: Sequence[dict[str, str]]) -> pl.DataFrame:
    empty = {name: recipe.constants.get(name, "") for name in recipe.expected}
    columns = {name: [one.get(name, missing) for one in texts] for name, missing in empty.items()}
    schema = {"record_no": pl.Int64(), **dict.fromkeys(recipe.expected, pl.String())}
    return pl.DataFrame({"record_no": range(1, len(texts) + 1), **columns}, schema=schema)


def columns(table: Table) -> list[Field]:
    """The canonical columns that a row is told by: what only a published row has is not among them."""
    return [field for field in table.fields if field.name not in _TOLD]


def as_json(decided: pl.DataFrame, *, table: Table) -> list[str]:
    """Each row as JSON text: `record_no`, then the canonical columns. `owner`: who owns what names nobody."""
    values = [_value(field).alias(field.name) for field in columns(table)]
    encoded = pl.struct("record_no", *values).struct.json_encode()
    return decided.select(row=encoded)["row"].to_list()


def _value(field: Field) -> pl.Expr:
    value = pl.col(field.name)
    if field.name == "user_id":
        return pl.when(value == NOBODY).then(pl.col("owner")).otherwise(value)
    if field.kind in (Kind.MONEY, Kind.PRICE):
        return value.cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")
    if field.kind is Kind.TIMESTAMP:
        return value.dt.to_string("%Y-%m-%dT%H:%M:%S%.f+00:00")
    return value.dt.to_string("%Y-%m-%d") if field.kind is Kind.DATE else value


def _filled(decided: pl.DataFrame, table: Table) -> dict[int, dict[str, int]]:
    names = [field.name for field in columns(table)]
    accepted = decided.filter(pl.col("outcome") == "accepted")
    counts = accepted.group_by("sender").agg(pl.col(names).count())
    return {row.pop("sender"): row for row in counts.iter_rows(named=True)}


def _of_one(records: Records, rows: Iterable[tuple[str, str, str]], filled: dict[str, int]) -> Judged:
    judged = Judged(rows=[], refused=list(records.broken), skipped=[], filled=filled)
    for number, (row, outcome, reason) in zip(records.numbers, rows, strict=True):
        if outcome == "accepted":
            judged.rows.append(raw_row(row))
        elif outcome == "skipped":
            judged.skipped.append(Skipped(number, reason))
        else:
            judged.refused.append(refused(number, records.raw[number - 1], reason))
    return judged
