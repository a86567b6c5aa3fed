"""What a kept file is, judged by its bytes alone: never by its name."""

import json
from pathlib import Path
from typing import Literal

from nexus_data.readers.containers import HEAD_BYTES, is_workbook, members, opened, read_up_to
from nexus_data.readers.encodings import bom_encoding, is_utf8, without_bom

Nature = Literal["empty", "csv", "json", "jsonl", "parquet", "xlsx", "binary"]

_NO_LIMIT = 1 << 62
# Text may hold a stray NUL or escape; more of them than one and one byte in fifty is no text.
_MAX_CONTROL_SHARE = 0.02
_CONTROL = bytes(byte for byte in range(32) if byte not in b"\t\n\v\f\r")


def nature(path: Path) -> Nature:
    """What the file is inside of its container; "csv" stands for any text that is not JSON.

    FileError for a folder, a vanished, an unreadable or a truncated file.
    """
    with opened(path) as raw:
        if is_workbook(raw):
            return "xlsx"
    for member in members(path, max_expanded_bytes=_NO_LIMIT):
        if head := read_up_to(member.source, HEAD_BYTES):
            return _of_head(head)
    return "empty"


def _of_head(head: bytes) -> Nature:
    if head.startswith(b"PAR1"):
        return "parquet"
    text = _text(head)
    if text is None:
        return "binary"
    text = text.strip()
    if not text:
        return "empty" if len(head) < HEAD_BYTES else "csv"
    return _json(text) if text.startswith((b"{", b"[")) else "csv"


def _text(head: bytes) -> bytes | None:
    """The head as UTF-8 without its byte order mark; None for what is no text."""
    encoding = bom_encoding(head) or "utf-8"
    text = without_bom(head) if is_utf8(encoding) else head.decode(encoding, "ignore").encode("utf-8", "replace")
    control = len(text) - len(text.translate(None, _CONTROL))
    return text if few(control, len(text)) else None


def few(bad: int, length: int) -> bool:
    """Whether so many bytes that are no text may stand in a text of that length."""
    return bad <= 1 + _MAX_CONTROL_SHARE * length and 2 * bad <= length


def _json(text: bytes) -> Nature:
    """Lines of JSON if the first line is an object by itself and the next, if there is one, starts another."""
    lines = [line for line in text.splitlines() if line.strip()][:2]
    if not all(line.startswith(b"{") for line in lines):
        return "json"
    return "jsonl" if _is_json(lines[0]) else "json"


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
