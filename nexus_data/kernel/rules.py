"""The rules of the canonical tables, and the reasons of rejected records. Reading texts is not done here."""

import operator
from collections.abc import Mapping
from functools import reduce

import polars as pl

from nexus_data.kernel.model import Reading
from nexus_data.kernel.rows import any_of, expand, merged
from nexus_data.rules import FIELD_CODES
from nexus_data.tables.model import SUMMED_LIMIT, Field, Kind

_PROSE = ("name", "title", "display_name", "description", "error_message")
_MAX_ID_BYTES = 500
"""Of any text but prose: keys of tables and marts put up to four of them into one index row, of at most 2,704 bytes."""
_MAX_PROSE_BYTES = 64 << 20

UNKNOWN_KIND = "UNKNOWN_KIND"


def judged(reading: Reading, *, field: Field, excused: pl.Series | None) -> Reading:
    """The reading with the table's own rules added; `excused` rows are empty because another column is broken."""
    value, broken = reading.value, dict(reading.broken)
    if field.values:
        known = value.is_in(list(field.values)) | value.is_null()
        broken = merged(broken, {"UNKNOWN_VALUE": ~known})
    if field.reserved:
        free = ~value.is_in(list(field.reserved)) | value.is_null()
        broken = merged(broken, {"UNKNOWN_VALUE": ~free})
    if field.kind is Kind.TEXT and not field.values:
        broken["TOO_LONG"] = (value.str.len_bytes() > _limit(field)).fill_null(value=False)
    if field.summed:
        broken = merged(broken, _beyond(value))
    if field.non_negative:
        broken["NEGATIVE"] = (value < 0).fill_null(value=False)
    if field.required and value.null_count():
        missing = value.is_null() & ~any_of(broken, like=value)
        broken["MISSING"] = missing if excused is None else missing & ~excused
    return Reading(value, broken, reading.plain)


def obeyed(field: Field) -> pl.Expr | None:
    """Whether each value (null: yes) keeps what `judged` adds, but for `required`; None: nothing to keep."""
    value, wanted = pl.col(field.name), list[pl.Expr]()
    if field.values:
        wanted.append(value.is_in(list(field.values)))
    if field.reserved:
        wanted.append(~value.is_in(list(field.reserved)))
    if field.kind is Kind.TEXT and not field.values:
        wanted.append(value.str.len_bytes() <= _limit(field))
    if field.summed:
        wanted.append(value.is_between(-SUMMED_LIMIT, SUMMED_LIMIT, closed="none"))
    if field.non_negative:
        wanted.append(value >= 0)
    return reduce(operator.and_, wanted) if wanted else None


def _beyond(value: pl.Series) -> dict[str, pl.Series]:
    """The rows whose values marts could not add up; nearly no batch has any."""
    within = value.is_between(-SUMMED_LIMIT, SUMMED_LIMIT, closed="none").fill_null(value=True)
    return {} if within.all() else {"TOO_LARGE": ~within}


def _limit(field: Field) -> int:
    return _MAX_PROSE_BYTES if field.name in _PROSE else _MAX_ID_BYTES


def reasons(readings: Mapping[str, Reading], *, length: int) -> pl.Series:
    """Every rule that each record broke, `CODE:field` joined by `;` in the order of `readings`; null: none."""
    found = {
        f"{code}:{name}": reading.broken[code]
        for name, reading in readings.items()
        for code in FIELD_CODES
        if code in reading.broken and reading.broken[code].any()
    }
    if not found:
        return pl.Series("reasons", [None], dtype=pl.String).new_from_index(0, length)
    rows = any_of(found, like=next(iter(found.values())))
    told = [pl.when(pl.col(rule)).then(pl.lit(rule)) for rule in found]
    texts = pl.DataFrame(found).filter(rows).select(pl.concat_str(told, separator=";", ignore_nulls=True))
    return expand(texts.to_series(), rows=rows).alias("reasons")
