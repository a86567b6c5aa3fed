"""The first rows of a file, by each way of reading it that works, for a contract's header to be looked for in them."""

import codecs
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from nexus_data.contract.model import Format
from nexus_data.readers.containers import HEAD_BYTES, Member, members, read_up_to
from nexus_data.readers.csv_grammar import Grammar
from nexus_data.readers.csv_rows import Row, leading_rows
from nexus_data.readers.encodings import Utf8, bom_encoding, is_utf8
from nexus_data.readers.json_reader import JsonForm, column_names
from nexus_data.readers.layout import FileKind, Probe
from nexus_data.readers.nature import Nature, few, nature
from nexus_data.readers.parquet import parquet_columns
from nexus_data.readers.standard import STANDARDS, named_encoding, recognised
from nexus_data.readers.survey import non_blank_lines, survey
from nexus_data.readers.window import Window

__all__ = ["count_lines", "nature", "probes", "unique_names"]

_TEXT: tuple[Nature, ...] = ("csv", "json", "jsonl")
# A text whose first rows are longer than this has no header worth looking for.
_MAX_HEAD = 4 << 20


def probes(path: Path, format: Format, *, max_expanded_bytes: int) -> Iterator[Probe]:  # noqa: A002
    """One probe for each way of reading that works: encoding and delimiter for csv, sheet for xlsx, else one.

    Nothing when the bytes are not of the format's kind. FileError as `nature`, and when the container is damaged at
    any place or expands beyond `max_expanded_bytes`: the whole file is read once for that.
    """
    found = nature(path)
    if format.kind == "csv" and found in (*_TEXT, "binary"):
        yield from _csv(path, format, max_expanded_bytes)
    elif format.kind in ("json", "jsonl") and found in (*_TEXT, "binary"):
        yield from _json(path, format, max_expanded_bytes)
    elif format.kind == "parquet" == found:
        names = parquet_columns(path, max_expanded_bytes=max_expanded_bytes)
        yield Probe("parquet", "", "", None, (names,))
    elif format.kind == "xlsx" == found:
        yield from _workbook(path, format, max_expanded_bytes)
    elif format.kind in STANDARDS and found in _TEXT:
        yield from _standard(path, format, max_expanded_bytes)


def count_lines(path: Path, *, max_expanded_bytes: int) -> int:
    """How many lines of a text are not blank; 1 for what is no text, 0 for an empty file."""
    kind = nature(path)
    if kind == "empty":
        return 0
    return non_blank_lines(path, max_expanded_bytes=max_expanded_bytes) if kind in _TEXT else 1


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """Names for the columns of a header row: an empty one at place i (from 1) is column_i, a second Name is Name_2.

    A name that is made up never takes one that the header itself has.
    """
    given = [name or f"column_{place}" for place, name in enumerate(names, 1)]
    taken, numbers = set(given), dict.fromkeys(given, 1)
    return tuple(_unused(name, taken, numbers) if given_before else name for name, given_before in _again(given))


def _again(names: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Each name, and whether it stood before."""
    seen: set[str] = set()
    for name in names:
        yield name, name in seen
        seen.add(name)


def _unused(name: str, taken: set[str], numbers: dict[str, int]) -> str:
    """The next numbered name that nobody has; `numbers` remembers how far each name has come."""
    unique = name
    while unique in taken:
        numbers[name] += 1
        unique = f"{name}_{numbers[name]}"
    taken.add(unique)
    return unique


def _csv(path: Path, form: Format, limit: int) -> Iterator[Probe]:
    for encoding in _encodings(path, form.encodings, limit):
        for delimiter in form.delimiters:
            grammar = Grammar(delimiter.encode(), form.quote.encode())
            if rows := _first_rows(path, encoding, grammar, form.preamble + 2, limit):
                yield Probe("csv", encoding, delimiter, None, tuple(row.fields for row in rows))


def _json(path: Path, form: Format, limit: int) -> Iterator[Probe]:
    kind: FileKind = "jsonl" if form.kind == "jsonl" else "json"
    for encoding in islice(_encodings(path, form.encodings, limit), 1):
        if names := column_names(path, JsonForm(kind, form.records, encoding, form.prefix), max_expanded_bytes=limit):
            yield Probe(kind, encoding, "", None, (names,))


def _standard(path: Path, form: Format, limit: int) -> Iterator[Probe]:
    wanted = named_encoding(path, form.kind, max_expanded_bytes=limit) or form.encodings
    for encoding in islice(_encodings(path, wanted, limit), 1):
        if recognised(path, form.kind, encoding, max_expanded_bytes=limit):
            yield Probe(form.kind, encoding, "", None, (tuple(STANDARDS[form.kind].columns),))


def _workbook(path: Path, form: Format, limit: int) -> Iterator[Probe]:
    # Its library is loaded for the file that needs it alone: it takes a twentieth of a small run's start.
    from nexus_data.readers.workbook import sheet_rows

    sheets = sheet_rows(path, form.sheet, form.preamble + 2, max_expanded_bytes=limit)
    for sheet, rows in sheets.items():
        if rows and re.search(form.sheets, sheet):
            yield Probe("xlsx", "", "", sheet, rows)


def _first_rows(path: Path, encoding: str, grammar: Grammar, count: int, limit: int) -> tuple[Row, ...]:
    """The first rows of the first member that has any."""
    for member in members(path, max_expanded_bytes=limit):
        window = Window(Utf8(member.source, encoding), name=str(path), batch_bytes=HEAD_BYTES)
        rows = None
        while rows is None and not window.final and len(window.data) < _MAX_HEAD:
            window.fill()
            rows = leading_rows(window.data, grammar, count, final=window.final)
        if rows or window.data.strip():
            return rows or ()
    return ()


def _encodings(path: Path, wanted: Sequence[str], limit: int) -> Iterator[str]:
    """Those of the wanted encodings that the bytes may be in; a byte order mark leaves no choice."""
    surveyed = survey(path, max_expanded_bytes=limit)
    head = next((head for member in members(path, max_expanded_bytes=limit) if (head := _head(member))), b"")
    if declared := bom_encoding(head):
        yield declared
        return
    fitting = [name for name in wanted if (surveyed.utf8 or not is_utf8(name)) and _is_text(head, name)]
    # Damaged text in the only encodings there are still gives its good records.
    yield from fitting or [name for name in wanted if is_utf8(name) and _is_text(head, name)]


def _head(member: Member) -> bytes:
    return read_up_to(member.source, HEAD_BYTES)


def _is_text(head: bytes, encoding: str) -> bool:
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    bad = sum(1 for char in text if char == "\ufffd" or (char < " " and char not in "\t\n\v\f\r"))
    return few(bad, len(text))
