"""How the numbers of a file are written: each column by itself, then what the columns prove together."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from nexus_data.contract.model import Numbers
from nexus_data.draft.numbers import NumberTally

Mark = Literal[".", ",", "last"]

_NAMES: dict[Mark, str] = {".": "a decimal point", ",": "a decimal comma", "last": "both styles"}


@dataclass(frozen=True, slots=True)
class NumberStyles:
    """numbers: for `[numbers]`; fields: the marks of columns that are written otherwise. notes: by key of `[numbers]`.

    open: by column, what nothing decides. mixed: columns that hold both marks.
    """

    numbers: Numbers
    fields: dict[str, Mark] = field(default_factory=dict)
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    open: dict[str, tuple[str, ...]] = field(default_factory=dict)
    mixed: dict[str, str] = field(default_factory=dict)


def number_styles(
    columns: Mapping[str, NumberTally], *, money: Collection[str], decided: Mark | None = None
) -> NumberStyles:
    """The styles of number columns by name. money: those whose style conditions on signs need as the contract's.

    decided: what a person says of columns that prove nothing.
    """
    proven = {name: mark for name, tally in columns.items() if (mark := _proven(tally, decided)) is not None}
    mixed = {name: _both(tally) for name, tally in columns.items() if proven.get(name) == "last"}
    unclear = {n: t for n, t in columns.items() if t.either.count and n not in proven}
    single = {mark for mark in proven.values() if mark != "last"}
    clear = len(single) == 1 and not mixed
    decimal: Mark = "last" if set(mixed) & set(money) else _main(proven) or _likely(unclear)
    usual: Mark = _main(proven) or decimal
    marks = {name: proven.get(name) or (usual if columns[name].either.count else decimal) for name in columns}
    return NumberStyles(
        numbers=_style(columns, marks, decimal),
        fields={name: mark for name, mark in marks.items() if mark != decimal},
        notes=_notes(columns, proven, unclear if clear else {}, decimal),
        open={} if clear else {name: _readings(tally) for name, tally in unclear.items()},
        mixed=mixed,
    )


def _proven(tally: NumberTally, decided: Mark | None) -> Mark | None:
    if tally.point.count and tally.comma.count:
        return "last"
    if not tally.point.count and not tally.comma.count and tally.either.count:
        return decided
    return "." if tally.point.count else "," if tally.comma.count else None


def _both(tally: NumberTally) -> str:
    return f"a decimal point in {tally.point}; a decimal comma in {tally.comma}"


def _main(proven: Mapping[str, Mark]) -> Mark | None:
    marks = [mark for mark in proven.values() if mark != "last"]
    return ("." if 2 * marks.count(".") >= len(marks) else ",") if marks else None


def _likely(unclear: Mapping[str, NumberTally]) -> Mark:
    """The mark that stands once in a number, where nothing is proven: shown as one of two readings, never taken."""
    pointed = sum(tally.grouped_point.count for tally in unclear.values())
    return "." if pointed >= sum(tally.grouped_comma.count for tally in unclear.values()) else ","


def _style(columns: Mapping[str, NumberTally], marks: Mapping[str, Mark], decimal: Mark) -> Numbers:
    tallies = columns.values()
    same = [tally for name, tally in columns.items() if marks[name] == decimal]
    grouped = decimal != "last" and any(getattr(tally, _grouping(decimal)).count for tally in same)
    thousands = ("," if decimal == "." else ".") if grouped else ""
    thousands += "'" if any(t.apostrophe.count for t in tallies) else ""
    thousands += " " if any(t.space.count for t in tallies) else ""
    return Numbers(
        decimal=decimal,
        thousands=thousands,
        accounting=any(t.accounting.count for t in tallies),
        signs=any(t.signs.count for t in tallies),
        powers=decimal != "last" and any(t.powers.count for t in tallies),
    )


def _notes(
    columns: Mapping[str, NumberTally], proven: Mapping[str, Mark], taken: Mapping[str, NumberTally], decimal: Mark
) -> dict[str, tuple[str, ...]]:
    notes: dict[str, tuple[str, ...]] = {}
    if name := next((name for name, mark in proven.items() if mark == decimal), None):
        said = _said(name, columns[name], decimal)
        also = (f"{n}: `{t.either.text}` alone could be either; the other columns decide" for n, t in taken.items())
        notes["decimal"] = (said, *also)
    attributes = {"accounting": "accounting", "signs": "signs", "powers": "powers", "thousands": _grouping(decimal)}
    for key, attribute in attributes.items():
        if name := next((name for name, tally in columns.items() if getattr(tally, attribute).count), None):
            notes[key] = (f"{name}: {getattr(columns[name], attribute)}",)
    return notes


def _said(name: str, tally: NumberTally, mark: Mark) -> str:
    if mark == "last":
        return f"{name}: {_both(tally)}; a text that could be either is rejected: {tally.either.count:,} are"
    found = tally.point if mark == "." else tally.comma
    if not found.count:
        return f"{name}: {_NAMES[mark]}, as decided"
    return f"{name}: `{found.text}` in record {found.record:,} proves {_NAMES[mark]}"


def _grouping(decimal: Mark) -> str:
    return "grouped_comma" if decimal == "." else "grouped_point"


def _readings(tally: NumberTally) -> tuple[str, ...]:
    text = tally.either.text
    mark = "," if "," in text else "."
    other = "." if mark == "," else ","
    plain = text.replace(mark, "")
    return (f'decimal = "{mark}": {text} is {text.replace(",", ".")}', f'decimal = "{other}": {text} is {plain}')
