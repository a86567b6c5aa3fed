"""XML to the elements that records are made of, by expat: streaming, with the bytes and the line of each.

A document with a DTD is refused as a whole (no standard format has one), so that no entity can be declared: neither
expansion bombs nor references to other files come through. Expat, and not lxml, because it tells where in the bytes an
element begins and ends. What the elements mean is not known here.
"""

import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from xml.parsers import expat

from nexus_data.errors import FileError
from nexus_data.readers.containers import Source

_BLOCK = 1 << 16
# No element of a real file comes near it.
MAX_BYTES = 64 << 20
_MAX_DEPTH = 100
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


@dataclass(slots=True)
class Node:
    """An element with what is in it. tag: without its namespace. line, raw: where it begins, and its bytes (UTF-8),
    only of those asked for."""

    tag: str
    attributes: dict[str, str]
    line: int = 0
    text: str = ""
    children: list["Node"] = field(default_factory=list)
    raw: bytes = b""

    def find(self, path: str) -> "Node | None":
        """The first element at `A/B/C` below this one."""
        return next(self.all(path), None)

    def all(self, path: str) -> Iterator["Node"]:
        """Every element at `A/B/C` below this one, in order."""
        tag, _, rest = path.partition("/")
        for child in self.children:
            if child.tag == tag:
                yield from child.all(rest) if rest else (child,)

    def value(self, *paths: str) -> str:
        """The text of the first element that has one, of those at these paths; "" where none has."""
        found = (node.text.strip() for path in paths for node in self.all(path))
        return next((text for text in found if text), "")


@dataclass(frozen=True, slots=True)
class Part:
    """Something of the document, in order: a whole element of those asked for, the start of one of the others that was
    asked for, or a text outside of them.

    path: the tags from the root down to it.
    """

    path: tuple[str, ...]
    node: Node


def declared_encoding(head: bytes) -> str:
    """What the XML declaration names, else UTF-8."""
    found = _DECLARED.match(head)
    return found[1].decode("ascii") if found else "utf-8"


def root_path(head: bytes, depth: int) -> tuple[str, ...]:
    """The tags of the first `depth` elements in which the document begins (UTF-8); fewer if it is no XML."""
    reader = _Reader((), (), (), MAX_BYTES)
    with suppress(expat.ExpatError, FileError):
        reader.feed(head, final=False)
    return tuple(reader.first[:depth])


def parts(
    source: Source,
    *,
    records: Collection[str],
    name: str,
    sliced: Collection[str] = (),
    marks: Collection[str] = (),
    max_bytes: int = MAX_BYTES,
) -> Iterator[Part]:
    """Every outermost element with a tag among `records`, whole, and every text beside them. source: UTF-8.

    sliced: tags whose nodes know their line and bytes. marks: tags whose start is told, empty. FileError if the
    document is not well-formed, when that is met, or has a DTD, or an element too large or too deep for memory.
    """
    reader = _Reader(records, sliced, marks, max_bytes)
    final = False
    while not final:
        block = source.read(_BLOCK)
        final = not block
        try:
            reader.feed(block, final=final)
        except expat.ExpatError as error:
            raise FileError(
                f"{name}: line {error.lineno}: not well-formed XML ({expat.ErrorString(error.code)})"
            ) from None
        except FileError as error:
            raise FileError(f"{name}: {error}") from None
        yield from reader.take()


class _Reader:
    """expat's callbacks, and the bytes since the start of the element that is being read."""

    def __init__(
        self, records: Collection[str], sliced: Collection[str], marks: Collection[str], max_bytes: int
    ) -> None:
        self._records, self._sliced, self._marks, self._max_bytes = records, sliced, marks, max_bytes
        self._parser = expat.ParserCreate("utf-8")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        self._parser.StartDoctypeDeclHandler = _no_doctype
        self._path: list[str] = []
        self._open: list[tuple[Node, int, list[str]]] = []
        self._outside: list[str] = []
        self._length = 0
        self._ready: list[Part] = []
        self._data_bytes, self._data_start = bytearray(), 0
        self.first: list[str] = []

    def feed(self, block: bytes, *, final: bool) -> None:
        self._data_bytes += block
        self._parser.Parse(block, final)
        keep = next((start for _, start, _ in self._open if start >= 0), self._data_start + len(self._data_bytes))
        del self._data_bytes[: keep - self._data_start]
        self._data_start = keep
        if max(len(self._data_bytes), self._length) > self._max_bytes:
            raise FileError(f"line {self._parser.CurrentLineNumber}: an element of more than {self._max_bytes} bytes")

    def take(self) -> list[Part]:
        ready, self._ready = self._ready, []
        return ready

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        self._path.append(local)
        if len(self.first) == len(self._path) - 1:
            self.first.append(local)
        if len(self._path) > _MAX_DEPTH:
            raise FileError(f"line {self._parser.CurrentLineNumber}: elements nested deeper than {_MAX_DEPTH}")
        self._outside = []
        if not self._open:
            self._length = 0
        if self._open or local in self._records:
            # Where expat stands is not asked for more often than needed: it counts the lines anew each time.
            told = local in self._sliced
            node = Node(local, attributes, self._parser.CurrentLineNumber if told else 0)
            if self._open:
                self._open[-1][0].children.append(node)
            self._open.append((node, self._parser.CurrentByteIndex if told else -1, []))
        elif local in self._marks:
            self._ready.append(Part(tuple(self._path), Node(local, attributes)))

    def _data(self, text: str) -> None:
        self._length += len(text)
        if self._open:
            self._open[-1][2].append(text)
        else:
            self._outside.append(text)

    def _end(self, _tag: str) -> None:
        path = tuple(self._path)
        self._path.pop()
        if not self._open:
            if text := "".join(self._outside).strip():
                self._ready.append(Part(path, Node(path[-1], {}, text=text)))
            self._outside, self._length = [], 0
            return
        node, start, texts = self._open.pop()
        node.text = "".join(texts)
        if node.tag in self._sliced:
            node.raw = self._slice(start, self._parser.CurrentByteIndex, empty=not node.children and not texts)
        if not self._open:
            self._ready.append(Part(path, node))

    def _slice(self, start: int, at: int, *, empty: bool) -> bytes:
        """The bytes of the element that ends: expat stands before its end tag, or behind the whole if it has none."""
        first, last = start - self._data_start, at - self._data_start
        if not (empty and self._data_bytes.endswith(b"/>", first, last)):
            last = self._data_bytes.index(b">", last) + 1
        return bytes(self._data_bytes[first:last])


def _no_doctype(_name: str, _system: str | None, _public: str | None, _internal: bool) -> None:
    raise FileError("it has a document type definition, which no bank or project tool writes: it is not read")
