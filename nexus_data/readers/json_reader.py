"""JSON text to batches: one object a line, or one array of objects."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from nexus_data.errors import FileError
from nexus_data.readers.containers import HEAD_BYTES, Member, members
from nexus_data.readers.encodings import Utf8
from nexus_data.readers.json_array import Span, elements, enter
from nexus_data.readers.json_batch import Chunk, JsonBatch, Naming, batch_of, parents_of
from nexus_data.readers.json_values import JsonError, flat_fields
from nexus_data.readers.layout import Layout
from nexus_data.readers.window import MAX_PENDING_BYTES, LongRecordError, Window

_NAMED_BY = 100
# A first element longer than this tells no names.
_MAX_HEAD = 4 << 20
# The text of an element that has no end is shown up to here.
_MAX_LOST_BYTES = 1 << 16


def read_json(path: Path, layout: Layout, *, batch_bytes: int, max_expanded_bytes: int) -> Iterator[JsonBatch]:
    """Every element of every member. FileError as `containers.members`, or if a member has no array where expected."""
    names = column_names(path, layout.kind, layout.records, layout.encoding, max_expanded_bytes=max_expanded_bytes)
    naming = Naming.of(names, layout.columns, layout.expected)
    record = 1
    for member in members(path, max_expanded_bytes=max_expanded_bytes):
        for chunk in _chunks(
            path,
            member,
            layout.kind,
            layout.records,
            layout.encoding,
            batch_bytes,
            record,
            max_pending=MAX_PENDING_BYTES,
        ):
            yield batch_of(chunk, naming)
            record += len(chunk.spans)


def column_names(path: Path, kind: str, records: str, encoding: str, *, max_expanded_bytes: int) -> tuple[str, ...]:
    """The dotted names in the first 100 elements, in the order in which they first come up.

    Nothing if the elements are not objects for the most part.
    """
    names: dict[str, None] = {}
    seen = good = 0
    for element in islice(_first_elements(path, kind, records, encoding, max_expanded_bytes), _NAMED_BY):
        seen += 1
        with suppress(JsonError):
            names |= dict.fromkeys(flat_fields(element, frozenset()))
            good += 1
    parents = parents_of(names.keys())
    return tuple(name for name in names if name not in parents) if 2 * good >= seen else ()


def _first_elements(path: Path, kind: str, records: str, encoding: str, limit: int) -> Iterator[bytes]:
    """The elements of the members, in small batches, until there is no array."""
    with suppress(_NoArrayError, LongRecordError):
        for member in members(path, max_expanded_bytes=limit):
            for chunk in _chunks(path, member, kind, records, encoding, HEAD_BYTES, 1, max_pending=_MAX_HEAD):
                for span in chunk.spans:
                    yield chunk.data[span.start : span.end]


class _NoArrayError(FileError):
    """The text has no array at the place where the layout says."""


def _chunks(
    path: Path,
    member: Member,
    kind: str,
    records: str,
    encoding: str,
    batch_bytes: int,
    record: int,
    *,
    max_pending: int,
) -> Iterator[Chunk]:
    text = Utf8(member.source, encoding)
    where = f"{path} (member {member.name})" if member.name else str(path)
    window = Window(text, name=where, batch_bytes=batch_bytes, max_pending=max_pending)
    window.fill()
    if not window.data.strip() and window.final:
        return
    if kind == "jsonl":
        yield from _line_chunks(window, record, transcoded=text.transcoded)
        return
    if not enter(window, records.split(".") if records else ()):
        raise _NoArrayError(f"{where} has no JSON array {f'at {records}' if records else 'at its top'}")
    yield from _array_chunks(window, record, records, transcoded=text.transcoded)


def _line_chunks(window: Window, record: int, *, transcoded: bool) -> Iterator[Chunk]:
    while window.data or not window.final:
        whole = len(window.data) if window.final else window.data.rfind(b"\n") + 1
        if not whole:
            window.fill()
            continue
        data = window.data[:whole]
        chunk = Chunk(data, _lines(data), record, window.line, transcoded)
        yield chunk
        record += len(chunk.spans)
        window.drop(whole)
        window.top_up()


def _lines(data: bytes) -> Sequence[Span]:
    """Where the lines are that are not blank."""
    spans, start = [], 0
    for line in data.splitlines(keepends=True):
        if line.strip():
            spans.append(Span(start, start + len(line.rstrip(b"\r\n"))))
        start += len(line)
    return spans


def _array_chunks(window: Window, record: int, records: str, *, transcoded: bool) -> Iterator[Chunk]:
    stop = "more"
    while stop == "more":
        spans, consumed, stop = elements(window.data, final=window.final)
        if spans:
            yield Chunk(window.data[:consumed], spans, record, window.line, transcoded)
            record += len(spans)
        window.drop(consumed)
        if stop == "more" and not spans:
            window.fill()
    if stop == "lost" or (stop == "end" and not records and _goes_on(window)):
        yield _lost(window, record, transcoded=transcoded)


def _goes_on(window: Window) -> bool:
    """Whether more than white space stands behind the array, which then may hide records."""
    while not window.data.strip() and not window.final:
        window.drop(len(window.data))
        window.fill()
    return bool(window.data.strip())


def _lost(window: Window, record: int, *, transcoded: bool) -> Chunk:
    """The rest of the text as one broken record. It is read to its end, for the container to be proved whole."""
    rest, line = window.data[:_MAX_LOST_BYTES], window.line
    while not window.final:
        window.drop(len(window.data))
        window.fill()
    return Chunk(rest, [Span(0, len(rest), broken=True)], record, line, transcoded)
