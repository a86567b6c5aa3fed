"""A file's next version: what it shows anew, otherwise, or not any more; and the guard against one cut short."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nexus_data.contract.model import Snapshot
from nexus_data.deduplicate.snapshots import logical_name
from nexus_data.landing import discover
from nexus_data.pipeline import run_all
from nexus_data.quarantine.replay import replay
from nexus_data.quarantine.request import ReplayRequest
from nexus_data.quarantine.selection import Selection
from nexus_data.results import RunSummary
from nexus_data.settings import Settings
from nexus_data.verify import verify
from tests.spine.conftest import Ask, Land, Rows, milestone, operation, project, user
from tests.spine.test_corrections import demand_evidence

Version = Callable[..., RunSummary]
_HISTORY = (
    "SELECT exec_id, description, generation, superseded_generation, superseded_reason, "
    "superseded_by_record_no FROM superseded_operations ORDER BY 4, 1, 2"
)


@pytest.fixture(autouse=True)
def verified(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test did, the verifier comes to the same from the kept files."""
    settings: Settings | None = request.getfixturevalue("settings") if "ask" in request.fixturenames else None
    yield
    if settings is not None:
        assert [one.told() for one in verify(settings).differences] == []


@pytest.fixture
def version(land: Land, settings: Settings) -> Version:
    """Run rows as the next version of a file of user u1, in a folder of its own; `shrink` is the setting."""
    lenient = replace(settings, snapshot_shrink=0.9)

    def take(rows: Rows, *, name: str = "book.full.csv", number: list[int] = [], **said: bool) -> RunSummary:  # noqa: B006
        number.append(1)
        return run_all(lenient, discover(lenient, [version_of(land, rows, name, len(number))], user="u1", **said))

    return take


def version_of(land: Land, rows: Rows, name: str, number: int) -> Path:
    """The rows as a file of that name, beside others of the same name."""
    written = land(f"{number}-{name}", rows)
    folder = written.parent / str(number)
    folder.mkdir()
    return Path(shutil.move(written, folder / name))


def op(name: str, text: str = "", **changes: object) -> dict[str, object]:
    """An operation with an id; without one when the name is empty."""
    return operation(1, exec_id=name, description=text or f"is {name}", **changes)


def published(ask: Ask) -> list[str]:
    """What is published, by description."""
    return [text for (text,) in ask("SELECT description FROM trading_operations ORDER BY 1")]


def test_a_next_version_supersedes_row_by_row(version: Version, ask: Ask, database_url: str) -> None:
    plain = [op("A"), op("B"), op("C"), op("", "same"), op("", "same"), op("", "same"), op("", "lone")]
    assert version(plain).published == 7
    moved = op("B", "B restated", transact_time="2024-05-05T10:00:00Z")
    found = version([op("A"), moved, op("D"), op("", "same"), op("", "same"), op("", "anew")])
    assert (found.published, found.duplicate, found.superseded, found.rejected) == (3, 3, 0, 0)
    assert found.outcomes[0].vanished == 3
    assert published(ask) == ["B restated", "anew", "is A", "is D", "same", "same"]
    assert ask(_HISTORY) == [
        ("B", "is B", 1, 2, "restated", 2),
        ("C", "is C", 1, 2, "vanished", None),
        (None, "lone", 1, 2, "vanished", None),
        (None, "same", 1, 2, "vanished", None),
    ]
    assert ask("SELECT partition, records_in FROM ledger WHERE hop = 'supersede'") == [("2024-03", 4)]
    back = version(plain[:6])
    assert (back.published, back.duplicate, back.outcomes[0].vanished) == (3, 3, 2), "B and C again, and a third same"
    assert published(ask) == ["is A", "is B", "is C", "same", "same", "same"]
    demand_evidence(database_url, ask)


def test_what_another_file_of_the_source_shows_does_not_vanish(version: Version, ask: Ask, database_url: str) -> None:
    version([op("A"), op("B"), op("C"), op("D")])
    version([op("B"), op("X")], name="other.full.csv")
    version([op("C"), op("Z")], name="part.csv")
    assert version([op("A")]).outcomes[0].vanished == 2, "C and D: a file that is no snapshot speaks for no later time"
    assert published(ask) == ["is A", "is B", "is X", "is Z"]
    assert version([op("X")], name="other.full.csv").outcomes[0].vanished == 1
    assert published(ask) == ["is A", "is X", "is Z"]
    demand_evidence(database_url, ask)


def test_several_versions_in_one_run_come_to_the_last(
    land: Land, settings: Settings, ask: Ask, database_url: str
) -> None:
    lenient = replace(settings, snapshot_shrink=1.0)
    versions = [[op("A"), op("B"), op("C")], [op("A", "A2"), op("B")], [op("A", "A3"), op("B"), op("D"), op("D")]]
    files = [version_of(land, rows, "book.full.csv", number) for number, rows in enumerate(versions)]
    found = run_all(lenient, discover(lenient, files, user="u1"))
    assert (found.published, found.duplicate, found.superseded, found.rejected) == (3, 3, 3, 0)
    assert published(ask) == ["A3", "is B", "is D"]
    assert [row[1:] for row in ask(_HISTORY)] == [
        ("A2", 1, 1, "restated", 1),
        ("is A", 1, 1, "restated", 1),
        ("is C", 1, 1, "vanished", None),
    ]
    again = run_all(lenient, discover(lenient, files, user="u1"))
    assert (again.published, again.duplicate) == (0, 9), "the same bytes are known files, whatever their order"
    demand_evidence(database_url, ask)


