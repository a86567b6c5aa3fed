"""What became of a record before it was published, and of an operation after, is part of its trace."""

from typing import Any

from psycopg import Connection

from nexus_data.landing import discover
from nexus_data.pipeline import run_all
from nexus_data.postgres.connect import connection
from nexus_data.provenance import operation, trace
from nexus_data.provenance.asking import answer, ask
from nexus_data.quarantine.replay import replay
from nexus_data.quarantine.request import ReplayRequest
from nexus_data.settings import Settings
from tests.provenance.conftest import Installation

_TAKEN_BACK = """
INSERT INTO superseded_operations
SELECT trading_operations.*, NULL, generation + 1, 'correction', file_id, record_no + 1, NULL
FROM trading_operations
WHERE operation_id = %s
"""


def test_a_corrected_record_shows_what_the_file_says_and_who_says_otherwise(settings: Settings) -> None:
    columns = "exec_id,transact_time,user_id,account_id,type,category,amount,currency,side,symbol,security_id,last_qty,"
    columns += "last_px,commission,commission_currency,venue,milestone_id,description"
    line = "E1,2024-03-05T10:00:00Z,u1,A1,expense,fee,1O.50,EUR,,,,,,,,,,a letter for a digit"
    path = settings.home / "typo.csv"
    path.write_text(f"{columns}\n{line}\n", encoding="utf-8")
    given = settings.home / "corrections.csv"
    given.write_text("file,record,field,text\ntypo.csv,1,amount,10.50\n", encoding="utf-8")
    assert run_all(settings, discover(settings, [path], user="u1")).rejected == 1
    done = replay(settings, ReplayRequest(corrections=given, made_by="ann", reason="the paper says so"))
    assert done.published == 1
    url = str(settings.postgres_url)
    with connection(url) as database:
        ((name,),) = database.execute("SELECT operation_id::text FROM trading_operations").fetchall()
    found = trace(settings, ask(url, operation(name)))
    amount = next(field for field in found.fields if field.name == "amount")
    assert (found.problems, amount.value, amount.differs) == ((), "10.5", False)
    assert found.record
    assert (found.record.raw, found.record.intact) == (line, True)
    (correction,) = found.corrections
    assert [correction[name] for name in ("field", "old_text", "new_text", "made_by", "reason")] == [
        "amount", "1O.50", "10.50", "ann", "the paper says so",
    ]  # fmt: skip
    (judgement,) = found.quarantine
    assert (judgement["rules"], judgement["resolution"]) == ("UNPARSABLE:amount", "published")


def test_a_version_that_is_not_published_any_more_is_traced_to_its_record(
    installed: Installation, snapshot: Connection[Any]
) -> None:
    ((name, number),) = snapshot.execute(
        "SELECT operation_id::text, record_no FROM trading_operations WHERE source = 'bitvavo' LIMIT 1"
    ).fetchall()
    snapshot.execute(_TAKEN_BACK, (name,))
    both = trace(installed.settings, answer(snapshot, operation(name)))
    snapshot.execute("DELETE FROM trading_operations WHERE operation_id = %s", (name,))
    alone = trace(installed.settings, answer(snapshot, operation(name)))
    snapshot.rollback()
    assert (both.status, alone.status) == ("published", "superseded")
    assert both.record
    assert (alone.problems, alone.record, alone.fields) == ((), both.record, both.fields)
    for found in (both, alone):
        (version,) = found.versions
        assert (version.reason, version.by_record_no, version.fields["operation_id"]) == (
            "correction",
            number + 1,
            name,
        )
