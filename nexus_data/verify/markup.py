"""Marked-up text by a scanner of its own: tags, and what stands between them, with the line that each begins in.

Comments, CDATA sections and processing instructions are found first, so that nothing inside of them is a tag.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from nexus_data.verify.layout import UnreadableError

_APART = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"))
_SIZE = 1 << 16
_XML_TAG = re.compile(r"""<(/?)([^\s<>/"'=]+)((?:\s+[^\s<>/"'=]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(/?)>""")
_ATTRIBUTE = re.compile(r"""([^\s"'=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_SPACE = re.compile(r"\r\n|[\t\r\n]")
_ENTITY = re.compile(r"&(?:#(\d+)|#x([0-9A-Fa-f]+)|(amp|lt|gt|quot|apos));")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


class Piece(NamedTuple):
    """A stretch of the text as it stands. tag: what the pattern for tags found; None: something between tags."""

    text: str
    line: int
    tag: re.Match[str] | None = None


@dataclass(slots=True)
class Tree:
    """An element with what is in it; line, raw: where and how it stands in the file. Names are without a namespace."""

    name: str
    attributes: dict[str, str]
    line: int
    text: str = ""
    children: list["Tree"] = field(default_factory=list)
    raw: str = ""

    def below(self, way: str) -> list["Tree"]:
        """Every element at `A/B/C` below this one."""
        found = [self]
        for name in way.split("/"):
            found = [child for one in found for child in one.children if child.name == name]
        return found

    def said(self, *ways: str) -> str:
        """The first text that is not empty, of the elements at the first way that has one."""
        return next((text for way in ways for one in self.below(way) if (text := one.text.strip())), "")


def pieces(lines: Iterator[str], tag: re.Pattern[str]) -> Iterator[Piece]:
    """The whole text in pieces."""
    rest, number = "", 1
    for block, last in _blocks(lines):
        data, at = rest + block, 0
        while at < len(data):
            piece = _piece(data, at, tag, number, last=last)
            if piece is None:
                break
            yield piece
            at, number = at + len(piece.text), number + _ends(piece.text)
        rest = data[at:]


def _piece(data: str, at: int, tag: re.Pattern[str], line: int, *, last: bool) -> Piece | None:
    """The piece at that place; None while more of the text is needed to know it."""
    if data[at] != "<":
        end = data.find("<", at)
        # Half of CR LF at the end of a block would count as a line of its own.
        return None if end < 0 and not last else Piece(data[at : len(data) if end < 0 else end], line)
    for opening, closing in _APART:
        if data.startswith(opening, at):
            end = data.find(closing, at + len(opening))
            if end >= 0:
                return Piece(data[at : end + len(closing)], line)
            return Piece("<", line) if last else None
    if (found := tag.match(data, at)) is not None:
        return Piece(found[0], line, found)
    return None if not last and len(data) - at < _SIZE else Piece("<", line)


def _blocks(lines: Iterator[str]) -> Iterator[tuple[str, bool]]:
    block: list[str] = []
    size = 0
    for line in lines:
        if size >= _SIZE:
            yield "".join(block), False
            block, size = [], 0
        block.append(line)
        size += len(line)
    yield "".join(block), True


def _ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def trees(lines: Iterator[str], whole: Collection[str]) -> Iterator[tuple[tuple[str, ...], Tree]]:
    """The outermost elements with these names, whole, and every other element as it ends, with its own text alone;
    the names from the root down to it. An element that is not `whole` comes also when it begins, without a text."""
    path: list[str] = []
    texts: list[list[str]] = [[]]
    growing = _Growing()
    for piece in pieces(lines, _XML_TAG):
        growing.add(piece)
        if piece.tag is None:
            texts[-1].append(_content(piece.text))
            continue
        closes, full, attributes, empty = piece.tag.groups()
        name = full.rpartition(":")[2]
        if not closes:
            path.append(name)
            texts.append([])
            tree = Tree(
                name, {a: plain(_SPACE.sub(" ", b or c)) for a, b, c in _ATTRIBUTE.findall(attributes)}, piece.line
            )
            if not growing.begin(tree, piece, wanted=name in whole):
                yield tuple(path), tree
        if closes or empty:
            if not path or path[-1] != name:
                raise UnreadableError(f"line {piece.line}: {piece.text} closes nothing")
            done = growing.end("".join(texts.pop()), name)
            if done is not None:
                yield tuple(path), done
            path.pop()
    if path:
        raise UnreadableError(f"ends inside of {'/'.join(path)}")


class _Growing:
    """The whole element that is being read: it and those in it that have not ended, with how far its source was."""

    def __init__(self) -> None:
        self._open: list[tuple[Tree, int]] = []
        self._source: list[str] = []

    def add(self, piece: Piece) -> None:
        if self._open:
            self._source.append(piece.text)

    def begin(self, tree: Tree, piece: Piece, *, wanted: bool) -> bool:
        """Whether the element that begins is, or is part of, a whole one."""
        if self._open:
            self._open[-1][0].children.append(tree)
        elif wanted:
            self._source = [piece.text]
        else:
            return False
        self._open.append((tree, len(self._source) - 1))
        return True

    def end(self, text: str, name: str) -> Tree | None:
        """The element that ends, unless it is part of another."""
        if not self._open:
            return Tree(name, {}, 0, text)
        tree, start = self._open.pop()
        tree.text, tree.raw = text, "".join(self._source[start:])
        return None if self._open else tree


def _content(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.startswith("<![CDATA["):
        return text[9:-3]
    return "" if text.startswith(("<!--", "<?")) else plain(text)


def plain(text: str) -> str:
    """Text without the entities that XML itself has."""

    def one(found: re.Match[str]) -> str:
        return _ENTITIES[found[3]] if found[3] else chr(int(found[1]) if found[1] else int(found[2], 16))

    return _ENTITY.sub(one, text) if "&" in text else text
