"""Published rows are traced down to the raw text of their records, by their own contract, from the kept file."""

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from psycopg import Connection

from nexus_data.contract import archive
from nexus_data.contract.load import CONTRACTS
from nexus_data.errors import TraceError
from nexus_data.postgres.connect import connection
from nexus_data.provenance import operation, row, trace
from nexus_data.provenance.asking import ask
from nexus_data.provenance.documents import FieldTrace, Trace
from tests.provenance.conftest import Installation

Kept = Callable[[str], Path]

# Of every file the operations of its first, middle and last record.
_SOME = """
SELECT DISTINCT ON (file_id, place) operation_id::text
FROM (SELECT *, ntile(3) OVER (PARTITION BY file_id ORDER BY record_no) AS place FROM trading_operations) AS o
ORDER BY file_id, place, record_no DESC
"""


def _trace(installed: Installation, name: str) -> Trace:
    return trace(installed.settings, ask(installed.url, operation(name)))


def _field(found: Trace, name: str) -> FieldTrace:
    return next(field for field in found.fields if field.name == name)


@pytest.fixture(scope="module")
def traces(installed: Installation) -> list[Trace]:
    with connection(installed.url) as database:
        names = [name for (name,) in database.execute(_SOME).fetchall()]
    return [_trace(installed, name) for name in names]


def test_every_kind_of_file_bears_its_rows_out(traces: list[Trace]) -> None:
    assert {found.record.format for found in traces if found.record} == {"csv", "jsonl"}
    assert {found.file.name.rsplit(".", 1)[-1] for found in traces if found.file} >= {"csv", "jsonl", "gz", "zip"}
    for found in traces:
        assert found.record, found.problems
        assert (found.problems, [field.name for field in found.fields if field.differs]) == ((), [])
        assert (found.record.intact, found.file and found.file.intact) == (True, True)
        assert found.identity
        assert found.identity.proved


def test_the_text_of_each_field_is_in_the_raw_record(traces: list[Trace]) -> None:
    seen = 0
    for found in traces:
        assert found.record
        for text in (one.text for field in found.fields if field.origin == "column" for one in field.texts if one.text):
            assert text in found.record.raw.replace('""', '"').replace('\\"', '"')
            seen += 1
    assert seen > 100


def test_anyone_can_print_the_raw_record_with_standard_tools(traces: list[Trace]) -> None:
    by_file = {found.file.sha256: found for found in traces if found.file}
    assert len(by_file) > 5
    for found in by_file.values():
        assert found.record
        printed = subprocess.run(["sh", "-c", found.record.command], capture_output=True, check=True).stdout
        assert printed.decode().replace("\r\n", "\n").rstrip("\n") == found.record.raw.replace("\r\n", "\n")


def test_equal_records_of_a_file_are_told_apart_by_their_occurrence(
    traces: list[Trace], installed: Installation
) -> None:
    by_content = [found for found in traces if found.identity and found.identity.rule == "content"]
    assert by_content
    with connection(installed.url) as database:
        twins = database.execute(
            "SELECT array_agg(operation_id::text) FROM trading_operations WHERE exec_id IS NULL GROUP BY source, "
            "user_id, account_id, transact_time, amount, symbol, description HAVING count(*) > 1 LIMIT 1"
        ).fetchone()
    assert twins
    occurrences = {found.identity.occurrence for found in (_trace(installed, n) for n in twins[0]) if found.identity}
    assert occurrences == set(range(1, len(twins[0]) + 1))


def test_rules_name_map_sign_format_and_zone(traces: list[Trace]) -> None:
    dutch = next(f for f in traces if f.contract and f.contract.source == "rabobank" and _field(f, "last_qty").value)
    assert "decimal mark ','" in _field(dutch, "amount").rules
    assert "sign: absolute" in _field(dutch, "amount").rules
    assert _field(dutch, "date").rules == ("format %d-%m-%Y",)
    coins = next(f for f in traces if f.contract and f.contract.source == "bitvavo")
    assert _field(coins, "transact_time").rules[-2:] == ("format %Y-%m-%d %H:%M:%S%.f", "zone Europe/Amsterdam")
    assert _field(dutch, "type").rules[0].startswith("by the sign of Bedrag ('")
    assert _field(dutch, "category").origin == "constant"
    assert dutch.contract
    assert dutch.contract.kind in ("buy", "sell", "savings plan")


