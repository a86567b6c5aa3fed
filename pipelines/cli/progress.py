"""The progress display of a run: its steps and how far each has come, on stderr, on a terminal only."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from nexus_data.progress import Progress, current
from pipelines.cli.output import is_terminal

_STEPS = {
    "raw_files": "keep the files, find their contracts",
    "standardized_records": "standardize the records",
    "deduplicate": "de-duplicate, write the lake",
    "refresh_marts": "compute the marts",
    "publish": "publish to Postgres, in one commit",
    "prove_the_commit": "prove the commit against the ledger",
    "dashboard_cache": "refresh the cache",
    "run_summary": "sum up",
}
_STAGES = {
    "standardized_records": "standardize",
    "deduplicate": "deduplicate",
    "publish": "publish",
}
"""What the library calls the steps that say how far they have come."""
_MARKS = {"success": Text(" ✓ ", "green"), "failure": Text(" ✗ ", "red")}

Watch = Callable[[str, str], None]


class _Steps:
    """What has been reported so far, as a renderable: a line for each step."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._since = time.monotonic()
        self._lines: dict[str, tuple[str, float]] = {"services": ("start", self._since)}

    def report(self, step: str, state: str) -> None:
        now = time.monotonic()
        if "start" in self._lines["services"][0]:
            self._lines["services"] = ("success", now - self._since)
        if step in _STEPS:
            began = self._lines.get(step, ("", now))[1]
            self._lines[step] = (state, now if state == "start" else now - began)

    def __rich__(self) -> Group:
        return Group(*(self._line(step, state, at) for step, (state, at) in self._lines.items()))

    def _line(self, step: str, state: str, at: float) -> Text | Spinner:
        words = _STEPS.get(step, "start services, migrate, take the lock")
        if state == "start":
            elapsed = time.monotonic() - at
            # In one line on any terminal: the last words are those that a narrow one can do without.
            said = Text(
                f" {words}  {elapsed:.1f} s{self._come_so_far(step, elapsed)}", no_wrap=True, overflow="ellipsis"
            )
            return Spinner("dots", said)
        return Text.assemble(_MARKS[state], words, (f"  {at:.1f} s", "dim"))

    def _come_so_far(self, step: str, elapsed: float) -> str:
        now = current(self._home) if step in _STAGES else None
        return f"  {in_words(now, elapsed)}" if now is not None and now.stage == _STAGES[step] else ""


def in_words(now: Progress, elapsed: float) -> str:
    """Records, rate, rejected so far and time left, as far as each is known.

    elapsed: seconds since the step began, of which `now` may tell an earlier moment: the time left goes on running.
    """
    if not now.records:
        return _of_total(now)
    # What is done of the step's records is no rate any more, once it has gone on to something else.
    rate = [f"{now.rate:,.0f}/s"] if now.done < now.total or not now.total else []
    said = [f"{now.records:,} records", *rate]
    if now.rejected:
        said.append(f"{now.rejected:,} rejected")
    left = (now.seconds_left or 0) - max(elapsed - now.seconds, 0)
    if left >= 1 and now.seconds > 1:
        said.append(f"{int(left) // 60}:{int(left) % 60:02d} left" if left >= 60 else f"{left:.0f} s left")
    return ", ".join(said)


def _of_total(now: Progress) -> str:
    if not now.total:
        return ""
    return f"{now.total / 1e6:,.1f} MB" if now.unit == "bytes" else f"{now.done:,} of {now.total:,} {now.unit}"


@contextmanager
def steps(home: Path) -> Iterator[Watch | None]:
    """Show the steps that are reported to the yielded function, of a run in this home; None where nobody looks."""
    if not is_terminal():
        yield None
        return
    shown = _Steps(home)
    with Live(shown, console=Console(stderr=True), refresh_per_second=8, transient=False):
        yield shown.report
