"""From a contract's words about a field to the texts that it was read from, and what was done to them on the way.

Every step is taken by the kernel's own functions, a step further each time, so that what is told is what was done.
"""

from dataclasses import dataclass
from typing import Any

import msgspec
import polars as pl

from nexus_data.contract.columns import candidates, raw_columns
from nexus_data.contract.model import Contract, FieldSpec
from nexus_data.kernel.amounts import style_of
from nexus_data.kernel.formats import form_of, read_form
from nexus_data.kernel.text import field_text
from nexus_data.tables.model import Field, Kind

_NUMBERS = (Kind.MONEY, Kind.PRICE)
_TIMES = (Kind.DATE, Kind.TIMESTAMP)


@dataclass(frozen=True, slots=True)
class Source:
    """A record as the kernel reads it: cleaned raw columns (null where empty), groups of the path among them."""

    contract: Contract
    raw: pl.DataFrame

    def text(self, column: str) -> str | None:
        """The cleaned text of a raw column, None where it is empty or not there."""
        found: str | None = self.raw[column].item() if column in self.raw.columns else None
        return found


def columns_read(spec: FieldSpec, source: Source) -> tuple[str, ...]:
    """The raw columns that gave the text: of several candidates the one that was taken."""
    names = raw_columns(spec)
    if spec.column is None or len(several := candidates(spec.column)) == 1:
        return tuple(dict.fromkeys(names))
    taken = next((name for name in several if source.text(name) is not None), several[0])
    return tuple(dict.fromkeys((taken, *names[len(several) :])))


def origin_of(spec: FieldSpec) -> str:
    """What kind of origin the specification names."""
    if spec.column is not None or spec.columns or spec.sum or spec.by_sign is not None:
        return "column"
    if spec.product:
        return "product"
    return "path" if spec.path is not None else "constant"


def rules_of(spec: FieldSpec, field: Field, source: Source, *, value: str | None) -> tuple[str, ...]:
    """What was done between the raw text and the value, in order; what changed nothing is not told.

    value: what the kernel makes of it, as text.
    """
    if spec.product:
        return (f"product of {spec.product[0]} and {spec.product[1]}, exact", *_number_rules(spec, source, text=None))
    rules, text = _text_rules(spec, source)
    if text is None or origin_of(spec) == "constant":
        return tuple(rules)
    if field.kind in _NUMBERS:
        rules += _number_rules(spec, source, text=text)
    elif field.kind in _TIMES:
        rules += _time_rules(spec, field, source, text)
    elif value is not None and value != text:
        rules.append(f"read as {value!r}")
    return tuple(rules)


def _text_rules(spec: FieldSpec, source: Source) -> tuple[list[str], str | None]:
    """The steps from origin to the text that is read, and that text."""
    bare: dict[str, Any] = {"null": (), "extract": None, "map": {}, "prefix": "", "case": ""}
    text = _text(msgspec.structs.replace(spec, **bare), source)
    rules = [_sign_rule(spec, source)] if spec.by_sign is not None else []
    if spec.sum:
        rules.append(f"exact sum of {', '.join(spec.sum)}")
    if len(spec.columns) > 1:
        rules.append(f"joined by {spec.join!r}, empty parts left out")
    for name in tuple(bare):
        del bare[name]
        before, text = text, _text(msgspec.structs.replace(spec, **bare), source)
        if text != before:
            rules.append(_text_rule(name, spec, before, text))
    return rules, text


def _text(spec: FieldSpec, source: Source) -> str | None:
    expression, _ = field_text(spec, numbers=style_of(spec, numbers=source.contract.numbers))
    found: str | None = source.raw.select(expression.alias("t"))["t"].item()
    return found


def _sign_rule(spec: FieldSpec, source: Source) -> str:
    if spec.by_sign is None:
        return ""
    one = spec.by_sign
    of = " + ".join(one.sum) or f"{one.column} ({_shown(source.text(one.column))})"
    zero = f", zero or empty {one.zero}" if one.zero else ""
    means = f"positive {one.positive}, negative {one.negative}{zero}"
    return f"by the sign of {of}: {means}"


def _text_rule(name: str, spec: FieldSpec, before: str | None, after: str | None) -> str:
    change = f"{_shown(before)} -> {_shown(after)}"
    match name:
        case "null":
            return f"{_shown(before)} means nothing"
        case "extract":
            return f"extract {spec.extract}: {change}"
        case "map":
            return f"value map: {change}"
    return f"{name}: {change}"


def _shown(text: str | None) -> str:
    return "nothing" if text is None else repr(text)


def _number_rules(spec: FieldSpec, source: Source, *, text: str | None) -> list[str]:
    style = style_of(spec, numbers=source.contract.numbers)
    rules: list[str] = []
    if text is not None and style.decimal != "." and style.decimal in text:
        rules.append(f"decimal mark {style.decimal!r}")
    if text is not None and any(mark in text for mark in style.thousands):
        rules.append(f"thousands grouped by {style.thousands!r}")
    if spec.sign != "keep":
        rules.append(f"sign: {spec.sign}")
    if spec.factor is not None:
        rules.append(f"times {spec.factor}")
    if (by := spec.factor_by) is not None:
        of = (source.text(by.column) or "").lower()
        factor = next((factor for key, factor in by.map.items() if key.strip().lower() == of), None)
        if factor is not None:
            rules.append(f"times {factor}, because {by.column} is {source.text(by.column)!r}")
    return rules


def _time_rules(spec: FieldSpec, field: Field, source: Source, text: str) -> list[str]:
    for name in spec.formats or ("iso",):
        times = read_form(pl.Series([text], dtype=pl.String), form_of(name))
        day = field.kind is Kind.DATE and name == "iso"
        if times.instant.null_count() and times.local.null_count() and not day:
            continue
        zone = _zone_rule(spec, field, source, instant=not times.instant.null_count())
        millis = (f"plus {source.text(spec.day_ms)} ms of {spec.day_ms}",) if spec.day_ms else ()
        return [f"format {name}", *zone, *millis]
    return []


def _zone_rule(spec: FieldSpec, field: Field, source: Source, *, instant: bool) -> tuple[str, ...]:
    """The zone, where one was needed: not for a day as written, nor for an instant that names its own offset."""
    if field.kind is Kind.DATE:
        return (f"the day in zone {zone_name(spec, source)}",) if instant else ()
    return () if instant else (f"zone {zone_name(spec, source)}",)


def zone_name(spec: FieldSpec, source: Source) -> str:
    """The time zone that local times of this field are in."""
    own = source.text(spec.zone_column) if spec.zone_column else None
    return own or spec.zone or source.contract.timezone
