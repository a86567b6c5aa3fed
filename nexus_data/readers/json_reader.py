"""JSON text to batches: one object a line, or one array of objects."""

from collections.abc import Iterator, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from nexus_data.errors import FileError
from nexus_data.readers.containers import HEAD_BYTES, members
from nexus_data.readers.encodings import Utf8
from nexus_data.readers.json_array import Span, elements, enter, skip_space
from nexus_data.readers.json_batch import Chunk, JsonBatch, Naming, batch_of, parents_of
from nexus_data.readers.json_values import JsonError, flat_fields, prefixed_fields
from nexus_data.readers.layout import FileKind, Layout
from nexus_data.readers.window import LongRecordError, Window

_NAMED_BY = 100
# A first element longer than this tells no names.
_MAX_HEAD = 4 << 20
# The text of an element that has no end is shown up to here.
_MAX_LOST_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class JsonForm:
    """How records lie in the text. records: the dotted way to the array, for one that is not at the top.

    prefix: a regular expression for what stands before each record of jsonl; none: nothing.
    """

    kind: FileKind
    records: str
    encoding: str
    prefix: str = ""

    def fields(self, element: bytes, parents: Set[str]) -> dict[str, str]:
        """The fields of one element. JsonError as `flat_fields`, and BAD_PREFIX."""
        return prefixed_fields(self.prefix, element, parents) if self.prefix else flat_fields(element, parents)


def read_json(path: Path, layout: Layout, *, batch_bytes: int, max_expanded_bytes: int) -> Iterator[JsonBatch]:
    """Every element of every member. FileError as `containers.members`, or if a member has no array where expected."""
    form = JsonForm(layout.kind, layout.records, layout.encoding, layout.prefix)
    names = column_names(path, form, max_expanded_bytes=max_expanded_bytes)
    if len(names) != len(layout.columns):
        raise FileError(f"{path} has other columns than when its contract was found; land it again")
    naming = Naming.of(names, layout.columns, layout)
    record = 1
    for member in members(path, max_expanded_bytes=max_expanded_bytes):
        window = Window(Utf8(member.source, form.encoding), name=member.where(path), batch_bytes=batch_bytes)
        for chunk in _chunks(window, form, record):
            yield batch_of(replace(chunk, member=member.name), naming, read=form.fields if form.prefix else flat_fields)
            record += len(chunk.spans)


def column_names(path: Path, form: JsonForm, *, max_expanded_bytes: int) -> tuple[str, ...]:
    """The dotted names in the first 100 elements, in the order in which they first come up.

    Nothing if the elements are not objects for the most part.
    """
    names: dict[str, None] = {}
    seen = good = 0
    for element in islice(_first_elements(path, form, max_expanded_bytes), _NAMED_BY):
        seen += 1
        with suppress(JsonError):
            names |= dict.fromkeys(form.fields(element, frozenset()))
            good += 1
    parents = parents_of(names.keys())
    return tuple(name for name in names if name not in parents) if 2 * good >= seen else ()


def _first_elements(path: Path, form: JsonForm, limit: int) -> Iterator[bytes]:
    """The elements of the members, in small batches, until there is no array."""
    with suppress(_NoArrayError, LongRecordError):
        for member in members(path, max_expanded_bytes=limit):
            text = Utf8(member.source, form.encoding)
            window = Window(text, name=member.where(path), batch_bytes=HEAD_BYTES, max_pending=_MAX_HEAD)
            for chunk in _chunks(window, form, 1):
                for span in chunk.spans:
                    yield chunk.data[span.start : span.end]


class _NoArrayError(FileError):
    """The text has no array at the place where the layout says."""


def _chunks(window: Window, form: JsonForm, record: int) -> Iterator[Chunk]:
    window.fill()
    if not window.data.strip() and window.final:
        return
    if form.kind == "jsonl":
        yield from _line_chunks(window, record)
        return
    if not enter(window, form.records.split(".") if form.records else ()):
        raise _NoArrayError(f"{window.name} has no JSON array {f'at {form.records}' if form.records else 'at its top'}")
    yield from _array_chunks(window, record, at_top=not form.records)


def _line_chunks(window: Window, record: int) -> Iterator[Chunk]:
    while window.data or not window.final:
        whole = len(window.data) if window.final else window.data.rfind(b"\n") + 1
        if not whole:
            window.fill()
            continue
        data = window.data[:whole]
        chunk = Chunk(data, _lines(data), record, window.line, window.transcoded)
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


def _array_chunks(window: Window, record: int, *, at_top: bool) -> Iterator[Chunk]:
    stop = "more"
    while stop == "more":
        spans, consumed, stop = elements(window.data, final=window.final)
        if spans:
            yield Chunk(window.data[:consumed], spans, record, window.line, window.transcoded)
            record += len(spans)
        window.drop(consumed)
        if stop == "more" and not spans:
            window.fill()
    skip_space(window)
    # Behind an array at the top, anything but white space may hide records.
    if stop == "lost" or (at_top and window.data):
        yield _lost(window, record)


def _lost(window: Window, record: int) -> Chunk:
    """The rest of the text as one broken record. It is read to its end, for the container to be proved whole."""
    while len(window.data) < _MAX_LOST_BYTES and not window.final:
        window.fill()
    rest, line = window.data[:_MAX_LOST_BYTES], window.line
    while not window.final:
        window.drop(len(window.data))
        window.fill()
    return Chunk(rest, [Span(0, len(rest), broken=True)], record, line, window.transcoded)
