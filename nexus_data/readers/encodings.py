"""Bytes in any encoding in, UTF-8 bytes out, with every undecodable byte still visible as bytes that are no UTF-8.

Readers then work on UTF-8 alone. Which encoding a file is in, is found out in `nexus_data.readers.probe`.
"""

import codecs
import re

from nexus_data.readers.containers import Source, read_up_to

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# U+DC00 + byte, as UTF-8 would write it if it were allowed to: what `_mark` leaves of an undecodable byte.
_MARK = re.compile(rb"\xed([\xb0-\xb3])([\x80-\xbf])")


def bom_encoding(head: bytes) -> str | None:
    """The encoding that a byte order mark at the start declares."""
    return next((name for bom, name in _BOMS if head.startswith(bom)), None)


def is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii")


def known_encoding(name: str) -> bool:
    """Whether texts in this encoding can be read."""
    try:
        return bool(codecs.lookup(name)._is_text_encoding)
    except LookupError:
        return False


def without_bom(data: bytes) -> bytes:
    """The bytes without a UTF-8 mark; the other marks are eaten by their decoders."""
    return data.removeprefix(codecs.BOM_UTF8)


class Utf8:
    """A stream transcoded to UTF-8 as it is read. A byte order mark wins over `encoding`, and is removed."""

    def __init__(self, source: Source, encoding: str) -> None:
        self._source = source
        self._head = read_up_to(source, 4)
        self.encoding = bom_encoding(self._head) or encoding
        self.transcoded = not is_utf8(self.encoding)
        self._decoder = codecs.getincrementaldecoder(self.encoding)("nexus_mark") if self.transcoded else None
        if self._decoder is None:
            self._head = without_bom(self._head)

    def read(self, size: int, /) -> bytes:
        """At most about `size` bytes of the file; b"" only at its end."""
        while True:
            raw, self._head = self._head or self._source.read(size), b""
            if self._decoder is None:
                return raw
            text = self._decoder.decode(raw, final=not raw)
            if text or not raw:
                return text.encode("utf-8", "surrogatepass")


def shown(raw: bytes, *, transcoded: bool) -> str:
    """Text for people: undecodable bytes and NUL as \\xNN."""
    if transcoded:
        raw = _MARK.sub(_escape, raw)
    return raw.decode("utf-8", "backslashreplace").replace("\0", "\\x00")


def _escape(mark: re.Match[bytes]) -> bytes:
    byte = (mark[1][0] - 0xB0) << 6 | (mark[2][0] & 0x3F)
    return b"\\x%02x" % byte


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) for byte in bad), error.end


codecs.register_error("nexus_mark", _mark)
