"""One chunk of delimited text to one batch: the fast way where it can be proved, else the tolerant way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from nexus_data.readers.batch import BROKEN_SCHEMA, Batch
from nexus_data.readers.csv_grammar import scan
from nexus_data.readers.csv_parse import parse
from nexus_data.readers.csv_segments import Segments, Shape, segment
from nexus_data.readers.encodings import shown
from nexus_data.readers.excel_texts import MARK, all_as_shown
from nexus_data.readers.layout import Layout
from nexus_data.readers.starts import PLACES_SCHEMA, STARTS_SCHEMA, run_starts
from nexus_data.readers.window import line_ends


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes (UTF-8) from the start of a record on, and the numbers in the file of that record and its line.

    member: of the zip that they stand in, "" without one. position: how many bytes of its text came before.
    """

    data: bytes
    record: int
    line: int
    transcoded: bool
    member: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class CsvBatch(Batch):
    """A batch that keeps its chunk, so that records can be found in it.

    height: how many records it has, broken and repeated ones too. segments: None after the fast way, which finds no
    places.
    """

    height: int
    chunk: Chunk
    shape: Shape
    segments: Segments | None

    @property
    def size(self) -> int:
        """See Batch."""
        return len(self.chunk.data)

    @property
    def plain(self) -> bool:
        """Whether nothing was found in it that the fast way does not take."""
        return self.segments is None or not (self.segments.aside or self.segments.codes)

    @property
    def member(self) -> str:
        """See Batch."""
        return self.chunk.member

    def starts(self) -> pl.DataFrame:
        """See Batch. Of what the fast way read only the first record's place is known, and only if all are lines."""
        chunk, data = self.chunk, self.chunk.data
        if chunk.member or (b"\r" in data and data.count(b"\r") != data.count(b"\r\n")):
            return STARTS_SCHEMA.to_frame()
        if self.segments is None:
            plain = line_ends(data) + (not data.endswith(b"\n")) == self.height
            first = (chunk.record, self.height, chunk.line, 0, chunk.position, len(data))
            return pl.DataFrame([first] if plain else [], schema=STARTS_SCHEMA, orient="row")
        about = {"record": chunk.record, "line": chunk.line, "chunk": chunk.position, "size": len(data)}
        return run_starts(self.segments.heads, self.segments.offsets, **about)

    def locate(self, record_nos: pl.Series) -> pl.DataFrame:
        """See Batch. In a zip of several members, lines count within the record's member."""
        numbers: list[int] = record_nos.to_list()
        if not numbers:
            return PLACES_SCHEMA.to_frame()
        places = self._places([number - self.chunk.record for number in numbers])
        rows = [(number, line, raw) for number, (line, raw) in zip(numbers, places, strict=True)]
        return pl.DataFrame(rows, schema=PLACES_SCHEMA, orient="row")

    def _places(self, indexes: Sequence[int]) -> list[tuple[int, str]]:
        """Line and text of the records at these places in the batch."""
        if self.segments is None and len(lines := self.chunk.data.splitlines()) == self.height:
            # The fast way has proved that there are no blank lines: every line is a record.
            return [(self.chunk.line + index, lines[index].decode()) for index in indexes]
        segments = self.segments or segment(self.chunk.data, self.shape, final=True)
        return [(self.chunk.line + segments.heads[index], _raw(self.chunk, segments, index)) for index in indexes]


def fast_batch(chunk: Chunk, layout: Layout, shape: Shape, header: Sequence[str] | None) -> CsvBatch | None:
    """The batch of a chunk of whole, well-formed records; None if that cannot be proved."""
    frame = parse(chunk.data, layout.columns, shape.grammar)
    if frame is None:
        return None
    numbers = pl.int_range(chunk.record, chunk.record + frame.height, eager=True)
    return _batch(chunk, frame.insert_column(0, numbers.alias("record_no")), layout, shape, header, None)


def tolerant_batch(
    chunk: Chunk, segments: Segments, layout: Layout, shape: Shape, header: Sequence[str] | None
) -> CsvBatch:
    """The batch of a chunk's segments."""
    frame = _clean(chunk, segments, layout, shape)
    if segments.fields:
        frame = pl.concat([frame, _odd(chunk, segments, layout)]).sort("record_no")
    return _batch(chunk, frame, layout, shape, header, segments)


