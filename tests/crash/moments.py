"""Moments of a run: the n-th time that a function is entered or left, and how long after that.

A run is watched with `sys.settrace`, so that no hook for tests stands in the product, and a moment has the same name in
every run. Where the run is inside of native code (a Parquet file, a Delta commit, a statement) the delay gets there.
"""

import random
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

_WATCHED = re.compile(
    r"nexus_data\.(?!contract\b|readers\b|kernel\b|tables\b|sql\b|errors\b)(?!.*__create_fn__).*"
    r"|deltalake\.(table\.DeltaTable\.(create|restore|create_write_transaction)|writer\..*write_deltalake)"
    r"|psycopg\.(connection\.Connection\.(connect|commit|rollback|execute|close)|cursor\.Cursor\.(execute|fetchall|copy))"
    r"|psycopg\._?copy.*\.Copy\.(write|finish)"
    r"|redis\.client\.(Redis|Pipeline)\.(execute_command|execute)|redis\.commands\.core\..*\.(mset|expire)"
    r"|pathlib\.Path\.(open|touch|mkdir|rename|replace|unlink|chmod|write_bytes|write_text)"
    r"|shutil\.(rmtree|_rmtree_safe_fd)"
)
_WRITTEN = re.compile(
    r"(?:(?P<within>[\w.<>]+) > )?(?P<function>[\w.<>]+) (?P<event>call|return) (?P<nth>\d+)(?: \+(?P<delay>[\d.]+)ms)?"
)

Key = tuple[str, str]
"""Function (module and qualified name) and event: call or return."""


@dataclass(frozen=True, slots=True)
class Moment:
    """delay: milliseconds after the event; None: right at it. within: count only once this function is entered."""

    function: str
    event: str
    nth: int = 1
    delay: float | None = None
    within: str | None = None

    def __str__(self) -> str:
        after = "" if self.delay is None else f" +{self.delay:g}ms"
        before = "" if self.within is None else f"{self.within} > "
        return f"{before}{self.function} {self.event} {self.nth}{after}"

    @classmethod
    def of(cls, text: str) -> "Moment":
        """The moment that is written so."""
        found = _WRITTEN.fullmatch(text)
        assert found, f"{text!r} is not: [FUNCTION > ]FUNCTION call|return N [+MILLISECONDSms]"
        delay = None if found["delay"] is None else float(found["delay"])
        return cls(found["function"], found["event"], int(found["nth"]), delay, found["within"])


def draw(seen: Mapping[Key, int], chance: random.Random) -> Moment:
    """A moment of a run in which these were counted: every function has the same share, however often it is called."""
    function, event = chance.choice(sorted(seen))
    nth = chance.randint(1, seen[function, event])
    kind = chance.random()
    delay = None if kind < 0.5 else round(chance.uniform(0, 5 if kind < 0.75 else 60), 1)
    return Moment(function, event, nth, delay)


def count(run: Callable[[], object]) -> Counter[Key]:
    """How often each watched function was entered and left while `run` ran."""
    seen: Counter[Key] = Counter()

    def note(function: str, event: str) -> None:
        seen[function, event] += 1

    _watch(note)
    run()
    _watch(None)
    return seen


def arm(moment: Moment, act: Callable[[], object]) -> None:
    """Have `act` called once, at the moment, by the thread that gets there."""
    left, inside = [moment.nth], [moment.within is None]

    def note(function: str, event: str) -> None:
        inside[0] |= function == moment.within
        if not inside[0] or function != moment.function or event != moment.event:
            return
        left[0] -= 1
        if left[0] == 0:
            _watch(None)
            act()

    _watch(note)


def _watch(note: Callable[[str, str], None] | None) -> None:
    if note is None:
        threading.settrace(None)  # type: ignore[arg-type]
        sys.settrace(None)
        return
    # By id, for the hash of a code object costs as much as all the rest; held, so that no id comes twice.
    known: dict[int, tuple[CodeType, str | None]] = {}

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        code = frame.f_code
        if id(code) not in known:
            known[id(code)] = code, _name(frame)
        name = known[id(code)][1]
        if name is None:
            return None
        frame.f_trace_lines = False
        if event != "exception":  # it is left by one, too, or goes on
            note(name, event)
        return trace

    threading.settrace(trace)
    sys.settrace(trace)


def _name(frame: FrameType) -> str | None:
    name = f"{frame.f_globals.get('__name__')}.{frame.f_code.co_qualname}"
    return name if _WATCHED.fullmatch(name) and not name.endswith(("expr>", "comp>", "<lambda>")) else None
