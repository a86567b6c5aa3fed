"""From landed files to Postgres, marts and ledger, on real services."""

from decimal import Decimal

import redis

from nexus_data.settings import Settings
from tests.spine.conftest import Ask, Land, RunFiles, milestone, operation, project, user


def test_every_table_and_mart_is_published(land: Land, run: RunFiles, ask: Ask, settings: Settings) -> None:
    files = [
        land("users.csv", [user("u1"), user("u2")]),
        land("projects.csv", [project("p1")]),
        land("milestones.csv", [milestone("m1")]),
        land("operations.csv", [operation(n, milestone_id="m1" if n == 1 else "") for n in range(1, 6)]),
    ]
    summary = run(*files)
    assert (summary.records, summary.published, summary.balanced, summary.generation) == (9, 9, True, 1)
    assert summary.cache == "current"
    assert ask("SELECT count(*), sum(amount), sum(last_px) FROM trading_operations") == [
        (5, Decimal("16.25"), Decimal("50.625"))
    ]
    assert ask("SELECT sum(amount) FROM marts.daily_totals WHERE user_id = 'u1'") == [(Decimal("16.25"),)]
    assert ask("SELECT count(*) FROM users") == [(2,)]
    with redis.Redis.from_url(str(settings.redis_url)) as cache:
        assert len(cache.keys("nexus:1:dashboard:*")) == 2


def test_the_same_file_again_publishes_nothing(land: Land, run: RunFiles, ask: Ask) -> None:
    file = land("operations.csv", [operation(1), operation(2, amount="bad")])
    first = run(file, user="u1")
    again = run(file, user="u1")
    assert (first.published, first.rejected) == (1, 1)
    assert (again.records, again.published, again.duplicate, again.balanced) == (2, 0, 2, True)
    assert again.generation == 2
    assert ask("SELECT count(*) FROM trading_operations") == [(1,)]
    assert ask("SELECT count(*) FROM quarantine") == [(1,)]


def test_a_copy_of_a_file_in_the_same_run_is_a_duplicate(land: Land, run: RunFiles, ask: Ask) -> None:
    rows = [operation(1), operation(2)]
    summary = run(land("a.csv", rows), land("b.csv", rows), user="u1")
    assert (summary.records, summary.published, summary.duplicate, summary.balanced) == (4, 2, 2, True)
    assert ask("SELECT sum(fp_duplicate) > 0 OR sum(fp_duplicate) < 0 FROM ledger") == [(True,)]


def test_overlapping_exports_meet_and_identical_fills_survive(land: Land, run: RunFiles, ask: Ask) -> None:
    fill = operation(1, exec_id="")
    other = operation(2, exec_id="")
    first = run(land("march.csv", [fill, fill, other]), user="u1")
    second = run(land("longer.csv", [other, fill, fill, fill, operation(3, exec_id="")]), user="u1")
    assert (first.published, second.published, second.duplicate) == (3, 2, 3)
    assert ask("SELECT count(*) FROM trading_operations WHERE description = 'number 1'") == [(3,)]


def test_few_rows_of_many_months_join_those_that_are_there(land: Land, run: RunFiles, ask: Ask) -> None:
    def month(number: int) -> str:
        return f"2024-{number:02d}-15T10:00:00Z"

    run(land("first.csv", [operation(n, transact_time=month(n)) for n in (1, 2, 3)]), user="u1")
    wide = "123456789012345.123456789012345678"
    rows = [operation(n + 10, transact_time=month(n), amount=wide) for n in (1, 2, 3, 3, 4)]
    later = run(land("second.csv", [*rows[:3], operation(20, transact_time=month(3)), rows[4]]), user="u1")
    assert (later.published, later.balanced) == (5, True)
    assert ask("SELECT tableoid::regclass::text, count(*) FROM trading_operations GROUP BY 1 ORDER BY 1") == [
        (f"trading_operations_2024_{number:02d}", rows) for number, rows in ((1, 2), (2, 2), (3, 3), (4, 1))
    ]
    assert ask("SELECT count(*) FROM trading_operations WHERE amount = %s", Decimal(wide)) == [(4,)]
    assert ask("SELECT count(*) FROM pg_class WHERE relname ~ '^build'") == [(0,)]


def test_the_same_id_with_other_content_is_a_conflict(land: Land, run: RunFiles, ask: Ask) -> None:
    first = run(land("a.csv", [operation(1), operation(1, amount="7")]), user="u1")
    later = run(land("b.csv", [operation(1, transact_time="2024-05-01T00:00:00Z"), operation(1)]), user="u1")
    assert (first.published, first.rejected) == (1, 1)
    assert (later.published, later.rejected, later.duplicate, later.balanced) == (0, 1, 1, True)
    rejected = ask("SELECT hop, rules, raw, line FROM quarantine ORDER BY generation, record_no")
    assert [row[:2] for row in rejected] == [("deduplicate", "ID_CONFLICT:exec_id")] * 2
    assert rejected[0][2].startswith("E1,2024-03-02T10:00:00Z,u1,A1,expense,trade,7,")
    assert rejected[0][3] == 3


def test_the_same_id_in_another_month_of_the_same_run_is_a_conflict(land: Land, run: RunFiles, ask: Ask) -> None:
    rows = [operation(1), operation(1, transact_time="2024-01-15T00:00:00Z")]
    summary = run(land("a.csv", rows), user="u1")
    assert (summary.published, summary.rejected) == (1, 1)
    assert ask("SELECT record_no FROM quarantine") == [(2,)]


def test_a_milestone_that_nobody_knows_rejects_the_operation(land: Land, run: RunFiles, ask: Ask) -> None:
    summary = run(land("a.csv", [operation(1, milestone_id="nowhere"), operation(2)]), user="u1")
    assert (summary.published, summary.rejected) == (1, 1)
    assert ask("SELECT rules FROM quarantine") == [("UNKNOWN_MILESTONE:milestone_id",)]


def test_a_newer_version_supersedes_and_is_taken_back_in_the_ledger(land: Land, run: RunFiles, ask: Ask) -> None:
    users = land("users.csv", [user("u1")])
    old, new = project("p1"), project("p1", total_budget="2000", updated_at="2024-02-01T00:00:00Z")
    first = run(users, land("old.csv", [old]))
    between = project("p1", total_budget="1500", updated_at="2024-01-15T00:00:00Z")
    second = run(land("new.csv", [new, old, between]))
    assert first.published == 2
    assert (second.published, second.superseded, second.duplicate, second.balanced) == (1, 1, 1, True)
    assert ask("SELECT total_budget FROM projects") == [(Decimal("2000"),)]
    assert ask("SELECT records_in, superseded, table_name FROM ledger WHERE hop = 'supersede'") == [(1, 1, "projects")]


def test_published_rows_are_what_the_ledger_says(land: Land, run: RunFiles, ask: Ask) -> None:
    run(land("a.csv", [operation(n) for n in range(1, 20)]), user="u1")
    run(land("b.csv", [operation(n) for n in range(10, 40)]), user="u1")
    assert ask("SELECT sum(passed), sum(fp_passed) FROM ledger WHERE hop = 'publish'") == ask(
        "SELECT count(*), sum(row_fp) FROM trading_operations"
    )
