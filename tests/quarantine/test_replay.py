"""Replay: what passes now is published, what does not stays, and the ledger says both."""

from tests.quarantine.conftest import Correct, Replay
from tests.spine.conftest import Ask, Land, RunFiles, milestone, operation, project

_OPEN = "SELECT count(*) FROM quarantine WHERE resolved_generation IS NULL"


def test_a_correction_publishes_its_record_and_is_kept(
    run: RunFiles, correct: Correct, again: Replay, land: Land, ask: Ask
) -> None:
    file = land("a.csv", [operation(1), operation(2, amount="many"), operation(3, amount="few", currency="")])
    first = run(file, user="u1")
    assert (first.published, first.rejected) == (1, 2)
    summary = correct("a.csv,2,amount,2.25")
    assert (summary.records, summary.published, summary.rejected, summary.balanced) == (1, 1, 0, True)
    assert summary.generation == 2
    assert ask(
        "SELECT record_no, amount::text, row_fp = (SELECT row_fp FROM quarantine WHERE record_no = 2) "
        "FROM trading_operations WHERE exec_id = 'E2'"
    ) == [(2, "2.250000000000000000", True)]
    assert ask("SELECT record_no, rules, resolution, resolved_generation FROM quarantine ORDER BY record_no") == [
        (2, "UNPARSABLE:amount", "published", 2),
        (3, "UNPARSABLE:amount;MISSING:currency", None, None),
    ]
    assert ask("SELECT record_no, field, old_text, new_text, made_by, reason, generation FROM corrections") == [
        (2, "amount", "many", "2.25", "ann", "as the bank's letter says", 2)
    ]
    same = correct("a.csv,2,amount,2.25")
    assert (same.records, same.generation) == (0, 2)
    assert again().generation == 2
    assert ask("SELECT max(generation) FROM generations") == [(2,)]


def test_records_pass_once_their_milestone_is_there(run: RunFiles, again: Replay, land: Land, ask: Ask) -> None:
    run(land("a.csv", [operation(1, milestone_id="m1"), operation(2)]), user="u1")
    assert ask("SELECT rules FROM quarantine") == [("UNKNOWN_MILESTONE:milestone_id",)]
    run(land("p.csv", [project("p1")]), land("m.csv", [milestone("m1")]), user="u1")
    summary = again()
    assert (summary.records, summary.published, summary.balanced) == (1, 1, True)
    assert ask(_OPEN) == [(0,)]
    assert ask("SELECT milestone_id FROM trading_operations WHERE exec_id = 'E1'") == [("m1",)]
