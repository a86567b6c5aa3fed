"""The part of a stream that is in memory, always from the start of a record."""

from nexus_data.errors import FileError
from nexus_data.readers.containers import Source

# No record of a real export comes near it; text without any line end must not fill the memory.
MAX_PENDING_BYTES = 64 << 20


class Window:
    """data: the bytes at hand. final: nothing comes after them."""

    def __init__(self, source: Source, *, name: str, batch_bytes: int) -> None:
        self._source, self.name, self._batch_bytes = source, name, batch_bytes
        self.data = b""
        self.final = False

    def fill(self) -> None:
        """Read on: about a batch more, or as much as is at hand if that is more, so that long records cost no square.

        FileError if a single record would not fit in MAX_PENDING_BYTES.
        """
        if len(self.data) > max(MAX_PENDING_BYTES, 4 * self._batch_bytes):
            raise FileError(f"{self.name} has a record of more than {MAX_PENDING_BYTES} bytes; it is no text to read")
        self._read(max(self._batch_bytes, len(self.data)))

    def top_up(self) -> None:
        """Read a batch more, unless there still is one."""
        if len(self.data) < self._batch_bytes:
            self._read(self._batch_bytes)

    def _read(self, wanted: int) -> None:
        parts = [self.data]
        while wanted > 0 and not self.final:
            block = self._source.read(wanted)
            parts.append(block)
            wanted -= len(block)
            self.final = not block
        self.data = b"".join(parts)

    def drop(self, count: int) -> None:
        """Forget the first `count` bytes: they have been dealt with."""
        self.data = self.data[count:]
