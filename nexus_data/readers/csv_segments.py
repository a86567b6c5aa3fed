"""The tolerant way to read delimited text: find every record of a chunk, whole or broken.

Lines that are records by themselves are recognised in bulk; only the others are looked at one by one. One bad record
costs one record: a quoted field that does not close (within 10,000 lines, 1 MiB, and with the right number of fields)
makes only its first line a broken record, and reading goes on at the next line.
"""

from dataclasses import dataclass, field
from itertools import accumulate

from nexus_data.readers.csv_grammar import Grammar, Scan, clean_line, scan
from nexus_data.readers.csv_parse import MAX_JOINED_BYTES, MAX_JOINED_LINES


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
    one. codes: of the broken ones. Records in neither are clean lines. lines: how many physical lines were used up; the
    rest waits for more text.
    """

    offsets: list[int]
    heads: list[int] = field(default_factory=list)
    joined: dict[int, int] = field(default_factory=dict)
    fields: dict[int, tuple[bytes, ...]] = field(default_factory=dict)
    codes: dict[int, str] = field(default_factory=dict)
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
        """The records that are clean lines."""
        return [i for i in range(len(self.heads)) if i not in self.fields and i not in self.codes]


def segment(data: bytes, shape: Shape, *, final: bool) -> Segments:
    """Find the records of `data`, which starts with one and ends with a line end (or is final).

    Unless final, a record that may go on behind the end is left for the next time, with all that follows.
    """
    lines = data.splitlines(keepends=True)
    segments = Segments([0, *accumulate(map(len, lines))])
    clean = _clean(data, lines, shape)
    for suspect in [i for i, is_clean in enumerate(clean) if not is_clean]:
        if suspect < segments.lines:
            continue
        segments.heads.extend(range(segments.lines, suspect))
        segments.lines = suspect
        if not _blank(lines[suspect], shape.grammar) and not _examine(data, segments, shape, final=final):
            return segments
        segments.lines = max(segments.lines, suspect + 1)
    segments.heads.extend(range(segments.lines, len(lines)))
    segments.lines = len(lines)
    return segments


def _clean(data: bytes, lines: list[bytes], shape: Shape) -> list[bool]:
    """Which lines are records by themselves, beyond doubt."""
    delimiter, quote, more = shape.grammar.delimiter, shape.grammar.quote, shape.width - 1
    clean = [line.count(delimiter) == more for line in lines]
    if quote and quote in data:
        match = clean_line(shape.grammar, shape.width).match
        clean = [ok if quote not in line else match(line) is not None for ok, line in zip(clean, lines, strict=True)]
    if shape.width == 1:
        clean = [ok and not _blank(line, shape.grammar) for ok, line in zip(clean, lines, strict=True)]
    if b"\0" in data or not _is_text(data):
        clean = [ok and b"\0" not in line and _is_text(line) for ok, line in zip(clean, lines, strict=True)]
    return clean


def _blank(line: bytes, grammar: Grammar) -> bool:
    return not line.strip(grammar.white + b"\r\n")


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _examine(data: bytes, segments: Segments, shape: Shape, *, final: bool) -> bool:
    """Read the record at the next line; False if its end may be still to come."""
    line, offsets = segments.lines, segments.offsets
    found = scan(data, offsets[line], offsets[line + 1], shape.grammar)
    if found.code == "UNCLOSED_QUOTE":
        stop = min(offsets[min(line + MAX_JOINED_LINES, len(offsets) - 1)], offsets[line] + MAX_JOINED_BYTES)
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
    ends_line = found.end in (count := _line_numbers(segments, line, found.end))
    if found.code is None and ends_line and _fit(found.fields, shape) is not None:
        _add(data, segments, shape, found, count[found.end] - line)
    else:
        _add(data, segments, shape, Scan((), segments.offsets[line + 1], "UNCLOSED_QUOTE"), 1)


def _line_numbers(segments: Segments, line: int, end: int) -> dict[int, int]:
    """The line that starts at `end`, if one does."""
    low, high = line, min(line + MAX_JOINED_LINES, len(segments.offsets) - 1)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if segments.offsets[middle] < end else (low, middle)
    return {end: low} if segments.offsets[low] == end else {}


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
