"""JSON to records by the json module: one object a line, or the elements of one array, damaged ones among them.

An object becomes texts by dotted name: digits as they stand in the file, null empty, lists as compact JSON.
"""

import codecs
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import IO, Any, NamedTuple, NoReturn

from nexus_data.verify.delimited import Raw
from nexus_data.verify.layout import UnreadableError
from nexus_data.verify.text import declared, is_damaged, lines, shown

_BLOCK = 1 << 20
_LONGEST = 16 << 20
_LOST = 1 << 16
_NAMED_BY = 100
_SPACE = re.compile(r"[\s,]*")
_STRING_OR_BRACKET = re.compile(r'"[^"\\\x00-\x1f]*(?:\\[^\x00-\x1f][^"\\\x00-\x1f]*)*"|["{}\[\]]')
_SCALAR = re.compile(r'"[^"\\\x00-\x1f]*(?:\\[^\x00-\x1f][^"\\\x00-\x1f]*)*"|[^,\]{}\[]+')
_NEXT = re.compile(r"\}\s*,\s*(?=\{)")


class Element(NamedTuple):
    """The text of an element, its first line, and whether its brackets or strings do not fit."""

    text: str
    line: int
    broken: bool = False


class _Digits(str):
    """A number as it stands in the file."""

    __slots__ = ()


class _FaultyError(ValueError):
    """No record; the message is the code."""


def json_lines(stream: IO[bytes], encoding: str) -> Iterator[Element]:
    """Every line that is not blank."""
    for number, line in enumerate(lines(stream, encoding), start=1):
        if line.strip(" \t\n\v\f\r"):
            yield Element(line.rstrip("\r\n"), number)


def names_of(elements: Iterator[Element], prefix: str = "") -> tuple[str, ...]:
    """The dotted names in the first hundred elements, in the order in which they come up; names of objects are none."""
    names: dict[str, None] = {}
    for element in islice(elements, _NAMED_BY):
        try:
            names |= dict.fromkeys(_prefixed(element, frozenset(), prefix))
        except _FaultyError:
            continue
    parents = parents_of(names)
    return tuple(name for name in names if name not in parents)


def parents_of(names: Mapping[str, Any] | Sequence[str]) -> frozenset[str]:
    """Every name of an object that one of the dotted names lies in."""
    return frozenset(name[:place] for name in names for place, char in enumerate(name) if char == ".")


def record(
    element: Element,
    columns: Mapping[str, str],
    expected: Sequence[str],
    parents: frozenset[str],
    prefix: str = "",
    constants: Mapping[str, str] = MappingProxyType({}),
    others: Sequence[str] = (),
) -> Raw:
    """The element's texts in the order of `expected`. columns: the column of each dotted name. prefix: a regular
    expression for what stands before the JSON, whose groups are texts too. others: expressions for unread names."""
    try:
        fields = _prefixed(element, parents, prefix)
        unknown = [name for name in fields if name not in columns]
        if any(not any(re.fullmatch(one, name) for one in others) for name in unknown):
            raise _FaultyError("UNKNOWN_COLUMN")
        row = {columns[name]: text for name, text in fields.items() if name in columns}
        if len(row) != len(fields) - len(unknown):
            raise _FaultyError("BAD_JSON")
    except _FaultyError as fault:
        return Raw(None, str(fault), element.line, shown(element.text))
    return Raw([row.get(name, constants.get(name, "")) for name in expected], None, element.line, shown(element.text))


def _prefixed(element: Element, parents: frozenset[str], prefix: str) -> dict[str, str]:
    if not prefix:
        return _fields(element, parents)
    found = re.compile(prefix, re.ASCII).match(element.text)
    if found is None or found.end() == len(element.text):
        raise _FaultyError("BAD_PREFIX")
    fields = _fields(element._replace(text=element.text[found.end() :]), parents)
    before = {name: text or "" for name, text in found.groupdict().items()}
    if any(map(is_damaged, before.values())):
        raise _FaultyError("BAD_ENCODING")
    return before | fields


def _fields(element: Element, parents: frozenset[str]) -> dict[str, str]:
    if element.broken:
        raise _FaultyError("BAD_JSON")
    if is_damaged(element.text):
        raise _FaultyError("BAD_ENCODING")
    if "\0" in element.text:
        raise _FaultyError("NUL")
    fields: dict[str, str] = {}
    try:
        value = _DECODER.decode(element.text)
        if not isinstance(value, dict):
            raise ValueError("no object")
        _flatten(value, "", fields, parents)
    except (ValueError, RecursionError):
        raise _FaultyError("BAD_JSON") from None
    if any(
        "\ud800" <= char <= "\udfff"
        for pair in fields.items()
        for text in pair
        if "\\u" in element.text
        for char in text
    ):
        raise _FaultyError("BAD_ENCODING")
    if any("\0" in text for text in fields.values()):
        raise _FaultyError("NUL")
    return fields


def _flatten(value: Mapping[str, Any], before: str, fields: dict[str, str], parents: frozenset[str]) -> None:
    for key, item in value.items():
        name = before + key
        if isinstance(item, dict):
            _flatten(item, f"{name}.", fields, parents)
        elif item is not None or name not in parents:
            if name in fields:
                raise ValueError("a name stands twice")
            fields[name] = _text(item)


