"""Where the header of a file stands and which of the contract's variants it is: the names of its columns, in order."""

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from nexus_data.verify.containers import members
from nexus_data.verify.delimited import Grammar, Lines, Raw, records
from nexus_data.verify.sections import columns_of
from nexus_data.verify.text import declared, is_damaged, lines

_HEAD = 1 << 16
_BLOCK = 1 << 20


class UnreadableError(ValueError):
    """A kept file that cannot be read with its contract; the message says why."""


@dataclass(frozen=True, slots=True)
class Layout:
    """encoding, delimiter: of text. header_row: its index among the rows that are not blank; None: no header.

    columns: those of the file, under the names that the contract's fields use. expected: these, then every further
    one that the contract knows. known: how many of the file's names are the variant's. others: expressions for those
    of further ones that nobody reads.
    """

    columns: tuple[str, ...]
    expected: tuple[str, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    header_row: int | None = None
    sheet: str | None = None
    names: tuple[str, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    known: int = 0
    others: tuple[str, ...] = ()


def of_text(path: Path, body: Mapping[str, Any]) -> Layout:
    """How a delimited text lies: of all ways that fit, the one that knows most columns; the first among equals."""
    form = body.get("format", {})
    best: Layout | None = None
    for encoding in encodings(path, form.get("encodings", ("utf-8", "cp1252"))):
        for delimiter in form.get("delimiters", (",",)):
            grammar = Grammar(delimiter, form.get("quote", '"'))
            rows = _first_rows(path, encoding, grammar, form.get("preamble", 0) + 2)
            for layout in fitting(rows, body):
                if best is None or layout.known > best.known:
                    best = _with(layout, encoding, delimiter)
    if best is None:
        raise UnreadableError("no variant of its contract has its header")
    return best


def of_names(
    names: Sequence[str], body: Mapping[str, Any], *, sheet: str | None = None, row: int | None = None
) -> Layout:
    """How a file with these column names lies. Raises UnreadableError."""
    layouts = [found for variant in body["variants"] if (found := _as_variant(names, variant, body)) is not None]
    if not layouts:
        raise UnreadableError("no variant of its contract has its columns")
    found = max(layouts, key=lambda layout: layout.known)
    return replace(found, header_row=row, sheet=sheet, names=tuple(names))


def unique(names: Sequence[str]) -> tuple[str, ...]:
    """An empty name at place i (from 1) is column_i; a name that stands twice is Name, then Name_2."""
    given = [name or f"column_{place}" for place, name in enumerate(names, 1)]
    reserved, last = frozenset(given), dict.fromkeys(given, 0)
    found: list[str] = []
    for name in given:
        last[name] += 1
        while last[name] > 1 and f"{name}_{last[name]}" in reserved:
            last[name] += 1
        found.append(name if last[name] == 1 else f"{name}_{last[name]}")
    return tuple(found)


def encodings(path: Path, wanted: Sequence[str]) -> list[str]:
    """Those of the encodings that the text may be in.

    A byte order mark leaves no choice. UTF-8 is one while no more of the lines with bytes beyond ASCII are broken than
    are whole.
    """
    head = next((head for member in members(path) if (head := member.stream.read(_HEAD))), b"")
    if (name := declared(head)) is not None:
        return [name]
    whole = _is_utf8(path)
    fitting = [name for name in wanted if (whole or not _utf8_named(name)) and _is_text(head, name)]
    return fitting or [name for name in wanted if _utf8_named(name) and _is_text(head, name)]


def _utf8_named(name: str) -> bool:
    return codecs.lookup(name).name in ("utf-8", "ascii", "utf-8-sig")


def _is_utf8(path: Path) -> bool:
    good = bad = 0
    for member in members(path):
        for line in lines(member.stream, "utf-8"):
            if not line.isascii():
                broken = is_damaged(line)
                good, bad = good + (not broken), bad + broken
    return bad <= good


def _is_text(head: bytes, name: str) -> bool:
    text = codecs.getincrementaldecoder(name)("replace").decode(head)
    odd = sum(1 for char in text if char == "\ufffd" or (char < " " and char not in "\t\n\v\f\r"))
    return odd <= 1 + 0.02 * len(text) and 2 * odd <= len(text)


def _first_rows(path: Path, encoding: str, grammar: Grammar, count: int) -> list[Sequence[str]]:
    for member in members(path):
        found = [rowed(raw, grammar) for raw in islice(records(Lines(lines(member.stream, encoding)), grammar), count)]
        if found:
            return found
    return []


def rowed(raw: Raw, grammar: Grammar) -> Sequence[str]:
    """The fields of a row before a contract judges it; one whose quotes make no sense is split at every delimiter."""
    return raw.fields if raw.fields is not None else raw.text.split(grammar.delimiter)


def fitting(rows: Sequence[Sequence[str]], body: Mapping[str, Any]) -> Iterator[Layout]:
    """Every way in which one of the first rows of a file is the header of a variant."""
    form = body.get("format", {})
    if "sections" in body:
        first = [text.strip() for text in rows[0][:2]] if rows else []
        says = body["sections"]
        if len(first) == 2 and first[0] in says["opening"] and first[1] == says.get("header", "Header"):
            yield Layout(columns_of(says), columns_of(says))
        return
    for variant in body["variants"]:
        if not form.get("header", True):
            if rows and len(rows[0]) == len(variant["columns"]):
                yield _layout(_renamed(variant, variant["columns"]), variant, body)
            continue
        for index, row in enumerate(rows[: form.get("preamble", 0) + 1 + _hints(rows)]):
            found = _as_variant(unique([name.strip() for name in row]), variant, body)
            if found is not None:
                yield replace(found, header_row=index)


def _hints(rows: Sequence[Sequence[str]]) -> int:
    """One when the first line is `sep=;`, by which some exports tell spreadsheets their delimiter."""
    said = rows[0][0].strip().lower() if rows and len(rows[0]) <= 2 else ""
    return int(said.startswith("sep=") and len(said) <= len("sep=;"))


def _layout(columns: tuple[str, ...], variant: Mapping[str, Any], body: Mapping[str, Any]) -> Layout:
    known = len(set(columns))
    return Layout(columns, columns + _absent(columns, body), constants=variant.get("constants", {}), known=known)


def _as_variant(names: Sequence[str], variant: Mapping[str, Any], body: Mapping[str, Any]) -> Layout | None:
    names, said = _called(names, variant)
    columns = _fitted(names, variant)
    if columns is None:
        return None
    found = _layout(columns, variant, body)
    known = len(set(names) & set(variant["columns"]))
    return replace(found, constants={**found.constants, **said}, known=known, others=tuple(variant.get("others", ())))


def _called(names: Sequence[str], variant: Mapping[str, Any]) -> tuple[list[str], dict[str, str]]:
    """The names, with the first that an expression of `named` takes under the name that it gives; and its groups."""
    told, said = list(names), dict[str, str]()
    for pattern, name in variant.get("named", {}).items():
        for place, given in enumerate(names):
            found = re.fullmatch(pattern, given)
            if found and name not in told:
                told[place] = name
                said.update({f"header:{group}": found[group] or "" for group in found.groupdict()})
            if found:
                break
    return told, said


def above(layout: Layout, rows: Sequence[Sequence[str]], body: Mapping[str, Any]) -> Layout:
    """The layout with what the rows above the header say of every record."""
    whole = "\n".join("\t".join(cell.strip() for cell in row) for row in rows)
    said = dict(layout.constants)
    for pattern in body.get("format", {}).get("above", ()):
        for group, text in _said(re.compile(pattern, re.MULTILINE).search(whole)).items():
            said[f"above:{group}"] = text or ""
    return replace(layout, constants=said)


def padded(raws: Iterator[Raw], layout: Layout) -> Iterator[Raw]:
    """The records with the columns that the file does not have."""
    missing = [layout.constants.get(name, "") for name in layout.expected if name not in layout.columns]
    if not missing:
        return raws
    return (raw if raw.fields is None else raw._replace(fields=[*raw.fields, *missing]) for raw in raws)


def _said(found: re.Match[str] | None) -> dict[str, str | None]:
    return found.groupdict() if found else {}


def _further(pattern: str, kind: str) -> list[str]:
    return [f"{kind}:{group}" for group in re.compile(pattern).groupindex]


def _fitted(names: Sequence[str], variant: Mapping[str, Any]) -> tuple[str, ...] | None:
    known = set(variant["columns"])
    required = known - set(variant.get("optional", ()))
    others = [re.compile(pattern) for pattern in variant.get("others", ())]
    unknown = [name for name in set(names) - known if not any(other.fullmatch(name) for other in others)]
    return _renamed(variant, names) if required <= set(names) and not unknown else None


def _renamed(variant: Mapping[str, Any], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(variant.get("rename", {}).get(name, name) for name in names)


def _absent(columns: Sequence[str], body: Mapping[str, Any]) -> tuple[str, ...]:
    """Columns that other variants have, and the optional ones that this file leaves out: they read as empty."""
    every: dict[str, None] = {}
    for variant in body["variants"]:
        names = [*_renamed(variant, variant["columns"]), *variant.get("constants", {})]
        every |= dict.fromkeys(names)
        every |= dict.fromkeys(name for pattern in variant.get("named", {}) for name in _further(pattern, "header"))
    patterns = body.get("format", {}).get("above", ())
    every |= dict.fromkeys(name for pattern in patterns for name in _further(pattern, "above"))
    return tuple(name for name in every if name not in columns)


def _with(layout: Layout, encoding: str, delimiter: str) -> Layout:
    return replace(layout, encoding=encoding, delimiter=delimiter)
