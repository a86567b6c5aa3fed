"""Where in a JSON document its array of objects is: the dotted way that `[format] records` names."""

import re
from pathlib import Path

from nexus_data.readers.containers import members, read_up_to
from nexus_data.readers.encodings import Utf8

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|[{}\[\]:,]')
_HEAD_BYTES = 4 << 20


def array_place(path: Path, *, max_expanded_bytes: int) -> str:
    """The way to the first array of objects within the first 4 MiB; "" for one at the top, or when there is none."""
    for member in members(path, max_expanded_bytes=max_expanded_bytes):
        return _place(read_up_to(Utf8(member.source, "utf-8"), _HEAD_BYTES).decode("utf-8", "replace"))
    return ""


def _place(text: str) -> str:
    way: list[str] = []
    key, opened = "", ""
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark == "{" and opened == "[":
            return ".".join(part for part in way if part)
        if mark in "{[":
            way.append(key)
            key = ""
        elif mark in "}]" and way:
            way.pop()
        elif mark == ",":
            key = ""
        elif mark != ":":
            key = token[1]
        opened = mark
    return ""
