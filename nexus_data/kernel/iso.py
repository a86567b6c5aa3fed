"""ISO 8601 times: with an offset or Z they are instants, without they are local. Extended and basic form."""

import polars as pl

from nexus_data.kernel.model import Times
from nexus_data.kernel.rows import empty, fill, nulls, unsettled

_LOCAL = pl.Datetime("us")
_INSTANT = pl.Datetime("us", "UTC")
_OFFSET_AT_END = r"[Tt ][0-9].*(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)$"
_LEAP = r":60(?:[^0-9]|$)"
_FORM = (
    r"^(?P<year>[0-9]{4})-?(?P<month>[0-9]{2})-?(?P<day>[0-9]{2})[Tt ](?P<hour>[0-9]{2}):?(?P<minute>[0-9]{2})"
    r"(?::?(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?)?"
    r" ?(?P<offset>[Zz]|(?P<sign>[+-])(?P<hours>[0-9]{2})(?::?(?P<minutes>[0-9]{2}))?)?$"
)


def read_iso(text: pl.Series) -> Times:
    """Instants and local times; what is neither is null in both. Finer digits than microseconds are cut here."""
    given = text.drop_nulls().head(1).str.contains(_OFFSET_AT_END).any()
    instant = _with_offset(text) if given else nulls(_INSTANT, text.len())
    rows = unsettled(text, instant)
    local = nulls(_LOCAL, text.len())
    if rows.any():
        rest = _by_parts(text.filter(rows))
        instant, local = fill(instant, rest["instant"], rows=rows), fill(local, rest["local"], rows=rows)
    return Times(instant=instant, local=local, too_precise=nulls(pl.Boolean(), text.len()).fill_null(value=False))


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
