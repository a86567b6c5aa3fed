"""The first rows of delimited text, of whatever width: for finding a header and passing over what stands before it."""

import re
from dataclasses import dataclass

from nexus_data.readers.csv_grammar import END, Grammar, scan
from nexus_data.readers.csv_parse import MAX_JOINED_BYTES
from nexus_data.readers.excel_texts import as_shown

_LINE = re.compile(rb"[^\r\n]*+(" + END + rb"|\Z)")


@dataclass(frozen=True, slots=True)
class Row:
    """Unquoted fields of one row as they are shown, and the offset of what follows it."""

    fields: tuple[str, ...]
    end: int


def leading_rows(data: bytes, grammar: Grammar, count: int, *, final: bool) -> tuple[Row, ...] | None:
    """The first `count` rows that are not blank (fewer if the text has fewer), or None if more text is needed to tell.

    A row whose quotes make no sense is one line, split at every delimiter.
    """
    rows: list[Row] = []
    start = 0
    while len(rows) < count and start < len(data):
        line_end = _line_end(data, start)
        if line_end == len(data) and not final:
            return None
        if not data[start:line_end].strip(grammar.white + b"\r\n"):
            start = line_end
            continue
        row = _row(data, start, line_end, grammar, final=final)
        if row is None:
            return None
        rows.append(row)
        start = row.end
    return tuple(rows) if final or len(rows) == count else None


def _line_end(data: bytes, start: int) -> int:
    match = _LINE.match(data, start)
    return match.end() if match else len(data)


def _row(data: bytes, start: int, line_end: int, grammar: Grammar, *, final: bool) -> Row | None:
    found = scan(data, start, line_end, grammar)
    if found.code == "UNCLOSED_QUOTE":
        stop = min(len(data), start + MAX_JOINED_BYTES)
        found = scan(data, start, stop, grammar)
        if stop == len(data) and not final and (found.code == "UNCLOSED_QUOTE" or found.end == stop):
            return None
    if found.code is None:
        return Row(_texts(found.fields), found.end)
    return Row(_texts(tuple(data[start:line_end].rstrip(b"\r\n").split(grammar.delimiter))), line_end)


def _texts(fields: tuple[bytes, ...]) -> tuple[str, ...]:
    return tuple(as_shown(field.decode("utf-8", "backslashreplace")) for field in fields)
