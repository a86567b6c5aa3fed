"""The physical lines of a text in whatever encoding. Bytes that are no text stand as U+DC00 + byte."""

import codecs
import re
from collections.abc import Iterator
from typing import IO

_BLOCK = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BAD = re.compile("[\udc00-\udcff]")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")


def declared(head: bytes) -> str | None:
    """The encoding that a byte order mark declares."""
    return next((name for mark, name in _BOMS if head.startswith(mark)), None)


def lines(stream: IO[bytes], encoding: str) -> Iterator[str]:
    """Every line with its end (CR LF, LF or CR), without a byte order mark."""
    head = stream.read(_BLOCK)
    name = declared(head) or encoding
    if codecs.lookup(name).name in ("utf-8", "ascii", "utf-8-sig"):
        yield from _utf8_lines(head.removeprefix(codecs.BOM_UTF8), stream)
    else:
        yield from _other_lines(head, stream, codecs.getincrementaldecoder(name)("nexus_verify"))


def _utf8_lines(head: bytes, stream: IO[bytes]) -> Iterator[str]:
    rest, block = b"", head
    while block:
        data = rest + block
        found = data.splitlines(keepends=True)
        # The last line may go on, and a CR at its end may be half of CR LF.
        rest = found.pop() if found else b""
        for line in found:
            yield line.decode("utf-8", "nexus_verify")
        block = stream.read(_BLOCK)
    if rest:
        yield rest.decode("utf-8", "nexus_verify")


def _other_lines(head: bytes, stream: IO[bytes], decoder: codecs.IncrementalDecoder) -> Iterator[str]:
    rest, block = "", head
    while block:
        found = _LINE.findall(rest + decoder.decode(block))
        rest = found.pop() if found else ""
        yield from found
        block = stream.read(_BLOCK)
    yield from _LINE.findall(rest + decoder.decode(b"", final=True))


def is_damaged(text: str) -> bool:
    """Whether there are bytes in it that are no text."""
    return not text.isascii() and _BAD.search(text) is not None


def shown(text: str) -> str:
    """Text for people: bytes that are no text, and NUL, as \\xNN."""
    if is_damaged(text):
        text = _BAD.sub(lambda bad: f"\\x{ord(bad[0]) - 0xDC00:02x}", text)
    return text.replace("\0", "\\x00")


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error("nexus_verify", _mark)
