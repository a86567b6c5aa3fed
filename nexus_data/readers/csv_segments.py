"""The tolerant way to read delimited text: find every record of a chunk, whole or broken.

Lines that are records by themselves are recognised in bulk; only the others are looked at one by one. One bad record
costs one record: a quoted field that does not close (within 10,000 lines, 1 MiB, and with the right number of fields)
makes only its first line a broken record, and reading goes on at the next line.
"""

import codecs
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import accumulate

from nexus_data.readers.csv_grammar import Grammar, Scan, clean_record, scan
from nexus_data.readers.csv_parse import MAX_JOINED_BYTES, MAX_JOINED_LINES

# After a fault decoding begins anew, and what it set aside for the text behind it was in vain.
_LINES_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class Shape:
    """What makes a record whole: its fields' number, and whether missing or empty surplus ones are forgiven."""

    grammar: Grammar
    width: int
    pad: bool


@dataclass(slots=True)
class Segments:
    """The records of a chunk, in order. Record i has lines heads[i] up to heads[i] + (joined.get(i) or 1).

    offsets: where each physical line starts, and the end of the last. fields: of the records that had to be read one by
    one. codes: of the broken ones. Records in neither are clean: a parser reads them together. aside: first and next
    line of everything between them. lines: how many physical lines were used up; the rest waits for more text.
    """

    offsets: list[int]
    heads: list[int] = field(default_factory=list)
    joined: dict[int, int] = field(default_factory=dict)
    fields: dict[int, tuple[bytes, ...]] = field(default_factory=dict)
    codes: dict[int, str] = field(default_factory=dict)
    aside: list[tuple[int, int]] = field(default_factory=list)
    lines: int = 0

    @property
    def consumed(self) -> int:
        """How many bytes of the chunk were used up."""
        return self.offsets[self.lines]

    def raw(self, data: bytes, record: int) -> bytes:
        """The bytes of one record, without its line end."""
        head = self.heads[record]
        text = data[self.offsets[head] : self.offsets[head + self.joined.get(record, 1)]]
        return text.removesuffix(b"\n").removesuffix(b"\r")

    def clean(self) -> list[int]:
        """The clean records."""
        odd = self.fields.keys() | self.codes.keys()
        return [i for i in range(len(self.heads)) if i not in odd]

    def clean_text(self, data: bytes) -> bytes:
        """The bytes of all clean records, as they stand."""
        borders = [0, *(line for span in self.aside for line in span), self.lines]
        view, offsets = memoryview(data), self.offsets
        return b"".join(view[offsets[a] : offsets[b]] for a, b in zip(borders[::2], borders[1::2], strict=True))


def segment(data: bytes, shape: Shape, *, final: bool) -> Segments:
    """Find the records of `data`, which starts with one and ends with a line end (or is final).

    Unless final, a record that may go on behind the end is left for the next time, with all that follows.
    """
    lines = data.splitlines(keepends=True)
    segments = Segments([0, *accumulate(map(len, lines))])
    damaged = _damaged(data, segments.offsets)
    end_of_clean = _cleaner(data, segments.offsets, shape, damaged)
    for suspect in _suspects(data, len(lines), shape, damaged):
        if suspect < segments.lines:
            continue
        segments.heads.extend(range(segments.lines, suspect))
        segments.lines = suspect
        if after := end_of_clean(suspect):
            _add_clean(segments, after)
            continue
        if _blank(lines[suspect], shape.grammar):
            segments.lines += 1
        elif not _examine(data, segments, shape, final=final):
            return segments
        segments.aside.append((suspect, segments.lines))
    segments.heads.extend(range(segments.lines, len(lines)))
    segments.lines = len(lines)
    return segments


def _suspects(data: bytes, count: int, shape: Shape, damaged: Set[int]) -> Sequence[int]:
    """The lines, out of so many, that are not for sure records by themselves."""
    if shape.width == 1 or (b"\r" in data and data.count(b"\r") != data.count(b"\r\n")):
        return range(count)
    # Without the text between its delimiters and quotes, a line costs a tenth to look at, and runs of lines that look
    # alike cost next to nothing.
    found, line = [], 0
    bare = shape.grammar.delimiter * (shape.width - 1) + b"\n"
    for match in _odd_lines(bare).finditer(data.translate(None, _text_bytes(shape.grammar))):
        line += (match.start(1) - match.start()) // len(bare)
        if match[1] or line < count:
            found.append(line)
        line += 1
    return sorted({*damaged, *found}) if damaged else found


@lru_cache(maxsize=64)
def _odd_lines(bare: bytes) -> re.Pattern[bytes]:
    """Matches lines that are like this one, and then (group 1) one that is not; it may lack its end."""
    return re.compile(b"(?:" + re.escape(bare) + rb")*+([^\n]*(?:\n|\Z))")


@lru_cache(maxsize=64)
def _text_bytes(grammar: Grammar) -> bytes:
    """Every byte that is neither delimiter, quote nor line feed."""
    return bytes(set(range(256)) - {*grammar.delimiter, *grammar.quote, *b"\n"})


