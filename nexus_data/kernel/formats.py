"""The written forms of times and days: which forms there are, and text to instant or local time by one of them.

Time zones and the choice among several forms are not known here. No text is read loosely: a format that would skip
or cut digits is refused when the contract is compiled.
"""

import re
from dataclasses import dataclass

import polars as pl

from nexus_data.errors import ContractError
from nexus_data.kernel.epochs import EPOCHS, read_epoch
from nexus_data.kernel.iso import exact, read_iso, without_leap
from nexus_data.kernel.model import Times
from nexus_data.kernel.rows import nulls

_OFFSET = re.compile(r"%(?::{0,3}z|#z|\+)")
_REFUSED = {
    "%Z": "it skips the zone's name without reading it; write the letters, or use zone or zone_column",
    "%f": "it counts nanoseconds; write %.f, %.3f or %3f",
    "%9f": "more than microseconds cannot be kept; write %.f",
    "%s": "write epoch_s",
}
_SAMPLE = pl.Series(["2003-11-22T13:45:58"], dtype=pl.String)


@dataclass(frozen=True, slots=True)
class Form:
    """A strptime format, iso, or epoch_*. offset: it names instants, not local times. fraction: of a second, any."""

    format: str
    offset: bool
    fraction: bool


def form_of(text: str) -> Form:
    """The form that a contract names; ContractError when it cannot be read for sure."""
    if text == "iso" or text in EPOCHS:
        return Form(text, offset=text != "iso", fraction=True)
    plain = text.replace("%%", "")
    for directive, why in _REFUSED.items():
        if directive in plain:
            raise ContractError(f"time format {text!r}: {directive}: {why}")
    form = Form(text, offset=bool(_OFFSET.search(plain)), fraction="f" in plain or "%+" in plain)
    _read_own_writing(form)
    return form


def _read_own_writing(form: Form) -> None:
    """A form that does not read what it writes has no whole date in it, or a directive that nobody knows."""
    sample = _SAMPLE.str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us")
    try:
        written = (sample.dt.replace_time_zone("UTC") if form.offset else sample).dt.strftime(form.format)
        read = _strptime(written, form)
    except pl.exceptions.PolarsError as error:
        raise ContractError(f"time format {form.format!r}: {error}") from None
    if read.dt.date().to_list() != sample.dt.date().to_list():
        raise ContractError(f"time format {form.format!r} does not name a whole date")


def read_form(text: pl.Series, form: Form) -> Times:
    """Instants and local times of the texts that are written in this form."""
    if form.format in EPOCHS:
        return read_epoch(text, unit=form.format)
    if form.format == "iso":
        return read_iso(text)
    value = _strptime(text, form)
    length = text.len()
    times = Times(
        instant=value if form.offset else nulls(pl.Datetime("us", "UTC"), length),
        local=nulls(pl.Datetime("us"), length) if form.offset else value,
        too_precise=nulls(pl.Boolean(), length).fill_null(value=False),
    )
    return exact(text, times) if form.fraction else times


def _strptime(text: pl.Series, form: Form) -> pl.Series:
    """Null where the text is not in the form, and for second 60, which Polars would make the next minute's first."""
    zone = "UTC" if form.offset else None
    return without_leap(text).str.to_datetime(form.format, strict=False, exact=True, time_unit="us", time_zone=zone)