def test_a_version_that_lacks_too_much_is_held_until_confirmed(
    land: Land, settings: Settings, ask: Ask, database_url: str
) -> None:
    first = version_of(land, [op(f"{n}") for n in range(10)], "book.full.csv", 1)
    short = version_of(land, [op(f"{n}") for n in range(7)] + [op("", "", amount="x")], "book.full.csv", 2)
    run_all(settings, discover(settings, [first], user="u1"))
    held = run_all(settings, discover(settings, [short], user="u1"))
    assert (held.held, held.published, held.rejected, held.balanced) == (8, 0, 0, True)
    assert "3 of the 10 rows of the version before it are not in it" in held.outcomes[0].reason
    assert ask("SELECT count(*)::int FROM quarantine") == [(0,)]
    assert ask("SELECT status, records FROM files ORDER BY generation DESC LIMIT 1") == [("held", 8)]
    found = run_all(settings, discover(settings, [short], user="u1", confirm_shrink=True))
    assert (found.held, found.duplicate, found.rejected, found.outcomes[0].vanished) == (0, 7, 1, 3)
    assert len(published(ask)) == 7
    assert ask("SELECT status, released_generation::int FROM released_files") == [("held", 3)]
    demand_evidence(database_url, ask)


def test_a_record_that_is_rejected_has_not_vanished(version: Version, ask: Ask) -> None:
    version([op("A"), op("B"), op("C")])
    found = version([op("A"), op("B", amount="much"), op("C", milestone_id="nowhere")])
    assert (found.rejected, found.outcomes[0].vanished) == (2, 0)
    assert published(ask) == ["is A", "is B", "is C"]
    assert version([op("A")]).outcomes[0].vanished == 2
    assert published(ask) == ["is A"]


def test_rows_of_keyed_tables_vanish_too(version: Version, ask: Ask, database_url: str) -> None:
    version([user("u1"), user("u2"), user("u3")], name="users.full.csv")
    version([project("p1"), project("p2"), project("p3")], name="projects.full.csv")
    version([milestone("m1"), milestone("m2", project_id="p2"), milestone("m3")], name="steps.full.csv")
    version([op("A", milestone_id="m3")])
    version([{**project("p1"), "name": "Renamed"}], name="projects.full.csv")
    assert ask("SELECT project_id, name, status FROM projects ORDER BY 1") == [
        ("p1", "Renamed", "in_progress"),
        ("p2", "p2", "implied"),
    ], "p2 stays as what a milestone names, p3 nobody does"
    found = version([milestone("m1"), milestone("m4")], name="steps.full.csv")
    assert (found.published, found.duplicate, found.outcomes[0].vanished) == (1, 1, 2)
    assert ask("SELECT milestone_id FROM project_milestones ORDER BY 1") == [("m1",), ("m4",)]
    version([user("u2")], name="users.full.csv")
    assert ask("SELECT user_id, status FROM users ORDER BY 1") == [("u1", "implied"), ("u2", "active")]
    kept = ask("SELECT table_name, row_key, superseded_reason FROM superseded_rows ORDER BY 1, 2, 3")
    assert [row for row in kept if row[0] == "projects"] == [
        ("projects", "p1", "restated"),
        ("projects", "p2", "vanished"),
        ("projects", "p3", "vanished"),
    ]
    assert ask("SELECT row ->> 'total_budget' FROM superseded_rows WHERE row_key = 'p3'") == [
        ("1000.500000000000000000",)
    ]
    demand_evidence(database_url, ask)


@pytest.mark.parametrize(
    ("pattern", "name", "logical"),
    [
        (None, "Backlog.csv", "Backlog"),
        (None, "backlog (2).csv.gz", "backlog"),
        (None, "2024.01.tasks.jsonl", "2024.01.tasks"),
        (None, ".csv", ".csv"),
        (r"^(.+)\.full\.", "book.full.csv", "book"),
        (r"^(.+)\.full\.", "book.csv", None),
        (r"[a-z]+", "2024-tasks-03.csv", "tasks"),
    ],
)
def test_the_name_that_versions_share(pattern: str | None, name: str, logical: str | None) -> None:
    assert logical_name(Snapshot(name=pattern), name) == logical


def test_a_record_that_leaves_quarantine_late_gives_way_to_the_version_in_force(
    version: Version, settings: Settings, home: Path, ask: Ask, database_url: str
) -> None:
    version([op("A"), op("B", amount="x"), op("C")])
    version([op("A"), op("C"), op("D", amount="x")])
    fixed = home / "fixed.csv"
    lines = ask(
        "SELECT sha256 || ',' || record_no || ',amount,5' FROM quarantine JOIN files USING (file_id, source, user_id)"
    )
    fixed.write_text("\n".join(["file,record,field,text", *(line for (line,) in lines)]) + "\n", encoding="utf-8")
    request = ReplayRequest(Selection(), corrections=fixed, made_by="ann", reason="as the letter says")
    found = replay(settings, request)
    assert (found.published, found.superseded) == (1, 1), "B is not in the version in force, D is"
    assert published(ask) == ["is A", "is C", "is D"]
    assert version([op("A"), op("C")]).outcomes[0].vanished == 1, "D has been seen"
    assert published(ask) == ["is A", "is C"]
    demand_evidence(database_url, ask)
