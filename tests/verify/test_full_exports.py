"""Full exports and their next versions: the verifier follows them, and names what is damaged of them."""

from dataclasses import replace

import pytest

from nexus_data.landing import discover
from nexus_data.pipeline import run_all
from nexus_data.verify import Difference
from tests.spine.conftest import milestone, operation, project
from tests.verify.conftest import Installation, Rows, csv_text


@pytest.fixture
def exported(installation: Installation) -> Installation:
    """Two versions of a book and of a plan, of which rows vanished and were restated, and one that is held."""
    take(installation, 1, "book.full.csv", [op("A"), op("B"), op("C"), op("D")])
    take(installation, 2, "plan.full.csv", [project("q1"), project("q2"), project("q3")])
    take(installation, 3, "steps.csv", [milestone("n2", project_id="q2")])
    take(installation, 4, "plan.full.csv", [{**project("q1"), "name": "Renamed"}])
    take(installation, 5, "book.full.csv", [op("A"), op("B", "restated", amount="9"), op("C", amount="x"), op("E")])
    held = [op("A", "and now for much less")]
    take(installation, 6, "book.full.csv", held, shrink=0.2)
    return installation


def op(name: str, text: str = "", **changes: object) -> dict[str, object]:
    """An operation with an id."""
    return operation(1, exec_id=name, description=text or f"is {name}", **changes)


def take(installation: Installation, number: int, name: str, rows: Rows, *, shrink: float = 1.0) -> None:
    """Run rows as a file of that name, in a folder of its own; `shrink` is the setting."""
    folder = installation.settings.home / "exports" / str(number)
    folder.mkdir(parents=True)
    (folder / name).write_text(csv_text(rows), encoding="utf-8")
    settings = replace(installation.settings, snapshot_shrink=shrink)
    run_all(settings, discover(settings, (folder,)))


def found(installation: Installation) -> dict[tuple[str, str], Difference]:
    """What differs apart from marts and answers, by kind and by what it is about."""
    report, places = installation.verify(), ("column", "key", "description", "project_id", "operation", "hop")
    follow = {"mart_cell", "mart_row_missing", "mart_row_unexpected", "answer", "cache_document"}
    told = [one for one in report.differences if one.kind not in follow]
    return {(one.kind, next((one.where[name] for name in places if name in one.where), "")): one for one in told}


def test_follows_versions_and_names_what_is_damaged(exported: Installation) -> None:
    ask, change = exported.ask, exported.change
    history = ask("SELECT exec_id, superseded_reason FROM superseded_operations ORDER BY 1")
    assert history == [("B", "restated"), ("D", "vanished")], "C is rejected, and has not vanished"
    assert ask("SELECT project_id, status FROM projects WHERE project_id LIKE 'q%%' ORDER BY 1") == [
        ("q1", "in_progress"),
        ("q2", "implied"),
    ]
    assert found(exported) == {}

    names = ", ".join(
        name
        for (name,) in ask(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'trading_operations'::regclass AND attnum > 0"
        )
    )
    ((gone,),) = ask("SELECT operation_id::text FROM superseded_operations WHERE exec_id = 'D'")
    change(f"INSERT INTO trading_operations ({names}) SELECT {names} FROM superseded_operations WHERE exec_id = 'D'")  # noqa: S608
    change("UPDATE trading_operations SET description = 'is B' WHERE exec_id = 'B'")
    change("DELETE FROM superseded_operations WHERE exec_id = 'B'")
    counted = "passed = passed + 1 WHERE hop = 'supersede' AND partition <> ''"
    assert change(f"UPDATE ledger SET records_in = records_in + 1, {counted}") == 1  # noqa: S608
    assert change("UPDATE ledger SET held = 2, records_in = 2 WHERE held = 1 AND fp_held <> 0") == 1
    change("UPDATE superseded_rows SET superseded_reason = 'restated' WHERE row_key = 'q3'")
    change("""UPDATE superseded_rows SET row = row || '{"total_budget": "1000.51"}' WHERE row_key = 'q2'""")
    change("UPDATE projects SET status = 'in_progress' WHERE project_id = 'q2'")
    differing = found(exported)
    assert differing["postgres_row_unexpected", gone].where["file"] == "book.full.csv"
    assert differing["postgres_cell", "description"].expected == "restated"
    ((missing,),) = ask("SELECT operation_id::text FROM trading_operations WHERE exec_id = 'B'")
    assert differing["postgres_row_missing", missing].where["table"] == "superseded_operations"
    assert differing["ledger_line", "in"].where["hop"] == "supersede"
    assert differing["ledger_line", "held"].expected.startswith("1, fingerprint")
    assert differing["superseded_row_cell", "total_budget"].where["key"] == "q2"
    assert differing["superseded_row_missing", "q3"].where["reason"] == "vanished"
    assert differing["superseded_row_unexpected", "q3"].where["reason"] == "restated"
    assert differing["postgres_cell", "status"].where["project_id"] == "q2"


def test_a_version_that_is_gone_leaves_the_others_unverified(exported: Installation) -> None:
    ((sha256,),) = exported.ask("SELECT min(sha256) FROM files WHERE name = 'book.full.csv' AND status = 'published'")
    (exported.settings.home / "raw" / sha256[:2] / sha256).unlink()
    differing = found(exported)
    assert {kind for kind, _ in differing} == {"kept_file_missing", "cannot_verify"}
    assert "another version of this full export" in differing["cannot_verify", ""].found


def test_follows_versions_without_a_row(installation: Installation) -> None:
    folder = installation.settings.home / "empty"
    folder.mkdir()
    header = csv_text([project("q1")]).splitlines()[0]
    (folder / "plan.full.csv").write_text(f"{header}\n", encoding="utf-8")
    take(installation, 1, "plan.full.csv", [project("q1"), project("q2")])
    ran = [run_all(installation.settings, discover(installation.settings, (folder,))) for _ in range(2)]
    assert (ran[0].held, ran[1].held) == (0, 0), "without records none is held"
    assert installation.ask("SELECT project_id FROM projects WHERE project_id LIKE 'q%%' ORDER BY 1") == [
        ("q1",),
        ("q2",),
    ]
    assert found(installation) == {}, "held, by its row in the table files alone"
    settings = replace(installation.settings, snapshot_shrink=1.0)
    run_all(settings, discover(settings, (folder,)))
    assert installation.ask("SELECT count(*) FROM projects WHERE project_id LIKE 'q%%'") == [(0,)]
    take(installation, 2, "plan.full.csv", [project("q2")])
    run_all(settings, discover(settings, (folder,)))
    assert found(installation) == {}, "the very file again is no version"
