"""What changes after it was published: corrections and cancels of a source, records replayed from quarantine. The
verifier follows each, and names what is damaged of it."""

from nexus_data.landing import discover
from nexus_data.pipeline import run_all
from nexus_data.quarantine.replay import replay
from nexus_data.quarantine.request import ReplayRequest
from nexus_data.quarantine.selection import Selection
from nexus_data.verify import Difference
from tests.spine.conftest import milestone, operation
from tests.verify.conftest import Installation, Rows, csv_text


def test_follows_corrections_and_cancels(installation: Installation) -> None:
    take(installation, "day1.csv", [fill("A", 100), fill("B", 200), fill("C", 300)])
    moved = fill("A2", 111, "G", "A", transact_time="2024-04-05T10:00:00Z")
    take(installation, "day2.csv", [moved, fill("X", 200, "H", "B"), fill("B", 200), fill("D9", 5, "G", "D")])
    take(installation, "day3.csv", [fill("D", 4), fill("B9", 201, "G", "B"), fill("A", 101)])
    report = installation.verify()
    assert [one.told() for one in report.differences] == []
    assert {one.name: one.counted for one in report.checked}["postgres superseded_operations"] == 5
    installation.change("UPDATE superseded_operations SET superseded_reason = 'correction' WHERE exec_id = 'X'")
    (found,) = installation.verify().differences
    assert (found.kind, found.where["column"], found.where["file"]) == (
        "postgres_cell",
        "superseded_reason",
        "day2.csv",
    )


def test_follows_replays_and_corrections_by_people(installation: Installation) -> None:
    ((record,),) = installation.ask("SELECT record_no FROM quarantine WHERE rules LIKE %s", "%UNPARSABLE:amount")
    text = f"file,record,field,text\noperations.csv,{record},amount,1.23\noperations.csv,{record},category,fee\n"
    path = installation.settings.home / "corrections.csv"
    path.write_text(text, encoding="utf-8")
    replay(installation.settings, ReplayRequest(corrections=path, made_by="ann", reason="the bank's letter"))
    assert found(installation) == []
    take(installation, "more.csv", [milestone("m-unknown")])
    replay(installation.settings, ReplayRequest(Selection()))
    ((published,),) = installation.ask("SELECT count(*) FROM quarantine WHERE resolution = 'published'")
    assert published == 2
    assert found(installation) == []
    installation.change("UPDATE corrections SET new_text = '1.24' WHERE field = 'amount'")
    assert {one.kind for one in found(installation)} == {"lake_cell", "postgres_cell"}
    installation.change("UPDATE corrections SET new_text = '1.23' WHERE field = 'amount'")
    installation.change(
        "UPDATE quarantine SET resolution = 'duplicate' WHERE record_no = %s AND file_id IN "
        "(SELECT file_id FROM files WHERE name = 'operations.csv')",
        record,
    )
    (wrong,) = found(installation)
    assert (wrong.kind, wrong.expected, wrong.found) == ("resolution", "published", "duplicate")


def test_follows_texts_of_several_lines(installation: Installation) -> None:
    text = '"one\r\ntwo\rthree\nfour"'
    take(installation, "lines.csv", [operation(900, description=text, transact_time="2001-02-03T10:00:00Z")])
    assert installation.ask("SELECT description FROM trading_operations WHERE date = '2001-02-03'") == [
        ("one\r\ntwo\rthree\nfour",)
    ]
    assert found(installation) == []


def fill(exec_id: str, amount: int, exec_type: str = "F", refers_to: str = "", **changes: object) -> dict[str, object]:
    """An execution report of the plain format."""
    plain = operation(1, exec_id=exec_id, amount=amount, description="")
    return {**plain, "exec_type": exec_type, "exec_ref_id": refers_to, **changes}


def take(installation: Installation, name: str, rows: Rows) -> None:
    """Run a file."""
    path = installation.settings.home / name
    path.write_text(csv_text(rows), encoding="utf-8")
    run_all(installation.settings, discover(installation.settings, (path,)))


def found(installation: Installation) -> list[Difference]:
    """What differs."""
    return list(installation.verify().differences)
