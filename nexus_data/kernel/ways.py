"""The ways in which nearly all texts are written, as expressions. What is written otherwise is for the readers.

A text that a way keeps reads exactly as the column's own reader would read it; which rules there are is not known here.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import polars as pl

from nexus_data.contract.columns import candidates
from nexus_data.contract.model import Contract, FieldSpec, Numbers
from nexus_data.kernel.amounts import amounts_of
from nexus_data.kernel.currencies import is_currency
from nexus_data.kernel.currency_codes import CODES
from nexus_data.kernel.epochs import EPOCHS
from nexus_data.kernel.formats import Form, form_of
from nexus_data.kernel.model import Quick, Way, Zone
from nexus_data.kernel.numbers import DIGITS, LAST
from nexus_data.kernel.rules import obeyed
from nexus_data.kernel.times import FIRST_INSTANT, LAST_INSTANT, TimeStyle
from nexus_data.tables.model import Field, Kind
from nexus_data.tables.polars_schema import MONEY_SCALE, PRICE_SCALE

_DAY = r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_OFFSET = r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
_FRACTIONS = (("", "", 0), (r"\.[0-9]{3}", ".%3f", 4), (r"\.[0-9]{6}", ".%6f", 7))
_TO_THE_SECOND = 19
_MINUTES = {
    f"{sign}{hours:02d}:{minutes:02d}": (hours * 60 + minutes) * (-1 if sign == "-" else 1)
    for sign in "+-"
    for hours in range(15)
    for minutes in (0, 15, 30, 45)
} | {"Z": 0}
_COUNTS = {"epoch_s": (r"[0-9]{9,10}", 10**6), "epoch_ms": (r"[0-9]{12,13}", 10**3), "epoch_us": (r"[0-9]{15,16}", 1)}
"""Counts of so many digits are of the years from 1973 to 2286."""
_FINER = r"[.,][0-9]{7}"
_ANY = re.compile("")


@dataclass(frozen=True, slots=True, eq=False)
class _Written:
    """A way whose columns have no name yet."""

    looks: re.Pattern[str]
    kept: pl.Expr
    value: Callable[[pl.Expr], pl.Expr]
    plain: Callable[[pl.Expr], pl.Expr] | None = None


def quick_of(field: Field, spec: FieldSpec, contract: Contract, *, text: pl.Expr, is_id: bool) -> Quick | None:
    """How most texts of a column are read; `text` makes them where they are not those of one raw column."""
    raw = _raw_column(spec)
    listed = _listed(field, spec) if raw is not None else ()
    made = raw is None or (spec.case != "" and not listed)
    origin = f"{field.name}|text" if made or raw is None else raw
    found = [one_of(pl.col(origin), listed)] if listed else list(_ways(field, spec, contract, pl.col(origin)))
    if not found:
        return None
    sound = None if listed else obeyed(field)
    if is_id and sound is not None:
        sound = sound & ~pl.col(field.name).str.contains("+", literal=True)
    ways = tuple(_named(one, f"{field.name}|{place}") for place, one in enumerate(found))
    return Quick(origin, text if made else None, ways, sound)


def _named(written: _Written, name: str) -> Way:
    kept = pl.col(name)
    plain = None if written.plain is None else written.plain(kept)
    return Way(name, written.looks, written.kept, written.value(kept), plain)


def _raw_column(spec: FieldSpec) -> str | None:
    """The raw column whose texts are the field's, but for their case."""
    if spec.column is None or spec.null or spec.extract or spec.replace or spec.map or spec.prefix:
        return None
    names = candidates(spec.column)
    return names[0] if len(names) == 1 else None


def _listed(field: Field, spec: FieldSpec) -> tuple[str, ...]:
    """The values, if these are few, that a text may be without a change of its case."""
    values = tuple(sorted(CODES)) if is_currency(field.name) and field.kind is Kind.TEXT else field.values
    if spec.case == "upper":
        return tuple(value for value in values if value == value.upper())
    return tuple(value for value in values if value == value.lower()) if spec.case == "lower" else values


def _ways(field: Field, spec: FieldSpec, contract: Contract, text: pl.Expr) -> Iterator[_Written]:
    match field.kind:
        case Kind.MONEY | Kind.PRICE:
            yield from _numbers(field, spec, contract, text)
        case Kind.DATE | Kind.TIMESTAMP if spec.zone_column is None and spec.day_ms is None:
            zone = Zone(spec.zone or contract.timezone)
            style = TimeStyle(tuple(form_of(one) for one in spec.formats or ("iso",)), zone)
            yield from (days if field.kind is Kind.DATE else instants)(text, style)
        case Kind.TEXT:
            yield one_of(text, tuple(sorted(CODES))) if is_currency(field.name) else _Written(_ANY, text, _itself)


def _numbers(field: Field, spec: FieldSpec, contract: Contract, text: pl.Expr) -> Iterator[_Written]:
    amounts = amounts_of(spec, numbers=contract.numbers)
    if amounts.style.decimal != LAST and amounts.other == "1" and not amounts.factors and amounts.sign != "negate":
        scale = MONEY_SCALE if field.kind is Kind.MONEY else PRICE_SCALE
        yield number(text, style=amounts.style, scale=scale, absolute=amounts.sign == "absolute")


def _itself(kept: pl.Expr) -> pl.Expr:
    return kept


