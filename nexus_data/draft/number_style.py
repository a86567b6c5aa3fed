"""How the numbers of a file are written: each column by itself, then what the columns prove together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from nexus_data.contract.model import Numbers
from nexus_data.draft.numbers import NumberTally

Mark = Literal[".", ","]

_NAMES: dict[Mark, str] = {".": "decimal point", ",": "decimal comma"}


@dataclass(frozen=True, slots=True)
class NumberStyles:
    """numbers: for `[numbers]`; fields: the marks of columns that are written otherwise. notes: by key of `[numbers]`.

    open: by column, what nothing decides; the key "" stands for the whole file. mixed: columns that hold both marks.
    """

    numbers: Numbers
    fields: dict[str, Mark] = field(default_factory=dict)
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    open: dict[str, tuple[str, ...]] = field(default_factory=dict)
    mixed: dict[str, str] = field(default_factory=dict)


def number_styles(columns: Mapping[str, NumberTally]) -> NumberStyles:
    """The styles of the number columns that a contract reads, by column name."""
    proven = {name: mark for name, tally in columns.items() if (mark := _proven(tally)) is not None}
    mixed = {name: _both(tally) for name, tally in columns.items() if tally.point.count and tally.comma.count}
    unclear = {n: t for n, t in columns.items() if t.either.count and not t.point.count and not t.comma.count}
    main = _main(proven)
    decided = main is not None and not mixed and len(set(proven.values())) == 1
    decimal: Mark = main or _likely(unclear)
    marks: dict[str, Mark] = {name: proven.get(name, decimal) for name in columns}
    return NumberStyles(
        numbers=_style(columns, marks, decimal),
        fields={name: mark for name, mark in marks.items() if mark != decimal},
        notes=_notes(columns, proven, unclear if decided else {}, decimal),
        open={} if decided else {name: _readings(tally) for name, tally in unclear.items()},
        mixed=mixed,
    )


def _proven(tally: NumberTally) -> Mark | None:
    if not tally.point.count and not tally.comma.count:
        return None
    return "." if tally.point.count >= tally.comma.count else ","


def _both(tally: NumberTally) -> str:
    return f"a decimal point in {tally.point}; a decimal comma in {tally.comma}"


def _main(proven: Mapping[str, Mark]) -> Mark | None:
    marks = list(proven.values())
    return ("." if 2 * marks.count(".") >= len(marks) else ",") if marks else None


def _likely(unclear: Mapping[str, NumberTally]) -> Mark:
    """The mark that stands once in a number, where nothing is proven: shown as one of two readings, never taken."""
    pointed = sum(tally.grouped_point.count for tally in unclear.values())
    return "." if pointed >= sum(tally.grouped_comma.count for tally in unclear.values()) else ","


def _style(columns: Mapping[str, NumberTally], marks: Mapping[str, Mark], decimal: Mark) -> Numbers:
    tallies = columns.values()
    same = [tally for name, tally in columns.items() if marks[name] == decimal]
    other = "," if decimal == "." else "."
    grouped = any((t.grouped_comma if decimal == "." else t.grouped_point).count for t in same)
    thousands = other if grouped else ""
    thousands += "'" if any(t.apostrophe.count for t in tallies) else ""
    thousands += " " if any(t.space.count for t in tallies) else ""
    return Numbers(
        decimal=decimal,
        thousands=thousands,
        accounting=any(t.accounting.count for t in tallies),
        signs=any(t.signs.count for t in tallies),
    )


def _notes(
    columns: Mapping[str, NumberTally], proven: Mapping[str, Mark], taken: Mapping[str, NumberTally], decimal: Mark
) -> dict[str, tuple[str, ...]]:
    notes: dict[str, tuple[str, ...]] = {}
    if name := next((name for name, mark in proven.items() if mark == decimal), None):
        found = columns[name].point if decimal == "." else columns[name].comma
        said = (f"{name}: `{found.text}` in record {found.record:,} proves a {_NAMES[decimal]}",)
        also = tuple(
            f"{n}: `{t.either.text}` alone could be either; the other columns decide" for n, t in taken.items()
        )
        notes["decimal"] = said + also
    for key, attribute in (("accounting", "accounting"), ("signs", "signs"), ("thousands", _grouping(decimal))):
        if name := next((name for name, tally in columns.items() if getattr(tally, attribute).count), None):
            notes[key] = (f"{name}: {getattr(columns[name], attribute)}",)
    return notes


def _grouping(decimal: Mark) -> str:
    return "grouped_comma" if decimal == "." else "grouped_point"


def _readings(tally: NumberTally) -> tuple[str, ...]:
    text = tally.either.text
    mark = "," if "," in text else "."
    other = "." if mark == "," else ","
    plain = text.replace(mark, "")
    return (f'decimal = "{mark}": {text} is {text.replace(",", ".")}', f'decimal = "{other}": {text} is {plain}')
