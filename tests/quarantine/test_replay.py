"""Replay: what passes now is published, what does not stays, and the ledger says both."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from nexus_data.deduplicate import deduplicate
from nexus_data.errors import RunError
from nexus_data.quarantine.replay import begin_replay
from nexus_data.quarantine.request import ReplayRequest
from nexus_data.runs import Run, open_run
from nexus_data.settings import Settings
from nexus_data.standardize import standardize
from tests.quarantine.conftest import Correct, Prove, Replay
from tests.spine.conftest import Ask, Land, RunFiles, milestone, operation, project, user

_OPEN = "SELECT record_no, rules FROM quarantine WHERE resolved_generation IS NULL ORDER BY record_no"
_GENERATION = "SELECT max(generation) FROM generations"


def test_a_correction_publishes_its_record_and_is_kept(
    settings: Settings, run: RunFiles, correct: Correct, again: Replay, land: Land, ask: Ask, prove: Prove
) -> None:
    file = land("a.csv", [operation(1), operation(2, amount="many"), operation(3, amount="few", currency="")])
    first = run(file, user="u1")
    assert (first.published, first.rejected) == (1, 2)
    summary = correct("a.csv,2,amount,2.25")
    assert (summary.records, summary.published, summary.rejected, summary.balanced) == (1, 1, 0, True)
    assert summary.generation == 2
    assert [(one.name, one.status, one.tally.records_in) for one in summary.outcomes] == [(str(file), "replayed", 1)]
    assert ask("SELECT record_no, amount FROM trading_operations WHERE exec_id = 'E2'") == [(2, Decimal("2.25"))]
    assert ask("SELECT o.row_fp = q.row_fp FROM trading_operations AS o JOIN quarantine AS q USING (record_no)") == [
        (True,)
    ]
    assert ask("SELECT record_no, resolution, resolved_generation FROM quarantine ORDER BY record_no") == [
        (2, "published", 2),
        (3, None, None),
    ]
    assert ask("SELECT record_no, field, old_text, new_text, made_by, reason, generation FROM corrections") == [
        (2, "amount", "many", "2.25", "ann", "as the bank's letter says", 2)
    ]
    sha256 = summary.outcomes[0].sha256
    assert (settings.home / "raw" / sha256[:2] / sha256).read_bytes() == file.read_bytes()
    prove()
    assert [correct("a.csv,2,amount,2.25").generation, again().generation] == [2, 2]
    assert ask(_GENERATION) == [(2,)]


def test_the_ledger_shows_rejected_down_and_published_up_by_the_same_number(
    run: RunFiles, again: Replay, land: Land, ask: Ask, prove: Prove
) -> None:
    rows = [operation(n, milestone_id="m1" if n < 3 else "m2") for n in range(5)]
    run(land("a.csv", rows), user="u1")
    run(land("p.csv", [project("p1")]), land("m.csv", [milestone("m1")]), user="u1")
    summary = again(rule="UNKNOWN_MILESTONE", source="nexus", since="1")
    assert (summary.records, summary.published, summary.rejected, summary.balanced) == (5, 3, 2, True)
    assert ask("SELECT hop, records_in, passed, rejected FROM ledger WHERE generation = 3 ORDER BY hop") == [
        ("deduplicate", 5, 3, 2),
        ("publish", 3, 3, 0),
        ("replay", 5, 5, 0),
        ("standardize", 5, 5, 0),
    ]
    assert ask("SELECT sum(passed) FROM ledger WHERE hop = 'publish' AND table_name = 'trading_operations'") == [(3,)]
    assert ask("SELECT rejected, published FROM marts.data_quality WHERE table_name = 'trading_operations'") == [(2, 3)]
    assert len(ask(_OPEN)) == 2
    assert again().generation == 3
    prove()


def test_other_rules_than_before_leave_both_judgements(
    run: RunFiles, correct: Correct, land: Land, ask: Ask, prove: Prove
) -> None:
    run(land("a.csv", [operation(1, amount="few", currency="")]), user="u1")
    first = correct("a.csv,1,amount,4.25")
    assert (first.published, first.rejected, first.generation) == (0, 1, 2)
    assert ask("SELECT rules, generation, resolution, resolved_generation FROM quarantine ORDER BY generation") == [
        ("UNPARSABLE:amount;MISSING:currency", 1, "rejected", 2),
        ("MISSING:currency", 2, None, None),
    ]
    assert correct("a.csv,1,currency,EUR").published == 1  # the earlier correction is still in force
    assert ask("SELECT amount, currency FROM trading_operations") == [(Decimal("4.25"), "EUR")]
    assert ask("SELECT field, old_text, new_text, generation FROM corrections ORDER BY generation") == [
        ("amount", "few", "4.25", 2),
        ("currency", "", "EUR", 3),
    ]
    prove()


def test_a_correction_that_helps_nothing_is_not_kept(run: RunFiles, correct: Correct, land: Land, ask: Ask) -> None:
    run(land("a.csv", [operation(1, amount="few")]), user="u1")
    assert correct("a.csv,1,amount,lots").generation == 1
    assert ask("SELECT count(*) FROM corrections") == [(0,)]


def test_a_record_that_the_reader_could_not_read_is_given_whole(
    run: RunFiles, correct: Correct, land: Land, ask: Ask, prove: Prove
) -> None:
    file = land("a.csv", [operation(1), operation(2)])
    whole = operation(3)
    file.write_text(file.read_text() + "E3,2024-03-04T10:00:00Z,u1\n", encoding="utf-8")
    run(file, user="u1")
    assert ask(_OPEN) == [(3, "TOO_FEW_FIELDS")]
    summary = correct(*(f"a.csv,3,{name},{value}" for name, value in whole.items()))
    assert (summary.published, summary.balanced) == (1, True)
    assert ask("SELECT exec_id FROM trading_operations WHERE record_no = 3") == [("E3",)]
    assert ask("SELECT DISTINCT old_text FROM corrections") == [(None,)]
    prove()


def test_equal_fills_both_survive_when_one_of_them_was_in_quarantine(
    run: RunFiles, correct: Correct, land: Land, ask: Ask, prove: Prove
) -> None:
    fill = operation(1, exec_id="")
    run(land("a.csv", [fill, {**fill, "amount": "?"}, fill, {**fill, "amount": "??"}]), user="u1")
    run(land("b.csv", [fill] * 3), user="u1")  # overlapping: shows it three times, of which two are there
    assert ask("SELECT count(*) FROM trading_operations") == [(3,)]
    summary = correct("a.csv,2,amount,1.25", "a.csv,4,amount,1.25")
    assert (summary.published, summary.duplicate) == (1, 1)
    assert ask("SELECT count(*), count(DISTINCT operation_id) FROM trading_operations") == [(4, 4)]
    assert ask("SELECT record_no, resolution FROM quarantine ORDER BY 1") == [(2, "duplicate"), (4, "published")]
    prove()


def test_an_id_in_conflict_stays_until_it_is_corrected(
    run: RunFiles, correct: Correct, again: Replay, land: Land, ask: Ask, prove: Prove
) -> None:
    run(land("a.csv", [operation(1), operation(1, amount="9")]), user="u1")
    assert (again().rejected, again().generation) == (1, 1)
    assert correct("a.csv,2,exec_id,E7").published == 1
    assert ask("SELECT exec_id FROM trading_operations ORDER BY 1") == [("E1",), ("E7",)]
    prove()


def test_rows_of_a_keyed_table_come_back_too(
    run: RunFiles, correct: Correct, land: Land, ask: Ask, prove: Prove
) -> None:
    run(land("users.csv", [user("u1"), user("u2", email="u1@example.org"), user("u3", created_at="soon")]))
    assert ask(_OPEN) == [(2, "TAKEN:email"), (3, "UNPARSABLE:created_at")]
    summary = correct("users.csv,2,email,u2@example.org", "users.csv,3,created_at,2024-01-01T00:00:00Z")
    assert (summary.published, summary.balanced) == (2, True)
    assert ask("SELECT user_id, email FROM users ORDER BY 1") == [(f"u{n}", f"u{n}@example.org") for n in (1, 2, 3)]
    prove()


def test_of_equal_versions_the_later_one_of_the_file_counts_whenever_it_was_corrected(
    run: RunFiles, correct: Correct, land: Land, ask: Ask, prove: Prove
) -> None:
    first, second, third = (user("u1", display_name=name) for name in ("first", "second", "third"))
    run(land("users.csv", [{**first, "primary_pov_role": "king"}, second, {**third, "primary_pov_role": "king"}]))
    assert correct("users.csv,1,primary_pov_role,judge").superseded == 1
    assert ask("SELECT display_name FROM users") == [("second",)]
    assert correct("users.csv,3,primary_pov_role,judge").published == 1
    assert ask("SELECT display_name FROM users") == [("third",)]
    assert ask("SELECT record_no, resolution FROM quarantine ORDER BY 1") == [(1, "superseded"), (3, "published")]
    prove()


def test_json_lines_are_corrected_by_their_names(
    run: RunFiles, correct: Correct, land: Land, ask: Ask, prove: Prove
) -> None:
    file = land("a.csv", [operation(1)]).with_name("a.jsonl")
    bad = {**operation(2), "amount": "?", "description": "two\nlines"}
    lines = [json.dumps(operation(1)), json.dumps(bad), '{"exec_id": "E3", ']
    file.write_text("\n".join(lines), encoding="utf-8")
    run(file, user="u1")
    assert ask(_OPEN) == [(2, "UNPARSABLE:amount"), (3, "BAD_JSON")]
    whole = [f"a.jsonl,3,{name},{value}" for name, value in operation(3).items()]
    assert correct("a.jsonl,2,amount,2.25", *whole).published == 2
    prove()


def test_records_that_belong_together_come_back_together(
    run: RunFiles, correct: Correct, home: Path, ask: Ask, prove: Prove
) -> None:
    file = home / "account.csv"
    trade = "default,{},2021-03-15T14:22:09.503Z,{},1,{},,112847531,b1"
    rows = [("match", "-142.35", "USD"), ("match", "0.0025", "BTC"), ("fee", "none", "USD")]
    header = "portfolio,type,time,amount,balance,amount/balance unit,transfer id,trade id,order id"
    file.write_text("\n".join([header, *(trade.format(*row) for row in rows)]) + "\n", encoding="utf-8")
    assert run(file, user="u1").rejected == 3
    summary = correct("account.csv,3,amount,-0.71175")
    assert (summary.records, summary.published, summary.skipped, summary.balanced) == (3, 1, 2, True)
    assert ask("SELECT amount, last_qty, commission FROM trading_operations") == [
        (Decimal("143.06175"), Decimal("0.0025"), Decimal("0.71175"))
    ]
    prove()


class _KilledError(Exception):
    """Stands for the end of the process between two steps."""


def _die_after(settings: Settings, *steps: Callable[[Run], object]) -> None:
    with open_run(settings, run_id="dies") as run:
        begin_replay(run, ReplayRequest())
        for step in steps:
            step(run)
        raise _KilledError


def test_a_replay_that_dies_changes_nothing_and_is_done_again(
    settings: Settings, run: RunFiles, again: Replay, land: Land, ask: Ask, prove: Prove
) -> None:
    run(land("a.csv", [operation(1, milestone_id="m1"), operation(2)]), user="u1")
    run(land("p.csv", [project("p1")]), land("m.csv", [milestone("m1")]), user="u1")
    with pytest.raises(_KilledError):
        _die_after(settings, standardize, deduplicate)
    assert (ask(_GENERATION), len(ask(_OPEN))) == ([(2,)], 1)
    summary = again()
    assert (summary.published, summary.generation) == (1, 3)
    assert ask("SELECT milestone_id FROM trading_operations WHERE exec_id = 'E1'") == [("m1",)]
    prove()


def test_a_quarantine_that_differs_from_the_ledger_cannot_be_committed(
    run: RunFiles, correct: Correct, land: Land, ask: Ask
) -> None:
    run(land("a.csv", [operation(1, amount="?"), operation(2, amount="?")]), user="u1")
    ask("DELETE FROM quarantine WHERE record_no = 2 RETURNING 1")
    with pytest.raises(RunError, match=r"quarantine holds 0 records where the ledger says 1"):
        correct("a.csv,1,amount,1.25")
    assert (ask(_GENERATION), ask("SELECT count(*) FROM trading_operations")) == ([(1,)], [(0,)])
