"""Records that the database would refuse are rejected one by one: no file can stop the run that it lands in."""

from typing import Any

import pytest

from tests.spine.conftest import Ask, Land, RunFiles, operation, project, user

LONG = "".join(chr(97 + (i * i * 7919 + i) % 26) for i in range(9000))


def test_an_email_belongs_to_one_user(run: RunFiles, land: Land, ask: Ask) -> None:
    summary = run(land("u.csv", [user("u1"), user("u2", email="U1@Example.org"), user("u3")]))
    assert (summary.published, summary.rejected, summary.balanced) == (2, 1, True)
    assert ask("SELECT record_no, rules FROM quarantine") == [(2, "TAKEN:email")]
    later = run(land("v.csv", [user("u4", email="u3@example.org")]))
    assert (later.published, later.rejected) == (0, 1)


def test_two_users_may_exchange_their_emails(run: RunFiles, land: Land, ask: Ask) -> None:
    run(land("u.csv", [user("u1"), user("u2")]))
    later: dict[str, Any] = {"created_at": "2024-01-01T00:00:00Z"}
    run(land("v.csv", [user("u1", email="u2@example.org", **later), user("u2", email="u1@example.org", **later)]))
    assert ask("SELECT user_id, email FROM users ORDER BY 1") == [("u1", "u2@example.org"), ("u2", "u1@example.org")]


def test_no_file_gives_the_status_of_implied_rows(run: RunFiles, land: Land, ask: Ask) -> None:
    summary = run(land("u.csv", [user("u1", status="implied"), user("u2")]))
    assert (summary.published, summary.rejected, summary.balanced) == (1, 1, True)
    assert ask("SELECT rules FROM quarantine") == [("UNKNOWN_VALUE:status",)]


@pytest.mark.parametrize("field", ["symbol", "user_id", "exec_id", "milestone_id"])
def test_an_id_that_no_index_can_hold_is_rejected(field: str, run: RunFiles, land: Land, ask: Ask) -> None:
    summary = run(land("a.csv", [operation(1, **{field: LONG}), operation(2)]), user="u1")
    assert (summary.published, summary.rejected) == (1, 1)
    assert ask("SELECT rules FROM quarantine") == [(f"TOO_LONG:{field}",)]


def test_prose_may_be_long(run: RunFiles, land: Land) -> None:
    rows = [operation(1), operation(2, description=LONG * 50)]
    files = [land("u.csv", [user("u1")]), land("p.csv", [{**project("p1"), "name": LONG}]), land("a.csv", rows)]
    assert run(*files).published == 4
