"""The comparison says nothing of a run that came to what was expected, and names whatever did not."""

from dataclasses import replace

from nexus_data.generate.compare import compare
from nexus_data.generate.expected import FATES, Expectation, FileExpectation
from nexus_data.generate.observe import Observation
from nexus_data.results import FileOutcome, RunSummary, Tally
from tests.generate.conftest import Made


def _outcome(file: FileExpectation) -> FileOutcome:
    counts = {fate: getattr(file, fate) for fate in FATES if fate != "published"}
    return FileOutcome(
        name=f"/some/home/landing/{file.path}",
        sha256=file.sha256,
        source=file.source,
        dataset=file.dataset,
        table=file.table,
        status=file.status,
        tally=Tally(records_in=file.records, passed=file.published, **counts),
    )


def _summary(expected: Expectation) -> RunSummary:
    totals = expected.totals
    return RunSummary(
        run_id="r",
        records=totals.records,
        files=totals.files,
        **{fate: getattr(totals, fate) for fate in FATES},
        balanced=True,
        generation=1,
        seconds=1.0,
        cache="current",
        outcomes=tuple(_outcome(file) for file in expected.files),
    )


def _observation(expected: Expectation) -> Observation:
    published = {file.sha256: file.rejections for file in expected.files if file.status == "published"}
    return Observation(rows=expected.rows, operations=expected.operations, rejections=published)


def test_nothing_to_say(dataset: Made) -> None:
    expected = dataset.expected
    assert compare(expected, _summary(expected), _observation(expected)) == ()


def test_totals_and_balance(dataset: Made) -> None:
    summary = replace(_summary(dataset.expected), published=1, balanced=False)
    published = dataset.expected.totals.published
    assert compare(dataset.expected, summary) == (
        f"in all, published: expected {published}, found 1",
        "the run does not balance",
    )


def test_files_missing_unexpected_and_different(dataset: Made) -> None:
    summary = _summary(dataset.expected)
    first, second, *others = summary.outcomes
    stranger = replace(first, name="/elsewhere/other.csv")
    changed = replace(second, status="published", tally=replace(second.tally, held=0))
    found = compare(dataset.expected, replace(summary, outcomes=(stranger, changed, *others)))
    assert found == (
        "bitvavo/u-00003/transactions.csv: expected, but the run did not see it",
        "metatrader/u-00002/statement.csv, held: expected 25, found 0",
        "metatrader/u-00002/statement.csv, status: expected held, found published",
        "/elsewhere/other.csv: in the run, but not expected",
    )


def test_published_facts(dataset: Made) -> None:
    expected = dataset.expected
    seen = _observation(expected)
    cell = seen.operations[0]
    operations = (replace(cell, amount=cell.amount + 1), *seen.operations[1:])
    wrong = replace(seen, rows={**seen.rows, "users": 0}, operations=operations)
    first, second = compare(expected, _summary(expected), wrong)
    assert first == f"rows of users: expected {expected.rows['users']}, found 0"
    assert second.startswith(f"published operations of {cell.month} {cell.currency} {cell.category}: expected ")


def test_quarantine_by_record(dataset: Made) -> None:
    expected = dataset.expected
    file = next(one for one in expected.files if one.path == "nexus/users.csv")
    seen = _observation(expected)
    kept = {sha: found for sha, found in seen.rejections.items() if sha != file.sha256}
    found = compare(expected, _summary(expected), replace(seen, rejections=kept))
    records = sorted((no, one) for one in file.rejections for no in one.records)
    assert found == tuple(
        f"nexus/users.csv, record {no}: expected {one.rules} at {one.hop}, found nothing" for no, one in records
    )


def test_many_differences_are_counted(dataset: Made) -> None:
    expected = dataset.expected
    found = compare(expected, _summary(expected), replace(_observation(expected), operations=()))
    assert len(found) == 11
    assert found[-1] == f"published operations of ...: {len(expected.operations) - 10} more differences"
