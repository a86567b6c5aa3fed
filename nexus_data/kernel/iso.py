"""ISO 8601 times: with an offset or Z they are instants, without they are local. Extended and basic form."""

import re
from dataclasses import dataclass

import polars as pl

from nexus_data.kernel.model import Times
from nexus_data.kernel.rows import empty, fill, flags, nulls, unsettled

_LOCAL = pl.Datetime("us")
_INSTANT = pl.Datetime("us", "UTC")
_OFFSET_AT_END = r"[Tt ][0-9].*(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)$"
_LEAP = r":60(?:[^0-9]|$)"
_FORM = (
    r"^(?P<year>[0-9]{4})-?(?P<month>[0-9]{2})-?(?P<day>[0-9]{2})[Tt ](?P<hour>[0-9]{2}):?(?P<minute>[0-9]{2})"
    r"(?::?(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?)?"
    r" ?(?P<offset>[Zz]|(?P<sign>[+-])(?P<hours>[0-9]{2})(?::?(?P<minutes>[0-9]{2}))?)?$"
)


_OFFSET = r"^(?P<sign>[+-])(?P<hours>[0-9]{2}):(?P<minutes>[0-9]{2})$"
_TOO_PRECISE = r"[.,][0-9]{6}[0-9]*[1-9]"


@dataclass(frozen=True, slots=True)
class _Shape:
    """Instants whose parts all stand in fixed places, `whole` characters before the offset."""

    pattern: str
    format: str
    whole: int


_SHAPES = tuple(
    _Shape(
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]" + fraction + "(?:Z|[+-][0-9]{2}:[0-9]{2})$",
        "%Y-%m-%dT%H:%M:%S" + directive,
        whole,
    )
    for fraction, directive, whole in (("", "", 19), (r"\.[0-9]{3}", ".%3f", 23), (r"\.[0-9]{6}", ".%6f", 26))
)


def read_iso(text: pl.Series) -> Times:
    """Instants and local times; what is neither is null in both. Finer digits than microseconds are cut here."""
    instant = _in_shape(text)
    # Nothing but digits is a count since 1970, and no time in this form.
    rows = unsettled(text, instant) & text.str.contains("[^0-9]")
    times = Times(instant=instant, local=nulls(_LOCAL, text.len()), too_precise=rows & False)
    if not rows.any():
        return times
    rest = _in_any_form(text.filter(rows))
    return Times(
        instant=fill(instant, rest.instant, rows=rows),
        local=fill(times.local, rest.local, rows=rows),
        too_precise=flags(rest.too_precise, rows=rows),
    )


def _in_shape(text: pl.Series) -> pl.Series:
    """The instants written exactly like the first text: most files write all alike, and fixed places cost a fifth."""
    first = text.drop_nulls().head(1)
    shape = next((one for one in _SHAPES if first.str.contains(one.pattern).any()), None)
    if shape is None:
        return nulls(_INSTANT, text.len())
    shaped = text.str.contains(shape.pattern)
    return fill(nulls(_INSTANT, text.len()), _at_places(text.filter(shaped), shape), rows=shaped)


def _at_places(text: pl.Series, shape: _Shape) -> pl.Series:
    clock, offset = pl.col("t").str.head(shape.whole), pl.col("t").str.slice(shape.whole)
    parts = text.to_frame("t").select(
        clock=clock.str.to_datetime(shape.format, strict=False, exact=True, time_unit="us"), offset=offset
    )
    east = _minutes_east(parts["offset"].unique())
    minutes = pl.col("offset").replace_strict(list(east), list(east.values()), default=None, return_dtype=pl.Int64)
    return parts.select((pl.col("clock") - pl.duration(minutes=minutes)).dt.replace_time_zone("UTC")).to_series()


def _minutes_east(offsets: pl.Series) -> dict[str, int]:
    """What each offset means; those that cannot be are left out."""
    found = {"Z": 0}
    for match in filter(None, (re.match(_OFFSET, offset) for offset in offsets)):
        hours, minutes = int(match["hours"]), int(match["minutes"])
        if hours < 24 and minutes < 60:
            found[match[0]] = (hours * 60 + minutes) * (-1 if match["sign"] == "-" else 1)
    return found


def _in_any_form(text: pl.Series) -> Times:
    local = nulls(_LOCAL, text.len())
    given = text.head(1).str.contains(_OFFSET_AT_END).any()
    instant = _with_offset(text) if given else nulls(_INSTANT, text.len())
    rows = unsettled(text, instant)
    if rows.any():
        rest = _by_parts(text.filter(rows))
        instant, local = fill(instant, rest["instant"], rows=rows), fill(local, rest["local"], rows=rows)
    return exact(text, Times(instant=instant, local=local, too_precise=rows & False))


def exact(text: pl.Series, times: Times) -> Times:
    """Polars cuts what is beyond its unit: digits after the sixth that are not zero make the time too precise."""
    found = text.str.contains(_TOO_PRECISE).fill_null(value=False)
    if not found.any():
        return times
    read = times.instant.is_not_null() | times.local.is_not_null()
    return Times(times.instant, times.local, times.too_precise | (found & read))


def without_leap(text: pl.Series) -> pl.Series:
    """Null where a second is 60: Polars would take the next minute's first second, which is another time."""
    found = text.str.contains(":60", literal=True)
    return text if not found.any() else text.zip_with(~text.str.contains(_LEAP).fill_null(value=True), empty(text))


def _with_offset(text: pl.Series) -> pl.Series:
    return without_leap(text).str.to_datetime("%+", strict=False, time_unit="us", time_zone="UTC")


def _by_parts(text: pl.Series) -> pl.DataFrame:
    parts = text.to_frame("t").select(pl.col("t").str.extract_groups(_FORM)).unnest("t")
    written = pl.concat_str(
        pl.concat_str("year", "month", "day", separator="-"),
        pl.lit("T"),
        pl.concat_str("hour", "minute", pl.col("second").fill_null("00"), separator=":"),
        pl.lit("."),
        pl.col("fraction").fill_null("0"),
    )
    clock = (
        pl.when(pl.col("second").fill_null("00") != "60")
        .then(written)
        .str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us")
    )
    hours, minutes = pl.col("hours").cast(pl.Int64), pl.col("minutes").fill_null("0").cast(pl.Int64)
    east = pl.duration(
        minutes=(hours * 60 + minutes).fill_null(0) * pl.when(pl.col("sign") == "-").then(-1).otherwise(1)
    )
    possible = (hours.fill_null(0) < 24) & (minutes < 60)
    offset = pl.col("offset").is_not_null()
    return parts.select(
        instant=pl.when(offset & possible).then(clock - east).dt.replace_time_zone("UTC"),
        local=pl.when(~offset).then(clock),
    )
