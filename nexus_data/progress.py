"""How far a run has come, for whoever looks: one small file in its staging folder, replaced as a whole.

A file and not a callback, so that another process (the terminal that started it) can look at any run; nothing here
shows anything to anybody. What a step reports is approximate and late by a moment: the ledger is what counts.
"""

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

_FILE = "progress.json"
_PAUSE_SECONDS = 0.25


class Progress(msgspec.Struct, frozen=True):
    """A step under way. done, total: in `unit` (bytes, records, marts); total 0: not known. seconds: since it began.

    records, rejected: what the step has seen so far.
    """

    stage: str
    unit: str
    done: int
    total: int
    records: int
    rejected: int
    seconds: float

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.records / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Of this step, if it goes on as it did; None where that cannot be said."""
        if not 0 < self.done <= self.total:
            return None
        return self.seconds / self.done * (self.total - self.done)


@dataclass(slots=True)
class Meter:
    """What a step advances; several threads may. It writes no oftener than every `pause` seconds, and at the end."""

    folder: Path
    stage: str
    unit: str
    total: int
    pause: float = _PAUSE_SECONDS
    done: int = 0
    records: int = 0
    rejected: int = 0
    _began: float = field(default_factory=time.monotonic)
    _written: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._write()

    def advance(self, *, done: int, records: int = 0, rejected: int = 0) -> None:
        """Count what was done since the last time."""
        with self._lock:
            self.done += done
            self.records += records
            self.rejected += rejected
            if self.done >= self.total > 0 or time.monotonic() - self._written >= self.pause:
                self._write()

    def _write(self) -> None:
        self._written = time.monotonic()
        now = Progress(
            stage=self.stage,
            unit=self.unit,
            done=self.done,
            total=self.total,
            records=self.records,
            rejected=self.rejected,
            seconds=self._written - self._began,
        )
        part = self.folder / f"{_FILE}.part"
        part.write_bytes(msgspec.json.encode(now))
        part.replace(self.folder / _FILE)


def meter(staging: Path, stage: str, *, unit: str, total: int, pause: float = _PAUSE_SECONDS) -> Meter:
    """Begin to report a step."""
    return Meter(folder=staging, stage=stage, unit=unit, total=total, pause=pause)


def current(home: Path) -> Progress | None:
    """What the run under way in this home has come to; None without one."""
    for path in (home / "staging").glob(f"*/{_FILE}"):
        try:
            return msgspec.json.decode(path.read_bytes(), type=Progress)
        except (OSError, msgspec.DecodeError):  # the run has just ended
            continue
    return None


def of_run(home: Path, run_id: str) -> Progress | None:
    """What that run has come to; None when it is not under way, or has not said anything yet."""
    try:
        return msgspec.json.decode((home / "staging" / run_id / _FILE).read_bytes(), type=Progress)
    except (OSError, msgspec.DecodeError):
        return None
