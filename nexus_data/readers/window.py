"""The part of a stream that is in memory, always from the start of a record."""

from nexus_data.errors import FileError
from nexus_data.readers.encodings import Utf8

# No record of a real export comes near it; text without any line end must not fill the memory.
MAX_PENDING_BYTES = 64 << 20


class LongRecordError(FileError):
    """A record that does not fit in the memory set aside for one."""


class Window:
    """data: the bytes at hand. final: nothing comes after them. line: the number (from 1) of the line they start in.
    position: how many bytes came before them.

    transcoded: whether the file is in another encoding than UTF-8, for what it cannot decode to be shown rightly.
    """

    def __init__(self, source: Utf8, *, name: str, batch_bytes: int, max_pending: int = MAX_PENDING_BYTES) -> None:
        self._source, self.name, self._batch_bytes = source, name, batch_bytes
        self._max_pending = max(max_pending, 4 * batch_bytes)
        self.transcoded = source.transcoded
        self.data = b""
        self.final = False
        self.line = 1
        self.position = 0
        self._after_cr = False

    def fill(self) -> None:
        """Read on: about a batch more, or as much as is at hand if that is more, so that long records cost no square.

        LongRecordError if more is at hand already than one record may have.
        """
        if len(self.data) > self._max_pending:
            raise LongRecordError(
                f"{self.name}: the record at line {self.line} has more than {self._max_pending} bytes; "
                "no text file has such records"
            )
        self._read(max(self._batch_bytes, len(self.data)))

    def top_up(self) -> None:
        """Read a batch more, unless there still is one."""
        if len(self.data) < self._batch_bytes:
            self._read(self._batch_bytes)

    def drop(self, count: int) -> None:
        """Forget the first `count` bytes: they have been dealt with."""
        dropped, self.data = self.data[:count], self.data[count:]
        self.position += len(dropped)
        if dropped:
            self.line += line_ends(dropped) - (self._after_cr and dropped.startswith(b"\n"))
            self._after_cr = dropped.endswith(b"\r")

    def _read(self, wanted: int) -> None:
        parts = [self.data]
        while wanted > 0 and not self.final:
            block = self._source.read(wanted)
            parts.append(block)
            wanted -= len(block)
            self.final = not block
        self.data = b"".join(parts)


def line_ends(data: bytes, start: int = 0, end: int | None = None) -> int:
    """How many lines end in a part of a text, by CR LF, LF or CR."""
    end = len(data) if end is None else end
    ends = data.count(b"\n", start, end)
    if data.find(b"\r", start, end) < 0:
        return ends
    return ends + data.count(b"\r", start, end) - data.count(b"\r\n", start, end)
