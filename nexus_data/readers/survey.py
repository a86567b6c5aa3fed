"""One pass over a file of text: is its container whole, is it UTF-8? Done once, however many contracts look at it."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nexus_data.errors import FileError
from nexus_data.readers.containers import members
from nexus_data.readers.encodings import Utf8

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Survey:
    """good, bad: how many lines with bytes beyond ASCII are UTF-8, and how many are not."""

    good: int
    bad: int

    @property
    def utf8(self) -> bool:
        """Whether bad lines are damage to a UTF-8 file, rather than the sign of another encoding."""
        return self.bad <= self.good


def survey(path: Path, *, max_expanded_bytes: int) -> Survey:
    """Read the file to its end. FileError as `containers.members`. A byte order mark's encoding is decoded first."""
    try:
        stat = path.stat()
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from None
    return _survey(path, (stat.st_size, stat.st_mtime_ns, stat.st_ino), max_expanded_bytes)


def non_blank_lines(path: Path, *, max_expanded_bytes: int) -> int:
    """How many lines of the file hold more than white space. FileError as `containers.members`."""
    count, counted = 0, False
    for member in members(path, max_expanded_bytes=max_expanded_bytes):
        text = Utf8(member.source, "utf-8")
        counted = False
        while block := text.read(_BLOCK):
            for piece in block.splitlines(keepends=True):
                count += not counted and not piece.isspace()
                counted = not piece.endswith((b"\n", b"\r")) and (counted or not piece.isspace())
    return count


@lru_cache(maxsize=64)
def _survey(path: Path, _version: tuple[int, int, int], max_expanded_bytes: int) -> Survey:
    counter = _Counter()
    for member in members(path, max_expanded_bytes=max_expanded_bytes):
        text = Utf8(member.source, "utf-8")
        while block := text.read(_BLOCK):
            counter.add(block)
        counter.add(b"\n")
    return Survey(counter.good, counter.bad)


class _Counter:
    """Counts over blocks that may cut a line anywhere."""

    def __init__(self) -> None:
        self.good = self.bad = 0
        self._rest = b""

    def add(self, block: bytes) -> None:
        if block.isascii() and not self._rest:
            return
        text = self._rest + block
        cut = text.rfind(b"\n") + 1 or text.rfind(b"\r") + 1 or (len(text) if len(text) > 4 * _BLOCK else 0)
        self._rest = text[cut:] if not text[cut:].isascii() else b""
        for line in text[:cut].splitlines():
            if not line.isascii():
                self._judge(line)

    def _judge(self, line: bytes) -> None:
        try:
            line.decode()
        except UnicodeDecodeError:
            self.bad += 1
        else:
            self.good += 1
