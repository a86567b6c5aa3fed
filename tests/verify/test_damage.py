"""Damage of many kinds, each done to a copy of a clean installation: the verifier names what was done, and where."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from nexus_data.errors import RunError
from nexus_data.verify import Difference, Report, marts
from tests.verify.conftest import Installation

OPERATION = "SELECT operation_id::text, record_no FROM trading_operations WHERE exec_id = %s"


def test_finds_nothing_in_a_clean_installation(clean: Installation) -> None:
    report = clean.verify()
    assert report.differences == ()
    assert report.ok
    assert report.generation == 3
    checked = {one.name: one.counted for one in report.checked}
    assert checked["raw records"] > 40
    assert checked["lake trading_operations"] == checked["postgres trading_operations"] > 25
    assert checked["quarantine"] >= 5
    assert checked["API answers"] == 2


def test_names_a_row_gone_from_a_partition(installation: Installation) -> None:
    ((operation, record),) = installation.ask(OPERATION, "E5")
    installation.change("DELETE FROM trading_operations_2024_03 WHERE operation_id = %s", operation)
    found = only(installation.verify(), "postgres_row_missing")
    assert found.where["operation"] == operation
    assert (found.where["file"], found.where["record"]) == ("operations.csv", str(record))
    assert found.where["partition"] == "2024-03"


def test_names_a_cent_changed_in_postgres(installation: Installation) -> None:
    ((operation, record),) = installation.ask(OPERATION, "E7")
    installation.change("UPDATE trading_operations SET amount = amount + 0.01 WHERE operation_id = %s", operation)
    found = only(installation.verify(), "postgres_cell")
    assert (found.where["operation"], found.where["column"]) == (operation, "amount")
    assert found.expected.startswith("7.25")
    assert found.found.startswith("7.26")
    assert found.where["record"] == str(record)


def test_names_a_cent_changed_in_the_lake(installation: Installation) -> None:
    path, row = _lake_row(installation, "E8")
    table = pq.read_table(path)
    amounts = table["amount"].to_pylist()
    amounts[row] += 1
    place = table.schema.get_field_index("amount")
    pq.write_table(
        table.set_column(place, table.schema.field(place), pa.array(amounts, table.schema.types[place])), path
    )
    found = only(installation.verify(), "lake_cell")
    assert found.where["column"] == "amount"
    assert found.where["operation"] == installation.ask(OPERATION, "E8")[0][0]


def test_names_a_row_gone_from_the_lake(installation: Installation) -> None:
    path, row = _lake_row(installation, "E60")
    table = pq.read_table(path)
    rest = [place for place in range(table.num_rows) if place != row]
    pq.write_table(table.take(pa.array(rest, pa.int64())), path)
    found = only(installation.verify(), "lake_row_missing")
    assert found.where["operation"] == installation.ask(OPERATION, "E60")[0][0]
    assert found.where["file"] == "operations-2.csv"


def test_names_a_row_that_stands_twice(installation: Installation) -> None:
    ((operation, _),) = installation.ask(OPERATION, "E9")
    installation.change("ALTER TABLE trading_operations DROP CONSTRAINT trading_operations_pkey")
    installation.change(
        "INSERT INTO trading_operations SELECT * FROM trading_operations WHERE operation_id = %s", operation
    )
    found = kinds(installation.verify())
    assert found["postgres_row_twice"][0].where["operation"] == operation


def test_names_a_row_in_the_hands_of_another_user(installation: Installation) -> None:
    ((operation, _),) = installation.ask(OPERATION, "E10")
    installation.change("UPDATE trading_operations SET user_id = 'u2' WHERE operation_id = %s", operation)
    (found,) = kinds(installation.verify())["postgres_cell"]
    assert (found.where["column"], found.expected, found.found) == ("user_id", "u1", "u2")
    assert found.where["operation"] == operation


def test_names_a_row_that_no_record_stands_behind(installation: Installation) -> None:
    installation.change(
        "INSERT INTO project_milestones (milestone_id, project_id, name, status, status_category, source, file_id,"
        " record_no, row_fp) SELECT 'forged', project_id, name, status, status_category, source, file_id, record_no,"
        " row_fp FROM project_milestones WHERE milestone_id = 'm1'"
    )
    (found,) = kinds(installation.verify())["postgres_row_unexpected"]
    assert found.where["milestone_id"] == "forged"


def test_names_provenance_that_points_to_another_record(installation: Installation) -> None:
    ((operation, record),) = installation.ask(OPERATION, "E11")
    installation.change("UPDATE trading_operations SET record_no = record_no + 1 WHERE operation_id = %s", operation)
    found = only(installation.verify(), "postgres_cell")
    assert (found.where["column"], found.expected, found.found) == ("record_no", str(record), str(record + 1))


def test_names_a_forged_fingerprint(installation: Installation) -> None:
    ((operation, _),) = installation.ask(OPERATION, "E12")
    installation.change("UPDATE trading_operations SET row_fp = row_fp + 1 WHERE operation_id = %s", operation)
    assert only(installation.verify(), "postgres_cell").where["column"] == "row_fp"


def test_names_an_altered_cache_document(installation: Installation) -> None:
    with installation.redis() as cache:
        (key,) = list(cache.scan_iter("nexus:3:dashboard:u1:*"))
        document = json.loads(installation.cached[key])
        document["totals"][0]["expenses"] = "1"
        cache.set(key, json.dumps(document))
    found = only(installation.verify(), "cache_document")
    assert (found.where["user"], found.where["column"]) == ("u1", "totals")


def test_names_a_stale_cache_document(installation: Installation) -> None:
    with installation.redis() as cache:
        (key,) = list(cache.scan_iter("nexus:3:dashboard:u2:*"))
        cache.set(key, installation.cached[key].replace(b'"generation" : 3', b'"generation" : 2'))
    found = only(installation.verify(), "cache_document")
    assert (found.where["user"], found.where["column"], found.found) == ("u2", "generation", "2")


def test_does_not_take_an_empty_cache_for_damage(installation: Installation) -> None:
    with installation.redis() as cache:
        cache.flushdb()
    assert installation.verify().ok


def test_names_a_wrong_sum_in_a_mart(installation: Installation) -> None:
    installation.change(
        "UPDATE marts.daily_totals SET amount = amount + 0.01 WHERE user_id = 'u2' AND date = '2024-05-02'"
    )
    found = kinds(installation.verify())
    (cell,) = found["mart_cell"]
    assert (cell.where["mart"], cell.where["user_id"], cell.where["date"]) == ("daily_totals", "u2", "2024-05-02")
    assert (cell.where["column"], cell.expected[:5], cell.found[:5]) == ("amount", "50.25", "50.26")
    assert [one.where["user"] for one in found["answer"]] == ["u2"]


def test_names_a_mart_row_too_many_and_one_gone(installation: Installation) -> None:
    installation.change("UPDATE marts.positions SET symbol = 'MSFT' WHERE user_id = 'u2'")
    found = kinds(installation.verify())
    assert found["mart_row_unexpected"][0].where["symbol"] == "MSFT"
    assert found["mart_row_missing"][0].where["symbol"] == "AAPL"


_CELLS = """
SELECT columns.table_name, columns.column_name, columns.udt_name
FROM information_schema.columns
WHERE columns.table_schema = 'marts' AND NOT EXISTS (
    SELECT FROM pg_index
    JOIN pg_attribute ON pg_attribute.attrelid = pg_index.indrelid AND pg_attribute.attnum = ANY (pg_index.indkey)
    WHERE pg_index.indrelid = format('marts.%%I', columns.table_name)::regclass AND pg_index.indisunique
        AND pg_attribute.attname = columns.column_name
)
"""
_OTHERWISE = {"text": "coalesce({0}, '') || '?'", "bool": "NOT {0}", "date": "coalesce({0}, '2020-01-01') + 9"}
_OTHERWISE |= {"timestamptz": "coalesce({0}, '2020-01-01') + interval '9 days'"}


def test_names_a_cell_of_every_column_of_every_mart(installation: Installation) -> None:
    """A cell of each column that is no key, all at once: each is computed again."""
    cells = installation.ask(_CELLS)
    for mart, column, kind in cells:
        change = _OTHERWISE.get(kind, "coalesce({0}, 0) + 1").format(column)
        row = f"ctid = (SELECT min(ctid) FROM marts.{mart})"  # noqa: S608 - names of our own
        assert installation.change(f"UPDATE marts.{mart} SET {column} = {change} WHERE {row}") == 1  # noqa: S608
    found = {(one.where["mart"], one.where["column"]) for one in kinds(installation.verify())["mart_cell"]}
    judged_on = {(mart, column) for mart, column, _ in cells if column in ("late", "milestones_late")}
    assert {(mart, column) for mart, column, _ in cells} - found <= judged_on, "as of the day that was changed, too"
    assert {mart for mart, _, _ in cells} == set(marts.KNOWN)


def test_names_a_kept_file_that_was_altered(installation: Installation) -> None:
    path = installation.kept("operations-3.csv")
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b"80.25", b"80.26"))
    report = installation.verify()
    found = only(report, "kept_file_altered")
    assert found.where["file"] == "operations-3.csv"
    assert found.expected == path.name


def test_names_a_kept_file_that_is_gone(installation: Installation) -> None:
    installation.kept("operations-3.csv").unlink()
    assert only(installation.verify(), "kept_file_missing").where["file"] == "operations-3.csv"


def test_names_a_ledger_line_that_was_altered(installation: Installation) -> None:
    changed = installation.change(
        "UPDATE ledger SET passed = passed - 1, rejected = rejected + 1"
        " WHERE generation = 2 AND hop = 'standardize' AND file_id = (SELECT file_id FROM files WHERE name = %s)",
        "operations-2.csv",
    )
    assert changed == 1
    found = list(kinds(installation.verify())["ledger_line"])
    assert {one.where["column"] for one in found} == {"passed", "rejected"}
    assert {(one.where["file"], one.where["hop"]) for one in found} == {("operations-2.csv", "standardize")}


def test_names_a_ledger_line_that_is_gone(installation: Installation) -> None:
    installation.change("DELETE FROM ledger WHERE generation = 3 AND hop = 'publish' AND passed > 0")
    (found,) = kinds(installation.verify())["ledger_line_missing"]
    assert (found.where["hop"], found.where["file"]) == ("publish", "operations-3.csv")


def test_names_a_quarantine_row_that_is_gone(installation: Installation) -> None:
    ((record,),) = installation.ask("SELECT record_no FROM quarantine WHERE rules LIKE %s", "%UNPARSABLE:amount")
    installation.change("DELETE FROM quarantine WHERE rules LIKE %s", "%UNPARSABLE:amount")
    (found,) = kinds(installation.verify())["quarantine_row_missing"]
    assert (found.where["file"], found.where["record"]) == ("operations.csv", str(record))


def test_names_a_quarantine_row_whose_text_was_altered(installation: Installation) -> None:
    installation.change("UPDATE quarantine SET raw = replace(raw, 'short', 'long') WHERE rules = 'TOO_FEW_FIELDS'")
    found = only(installation.verify(), "quarantine_cell")
    assert (found.where["column"], found.expected, found.found) == ("raw", "a,short,record", "a,long,record")


def test_names_a_generation_that_is_gone(installation: Installation) -> None:
    installation.change("DELETE FROM generations WHERE generation = 2")
    assert {one.where["generation"] for one in kinds(installation.verify())["generation_missing"]} == {"2"}


def test_names_a_file_row_that_is_gone(installation: Installation) -> None:
    installation.change("DELETE FROM files WHERE name = 'operations-3.csv'")
    found = kinds(installation.verify())["file_row_missing"]
    assert found[0].where["generation"] == "3"


def test_names_a_replaced_version_that_is_gone(installation: Installation) -> None:
    assert installation.change("DELETE FROM superseded_rows WHERE row_key = 'p1'") == 1
    found = only(installation.verify(), "superseded_row_missing")
    assert (found.where["key"], found.where["file"], found.where["record"]) == ("p1", "projects.csv", "1")


def test_names_an_index_that_is_not_valid(installation: Installation) -> None:
    installation.change("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'users_pkey'::regclass")
    assert only(installation.verify(), "index_invalid").where["name"] == "users_pkey"


def test_names_an_altered_user(installation: Installation) -> None:
    installation.change("UPDATE users SET email = 'else@example.org' WHERE user_id = 'u1'")
    found = only(installation.verify(), "postgres_cell")
    assert (found.where["table"], found.where["column"]) == ("users", "email")


def test_names_altered_json(installation: Installation) -> None:
    installation.change("""UPDATE frenly_ai_tasks SET parameters = '{"of": "u1"}' WHERE task_id = 't2'""")
    found = only(installation.verify(), "postgres_cell")
    assert (found.where["table"], found.where["column"]) == ("frenly_ai_tasks", "parameters")


def test_says_which_contract_it_cannot_follow(installation: Installation) -> None:
    ((version,),) = installation.ask(
        "SELECT DISTINCT contract_version FROM files WHERE dataset = 'trading_operations_jsonl'"
    )
    installation.change("UPDATE files SET contract_version = %s WHERE dataset = 'trading_operations_jsonl'", "0" * 16)
    found = kinds(installation.verify())["cannot_verify"]
    assert found[0].where["contract"] == "nexus/trading_operations_jsonl"
    assert version != "0" * 16


def kinds(report: Report) -> dict[str, list[Difference]]:
    """The differences by kind."""
    found: dict[str, list[Difference]] = {}
    for one in report.differences:
        found.setdefault(one.kind, []).append(one)
    assert not report.ok
    return found


def only(report: Report, kind: str) -> Difference:
    """The one difference of a report, apart from what the marts and answers then show otherwise."""
    follow = {"mart_cell", "mart_row_missing", "mart_row_unexpected", "answer", "cache_document"} - {kind}
    found = [one for one in report.differences if one.kind not in follow]
    assert [one.kind for one in found] == [kind], [f"{one.kind} {one.told()}" for one in found]
    return found[0]


def _lake_row(installation: Installation, exec_id: str) -> tuple[Path, int]:
    """The lake file that holds an operation, and the row in it."""
    for path in (installation.settings.home / "lake" / "trading_operations").glob("month=*/*.parquet"):
        there = pc.index(pq.read_table(path)["exec_id"], exec_id).as_py()
        if there >= 0:
            return path, there
    raise AssertionError(exec_id)


def test_verifies_one_file_alone(installation: Installation) -> None:
    ((operation, _),) = installation.ask(OPERATION, "E80")
    assert installation.verify(files=["operations-3.csv"]).ok
    installation.change("UPDATE trading_operations SET amount = amount + 1 WHERE operation_id = %s", operation)
    assert installation.verify(files=["operations.csv"]).ok
    found = only(installation.verify(files=["operations-3.csv"]), "postgres_cell")
    assert (found.where["file"], found.where["column"]) == ("operations-3.csv", "amount")
    assert [one.kind for one in installation.verify(since=3).differences] == ["postgres_cell"]
    with pytest.raises(RunError, match=r"no file nobody\.csv"):
        installation.verify(files=["nobody.csv"])
    with pytest.raises(RunError, match="there is no generation 99: the newest is"):
        installation.verify(since=99)
