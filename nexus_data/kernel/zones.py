"""Local times and days in time zones: what does not exist (gap) or is twice (overlap) is found, not guessed."""

from collections.abc import Callable
from functools import cache
from zoneinfo import available_timezones

import polars as pl

from nexus_data.kernel.model import Reading, Zone
from nexus_data.kernel.rows import empty, fill, flags, unsettled

INSTANT = pl.Datetime("us", "UTC")

Zones = str | pl.Series
"""One zone for all rows, or the name of each row's zone."""


@cache
def known(zone: str) -> bool:
    """Whether Polars and the time zone database both know the zone."""
    if zone not in available_timezones():
        return False
    try:
        pl.Series([0]).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(zone)
    except pl.exceptions.ComputeError:
        return False
    return True


def zones_of(texts: pl.DataFrame, zone: Zone) -> Zones:
    """The one zone of all rows, or the name for each row."""
    return zone.name if zone.column is None else texts[zone.column].fill_null(zone.name)


def unknown_zones(zones: Zones) -> pl.Series | None:
    """The rows whose zone is unknown; None when there is no such row."""
    if isinstance(zones, str):
        return None
    strange = [name for name in zones.unique() if not known(name)]
    return zones.is_in(strange) if strange else None


def localize(local: pl.Series, zones: Zones) -> Reading:
    """Instants of local times: DST_GAP, DST_OVERLAP; null without a code where the zone is unknown."""
    if isinstance(zones, str):
        return _localize(local, zones)
    return by_zone(local, zones, _localize)


def local_days(instants: pl.Series, zones: Zones) -> pl.Series:
    """The local day of each instant."""
    if isinstance(zones, str):
        return instants.dt.convert_time_zone(zones).dt.date()
    return by_zone(instants, zones, lambda part, zone: Reading(local_days(part, zone))).value


def by_zone(series: pl.Series, zones: pl.Series, read: Callable[[pl.Series, str], Reading]) -> Reading:
    """`read` applied to the rows of each known zone, put together again."""
    whole = read(empty(series), "UTC")
    value, broken = whole.value, dict(whole.broken)
    for zone in filter(known, zones.unique()):
        rows = zones == zone
        part = read(series.filter(rows), zone)
        value = fill(value, part.value, rows=rows)
        for code, found in part.broken.items():
            placed = flags(found, rows=rows)
            broken[code] = broken[code] | placed if code in broken else placed
    return Reading(value, broken)


def _localize(local: pl.Series, zone: str) -> Reading:
    value = local.dt.replace_time_zone(zone, ambiguous="null", non_existent="null").dt.convert_time_zone("UTC")
    rows = unsettled(local, value)
    if not rows.any():
        return Reading(value)
    earliest = local.filter(rows).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    gap = flags(earliest.is_null(), rows=rows)
    return Reading(value, {"DST_GAP": gap, "DST_OVERLAP": rows & ~gap})
