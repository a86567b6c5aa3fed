"""From a record's raw texts to the text of one canonical column: origin, and what the contract's TOML does to it.

What the text is worth (numbers, times, currencies) is in `fields`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from nexus_data.verify.numbers import EXACT, Style, canonical, fit, number

Cells = Mapping[str, str | None]
"""A record's texts by column, without outer white space; None where nothing is left."""

Text = Callable[[Cells], tuple[str | None, tuple[str, ...]]]

_SPACES = "\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
WHITE = " \t\n\v\f\r\x85\xa0" + _SPACES


def style_of(spec: Mapping[str, Any], numbers: Mapping[str, Any]) -> Style:
    """How the numbers of a field are written: as it says, else as the contract says."""
    return Style(**{**numbers, **{key: spec[key] for key in Style._fields if key in spec}})


def text_of(spec: Mapping[str, Any], numbers: Mapping[str, Any]) -> Text:
    """The text of a field: origin, null, extract, map, prefix, case."""
    origin = _origin(spec, numbers)
    steps = [step for step in (_null(spec), extracted(spec.get("extract")), _replace(spec)) if step]
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


def extracted(extract: str | None) -> Callable[[str | None], str | None] | None:
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
