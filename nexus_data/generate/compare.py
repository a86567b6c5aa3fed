"""Says in words where a run differs from what a generated data set must come to. No difference: no words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TypeVar

from nexus_data.generate.expected import FATES, Expectation, FileExpectation, OperationsCell, Rejection
from nexus_data.generate.observe import Observation
from nexus_data.results import FileOutcome, RunSummary, Tally

_Key = TypeVar("_Key", int, str)

_MOST = 10  # differences told of one kind, so that one wrong rule does not fill the screen


def compare(expected: Expectation, summary: RunSummary, observed: Observation | None = None) -> tuple[str, ...]:
    """Every difference, readable: of the run's summary, and of the published facts where they are given."""
    found = [*_totals(expected, summary), *_files(expected.files, summary.outcomes)]
    if observed is not None:
        found += _differences("rows of", expected.rows, {name: observed.rows.get(name, 0) for name in expected.rows})
        found += _differences("published operations of", _cells(expected.operations), _cells(observed.operations))
        for file in expected.files:
            if file.status == "published":
                seen = observed.rejections.get(file.sha256, ())
                found += _differences(f"{file.path}, record", _rejected(file.rejections), _rejected(seen))
    return tuple(found)


def _totals(expected: Expectation, summary: RunSummary) -> Iterator[str]:
    wanted = asdict(expected.totals)
    yield from _differences("in all,", wanted, {name: getattr(summary, name) for name in wanted})
    if not summary.balanced:
        yield "the run does not balance"


def _files(expected: Sequence[FileExpectation], outcomes: Sequence[FileOutcome]) -> Iterator[str]:
    left = list(outcomes)
    for file in expected:
        mine = [outcome for outcome in left if _same(outcome.name, file.path)]
        if not mine:
            yield f"{file.path}: expected, but the run did not see it"
            continue
        left.remove(mine[0])
        yield from _differences(f"{file.path},", _wanted(file), _seen(mine[0]))
    yield from (f"{outcome.name}: in the run, but not expected" for outcome in left)


def _same(name: str, path: str) -> bool:
    return name == path or name.endswith(f"/{path}")


def _wanted(file: FileExpectation) -> dict[str, object]:
    facts = ("sha256", "source", "dataset", "table", "status", "records", *FATES)
    return {fact: getattr(file, fact) for fact in facts}


def _seen(outcome: FileOutcome) -> dict[str, object]:
    facts = ("sha256", "source", "dataset", "table", "status")
    return {**{fact: getattr(outcome, fact) for fact in facts}, **_counts(outcome.tally)}


def _counts(tally: Tally) -> dict[str, object]:
    rest = ("rejected", "duplicate", "superseded", "skipped", "held")
    return {"records": tally.records_in, "published": tally.passed, **{name: getattr(tally, name) for name in rest}}


def _cells(cells: Sequence[OperationsCell]) -> dict[str, str]:
    """Amounts without trailing zeros: how many places a sum is written with says nothing."""
    named = ((f"{cell.month} {cell.currency} {cell.category}", cell) for cell in cells)
    return {name: f"{cell.operations} of {cell.amount.normalize():f}" for name, cell in named}


def _rejected(rejections: Sequence[Rejection]) -> dict[int, str]:
    return {record: f"{one.rules} at {one.hop}" for one in rejections for record in one.records}


def _differences(what: str, expected: Mapping[_Key, object], seen: Mapping[_Key, object]) -> Iterator[str]:
    keys = set(expected) | set(seen)
    wrong = [key for key in sorted(keys) if expected.get(key) != seen.get(key)]
    for key in wrong[:_MOST]:
        yield f"{what} {key}: expected {_shown(expected, key)}, found {_shown(seen, key)}"
    if len(wrong) > _MOST:
        yield f"{what} ...: {len(wrong) - _MOST} more differences"


def _shown(values: Mapping[_Key, object], key: _Key) -> str:
    return str(values[key]) if key in values else "nothing"
