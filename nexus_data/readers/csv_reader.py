"""Delimited text to batches: the members of a file, their headers, and where to cut chunks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nexus_data.errors import FileError
from nexus_data.readers.above import with_facts
from nexus_data.readers.containers import members
from nexus_data.readers.csv_batch import Chunk, CsvBatch, fast_batch, tolerant_batch, unread_batch
from nexus_data.readers.csv_grammar import Grammar
from nexus_data.readers.csv_rows import leading_rows
from nexus_data.readers.csv_segments import Shape, segment
from nexus_data.readers.encodings import Utf8
from nexus_data.readers.layout import Layout
from nexus_data.readers.window import Window

# A quoted field has at most so many line ends, so looking further back for a safe cut is of no use.
_MAX_CUT_STEPS = 10_000


def read_csv(
    path: Path, layout: Layout, *, batch_bytes: int, max_expanded_bytes: int, fields: bool = True
) -> Iterator[CsvBatch]:
    """Every record of every member. FileError as `containers.members`, or if members differ in their header.

    Without `fields` the batches' `records` are all their record numbers, broken ones too, and nothing else.
    """
    grammar = Grammar(layout.delimiter.encode(), layout.quote.encode())
    shape = Shape(grammar, len(layout.columns), layout.ragged == "pad")
    header: tuple[str, ...] | None = None
    record = 1
    for member in members(path, max_expanded_bytes=max_expanded_bytes):
        window = Window(Utf8(member.source, layout.encoding), name=member.where(path), batch_bytes=batch_bytes)
        window.fill()
        if window.final and not window.data.strip():
            continue
        found, told = _skip_header(window, layout, grammar)
        if header is not None and found != header:
            raise FileError(f"{path} (member {member.name}) has another header than the members before it; unpack it")
        header = found
        for batch in _Reader(window, told, shape, header, fields, member.name).batches(record):
            yield batch
            record = batch.chunk.record + batch.height


def _skip_header(window: Window, layout: Layout, grammar: Grammar) -> tuple[tuple[str, ...] | None, Layout]:
    """Pass over the rows up to and with the header; give it if there is one, and the layout with what they say."""
    if layout.header_row is None:
        return None, layout
    while (rows := leading_rows(window.data, grammar, layout.header_row + 1, final=window.final)) is None:
        window.fill()
    if len(rows) <= layout.header_row:
        raise FileError(f"{window.name} ends before its header, which should be its row {layout.header_row + 1}")
    header = rows[-1]
    window.drop(header.end)
    return header.fields, with_facts(layout, [row.fields for row in rows[:-1]])


@dataclass(frozen=True, slots=True)
class _Reader:
    """One member, with its header passed."""

    window: Window
    layout: Layout
    shape: Shape
    header: Sequence[str] | None
    fields: bool
    member: str

    def batches(self, record: int) -> Iterator[CsvBatch]:
        """Batches from record number `record` on."""
        window, plain = self.window, True
        while window.data or not window.final:
            if (whole := _whole(window)) == 0:
                window.fill()
                continue
            batch = (self._fast(record) if plain else None) or self._tolerant(whole, record)
            if batch is None:
                window.fill()
                continue
            # What is not plain here will hardly be so next: the fast way would parse most of it in vain.
            plain = batch.plain
            yield batch
            window.drop(len(batch.chunk.data))
            record += batch.height
            window.top_up()

    def _fast(self, record: int) -> CsvBatch | None:
        cut = _safe_cut(self.window, self.shape.grammar.quote) if self.fields else 0
        if cut == 0:
            return None
        chunk = Chunk(
            self.window.data[:cut], record, self.window.line, self.window.transcoded, self.member, self.window.position
        )
        return fast_batch(chunk, self.layout, self.shape, self.header)

    def _tolerant(self, whole: int, record: int) -> CsvBatch | None:
        data = self.window.data[:whole]
        segments = segment(data, self.shape, final=self.window.final)
        if segments.consumed == 0:
            return None
        chunk = Chunk(
            data[: segments.consumed],
            record,
            self.window.line,
            self.window.transcoded,
            self.member,
            self.window.position,
        )
        if not self.fields:
            return unread_batch(chunk, segments, self.shape)
        return tolerant_batch(chunk, segments, self.layout, self.shape, self.header)


def _whole(window: Window) -> int:
    """Where the last whole line ends; a CR that is the last byte may be half of CR LF."""
    data = window.data
    return len(data) if window.final else data.rfind(b"\n") + 1 or data.rfind(b"\r", 0, -1) + 1


def _safe_cut(window: Window, quote: bytes) -> int:
    """The last line end with an even number of quotes before it: likely the end of a record. 0: none in sight."""
    cut = _whole(window)
    odd = bool(quote) and window.data.count(quote, 0, cut) % 2
    if not odd or window.final:
        return 0 if odd else cut
    end = b"\n" if window.data[cut - 1 : cut] == b"\n" else b"\r"
    for _ in range(_MAX_CUT_STEPS):
        before = window.data.rfind(end, 0, cut - 1) + 1
        odd ^= window.data.count(quote, before, cut) % 2
        cut = before
        if not odd or not cut:
            break
    return 0 if odd else cut
