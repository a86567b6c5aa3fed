"""Data quality over time: whose days are told to whom, exact shares of sums, pages, forms."""

import csv
import io
from datetime import date
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from nexus_data.api.access import WIDENS, Scope
from nexus_data.api.quality_by_day import QualityByDay
from nexus_data.postgres.connect import connection
from nexus_data.tables.users import ROLES
from tests.api.conftest import Publish, Token
from tests.api.platform_rows import platform

PATH = "/api/v3/data/quality-metrics/bank/by-day"
_OUTCOMES = ("records", "published", "rejected", "duplicate", "superseded", "skipped", "held")
_OF_ROWS = ("compared", "inconsistent", "table_rows", "places", "filled", "dated", "age_days")
ZEROS = dict.fromkeys(("files", "files_held", *_OUTCOMES, *_OF_ROWS), 0)


@pytest.fixture
def days(publish: Publish, database_url: str) -> None:
    """Ada's files of two days, Bob's of one of them, and another source's."""
    publish(1, **platform())
    rows: tuple[dict[str, Any], ...] = (
        {"user_id": "ada", "date": "2024-05-01", "files": 1, "records": 10, "published": 6, "rejected": 1, "skipped": 1,
         "duplicate": 2, "compared": 8, "places": 8, "filled": 2, "dated": 4, "age_days": 6},
        {"user_id": "ada", "date": "2024-05-01", "table_name": "users", "records": 3, "published": 3, "compared": 3},
        {"user_id": "bob", "date": "2024-05-01", "files": 1, "records": 7, "rejected": 7, "compared": 7,
         "inconsistent": 5},
        {"user_id": "ada", "date": "2024-05-03", "files": 1, "files_held": 1, "records": 4, "held": 4},
        {"user_id": "ada", "source": "broker", "date": "2024-05-02", "files": 1, "records": 9, "published": 9},
    )  # fmt: skip
    with connection(database_url) as database:
        for given in rows:
            row = {"source": "bank", "table_name": "trading_operations", **ZEROS, **given}
            columns, places = ", ".join(row), ", ".join(["%s"] * len(row))
            statement = f"INSERT INTO marts.data_quality_daily ({columns}) VALUES ({places})"  # noqa: S608
            database.execute(statement, list(row.values()))


@pytest.fixture
def ask(client: TestClient[Litestar], token: Token, days: None) -> Any:  # noqa: ARG001
    def asked(user: str = "ada", *, role: str | None = None, accept: str = "*/*", **given: Any) -> Any:
        return client.get(PATH, params=given, headers={**token(user, role=role), "Accept": accept})

    return asked


def test_days_of_ones_own_files_newest_first_with_shares_of_sums(ask: Any) -> None:
    found = msgspec.json.decode(ask().content, type=QualityByDay)
    held, first = found.days
    assert (found.source, found.user_id, found.generation, found.next) == ("bank", "ada", 1, None)
    assert (held.date, held.files_held, held.held, held.validity, held.completeness) == ("2024-05-03", 1, 4, None, None)
    assert (first.date, first.files, first.records, first.published) == ("2024-05-01", 1, 13, 9)
    assert (first.completeness, first.validity, first.uniqueness) == ("0.25", "0.916667", "0.818182")
    assert (first.consistency, first.timeliness_days) == ("1", "1.5")


@pytest.mark.parametrize("role", [None, *ROLES])
def test_each_role_is_told_of_whom_it_sees(ask: Any, role: str | None) -> None:
    sees_all = WIDENS.get(role or "", Scope.OWN) is Scope.ALL
    everybody, of_bob = ask(role=role, everybody=True), ask(role=role, user_id="bob")
    assert ask(role=role).json()["user_id"] == "ada"
    assert (everybody.status_code, of_bob.status_code) == ((200, 200) if sees_all else (403, 404))
    if sees_all:
        whole = msgspec.json.decode(everybody.content, type=QualityByDay)
        assert (whole.user_id, [day.records for day in whole.days]) == (None, [4, 20])
        assert (whole.days[1].validity, whole.days[1].consistency) == ("0.578947", "0.722222")
        assert [day["records"] for day in of_bob.json()["days"]] == [7]


def test_from_to_pages_and_a_source_that_never_came(ask: Any, client: TestClient[Litestar], token: Token) -> None:
    assert [day["date"] for day in ask(**{"from": "2024-05-02"}).json()["days"]] == ["2024-05-03"]
    assert [day["date"] for day in ask(to="2024-05-02").json()["days"]] == ["2024-05-01"]
    first = ask(limit=1).json()
    second = ask(limit=1, cursor=first["next"]).json()
    assert ([*first["days"], *second["days"]], second["next"]) == (ask().json()["days"], None)
    assert ask(cursor="nonsense").status_code == 400
    assert "of another list" in ask(cursor=first["next"], to="2024-05-02").json()["detail"]
    assert ask(**{"from": "yesterday"}).status_code == 400
    nothing = client.get(PATH.replace("bank", "nothing"), headers=token("ada"))
    assert (nothing.status_code, nothing.json()["days"]) == (200, [])


def test_pages_of_two_generations_are_not_mixed(ask: Any, publish: Publish) -> None:
    first = ask(limit=1).json()
    publish(2, **platform())
    assert ask(limit=1, cursor=first["next"]).status_code == 409


def test_the_same_days_as_csv_and_arrow(ask: Any) -> None:
    plain = ask().json()["days"]
    text = list(csv.DictReader(io.StringIO(ask(accept="text/csv").text)))
    assert [row["validity"] for row in text] == ["", "0.916667"]
    table = pa.ipc.open_stream(ask(accept="application/vnd.apache.arrow.stream").content).read_all()
    assert not [field for field in table.schema if pa.types.is_floating(field.type)]
    assert table.column("date").to_pylist() == [date.fromisoformat(day["date"]) for day in plain]
    assert table.column("records").to_pylist() == [4, 13]


def test_before_the_first_publish_there_are_no_days(client: TestClient[Litestar], token: Token) -> None:
    answer = client.get(PATH, headers=token("ada"))
    assert (answer.status_code, answer.json()["days"], answer.json()["generation"]) == (200, [], 0)
