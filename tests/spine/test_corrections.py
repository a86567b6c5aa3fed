"""A source's own corrections and cancels: what is published, what is kept, and a ledger that still adds up."""

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from nexus_data.checks import ledger_balances, published_fingerprints, published_rows
from nexus_data.postgres.connect import connection
from tests.spine.conftest import Ask, Land, RunFiles, operation

_PUBLISHED = "SELECT exec_id, amount::int, to_char(date, 'MM-DD'), generation FROM trading_operations ORDER BY 1"
_HISTORY = (
    "SELECT exec_id, amount::int, action, generation, superseded_generation, superseded_reason "
    "FROM superseded_operations ORDER BY superseded_generation, generation, file_id, record_no"
)


def fill(exec_id: str, amount: int, exec_type: str = "F", refers_to: str = "", **changes: object) -> dict[str, object]:
    """An execution report of the plain format, in March 2024 unless it says otherwise."""
    plain = operation(1, exec_id=exec_id, amount=amount, description="")
    return {**plain, "exec_type": exec_type, "exec_ref_id": refers_to, **changes}


def demand_evidence(database_url: str, ask: Ask) -> None:
    """The ledger balances, is what the tables hold, and counts just what the history keeps."""
    for check in (ledger_balances(database_url), *(f(database_url, everything=True) for f in _CHECKS)):
        assert check.passed, check.summary
    counted = ask(
        "SELECT coalesce(sum(superseded), 0)::int, coalesce(sum(fp_superseded), 0) FROM ledger "
        "WHERE table_name = 'trading_operations'"
    )
    assert counted == ask("SELECT count(*)::int, coalesce(sum(row_fp), 0) FROM superseded_operations")


_CHECKS = (published_rows, published_fingerprints)


def test_a_correction_takes_the_place_of_its_original_in_another_month(
    land: Land, run: RunFiles, ask: Ask, database_url: str
) -> None:
    run(land("day1.csv", [fill("A", 100), fill("B", 200)]), user="u1")
    moved = fill("A2", 111, "G", "A", transact_time="2024-04-05T10:00:00Z")
    summary = run(land("day2.csv", [moved]), user="u1")
    assert (summary.published, summary.superseded, summary.balanced) == (1, 0, True)
    assert ask(_PUBLISHED) == [("A2", 111, "04-05", 2), ("B", 200, "03-02", 1)]
    assert ask(_HISTORY) == [("A", 100, None, 1, 2, "correction")]
    assert ask("SELECT hop, partition, records_in, superseded FROM ledger WHERE hop = 'supersede'") == [
        ("supersede", "2024-03", 1, 1)
    ]
    assert ask("SELECT month, sum(amount)::int FROM marts.daily_totals GROUP BY 1 ORDER BY 1") == [
        ("2024-03", 200),
        ("2024-04", 111),
    ]
    demand_evidence(database_url, ask)


def test_a_cancel_publishes_nothing_and_is_kept_beside_what_it_cancels(
    land: Land, run: RunFiles, ask: Ask, database_url: str
) -> None:
    run(land("day1.csv", [fill("A", 100), fill("B", 200)]), user="u1")
    again = land("day2.csv", [fill("X", 100, "H", "A")])
    assert run(again, user="u1").superseded == 1
    assert ask(_PUBLISHED) == [("B", 200, "03-02", 1)]
    assert ask(_HISTORY) == [("A", 100, None, 1, 2, "cancel"), ("X", 100, "cancel", 2, 2, "cancel")]
    late = run(land("day3.csv", [fill("A", 100), fill("A9", 99, "G", "A")]), user="u1")
    assert (late.published, late.duplicate, late.superseded) == (0, 1, 1), "a cancel is final"
    demand_evidence(database_url, ask)


_CHAIN = (fill("A", 1), fill("B", 2, "G", "A"), fill("C", 3, "G", "B"), fill("C", 4, "G", revision=2))


@pytest.mark.parametrize("order", [(2, 0, 1, 3), (3, 2, 1, 0)])
def test_corrections_that_arrive_before_their_originals_win_all_the_same(
    land: Land, run: RunFiles, ask: Ask, database_url: str, order: tuple[int, ...]
) -> None:
    for number in order:
        row = {"revision": 1, **_CHAIN[number]}
        run(land(f"{number}.csv", [row]), user="u1")
    assert [row[:2] for row in ask(_PUBLISHED)] == [("C", 4)]
    assert sorted(row[1] for row in ask(_HISTORY)) == [1, 2, 3]
    demand_evidence(database_url, ask)