def one_of(text: pl.Expr, values: tuple[str, ...]) -> _Written:
    """Texts of a list, as they stand there."""
    looks = re.compile(f"(?:{'|'.join(map(re.escape, values))})$")
    return _Written(looks, pl.when(text.is_in(pl.Series(values).implode())).then(text), _itself)


def number(text: pl.Expr, *, style: Numbers, scale: int, absolute: bool) -> _Written:
    """Digits, perhaps a minus before and a mark between them, without zeros in front that say nothing."""
    mark = re.escape(style.decimal)
    tail = rf"(?:{mark}[0-9]{{1,{scale}}})?" if scale else ""
    pattern = rf"^(?:-?[1-9][0-9]{{0,{DIGITS - scale - 1}}}|0){tail}$"

    def value(kept: pl.Expr) -> pl.Expr:
        read = _pointed(kept, style).cast(pl.Decimal(DIGITS, scale), strict=False)
        return read.abs() if absolute else read

    def plain(kept: pl.Expr) -> pl.Expr:
        point = _pointed(kept, style)
        point = point.str.strip_chars_start("-") if absolute else point
        whole = point.str.strip_chars_end("0").str.strip_chars_end(".")
        return pl.when(point.str.contains(".", literal=True)).then(whole).otherwise(point)

    return _Written(re.compile(pattern), pl.when(text.str.contains(pattern)).then(text), value, plain)


def _pointed(text: pl.Expr, style: Numbers) -> pl.Expr:
    return text if style.decimal == "." else text.str.replace(style.decimal, ".", literal=True)


def instants(text: pl.Expr, style: TimeStyle) -> Iterator[_Written]:
    """Instants of the contract's first form, and counts since 1970 where these come next."""
    first, *others = style.forms
    if first.format == "iso":
        yield from _iso_instants(text, style.zone.name)
        if others and others[0].format in _COUNTS:
            yield _epoch(text, others[0].format)
    elif first.format in _COUNTS:
        yield _epoch(text, first.format)
    elif first.format not in EPOCHS:
        yield _instants_in(text, first, style.zone.name)


def days(text: pl.Expr, style: TimeStyle) -> Iterator[_Written]:
    """Days of the contract's first form."""
    first = style.forms[0]
    if first.format == "iso":
        yield _shaped(text, f"^{_DAY}$", lambda kept: kept.str.to_date("%Y-%m-%d", strict=False))
    elif first.format not in EPOCHS and not first.offset:
        yield _Written(_ANY, _readable(text, first), lambda kept: _in_calendar(_strptime(kept, first.format)).dt.date())


def _shaped(text: pl.Expr, pattern: str, value: Callable[[pl.Expr], pl.Expr]) -> _Written:
    return _Written(re.compile(pattern), pl.when(text.str.contains(pattern)).then(text), value)


def _iso_instants(text: pl.Expr, zone: str) -> Iterator[_Written]:
    for fraction, directive, width in _FRACTIONS:
        for mark in "T ":
            written, form = f"^{_DAY}{mark}{_CLOCK}{fraction}", f"%Y-%m-%d{mark}%H:%M:%S{directive}"
            yield _shaped(text, f"{written}$", partial(_local, form=form, zone=zone))
            yield _shaped(text, f"{written}{_OFFSET}$", partial(_with_offset, form=form, whole=_TO_THE_SECOND + width))


def _local(text: pl.Expr, *, form: str, zone: str) -> pl.Expr:
    return _placed(_strptime(text, form), zone)


def _with_offset(text: pl.Expr, *, form: str, whole: int) -> pl.Expr:
    east = text.str.slice(whole).replace_strict(_MINUTES, default=None, return_dtype=pl.Int64)
    clock = _strptime(text.str.head(whole), form)
    return (clock - pl.duration(minutes=east)).dt.replace_time_zone("UTC")


def _epoch(text: pl.Expr, unit: str) -> _Written:
    digits, micros = _COUNTS[unit]
    return _shaped(text, f"^{digits}$", lambda kept: _instant(kept.cast(pl.Int64, strict=False) * micros))


def _instant(micros: pl.Expr) -> pl.Expr:
    return micros.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _instants_in(text: pl.Expr, form: Form, zone: str) -> _Written:
    def value(kept: pl.Expr) -> pl.Expr:
        if not form.offset:
            return _placed(_in_calendar(_strptime(kept, form.format)), zone)
        return _in_calendar(_strptime(kept, form.format, zone="UTC").dt.replace_time_zone(None)).dt.replace_time_zone(
            "UTC"
        )

    return _Written(_ANY, _readable(text, form), value)


def _strptime(text: pl.Expr, form: str, *, zone: str | None = None) -> pl.Expr:
    return text.str.to_datetime(form, strict=False, exact=True, time_unit="us", time_zone=zone)


def _readable(text: pl.Expr, form: Form) -> pl.Expr:
    """What is read as it is written: no leap second, and nothing finer than a microsecond."""
    strange = text.str.contains(":60", literal=True)
    return pl.when(~(strange | text.str.contains(_FINER) if form.fraction else strange)).then(text)


def _placed(local: pl.Expr, zone: str) -> pl.Expr:
    """Instants of local times that are there once."""
    return local.dt.replace_time_zone(zone, ambiguous="null", non_existent="null").dt.convert_time_zone("UTC")


def _in_calendar(value: pl.Expr) -> pl.Expr:
    return pl.when(value.is_between(FIRST_INSTANT.replace(tzinfo=None), LAST_INSTANT.replace(tzinfo=None))).then(value)
