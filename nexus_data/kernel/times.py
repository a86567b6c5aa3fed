"""From text to instants and days: the forms of a contract tried in order, each on what is still open, then the zone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from nexus_data.contract.model import Numbers
from nexus_data.kernel.formats import Form, read_form
from nexus_data.kernel.model import Reading, Zone
from nexus_data.kernel.numbers import read_number
from nexus_data.kernel.rows import any_of, empty, fill, flags, merged, nulls, unsettled
from nexus_data.kernel.zones import INSTANT, Zones, local_days, localize, unknown_zones, zones_of

FIRST_INSTANT, LAST_INSTANT = datetime(1000, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
"""`%Y` of Polars also takes `24` for the year 24, and epoch counts in a wrong unit land beyond the calendar."""

_ISO_DAY = r"^[0-9]{4}-?[0-9]{2}-?[0-9]{2}$"
_ReadForm = Callable[[pl.Series, Zones, Form], Reading]
_LONGEST_DAY = 25 * 3_600_000


@dataclass(frozen=True, slots=True)
class TimeStyle:
    """How a field's times are written: forms in order, and the zone of those without an offset."""

    forms: tuple[Form, ...]
    zone: Zone


def read_instants(text: pl.Series, *, texts: pl.DataFrame, style: TimeStyle) -> Reading:
    """Datetime us UTC: UNPARSABLE, TOO_PRECISE, DST_GAP, DST_OVERLAP, UNKNOWN_ZONE. Zone columns are in `texts`."""
    return _in_forms(text, zones_of(texts, style.zone), style, _instants, INSTANT)


def read_days(text: pl.Series, *, texts: pl.DataFrame, style: TimeStyle) -> Reading:
    """Date: the day as written, or the day in the zone of an instant. UNPARSABLE, UNKNOWN_ZONE."""
    return _in_forms(text, zones_of(texts, style.zone), style, _days, pl.Date())


def read_day_times(text: pl.Series, *, texts: pl.DataFrame, style: TimeStyle, millis: str) -> Reading:
    """Instants so many milliseconds after the local midnight of a day; nothing where either text is empty.

    The milliseconds are time that has passed, so that they name one instant on days of 23 and of 25 hours too.
    """
    zones = zones_of(texts, style.zone)
    days = read_days(text, texts=texts, style=style)
    midnight = localize(days.value.cast(pl.Datetime("us")), zones)
    passed = read_number(texts[millis], style=Numbers(), scale=3)
    sane = passed.value.is_between(0, _LONGEST_DAY)
    micros = (passed.value.zip_with(sane.fill_null(value=False), empty(passed.value)) * 1000).cast(pl.Int64)
    value = midnight.value + micros.cast(pl.Duration("us"))
    outside = (~sane | (local_days(value, zones) != days.value)).fill_null(value=False)
    broken = merged(days.broken, midnight.broken, passed.broken, {"UNPARSABLE": outside})
    return Reading(empty(value).zip_with(any_of(broken, like=value), value), broken)


def _in_forms(
    text: pl.Series,
    zones: Zones,
    style: TimeStyle,
    read: Callable[[pl.Series, Zones, Form], Reading],
    dtype: pl.DataType,
) -> Reading:
    value, rows = nulls(dtype, text.len()), text.is_not_null()
    broken: dict[str, pl.Series] = {}
    if (strange := unknown_zones(zones)) is not None:
        broken["UNKNOWN_ZONE"], rows = rows & strange, rows & ~strange
    for form in style.forms:
        if not rows.any():
            return Reading(value, broken)
        part = read(text.filter(rows), zones if isinstance(zones, str) else zones.filter(rows), form)
        value = fill(value, part.value, rows=rows)
        broken = merged(broken, {code: flags(found, rows=rows) for code, found in part.broken.items()})
        rows = unsettled(text, value) & ~any_of(broken, like=value)
    return Reading(value, {**broken, "UNPARSABLE": rows})


def _instants(text: pl.Series, zones: Zones, form: Form) -> Reading:
    times = read_form(text, form)
    value, broken = times.instant, {"TOO_PRECISE": times.too_precise}
    if times.local.null_count() < text.len():
        placed = localize(times.local, zones)
        value, broken = value.zip_with(value.is_not_null(), placed.value), merged(broken, placed.broken)
    fits = value.is_between(FIRST_INSTANT, LAST_INSTANT).fill_null(value=False) & ~times.too_precise
    return Reading(value if fits.all() else value.zip_with(fits, empty(value)), broken)


def _days(text: pl.Series, zones: Zones, form: Form) -> Reading:
    times = read_form(text, form)
    value = times.local.dt.date()
    if times.instant.null_count() < text.len():
        value = value.zip_with(value.is_not_null(), local_days(times.instant, zones))
    if form.format == "iso" and value.null_count():
        plain = pl.when(pl.col("t").str.contains(_ISO_DAY)).then(pl.col("t").str.replace_all("-", "", literal=True))
        days = text.to_frame("t").select(plain.str.to_date("%Y%m%d", strict=False)).to_series()
        value = value.zip_with(value.is_not_null(), days)
    fits = value.is_between(FIRST_INSTANT.date(), LAST_INSTANT.date()).fill_null(value=False)
    return Reading(value.zip_with(fits, empty(value)))
