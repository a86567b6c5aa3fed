"""From a record's raw texts to the value of one canonical column, one record at a time, as the contract's TOML says."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, NoReturn

from nexus_data.tables import CANONICAL
from nexus_data.tables.model import Field, Kind
from nexus_data.verify.currencies import currency
from nexus_data.verify.numbers import EXACT, Fitted, Style, canonical, fit, number
from nexus_data.verify.times import Form, Timed, after_midnight, day, form_of, instant, zone_of

Cells = Mapping[str, str | None]
"""A record's texts by column, without outer white space; None where nothing is left."""

Value = str | int | None
"""A canonical value: decimals as plain text without trailing zeros, days as YYYY-MM-DD, instants as microseconds."""

_SPACES = "\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
WHITE = " \t\n\v\f\r\x85\xa0" + _SPACES
SCALES = {Kind.MONEY: 18, Kind.PRICE: 20}
_MEMORY = 200_000


class Judged(NamedTuple):
    """A value, or None, and the codes of the rules that the texts break."""

    value: Value
    codes: tuple[str, ...] = ()


Text = Callable[[Cells], tuple[str | None, tuple[str, ...]]]
Read = Callable[[Cells], Judged]


def style_of(spec: Mapping[str, Any], numbers: Mapping[str, Any]) -> Style:
    """How the numbers of a field are written: as it says, else as the contract says."""
    return Style(**{**numbers, **{key: spec[key] for key in Style._fields if key in spec}})


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


def text_of(spec: Mapping[str, Any], numbers: Mapping[str, Any]) -> Text:
    """The text of a field: origin, null, extract, map, prefix, case."""
    origin = _origin(spec, numbers)
    steps = [step for step in (_null(spec), _extract(spec.get("extract")), _replace(spec)) if step]
    mapped = _map(spec)
    prefix, case = spec.get("prefix", ""), spec.get("case", "")

    def read(cells: Cells) -> tuple[str | None, tuple[str, ...]]:
        text, codes = origin(cells)
        for step in steps:
            text = step(text)
        if mapped is not None:
            text, unknown = mapped(text)
            codes = codes + unknown
        if text is None:
            return None, codes
        text = prefix + text
        return (text.upper() if case == "upper" else text.lower() if case == "lower" else text), codes

    if not (steps or mapped or prefix or case):
        return origin
    return read


def _origin(spec: Mapping[str, Any], numbers: Mapping[str, Any]) -> Text:
    if "by_sign" in spec:
        return _by_sign(spec["by_sign"], style_of(spec, numbers))
    if "column" in spec:
        names = [name.strip() for name in spec["column"].split(" | ")] if " | " in spec["column"] else [spec["column"]]
        if len(names) == 1:
            return lambda cells, name=names[0]: (cells[name], ())  # type: ignore[misc]
        return lambda cells: (next((cells[name] for name in names if cells[name] is not None), None), ())
    if "columns" in spec:
        join = spec.get("join", " ")
        return lambda cells: (join.join(t for name in spec["columns"] if (t := cells[name]) is not None) or None, ())
    if "path" in spec:
        return lambda cells: (cells[PATH + spec["path"]], ())
    if "sum" in spec:
        style = style_of(spec, numbers)
        return lambda cells: (sum_of(cells, spec["sum"], style), ())
    constant = spec["value"] or None
    return lambda _: (constant, ())


PATH = "path|"
"""What stands before the name of a group of the landed path among a record's texts."""


def sum_of(cells: Cells, names: Sequence[str], style: Style) -> str | None:
    """The sum of a record's columns; one whose name is written with a minus is subtracted."""
    minus = [name.startswith("-") for name in names]
    return sum_text([cells[name.removeprefix("-")] for name in names], style, minus=minus)


def sum_text(texts: Sequence[str | None], style: Style, *, minus: Sequence[bool] = ()) -> str | None:
    """The exact sum of numbers, written in their style; nothing comes of only empty ones, and no number of a sum with
    one that is none, or has more than 15 digits before or 18 after the mark."""
    signs = minus or [False] * len(texts)
    added = [(text, less) for text, less in zip(texts, signs, strict=True) if text is not None]
    if not added:
        return None
    there = [text for text, _ in added]
    values = [number(text, style) for text in there]
    if any(value is None or abs(value) >= _MOST_ADDED or fit(value, 18).text is None for value in values):
        return " + ".join(there) + " + "
    total = Decimal(0)
    for value, (_, less) in zip(values, added, strict=True):
        part = value or Decimal(0)
        total = EXACT.add(total, part.copy_negate() if less else part)
    # All places where the mark is told by what follows it: 1.234 could be read in two ways.
    return f"{total:.18f}" if style.decimal == "last" else canonical(total).replace(".", style.decimal)


_MOST_ADDED = 10**15


def _by_sign(spec: Mapping[str, Any], style: Style) -> Text:
    column, zero = spec.get("column"), spec.get("zero") or None
    added = spec.get("sum", ())

    def read(cells: Cells) -> tuple[str | None, tuple[str, ...]]:
        text = sum_of(cells, added, style) if added else cells[str(column)]
        if text is None:
            return zero, ()
        value = number(text, style)
        if value is None:
            return None, ("UNPARSABLE",)
        if not value:
            return zero, ()
        return spec["positive" if value > 0 else "negative"] or None, ()

    return read


def _null(spec: Mapping[str, Any]) -> Callable[[str | None], str | None] | None:
    nothing = {folded(text) for text in spec.get("null", ())}
    if not nothing:
        return None
    return lambda text: None if text is None or text.lower() in nothing else text


def _replace(spec: Mapping[str, Any]) -> Callable[[str | None], str | None] | None:
    """All pieces of text in one pass, compared without case."""
    others = {piece.lower(): other for piece, other in spec.get("replace", {}).items()}
    if not others:
        return None
    pattern = re.compile("|".join(map(re.escape, others)), re.IGNORECASE | re.ASCII)

    def read(text: str | None) -> str | None:
        if text is None:
            return None
        return pattern.sub(lambda found: others[found[0].lower()], text).strip(WHITE) or None

    return read


def _extract(extract: str | None) -> Callable[[str | None], str | None] | None:
    if extract is None:
        return None
    pattern = re.compile(extract)

    def read(text: str | None) -> str | None:
        found = pattern.search(text) if text is not None else None
        return ((found[1] or "").strip(WHITE) or None) if found else None

    return read


def _map(spec: Mapping[str, Any]) -> Callable[[str | None], tuple[str | None, tuple[str, ...]]] | None:
    known = {folded(key): value for key, value in spec.get("map", {}).items()}
    if not known:
        return None
    otherwise = spec.get("otherwise", "reject")

    def read(text: str | None) -> tuple[str | None, tuple[str, ...]]:
        if text is None and "" not in known:
            return None, ()
        key = (text or "").lower()
        if key in known:
            return known[key] or None, ()
        if otherwise == "reject":
            return None, ("UNKNOWN_VALUE",) if text is not None else ()
        return (text if otherwise == "keep" else None), ()

    return read


def folded(text: str) -> str:
    """A text as it is compared: without outer white space and without case."""
    return text.strip(WHITE).lower()


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
    extract = _extract(spec["factor_by"].get("extract")) or (lambda text: text)
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
