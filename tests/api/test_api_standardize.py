"""Records judged over HTTP: as a run judges them, exactly, for their sender alone, and nothing of it kept."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest

from nexus_data.api.throttle import Pace
from nexus_data.landing import Landing
from nexus_data.pipeline import run_all
from nexus_data.postgres.connect import connection
from nexus_data.settings import Settings
from nexus_data.trial.outcome import Standardized
from nexus_data.trial.recipes import recipe
from tests.pipelines.rows import OPERATIONS

URL = "/api/v3/data/standardize"
NAMES = tuple(OPERATIONS.split(","))


def record(**given: Any) -> dict[str, Any]:
    base = {"exec_id": "e1", "transact_time": "2024-01-05T10:00:00.25Z", "type": "expense", "category": "purchase"}
    return {**dict.fromkeys(NAMES, ""), **base, "amount": "10.00", "currency": "EUR", **given}


def told(answer: Any) -> Standardized:
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=Standardized)


def send(client: Any, headers: dict[str, str], *records: Any, **params: Any) -> Any:
    return client.post(URL, json={"records": records}, params=params, headers=headers)


def test_good_and_bad_records_and_their_quality(client, token):
    records = [record(), record(user_id="eve", amount="1e5x", currency="XQX"), "no object", record(surplus="1")]
    answer = told(send(client, token("ada"), record(description="a"), *records))
    assert (answer.contract.name, answer.contract.table) == ("nexus/trading_operations_jsonl", "trading_operations")
    assert [(row["record_no"], row["user_id"], row["amount"], row["transact_time"]) for row in answer.rows] == [
        (1, "ada", "10", "2024-01-05T10:00:00.250+00:00"),
        (2, "ada", "10", "2024-01-05T10:00:00.250+00:00"),
    ]
    broken = {one.record_no: {(rule.code, rule.field) for rule in one.rules} for one in answer.rejected}
    assert broken == {
        3: {("UNPARSABLE", "amount"), ("UNKNOWN_CURRENCY", "currency")},
        4: {("BAD_JSON", None)},
        5: {("UNKNOWN_COLUMN", None)},
    }
    assert json.loads(answer.rejected[0].raw) == records[1]
    quality = answer.quality
    assert (quality.records, quality.accepted, quality.rejected, quality.validity) == (5, 2, 3, 0.4)
    assert (quality.completeness["amount"], quality.completeness["description"]) == (1.0, 0.5)
    counted = {rule.code: rule.records for rule in answer.rules}
    assert (counted["BAD_JSON"], counted["UNKNOWN_CURRENCY"], counted["DST_GAP"]) == (1, 1, 0)


def test_numbers_are_taken_digit_by_digit(client, token):
    body = json.dumps({"records": [record()]}).replace('"10.00"', "12345678901234.123456789012345678")
    answer = told(client.post(URL, content=body, headers={**token("ada"), "Content-Type": "application/json"}))
    assert answer.rows[0]["amount"] == "12345678901234.123456789012345678"


def test_a_file_is_read_as_a_run_reads_it(client, token, settings: Settings, tmp_path: Path):
    lines = [",".join(NAMES), *(",".join(map(str, record(exec_id=f"e{n}").values())) for n in range(3))]
    lines.append("too,few")
    lines.append(",".join(record(amount="ten").values()))
    content = "\n".join(lines) + "\n"
    as_body = client.post(URL, content=content, headers={**token("ada"), "Content-Type": "text/csv"})
    as_form = client.post(URL, files={"file": ("ops.csv", content)}, headers=token("ada"))
    assert told(as_body) == told(as_form)
    answer = told(as_body)
    assert [(one.line, [rule.code for rule in one.rules], one.raw) for one in answer.rejected] == [
        (5, ["TOO_FEW_FIELDS"], "too,few"),
        (6, ["UNPARSABLE"], lines[5]),
    ]

    with connection(settings.postgres_url or "") as database:
        assert database.execute("SELECT count(*) FROM files").fetchone() == (0,)
    assert not (settings.home / "raw").exists()
    (tmp_path / "ops.csv").write_text(content)
    summary = run_all(settings, [Landing(tmp_path / "ops.csv", user="ada")])
    assert (summary.published + summary.rejected, summary.rejected) == (5, 2)
    with connection(settings.postgres_url or "") as database:
        rows = database.execute(
            "SELECT exec_id, amount, date::text FROM trading_operations ORDER BY exec_id"
        ).fetchall()
    assert [(row["exec_id"], row["amount"], row["date"]) for row in answer.rows] == [
        (exec_id, format(amount.normalize(), "f"), day) for exec_id, amount, day in rows
    ]


def test_requests_at_once_share_the_kernel_and_get_their_own_rows(client, token):
    def ask(number: int) -> Standardized:
        own = [record(exec_id=f"{number}-{n}", amount=f"{number}.{n}") for n in range(1, 4)]
        return told(send(client, token(f"user{number}"), *own, record(amount="?", description=f"of {number}")))

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(ask, range(1, 33)))
    for number, answer in enumerate(answers, 1):
        assert {row["user_id"] for row in answer.rows} == {f"user{number}"}
        assert [row["amount"] for row in answer.rows] == [f"{number}.{n}" for n in range(1, 4)]
        assert [json.loads(one.raw)["description"] for one in answer.rejected] == [f"of {number}"]


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({"json": {"records": [{"what": "1"}]}}, 400, "no contract has these names"),
        ({"json": {"records": []}}, 400, "there is no record"),
        ({"json": {"record": [{}]}}, 400, "the body must be"),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400, "the body must be"),
        ({"json": {"records": [record()]}, "params": {"contract": "nexus/coffee"}}, 400, "no contract 'nexus/coffee'"),
        ({"json": {"records": [record()]}, "params": {"contract": "ofx/statements"}}, 400, "send the file itself"),
        ({"content": b"what,ever\n1,2\n"}, 400, "file: text, and no contract"),
        ({"content": b"\x1f\x8b\x08broken"}, 400, "file"),
        ({"content": b"x" * (1024**2 + 1)}, 413, ""),
        ({"json": {"records": [{}] * 10_001}}, 413, "10001 records"),
        ({"json": {"records": [record(description="x" * 1024**2)]}}, 413, ""),
    ],
)
def test_what_cannot_be_judged_is_refused_with_its_reason(client, token, sent, status, words):
    headers = {**token("ada"), **sent.pop("headers", {})}
    answer = client.post(URL, headers=headers, **sent)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert words in answer.json()["detail"]
    assert client.post(URL, **sent).status_code == 401


@pytest.mark.parametrize("asked", ["", "?contract=nexus/trading_operations_jsonl", "?contract=nexus"])
def test_the_short_way_and_the_frameworks_give_the_same(client, token, asked):
    body = json.dumps({"records": [record(), record(amount="much"), record()]})
    ways = ["application/json", "application/json; charset=utf-8"]
    answers = [client.post(URL + asked, content=body, headers={**token("ada"), "Content-Type": way}) for way in ways]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert answers[0].headers == answers[1].headers


def test_whoever_asks_too_often_is_told_so_on_the_short_way_too(client, app, token):
    app.state.pace = Pace(0.01)
    answers = [client.post(URL, json={"records": [record()]}, headers=token("ada")) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 429, 429]


def test_the_document_describes_the_body(client):
    operation = client.get("/schema/openapi.json").json()["paths"][URL]["post"]
    assert set(operation["requestBody"]["content"]) == {
        "application/json",
        "multipart/form-data",
        "application/octet-stream",
    }


def test_records_with_fewer_of_a_contracts_columns_are_read_with_the_others():
    contract = "nexus/trading_operations_jsonl"
    fewer = frozenset({"exec_id", "transact_time", "user_id", "type", "category", "amount", "currency"})
    assert recipe(fewer, contract) is recipe(frozenset(NAMES), contract)