def test_in_one_file_in_any_order(land: Land, run: RunFiles, ask: Ask, database_url: str) -> None:
    """Every order of four versions, each for an account of its own, in one file; and then the same file once more."""
    rows = [
        {"revision": 1, **_CHAIN[number], "account_id": f"A{place}"}
        for place, order in enumerate(permutations(range(4)))
        for number in order
    ]
    summary = run(land("all.csv", rows), user="u1")
    assert (summary.published, summary.superseded, summary.rejected) == (24, 72, 0)
    assert {row[:2] for row in ask(_PUBLISHED)} == {("C", 4)}
    summary = run(land("again.csv", rows[::-1]), user="u1")
    assert (summary.published, summary.duplicate) == (0, 96)
    demand_evidence(database_url, ask)


def test_the_same_id_with_other_content_that_nobody_calls_a_correction_is_a_conflict(
    land: Land, run: RunFiles, ask: Ask, database_url: str
) -> None:
    run(land("1.csv", [fill("A", 1), fill("B", 5), fill("A", 2, "G")]), user="u1")
    summary = run(land("2.csv", [fill("A", 1), fill("A", 3), fill("B", 6), fill("A", 2)]), user="u1")
    assert (summary.duplicate, summary.rejected, summary.published) == (1, 3, 0)
    assert ask("SELECT DISTINCT rules FROM quarantine") == [("ID_CONFLICT:exec_id",)]
    assert [row[:2] for row in ask(_PUBLISHED)] == [("A", 2), ("B", 5)]
    demand_evidence(database_url, ask)


def test_a_revision_that_names_nothing_is_rejected(land: Land, run: RunFiles, ask: Ask) -> None:
    assert run(land("1.csv", [fill("", 1, "G"), fill("", 2, "H", "A")]), user="u1").rejected == 1
    assert ask("SELECT record_no, rules FROM quarantine") == [(1, "MISSING:exec_id")]


def test_what_a_correction_refers_to_and_is_not_known_is_told(land: Land, run: RunFiles, ask: Ask) -> None:
    row: dict[str, Any] = fill("A", 1, "G", milestone_id="nowhere")
    path: Path = land("1.csv", [row])
    assert run(path, user="u1").rejected == 1
    assert ask("SELECT rules FROM quarantine") == [("UNKNOWN_MILESTONE:milestone_id",)]


def test_marts_of_a_small_run_are_what_all_of_the_lake_gives(
    land: Land, run: RunFiles, ask: Ask, database_url: str
) -> None:
    """Of a run that brings little only its groups are computed; what it takes back changes others."""
    run(land("many.csv", [fill(f"N{number}", number, symbol=f"S{number}") for number in range(12)]), user="u1")
    few = [fill("M", 5, "G", "N1", symbol="S1"), fill("X", 0, "H", "N2"), fill("Y", 7, symbol="S3")]
    run(land("few.csv", few), user="u1")
    marts = ("TABLE marts.positions ORDER BY symbol", "TABLE marts.daily_totals ORDER BY date")
    found = [ask(mart) for mart in marts]
    with connection(database_url) as database:
        database.execute("DROP TABLE marts.positions, marts.daily_totals")
    run(land("none.csv", [fill("Y", 7, symbol="S3")]), user="u1")
    assert found == [ask(mart) for mart in marts]
    assert sum(row[4] for row in found[0]) == 12


def test_a_mart_that_another_definition_made_is_computed_whole(
    land: Land, run: RunFiles, ask: Ask, database_url: str
) -> None:
    run(land("many.csv", [fill(f"N{number}", number, symbol=f"S{number}") for number in range(12)]), user="u1")
    changed = "SELECT operations FROM marts.positions WHERE symbol = 'S5'"
    with connection(database_url) as database:
        database.execute("UPDATE marts.positions SET operations = 99 WHERE symbol = 'S5'")
    run(land("one.csv", [fill("X", 7, symbol="S3")]), user="u1")
    assert ask(changed) == [(99,)], "no run looks at what it does not touch"
    with connection(database_url) as database:
        database.execute("COMMENT ON TABLE marts.positions IS 'what an earlier release said'")
    run(land("another.csv", [fill("Y", 7, symbol="S3")]), user="u1")
    assert ask(changed) == [(1,)]
