"""Find the elements of one JSON array in a window of its text: of any length, in bounded memory.

Only brackets and strings are looked at here; what an element says is for json_values. Elements need not be divided by
exactly one comma. An element whose brackets or strings do not fit costs itself if the next one can be found, else the
rest of the file.
"""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from nexus_data.readers.window import Window

# An element that has not ended within this many bytes is broken.
MAX_ELEMENT_BYTES = 16 << 20

_STRING = rb'"[^"\\\x00-\x1f]*+(?:\\[^\x00-\x1f][^"\\\x00-\x1f]*+)*+"'
_FLAT = re.compile(rb'\{[^{}\[\]"]*+(?:' + _STRING + rb'[^{}\[\]"]*+)*+\}')
_TOKEN = re.compile(_STRING + rb'|["{}\[\]]')
_OPEN_STRING = re.compile(rb'"[^"\\\x00-\x1f]*+(?:\\[^\x00-\x1f][^"\\\x00-\x1f]*+)*+\\?\Z')
_BETWEEN = re.compile(rb"[\s,]*+")
_SCALAR = re.compile(_STRING + rb"|[^,\]{}\[]++")
_NEXT = re.compile(rb"\}\s*+,\s*+(?=\{)")
_SPACE = re.compile(rb"\s*+")
_PAIRS = {b"}": b"{", b"]": b"["}


class Span(NamedTuple):
    """Where an element stands in the window. broken: its brackets or strings do not fit.

    A tuple, because there is one for each record and it is made in a third of the time.
    """

    start: int
    end: int
    broken: bool = False


Stop = Literal["more", "end", "lost"]


def elements(data: bytes, *, final: bool) -> tuple[list[Span], int, Stop]:
    """The elements in sight, where the rest starts, and why it stopped.

    more: the text in sight is used up. end: the rest starts behind the closing bracket. lost: the rest starts with an
    element that has no end, or the text ended without the closing bracket.
    """
    spans: list[Span] = []
    position = 0
    while True:
        start = _behind(_BETWEEN, data, position)
        if start == len(data):
            return spans, position, "lost" if final else "more"
        if data[start : start + 1] == b"]":
            return spans, start + 1, "end"
        span = _element(data, start, final=final)
        if span is None:
            return spans, start, "more"
        if span.broken and not (span := _resynchronized(data, start)).end:
            waiting = not final and len(data) - start < 2 * MAX_ELEMENT_BYTES
            return spans, start, "more" if waiting else "lost"
        spans.append(span)
        position = span.end


def enter(window: Window, way: Sequence[str]) -> bool:
    """Move the window behind the opening bracket of the array at the dotted way; False if there is no such array."""
    for name in way:
        if not _opens(window, b"{") or not _find_key(window, name):
            return False
    return _opens(window, b"[")


def _element(data: bytes, start: int, *, final: bool) -> Span | None:
    """The element at `start`; None if its end is not in sight but may come."""
    flat = _FLAT.match(data, start)
    if flat and flat.end() - start <= MAX_ELEMENT_BYTES:
        return Span(start, flat.end())
    if data[start : start + 1] in (b"{", b"["):
        return _nested(data, start, final=final)
    return _scalar(data, start, final=final)


def _scalar(data: bytes, start: int, *, final: bool) -> Span | None:
    if not final and _OPEN_STRING.match(data, start) and len(data) - start <= MAX_ELEMENT_BYTES:
        return None
    match = _SCALAR.match(data, start)
    end = match.end() if match else start + 1
    return None if end == len(data) and not final else Span(start, end)


def _nested(data: bytes, start: int, *, final: bool) -> Span | None:
    stack: list[bytes] = []
    for match in _TOKEN.finditer(data, start):
        token = match[0]
        if token in (b"{", b"["):
            stack.append(token)
        elif token == b'"':
            open_end = _OPEN_STRING.match(data, match.start()) and not final
            return None if open_end and len(data) - start <= MAX_ELEMENT_BYTES else Span(start, start, broken=True)
        elif token in _PAIRS:
            if stack.pop() != _PAIRS[token]:
                return Span(start, start, broken=True)
            if not stack:
                return Span(start, match.end(), broken=match.end() - start > MAX_ELEMENT_BYTES)
    waiting = not final and len(data) - start <= MAX_ELEMENT_BYTES
    return None if waiting else Span(start, start, broken=True)


def _resynchronized(data: bytes, start: int) -> Span:
    """The broken element up to where the next object starts; an end of 0 if none does."""
    match = _NEXT.search(data, start)
    return Span(start, match.start() + 1 if match else 0, broken=True)


def _behind(pattern: re.Pattern[bytes], data: bytes, position: int) -> int:
    match = pattern.match(data, position)
    return match.end() if match else position


def _opens(window: Window, bracket: bytes) -> bool:
    """Pass over white space and one bracket, if it stands there."""
    skip_space(window)
    if window.data[:1] != bracket:
        return False
    window.drop(1)
    return True


def skip_space(window: Window) -> None:
    """Move the window to what is no white space, or to its end."""
    while (end := _behind(_SPACE, window.data, 0)) == len(window.data) and not window.final:
        window.drop(end)
        window.fill()
    window.drop(end)


def _find_key(window: Window, name: str) -> bool:
    """Pass over the members of an object, up to the value of `name`."""
    while True:
        _skip_separators(window)
        if window.data[:1] != b'"':
            return False
        key = _take_value(window)
        _skip_separators(window)
        if key is None:
            return False
        if key == b'"' + name.encode() + b'"':
            return True
        if _take_value(window) is None:
            return False


def _skip_separators(window: Window) -> None:
    while True:
        skip_space(window)
        if window.data[:1] not in (b",", b":"):
            return
        window.drop(1)


def _take_value(window: Window) -> bytes | None:
    """Pass over one value and give it; None if it is broken, or longer than an element may be."""
    while (span := _element(window.data, 0, final=window.final)) is None:
        if len(window.data) > MAX_ELEMENT_BYTES:
            return None
        window.fill()
    value = window.data[: span.end]
    window.drop(span.end)
    return None if span.broken else value
