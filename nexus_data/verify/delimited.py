"""Delimited text to records, by a scanner of its own that goes from field to field.

A quote opens a field only at its first character. A quoted field that does not close within 10,000 lines and 1 MiB, or
whose record has not the right number of fields then, costs only the line that it began in.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nexus_data.verify.text import is_damaged, shown

_MOST_LINES, _MOST_BYTES = 10_000, 1 << 20
_BOTH = 2
_SPACE = " \t\n\v\f\r"


HEADER = "repeats the header"
SHEET = "sheet:name"


class Raw(NamedTuple):
    """A record as it stands: its fields, or the code of what is wrong; its first line (from 1) and its text.

    sheet: where several sheets of a workbook are read, the one that it stands in, which its columns name SHEET.
    """

    fields: Sequence[str] | None
    code: str | None
    line: int | None
    text: str
    sheet: str | None = None


class Grammar(NamedTuple):
    """How fields are divided, and how many of them a record has (None: any); pad: short records are filled up."""

    delimiter: str
    quote: str
    width: int | None = None
    pad: bool = False


class Lines:
    """Lines that can be put back; number is that of the line taken last, from 1."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._back: list[str] = []
        self.number = 0

    def take(self) -> str | None:
        line = self._back.pop() if self._back else next(self._lines, None)
        self.number += line is not None
        return line

    def put_back(self, taken: Sequence[str]) -> None:
        self._back += reversed(taken)
        self.number -= len(taken)


def records(source: Lines, grammar: Grammar) -> Iterator[Raw]:
    """Every further record; lines of nothing but white space are none. A cell that a spreadsheet has written as a
    formula (="00123") has the text that it shows."""
    for raw in _records(source, grammar):
        if raw.fields is not None and '="' in raw.text:
            yield raw._replace(fields=[_shown(field) for field in raw.fields])
        else:
            yield raw


def _shown(field: str) -> str:
    inner = field.strip(_SPACE)
    if len(inner) >= len('=""') and inner.startswith('="') and inner.endswith('"') and inner.count('"') == _BOTH:
        return inner[2:-1]
    return field


def _records(source: Lines, grammar: Grammar) -> Iterator[Raw]:
    white = " \t\r\n\v\f".replace(grammar.delimiter, "")
    delimiter, quote, width = grammar.delimiter, grammar.quote, grammar.width
    while (line := source.take()) is not None:
        if not line.strip(white):
            continue
        if quote and quote in line:
            yield _quoted(line, source, grammar)
            continue
        bare = line.rstrip("\n").removesuffix("\r") if line.endswith("\n") else line.removesuffix("\r")
        fields = bare.split(delimiter)
        if len(fields) == width and line.isascii() and "\0" not in line:
            yield Raw(fields, None, source.number, bare)
        else:
            yield _judged(fields, None, source.number, bare, grammar)


def _quoted(line: str, source: Lines, grammar: Grammar) -> Raw:
    number, further = source.number, list[str]()
    fields, code, text = _scan(line, source, grammar, further)
    if further and (code is not None or (grammar.width is not None and _fitting(fields, grammar) is None)):
        code, fields = "UNCLOSED_QUOTE", []
    if code == "UNCLOSED_QUOTE":
        source.put_back(further)
        text = line
    return _judged(fields, code, number, _without_end(text), grammar)


def _scan(line: str, source: Lines, grammar: Grammar, further: list[str]) -> tuple[list[str], str | None, str]:
    """The fields of a record that begins with the line, taking further lines while a quoted field is open."""
    delimiter, quote = grammar.delimiter, grammar.quote
    text, place = line, 0
    fields: list[str] = []
    while True:
        if text.startswith(quote, place):
            start = end = place + 1
            while True:
                end = text.find(quote, end)
                if end < 0:
                    end = len(text)
                    more = source.take() if len(further) < _MOST_LINES - 1 and len(text) <= _MOST_BYTES else None
                    if more is None:
                        return [], "UNCLOSED_QUOTE", text
                    further.append(more)
                    text += more
                elif text.startswith(quote, end + 1):
                    end += 2
                else:
                    break
            fields.append(text[start:end].replace(quote * 2, quote))
            place = end + 1
        else:
            end = text.find(delimiter, place)
            stop = _line_end(text, place)
            end = stop if end < 0 or end > stop else end
            fields.append(text[place:end])
            place = end
        if text.startswith(delimiter, place):
            place += 1
        elif place == len(text) or text[place] in "\r\n":
            return fields, None, text
        else:
            return fields, "BAD_QUOTE", text


def _line_end(text: str, place: int) -> int:
    ends = [found for mark in "\r\n" if (found := text.find(mark, place)) >= 0]
    return min(ends, default=len(text))


def _judged(fields: Sequence[str], code: str | None, line: int, text: str, grammar: Grammar) -> Raw:
    if is_damaged(text):
        return Raw(None, "BAD_ENCODING", line, shown(text))
    if "\0" in text:
        return Raw(None, "NUL", line, shown(text))
    if code is not None:
        return Raw(None, code, line, text)
    fitting = _fitting(fields, grammar)
    if fitting is None:
        few = grammar.width is not None and len(fields) < grammar.width
        return Raw(None, "TOO_FEW_FIELDS" if few else "TOO_MANY_FIELDS", line, text)
    return Raw(fitting, None, line, text)


def _fitting(fields: Sequence[str], grammar: Grammar) -> Sequence[str] | None:
    if grammar.width is None or len(fields) == grammar.width:
        return fields
    if not grammar.pad or any(fields[grammar.width :]):
        return None
    return [*fields, *[""] * (grammar.width - len(fields))][: grammar.width]


def _without_end(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")