def test_another_version_of_the_contract_is_said_and_the_old_one_explains(
    traces: list[Trace], installed: Installation
) -> None:
    """As after an update of the package: what is installed is not what judged the record."""
    one = next(found for found in traces if found.contract and found.contract.dataset == "trading_operations")
    assert one.contract
    assert (one.contract.note, one.contract.installed_version) == ("", one.contract.version)
    installed_now = CONTRACTS / "nexus" / "trading_operations.toml"
    earlier = installed_now.read_text().replace('title = "', 'title = "As it was: ')
    version = hashlib.sha256(earlier.encode()).hexdigest()[:16]
    found = ask(installed.url, operation(one.id))
    found.files[0]["contract_version"] = version
    gone = trace(installed.settings, found)
    archive.keep(installed.settings.home, version=version, text=earlier.encode())
    told = trace(installed.settings, found)
    assert told.contract
    assert told.contract.title.startswith("As it was: ")
    assert (told.contract.version, told.contract.installed_version) == (version, one.contract.version)
    assert f"the installed contract is version {one.contract.version}" in told.contract.note
    assert (told.problems, [field.value for field in told.fields]) == ((), [field.value for field in one.fields])
    assert (gone.record, _field(gone, "amount").value) == (None, _field(one, "amount").value)
    assert "cannot be read" in gone.problems[0]


def test_rows_of_keyed_tables_are_traced_too(installed: Installation, snapshot: Connection[Any]) -> None:
    names = snapshot.execute("SELECT milestone_id FROM project_milestones ORDER BY record_no LIMIT 3").fetchall()
    for (name,) in names:
        found = trace(installed.settings, ask(installed.url, row("project_milestones", name)))
        assert found.record
        assert (found.problems, found.record.intact) == ((), True)
        assert name in found.record.raw
        assert not any(field.differs for field in found.fields)


def test_an_unknown_id_is_refused_by_name(installed: Installation) -> None:
    for name, words in (("0" * 32, "no operation 00000000-0000"), ("nonsense", "is no operation id")):
        with pytest.raises(TraceError, match=words):
            ask(installed.url, operation(name))


def test_an_operation_is_its_owners_alone(installed: Installation, traces: list[Trace]) -> None:
    name = traces[0].id
    owner = _field(traces[0], "user_id").value
    assert ask(installed.url, operation(name, user_id=owner)).id == name
    with pytest.raises(TraceError, match=f"no operation {name}"):
        ask(installed.url, operation(name, user_id="somebody else"))


def test_an_altered_or_missing_file_is_a_problem_and_not_an_error(
    installed: Installation, traces: list[Trace], kept: Kept
) -> None:
    one = next(found for found in traces if found.file and found.file.name.startswith("cashbook"))
    assert one.file
    assert one.record
    path = kept(one.file.sha256)
    before, raw = path.read_bytes(), one.record.raw.encode()
    amount = _field(one, "amount").texts[0].text.encode()
    assert raw in before
    try:
        path.chmod(0o600)
        path.write_bytes(before.replace(raw, raw.replace(amount, b"7.125")))
        altered = _trace(installed, one.id)
        path.unlink()
        missing = _trace(installed, one.id)
    finally:
        path.write_bytes(before)
    assert any("was altered" in problem for problem in altered.problems)
    assert any("fingerprint" in problem for problem in altered.problems)
    assert _field(altered, "amount").differs
    assert (missing.record, _field(missing, "amount").value) == (None, _field(one, "amount").value)
    assert any("cannot be read" in problem for problem in missing.problems)


def test_a_trace_is_one_json_object(traces: list[Trace]) -> None:
    for found in traces:
        assert msgspec.json.decode(msgspec.json.encode(found), type=Trace) == found
