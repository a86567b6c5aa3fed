"""What verifying found: differences, each with a stable kind and the place of what differs, and what was checked."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

MOST_OF_A_KIND = 100
"""Differences of one kind that are named one by one; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. kind: stable, such as row_missing. where: file, record, operation, partition, key or column.

    expected and found are texts for people; empty where the kind says it all.
    """

    kind: str
    where: Mapping[str, str]
    expected: str = ""
    found: str = ""

    def told(self) -> str:
        """For people, without the kind."""
        place = ", ".join(f"{name} {text}" for name, text in self.where.items())
        parts = [f"expected {self.expected}"] if self.expected else []
        parts += [f"found {self.found}"] if self.found else []
        return f"{place}: {', '.join(parts)}" if parts else place


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked: how many of them, and how long it took. differences: how many it found."""

    name: str
    counted: int
    what: str
    seconds: float
    differences: int


@dataclass(frozen=True, slots=True)
class Report:
    """ok: nothing differs. counts: differences by kind, also those that are not listed one by one.

    unchecked: what could not be checked because cleanup removed it, in words; no difference.
    """

    ok: bool
    generation: int
    differences: tuple[Difference, ...]
    counts: Mapping[str, int]
    checked: tuple[Check, ...]
    seconds: float
    unchecked: tuple[str, ...] = ()

    def document(self) -> dict[str, object]:
        """As `--json` prints it."""
        return {
            "ok": self.ok,
            "generation": self.generation,
            "differences": [asdict(one) for one in self.differences],
            "counts": dict(self.counts),
            "checked": {
                one.name: {"counted": one.counted, "what": one.what, "seconds": round(one.seconds, 3)}
                for one in self.checked
            },
            "unchecked": list(self.unchecked),
            "seconds": round(self.seconds, 3),
        }


@dataclass(slots=True)
class Findings:
    """Differences as they are found."""

    differences: list[Difference] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    checks: list[Check] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    _started: float = field(default_factory=time.monotonic)

    def add(self, kind: str, *, expected: object = "", found: object = "", **where: object) -> None:
        """Take a difference; `where` names its place."""
        self.counts[kind] += 1
        if self.counts[kind] <= MOST_OF_A_KIND:
            places = {name: _text(text) for name, text in where.items() if text is not None}
            self.differences.append(Difference(kind, places, _text(expected), _text(found)))

    def more(self, kind: str, count: int) -> None:
        """Count differences of a kind beyond those that were added."""
        self.counts[kind] += count

    @contextmanager
    def check(self, name: str, what: str) -> Iterator[Counter[str]]:
        """Time a check; its body counts what it looks at under any keys of the yielded counter."""
        started, before, counted = time.monotonic(), self.counts.total(), Counter[str]()
        yield counted
        found = self.counts.total() - before
        self.checks.append(Check(name, counted.total(), what, time.monotonic() - started, found))

    def report(self, *, generation: int) -> Report:
        """All of it."""
        return Report(
            ok=not self.counts,
            generation=generation,
            differences=tuple(self.differences),
            counts=dict(self.counts),
            checked=tuple(self.checks),
            seconds=time.monotonic() - self._started,
            unchecked=tuple(self.unchecked),
        )


def _text(value: object) -> str:
    if value is None:
        return "nothing"
    return value.hex() if isinstance(value, bytes) else str(value)
