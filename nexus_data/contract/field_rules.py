"""What one field specification must keep: a known field, one origin, options that mean something for its kind."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from zoneinfo import available_timezones

import polars as pl

from nexus_data.contract.model import FieldSpec
from nexus_data.contract.problem import Problem, key_of
from nexus_data.tables.model import Field, Kind, Table

_NUMBERS = (Kind.MONEY, Kind.PRICE, Kind.INTEGER)
_TIMES = (Kind.DATE, Kind.TIMESTAMP)
_STYLE_KEYS = ("decimal", "thousands", "accounting", "signs")
_VALUE_KEYS = ("sign", "factor", "factor_by")
_TIME_KEYS = ("formats", "zone", "zone_column", "day_ms")
_NAMED_FORMATS = ("iso", "epoch_s", "epoch_ms", "epoch_us", "epoch_ns")
_EMPTY = FieldSpec()

At = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a field may refer to. made: columns that no file gives. groups: the named groups of the contract's path."""

    table: Table
    made: frozenset[str]
    columns: frozenset[str]
    groups: frozenset[str]
    fields: Mapping[str, FieldSpec]


def field_problems(name: str, spec: FieldSpec, *, scope: Scope, at: At) -> Iterator[Problem]:
    """Everything that is wrong with the specification of one canonical field."""
    field = _field(name, scope)
    if field is None:
        yield _unknown(name, scope, at)
        return
    yield from _origin_problems(spec, scope, at)
    yield from _column_problems(spec, scope, at)
    yield from _option_problems(field, spec, at)
    yield from _number_problems(spec, at)
    yield from _time_problems(field, spec, at)
    yield from _text_problems(field, spec, scope, at)


def value_problems(name: str, value: str, *, scope: Scope, at: At) -> Iterator[Problem]:
    """Whether a field may have this constant."""
    field = _field(name, scope)
    if field is None:
        yield _unknown(name, scope, at)
    elif field.values and value not in field.values:
        yield _outside(field, value, at)


def pattern_problem(pattern: str, *, groups: int) -> str | None:
    """Why the kernel could not use a regular expression; None when it can. groups: how many it must have at least."""
    try:
        found = pl.Series([""]).str.extract_groups(pattern).struct.fields
    except pl.exceptions.ComputeError as error:
        return f"not a regular expression: {str(error).partition('This error')[0].strip().splitlines()[-1]}"
    return None if len(found) >= groups else "it needs a group (...), which is what is taken"


def _field(name: str, scope: Scope) -> Field | None:
    fields = {field.name: field for field in scope.table.fields if field.name not in scope.made}
    return fields.get(name)


def _unknown(name: str, scope: Scope, at: At) -> Problem:
    return Problem(key_of(*at), f"{scope.table.name} has no field {name!r} that a file could give")


def _outside(field: Field, value: str, at: At) -> Problem:
    return Problem(key_of(*at), f"{value!r} is not among the values of {field.name}: {', '.join(field.values)}")


def _origin_problems(spec: FieldSpec, scope: Scope, at: At) -> Iterator[Problem]:
    origins = ("column", "columns", "value", "path", "product", "by_sign", "sum")
    given = [origin for origin in origins if getattr(spec, origin) != getattr(_EMPTY, origin)]
    if len(given) != 1:
        yield Problem(key_of(*at), f"needs exactly one of {', '.join(origins)}; it has {', '.join(given) or 'none'}")
    if spec.path is not None and spec.path not in scope.groups:
        yield Problem(key_of(*at, "path"), f"the contract's path has no group named {spec.path!r}")
    for name in spec.product:
        if (factor := _field(name, scope)) is None or factor.kind not in _NUMBERS or name not in scope.fields:
            yield Problem(key_of(*at, "product"), f"{name!r} is no number field of this contract")
    if spec.product and len(spec.product) != 2:
        yield Problem(key_of(*at, "product"), "takes two fields")
    if spec.by_sign and bool(spec.by_sign.column) == bool(spec.by_sign.sum):
        yield Problem(key_of(*at, "by_sign"), "looks at either a column or a sum")


def _column_problems(spec: FieldSpec, scope: Scope, at: At) -> Iterator[Problem]:
    for key, name in _columns(spec):
        if name not in scope.columns:
            yield Problem(key_of(*at, *key), f"no variant has a column {name!r}")