def _damaged(data: bytes, offsets: list[int]) -> set[int]:
    """The lines with bytes that are no text."""
    found = {bisect_right(offsets, nul.start()) - 1 for nul in re.finditer(b"\0", data)}
    view, line, count = memoryview(data), 0, len(offsets) - 1
    while line < count:
        stop = min(line + _LINES_AT_ONCE, count)
        bad = _undecodable(view[offsets[line] : offsets[stop]])
        line = stop if bad is None else bisect_right(offsets, offsets[line] + bad)
        if bad is not None:
            found.add(line - 1)
    return found


def _undecodable(view: memoryview) -> int | None:
    """Where the first bytes are that are not UTF-8."""
    try:
        codecs.utf_8_decode(view, "strict", True)
    except UnicodeDecodeError as error:
        return error.start
    return None


def _blank(line: bytes, grammar: Grammar) -> bool:
    return not line.strip(grammar.white + b"\r\n")


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _cleaner(data: bytes, offsets: list[int], shape: Shape, damaged: Set[int]) -> Callable[[int], int]:
    """What finds the line after the record at a line, which may span lines, if all is well with it; else 0.

    It is asked for every quoted field with a line end in it, so it does no more than it must.
    """
    match = clean_record(shape.grammar, shape.width).match
    blank = partial(_blank, grammar=shape.grammar) if shape.width == 1 else None

    def end_of_clean(line: int) -> int:
        start = offsets[line]
        found = match(data, start, start + MAX_JOINED_BYTES)
        if found is None or (blank and blank(found[0])):
            return 0
        end, after = found.end(), line + 1
        while offsets[after] < end:
            after += 1
        whole = offsets[after] == end and after - line <= MAX_JOINED_LINES
        return after if whole and (not damaged or damaged.isdisjoint(range(line, after))) else 0

    return end_of_clean


def _add_clean(segments: Segments, after: int) -> None:
    if after > segments.lines + 1:
        segments.joined[len(segments.heads)] = after - segments.lines
    segments.heads.append(segments.lines)
    segments.lines = after


def _examine(data: bytes, segments: Segments, shape: Shape, *, final: bool) -> bool:
    """Read the record at the next line; False if its end may be still to come."""
    line, offsets = segments.lines, segments.offsets
    found = scan(data, offsets[line], offsets[line + 1], shape.grammar)
    if found.code == "UNCLOSED_QUOTE":
        stop = _reach(segments, line)
        found = scan(data, offsets[line], stop, shape.grammar)
        if found.code == "UNCLOSED_QUOTE" and stop == len(data) and not final:
            return False
        _add_joined(data, segments, shape, found)
    else:
        _add(data, segments, shape, found, 1)
    return True


def _add_joined(data: bytes, segments: Segments, shape: Shape, found: Scan) -> None:
    """Add the record if it closed as it should; else its first line alone, as a broken record."""
    line = segments.lines
    after = _line_at(segments, line, found.end)
    if found.code is None and after is not None and _fit(found.fields, shape) is not None:
        _add(data, segments, shape, found, after - line)
    else:
        _add(data, segments, shape, Scan((), segments.offsets[line + 1], "UNCLOSED_QUOTE"), 1)


def _reach(segments: Segments, line: int) -> int:
    """How far a record that starts at this line may go."""
    offsets = segments.offsets
    return min(offsets[min(line + MAX_JOINED_LINES, len(offsets) - 1)], offsets[line] + MAX_JOINED_BYTES)


def _line_at(segments: Segments, line: int, end: int) -> int | None:
    """The line, from this one on, that starts at `end`, if one does."""
    last = min(line + MAX_JOINED_LINES, len(segments.offsets) - 1)
    found = bisect_left(segments.offsets, end, line, last)
    return found if segments.offsets[found] == end else None


def _add(data: bytes, segments: Segments, shape: Shape, found: Scan, lines: int) -> None:
    record = len(segments.heads)
    segments.heads.append(segments.lines)
    if lines > 1:
        segments.joined[record] = lines
    segments.lines += lines
    fields = _fit(found.fields, shape) if found.code is None else None
    if code := _byte_code(segments.raw(data, record)) or found.code:
        segments.codes[record] = code
    elif fields is None:
        segments.codes[record] = "TOO_FEW_FIELDS" if len(found.fields) < shape.width else "TOO_MANY_FIELDS"
    else:
        segments.fields[record] = fields


def _byte_code(raw: bytes) -> str | None:
    if not _is_text(raw):
        return "BAD_ENCODING"
    return "NUL" if b"\0" in raw else None


def _fit(fields: tuple[bytes, ...], shape: Shape) -> tuple[bytes, ...] | None:
    """The fields at the right number, or None if they cannot be brought to it."""
    missing = shape.width - len(fields)
    if missing == 0:
        return fields
    if not shape.pad or any(fields[shape.width :]):
        return None
    return (fields + (b"",) * max(missing, 0))[: shape.width]