def _text(item: object) -> str:
    if item is None:
        return ""
    if isinstance(item, bool):
        return "true" if item else "false"
    return _compact(item) if isinstance(item, list) else str(item)


def _compact(item: object) -> str:
    if isinstance(item, _Digits):
        return str(item)
    if isinstance(item, list):
        return f"[{','.join(map(_compact, item))}]"
    if isinstance(item, dict):
        return "{" + ",".join(f"{_compact(key)}:{_compact(value)}" for key, value in item.items()) + "}"
    return json.dumps(item, ensure_ascii=False)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key stands twice")
    return value


_DECODER = json.JSONDecoder(
    parse_float=_Digits, parse_int=_Digits, parse_constant=_no_constant, object_pairs_hook=_once
)
_PLAIN = json.JSONDecoder()


class _Text:
    """The text of a stream, of which what was dealt with is forgotten."""

    def __init__(self, stream: IO[bytes], encoding: str) -> None:
        self._stream = stream
        head = stream.read(_BLOCK)
        name = declared(head) or encoding
        name = "utf-8" if codecs.lookup(name).name == "utf-8-sig" else name
        self._decoder = codecs.getincrementaldecoder(name)("nexus_verify")
        self.data = self._decoder.decode(head.removeprefix(codecs.BOM_UTF8))
        self.final = not head
        self.place, self.line = 0, 1

    def more(self) -> None:
        """Read on, forgetting what lies before the place."""
        block = self._stream.read(_BLOCK)
        self.final = not block
        self.data = self.data[self.place :] + self._decoder.decode(block, final=self.final)
        self.place = 0

    def to(self, place: int) -> None:
        """Move the place forward, counting lines."""
        passed = self.data[self.place : place]
        self.line += passed.count("\n") + passed.count("\r") - passed.count("\r\n")
        self.place = place

    def skip(self, pattern: re.Pattern[str]) -> None:
        """Pass over what matches, reading on as far as it goes."""
        while True:
            found = pattern.match(self.data, self.place)
            self.to(found.end() if found else self.place)
            if self.place < len(self.data) or self.final:
                return
            self.more()


_WHITE = re.compile(r"\s*")


def array_elements(stream: IO[bytes], encoding: str, way: Sequence[str]) -> Iterator[Element]:
    """Every element of the array at the dotted way (none: the text itself). UnreadableError when there is none."""
    text = _Text(stream, encoding)
    text.skip(_WHITE)
    if text.final and text.place == len(text.data):
        return
    for name in way:
        _enter(text, name)
    if text.data[text.place : text.place + 1] != "[":
        raise UnreadableError("there is no JSON array where its contract says")
    text.to(text.place + 1)
    while True:
        text.skip(_SPACE)
        if text.place == len(text.data):
            yield Element("", text.line, broken=True)
            return
        if text.data[text.place] == "]":
            text.to(text.place + 1)
            break
        element = _element(text)
        if element is None:
            yield _lost(text)
            return
        yield element
    text.skip(_WHITE)
    if not way and text.place < len(text.data):
        yield _lost(text)


def _enter(text: _Text, name: str) -> None:
    """Move to the value of a key of the object at the place."""
    while not text.final:
        text.more()
    try:
        if text.data[text.place] != "{":
            raise ValueError
        place = text.place + 1
        while True:
            key, place = _PLAIN.raw_decode(text.data, _after(text.data, place))
            place = _after(text.data, place)
            if key == name:
                text.to(place)
                return
            _, place = _PLAIN.raw_decode(text.data, place)
    except (ValueError, IndexError):
        raise UnreadableError("there is no JSON array where its contract says") from None


def _after(data: str, place: int) -> int:
    while data[place] in " \t\r\n,:":
        place += 1
    return place


def _element(text: _Text) -> Element | None:
    """The element at the place; None when it has no end and the next one cannot be found."""
    while True:
        end, known = _end(text.data, text.place)
        if known and (end < len(text.data) or text.final):
            return _taken(text, end)
        if text.final or len(text.data) - text.place > _LONGEST or (not known and end):
            break
        text.more()
    found = _NEXT.search(text.data, text.place)
    return _taken(text, found.start() + 1, broken=True) if found else None


def _taken(text: _Text, end: int, *, broken: bool = False) -> Element:
    element = Element(text.data[text.place : end], text.line, broken)
    text.to(end)
    return element


def _end(data: str, place: int) -> tuple[int, bool]:
    """Where the element ends, and whether that is so; an end that is not so tells of brackets that do not fit."""
    if data[place] not in "{[":
        found = _SCALAR.match(data, place)
        return (found.end() if found else place + 1), True
    open_brackets = []
    for found in _STRING_OR_BRACKET.finditer(data, place):
        mark = found[0]
        if mark in "{[":
            open_brackets.append(mark)
        elif mark in "}]":
            if open_brackets.pop() + mark not in ("{}", "[]"):
                return found.end(), False
            if not open_brackets:
                return found.end(), True
        elif mark == '"':
            return 0, False
    return 0, False


def _lost(text: _Text) -> Element:
    """The rest of the text as one broken element, of which the start is shown."""
    while len(text.data) - text.place < _LOST and not text.final:
        text.more()
    rest, line = text.data[text.place :].encode("utf-8", "surrogatepass")[:_LOST], text.line
    while not text.final:
        text.place = len(text.data)
        text.more()
    return Element(rest.decode("utf-8", "nexus_verify"), line, broken=True)
