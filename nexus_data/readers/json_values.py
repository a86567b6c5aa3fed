"""One JSON object to flat text: exact numbers, dotted names for nested objects, lists as compact JSON.

msgspec reads nearly all of it; what it would not tell (a key that stands twice, -0, the digits inside of a list) sends
the object the slow way, through the json module. ijson was tried on paper and left: it turns 1e5 into a Decimal and
cannot go on behind a broken element.
"""

import json
import re
from collections.abc import Callable, Set
from functools import lru_cache
from typing import Any, NoReturn

import msgspec

_decode: Callable[[bytes], Any] = msgspec.json.Decoder(float_hook=str).decode
_MINUS_ZERO = re.compile(rb"-0[\s,}\]]")


class JsonError(ValueError):
    """Why an element is no record; the message is the code of the broken record."""


class _Doubt(Exception):  # noqa: N818 - no error: the slow way knows
    """The fast way cannot say what exactly stands there."""


class _Number(str):
    """The digits of a number as they stand in the file."""

    __slots__ = ()


def flat_fields(element: bytes, parents: Set[str]) -> dict[str, str]:
    """The fields of one object by dotted name, in its order. JsonError if it is no object or cannot be read.

    parents: names that are objects in other records; a null at such a name is an object without fields.
    """
    try:
        fields = _fast(element, parents)
    except (_Doubt, msgspec.DecodeError, ValueError, RecursionError):
        fields = _slow(element, parents)
    if b"\\u0000" in element and any("\0" in text for text in fields.values()):
        raise JsonError("NUL")
    return fields


def prefixed_fields(prefix: str, element: bytes, parents: Set[str]) -> dict[str, str]:
    """The named groups of a prefix and the fields of the object behind it. JsonError as `flat_fields`, BAD_PREFIX."""
    found = _pattern(prefix).match(element)
    if found is None or found.end() == len(element):
        raise JsonError("BAD_PREFIX")
    fields = flat_fields(element[found.end() :], parents)
    try:
        return {name: (text or b"").decode() for name, text in found.groupdict().items()} | fields
    except UnicodeDecodeError:
        raise JsonError("BAD_ENCODING") from None


@lru_cache(maxsize=16)
def _pattern(prefix: str) -> re.Pattern[bytes]:
    return re.compile(prefix.encode())


def _fast(element: bytes, parents: Set[str]) -> dict[str, str]:
    value = _decode(element)
    if value.__class__ is not dict or (b"-0" in element and _MINUS_ZERO.search(element)):
        raise _Doubt
    # Each key is written "key": - if there are as many of these as keys that came out, no key stood twice.
    keys = element.count(b'":')
    if keys == len(value):
        return _flat(value, parents)
    fields: dict[str, str] = {}
    if keys != _flatten(value, "", fields, parents):
        raise _Doubt
    return fields


def _flat(value: dict[str, Any], parents: Set[str]) -> dict[str, str]:
    """An object without objects in it, but for empty ones; changed in place, as most of it is text already."""
    for name in [name for name, item in value.items() if item.__class__ is not str]:
        item = value[name]
        if item.__class__ is list:
            raise _Doubt
        if item.__class__ is dict or (item is None and name in parents):
            del value[name]
        else:
            value[name] = _scalar(item)
    return value


def _flatten(value: dict[str, Any], prefix: str, fields: dict[str, str], parents: Set[str]) -> int:
    keys = len(value)
    for key, item in value.items():
        name = prefix + key
        kind = item.__class__
        if kind is str:
            text = item
        elif kind is dict:
            keys += _flatten(item, name + ".", fields, parents)
            continue
        elif kind is list:
            raise _Doubt
        elif item is None and name in parents:
            continue
        else:
            text = _scalar(item)
        if name in fields:
            raise _Doubt
        fields[name] = text
    return keys


def _scalar(item: object) -> str:
    if item is None:
        return ""
    return ("true" if item else "false") if isinstance(item, bool) else str(item)


def _slow(element: bytes, parents: Set[str]) -> dict[str, str]:
    try:
        text = element.decode()
    except UnicodeDecodeError:
        raise JsonError("BAD_ENCODING") from None
    if "\0" in text:
        raise JsonError("NUL")
    fields: dict[str, str] = {}
    try:
        _flatten_exactly(_load(text), "", fields, parents)
    except (ValueError, RecursionError):
        raise JsonError("BAD_JSON") from None
    if not _encodable(fields):
        raise JsonError("BAD_ENCODING")
    return fields


def _load(text: str) -> dict[str, Any]:
    value = json.loads(
        text,
        parse_float=_Number,
        parse_int=_Number,
        parse_constant=_no_constant,
        object_pairs_hook=_unique,
    )
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key stands twice")
    return value


def _flatten_exactly(value: dict[str, Any], prefix: str, fields: dict[str, str], parents: Set[str]) -> None:
    for key, item in value.items():
        name = prefix + key
        if isinstance(item, dict):
            _flatten_exactly(item, name + ".", fields, parents)
        elif item is not None or name not in parents:
            if name in fields:
                raise ValueError("a name stands twice")
            fields[name] = _compact(item) if isinstance(item, list) else _scalar(item)


def _compact(item: object) -> str:
    """JSON text without white space, with the digits as they stand in the file."""
    if isinstance(item, _Number):
        return str(item)
    if isinstance(item, list):
        return "[" + ",".join(map(_compact, item)) + "]"
    if isinstance(item, dict):
        return "{" + ",".join(f"{_compact(key)}:{_compact(value)}" for key, value in item.items()) + "}"
    return json.dumps(item, ensure_ascii=False)


def _encodable(fields: dict[str, str]) -> bool:
    """Whether there is no half of a surrogate pair, which JSON can spell and UTF-8 cannot."""
    try:
        for name, text in fields.items():
            name.encode()
            text.encode()
    except UnicodeEncodeError:
        return False
    return True