def _columns(spec: FieldSpec) -> Iterator[tuple[tuple[str, ...], str]]:
    yield from ((("column",), name) for name in (spec.column.split(" | ") if spec.column is not None else ()))
    yield from ((("columns",), name) for name in spec.columns)
    yield from ((("sum",), name.removeprefix("-")) for name in spec.sum)
    if spec.by_sign:
        yield from ((("by_sign", "sum"), name.removeprefix("-")) for name in spec.by_sign.sum)
    if spec.by_sign and spec.by_sign.column:
        yield ("by_sign", "column"), spec.by_sign.column
    if spec.factor_by:
        yield ("factor_by", "column"), spec.factor_by.column
    if spec.zone_column is not None:
        yield ("zone_column",), spec.zone_column
    if spec.day_ms is not None:
        yield ("day_ms",), spec.day_ms


def _option_problems(field: Field, spec: FieldSpec, at: At) -> Iterator[Problem]:
    meaningless: tuple[str, ...] = ()
    if field.kind not in _NUMBERS:
        meaningless += _VALUE_KEYS if spec.by_sign else _STYLE_KEYS + _VALUE_KEYS
    if field.kind not in _TIMES:
        meaningless += _TIME_KEYS
    if not field.name.endswith("currency"):
        meaningless += ("crypto",)
    for key in meaningless:
        if getattr(spec, key) != getattr(_EMPTY, key):
            yield Problem(key_of(*at, key), f"means nothing for {field.name}, which is a {field.kind.value}")
    if spec.otherwise != "reject" and not spec.map:
        yield Problem(key_of(*at, "otherwise"), "means nothing without a map")


def _number_problems(spec: FieldSpec, at: At) -> Iterator[Problem]:
    if spec.decimal is not None and spec.decimal in (spec.thousands or ""):
        yield Problem(key_of(*at, "thousands"), "holds the decimal mark")
    factors: dict[tuple[str, ...], str] = {("factor",): spec.factor} if spec.factor is not None else {}
    factors |= {("factor_by", "map", text): f for text, f in (spec.factor_by.map if spec.factor_by else {}).items()}
    for key, text in factors.items():
        if not _is_decimal(text):
            yield Problem(key_of(*at, *key), f"{text!r} is no exact decimal")


def _is_decimal(text: str) -> bool:
    try:
        return bool(re.fullmatch(r"[0-9.+-]+", text)) and Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _time_problems(field: Field, spec: FieldSpec, at: At) -> Iterator[Problem]:
    if field.kind in _TIMES and not spec.formats and spec.value != "":
        yield Problem(key_of(*at, "formats"), f"a time needs formats: {', '.join(_NAMED_FORMATS)}, or strptime ones")
    for i, form in enumerate(spec.formats):
        if form not in _NAMED_FORMATS and "%" not in form:
            yield Problem(key_of(*at, "formats", i), f"{form!r} is neither a strptime format nor one that has a name")
    if spec.zone is not None and spec.zone not in available_timezones():
        yield Problem(key_of(*at, "zone"), f"{spec.zone!r} is no IANA time zone; one would be Europe/Amsterdam")


def _text_problems(field: Field, spec: FieldSpec, scope: Scope, at: At) -> Iterator[Problem]:
    if spec.extract is not None and (reason := pattern_problem(spec.extract, groups=1)):
        yield Problem(key_of(*at, "extract"), reason)
    by = spec.factor_by
    if by and by.extract is not None and (reason := pattern_problem(by.extract, groups=1)):
        yield Problem(key_of(*at, "factor_by", "extract"), reason)
    for key, text in _constants(spec):
        yield from value_problems(field.name, _finished(text, spec), scope=scope, at=(*at, *key))


def _constants(spec: FieldSpec) -> Iterator[tuple[tuple[str, ...], str]]:
    yield from ((("map", text), value) for text, value in spec.map.items())
    if spec.value and not spec.map:
        yield ("value",), spec.value
    if spec.by_sign and not spec.map:
        signs = {"positive": spec.by_sign.positive, "negative": spec.by_sign.negative, "zero": spec.by_sign.zero}
        yield from ((("by_sign", sign), value) for sign, value in signs.items() if value)


def _finished(text: str, spec: FieldSpec) -> str:
    text = spec.prefix + text
    return {"": text, "upper": text.upper(), "lower": text.lower()}[spec.case]