def unread_batch(chunk: Chunk, segments: Segments, shape: Shape) -> CsvBatch:
    """Every record of a chunk by its number alone, for `locate`."""
    height = len(segments.heads)
    numbers = pl.int_range(chunk.record, chunk.record + height, eager=True).alias("record_no")
    return CsvBatch(numbers.to_frame(), BROKEN_SCHEMA.to_frame(), numbers.clear(), height, chunk, shape, segments)


def _batch(
    chunk: Chunk,
    frame: pl.DataFrame,
    layout: Layout,
    shape: Shape,
    header: Sequence[str] | None,
    segments: Segments | None,
) -> CsvBatch:
    frame = all_as_shown(frame) if MARK in chunk.data else frame
    repeats = _repeats(frame, layout.columns, header)
    repeated = frame.filter(repeats).get_column("record_no") if repeats.any() else frame.get_column("record_no").clear()
    records = frame.filter(~repeats) if repeats.any() else frame
    missing = [
        pl.lit(layout.constants.get(name, "")).alias(name) for name in layout.expected if name not in layout.columns
    ]
    records = records.with_columns(missing).select("record_no", *layout.expected)
    height = frame.height if segments is None else len(segments.heads)
    broken = BROKEN_SCHEMA.to_frame() if segments is None else _broken(chunk, segments)
    return CsvBatch(records, broken, repeated, height, chunk, shape, segments)


def _repeats(frame: pl.DataFrame, columns: Sequence[str], header: Sequence[str] | None) -> pl.Series:
    """Which records say what the header says."""
    if header is None:
        return pl.repeat(False, frame.height, dtype=pl.Boolean(), eager=True)
    first = frame.get_column(columns[0]) == header[0]
    if not first.any():
        return first
    same = [pl.col(name) == pl.lit(text) for name, text in zip(columns, header, strict=True)]
    return frame.select(pl.all_horizontal(same)).to_series()


def _broken(chunk: Chunk, segments: Segments) -> pl.DataFrame:
    rows = [
        (chunk.record + index, chunk.line + segments.heads[index], code, _raw(chunk, segments, index))
        for index, code in segments.codes.items()
    ]
    return pl.DataFrame(rows, schema=BROKEN_SCHEMA, orient="row")


def _raw(chunk: Chunk, segments: Segments, index: int) -> str:
    return shown(segments.raw(chunk.data, index), transcoded=chunk.transcoded)


def _clean(chunk: Chunk, segments: Segments, layout: Layout, shape: Shape) -> pl.DataFrame:
    """The clean records: together by the fast way, or singly should it find fault with one of them."""
    clean = segments.clean()
    frame = parse(segments.clean_text(chunk.data), layout.columns, shape.grammar)
    if frame is None or frame.height != len(clean):
        # The fast way does not take lines that end in different ways.
        lines = [segments.raw(chunk.data, index) for index in clean]
        frame = parse(b"".join(line + b"\n" for line in lines), layout.columns, shape.grammar)
    if frame is None or frame.height != len(clean):
        fields = (scan(line, 0, len(line), shape.grammar).fields for line in lines)
        return _frame(chunk, clean, fields, layout)
    return frame.insert_column(0, _numbers(chunk, clean))


def _odd(chunk: Chunk, segments: Segments, layout: Layout) -> pl.DataFrame:
    return _frame(chunk, list(segments.fields), segments.fields.values(), layout)


def _frame(chunk: Chunk, indexes: Sequence[int], fields: Iterable[tuple[bytes, ...]], layout: Layout) -> pl.DataFrame:
    rows = [[text.decode() for text in record] for record in fields]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(layout.columns, pl.String()), orient="row")
    return frame.insert_column(0, _numbers(chunk, indexes))


def _numbers(chunk: Chunk, indexes: Sequence[int]) -> pl.Series:
    return pl.Series("record_no", [chunk.record + index for index in indexes], dtype=pl.Int64())
