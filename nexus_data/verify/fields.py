"""From the text of a canonical column to its value (number, time, currency, id), one record at a time."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, NoReturn

from nexus_data.tables import CANONICAL
from nexus_data.tables.model import Field, Kind
from nexus_data.verify.currencies import currency
from nexus_data.verify.field_texts import Cells, Text, extracted, folded, style_of, text_of
from nexus_data.verify.numbers import EXACT, Fitted, Style, fit, number
from nexus_data.verify.times import Form, Timed, after_midnight, day, form_of, instant, zone_of

Value = str | int | None
"""A canonical value: decimals as plain text without trailing zeros, days as YYYY-MM-DD, instants as microseconds."""

SCALES = {Kind.MONEY: 18, Kind.PRICE: 20}
_MEMORY = 200_000


class Judged(NamedTuple):
    """A value, or None, and the codes of the rules that the texts break."""

    value: Value
    codes: tuple[str, ...] = ()


Read = Callable[[Cells], Judged]


def reader(field: Field, spec: Mapping[str, Any], contract: Mapping[str, Any]) -> Read:
    """How a column without `product` is read. Raises UnknownFormError."""
    text = text_of(spec, contract.get("numbers", {}))
    if field.kind in SCALES:
        return _number(text, spec, contract.get("numbers", {}), SCALES[field.kind])
    if field.kind in (Kind.DATE, Kind.TIMESTAMP):
        return _time(text, field.kind, spec, str(contract["timezone"]))
    if field.kind is Kind.JSON:
        return _simple(text, _json)
    if field.name == "currency" or field.name.endswith("_currency"):
        crypto = bool(spec.get("crypto"))
        return _simple(text, lambda found: _currency(found, crypto=crypto))
    if field.kind is Kind.TEXT and _is_id(field, contract):
        return lambda cells: _id(*text(cells))
    return lambda cells: Judged(*text(cells))


_RUINED = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{1,3}")


def _is_id(field: Field, contract: Mapping[str, Any]) -> bool:
    """Whether records are known by the column: the source's own id, or the key of a table."""
    table = CANONICAL[str(contract["table"])]
    names = contract.get("identity", {}).get("columns", ()) if table.partition_by else table.key
    return field.name in names and field.name.endswith("_id")


def _id(text: str | None, codes: tuple[str, ...]) -> Judged:
    """An id that a spreadsheet wrote as a number names nothing any more."""
    if text is not None and _RUINED.fullmatch(text):
        return Judged(None, (*codes, "RUINED_ID"))
    return Judged(text, codes)


def product(spec: Mapping[str, Any], scale: int) -> Callable[[Sequence[Judged], Cells], Judged]:
    """How a column is multiplied from two others that have been read."""
    factor = _factor(spec)
    sign = spec.get("sign", "keep")

    def read(parts: Sequence[Judged], cells: Cells) -> Judged:
        if any(part.value is None for part in parts):
            return Judged(None)
        left, right = (Decimal(str(part.value)) for part in parts)
        fitted = fit(EXACT.multiply(left, right), scale)
        if fitted.text is not None and (by := factor(cells)) != 1:
            fitted = fit(EXACT.multiply(Decimal(fitted.text), by), scale)
        return _signed(fitted, sign)

    return read


def _simple(text: Text, judge: Callable[[str], Judged]) -> Read:
    memory: dict[str, Judged] = {}

    def read(cells: Cells) -> Judged:
        found, codes = text(cells)
        if found is None:
            return Judged(None, codes)
        known = memory.get(found)
        if known is None:
            if len(memory) > _MEMORY:
                memory.clear()
            known = memory[found] = judge(found)
        return known

    return read


def _currency(text: str, *, crypto: bool) -> Judged:
    found = currency(text, crypto=crypto)
    return Judged(found) if found is not None else Judged(None, ("UNKNOWN_CURRENCY",))


def _json(text: str) -> Judged:
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return Judged(None, ("UNPARSABLE",))
    return Judged(None, ("UNPARSABLE",)) if "\\u0000" in text and _holds_nul(value) else Judged(text)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _holds_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(map(_holds_nul, value))


def _number(text: Text, spec: Mapping[str, Any], numbers: Mapping[str, Any], scale: int) -> Read:
    style, factor, sign = style_of(spec, numbers), _factor(spec), spec.get("sign", "keep")
    memory: dict[tuple[str, Decimal], Judged] = {}

    def read(cells: Cells) -> Judged:
        found, codes = text(cells)
        if found is None:
            return Judged(None, codes)
        key = (found, factor(cells))
        known = memory.get(key)
        if known is None:
            if len(memory) > _MEMORY:
                memory.clear()
            known = memory[key] = _amount(found, style, key[1], scale, sign)
        return known

    return read


def _amount(text: str, style: Style, factor: Decimal, scale: int, sign: str) -> Judged:
    value = number(text, style)
    if value is None:
        return Judged(None, ("UNPARSABLE",))
    return _signed(fit(EXACT.multiply(value, factor) if factor != 1 else value, scale), sign)


def _signed(fitted: Fitted, sign: str) -> Judged:
    text = fitted.text
    if text is None or sign == "keep" or text == "0":
        return Judged(text, fitted.codes)
    bare = text.removeprefix("-")
    return Judged(bare if sign == "absolute" or text != bare else f"-{bare}")


def _factor(spec: Mapping[str, Any]) -> Callable[[Cells], Decimal]:
    whole = Decimal(spec.get("factor", "1"))
    if "factor_by" not in spec:
        return lambda _: whole
    column = spec["factor_by"]["column"]
    factors = {folded(text): EXACT.multiply(Decimal(by), whole) for text, by in spec["factor_by"]["map"].items()}
    extract = extracted(spec["factor_by"].get("extract")) or (lambda text: text)
    return lambda cells: factors.get((extract(cells[column]) or "").lower(), whole)


def _time(text: Text, kind: Kind, spec: Mapping[str, Any], contract_zone: str) -> Read:
    names = tuple(spec.get("formats") or ("iso",))
    forms: tuple[Form, ...] = tuple(map(form_of, names))
    default, column, millis = spec.get("zone", contract_zone), spec.get("zone_column"), spec.get("day_ms")
    memory: dict[tuple[str, str], Timed] = {}
    by_day = kind is Kind.DATE or millis is not None

    def value_of(found: str, name: str) -> Timed:
        zone = zone_of(name)
        if zone is None:
            return Timed(None, ("UNKNOWN_ZONE",))
        return day(found, forms, zone, iso="iso" in names) if by_day else instant(found, forms, zone)

    def read(cells: Cells) -> Judged:
        found, codes = text(cells)
        if found is None:
            return Judged(None, codes)
        key = (found, (cells[column] or default) if column else default)
        known = memory.get(key)
        if known is None:
            if len(memory) > _MEMORY:
                memory.clear()
            known = memory[key] = value_of(*key)
        if millis is None or known.value is None:
            return Judged(*known)
        passed, zone = cells[millis], zone_of(key[1])
        if passed is None or zone is None:
            return Judged(None)
        return Judged(*after_midnight(str(known.value), passed, zone))

    return read
