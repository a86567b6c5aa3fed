"""GET /api/v3/trading-operations: one's own operations, page by page, as they are or as they were."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from psycopg import Connection
from psycopg.sql import SQL

from nexus_data.api.operation_documents import Operations
from nexus_data.api.operations import Cursor
from nexus_data.cursors import unpacked
from nexus_data.errors import QuestionError
from nexus_data.postgres.connect import connection
from nexus_data.sql import query
from tests.api.conftest import Publish, Token, insert
from tests.canonical_rows import row
from tests.postgres.rows import MONTHS, fill

PATH = "/api/v3/trading-operations"
NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


class Fresh(Protocol):
    def __call__(self, template: str = ..., options: str = ...) -> AbstractContextManager[str]: ...


def operation(number: int, **given: Any) -> dict[str, Any]:
    """Ada's operation of that number: two a day, the odd ones without a time."""
    base = {
        "operation_id": UUID(int=number).bytes,
        "date": date(2024, 3, 1) + timedelta(days=number // 2),
        "transact_time": NOON + timedelta(days=number // 2) if number % 2 == 0 else None,
        "user_id": "ada",
        "type": "expense",
        "category": "trade",
        "symbol": "ACME",
        "amount": Decimal(number),
        "currency": "EUR",
        "generation": 1,
    }
    return row("trading_operations", **{**base, **given})


@pytest.fixture
def ask(client: TestClient[Litestar], token: Token, publish: Publish, database_url: str) -> Any:
    """Ada's operations 0 to 59 of generation 1, and Bob's; in generation 2 number 7 is corrected and 8 is new."""
    gone = {"superseded_generation": 2, "superseded_reason": "correction"}
    rows = [operation(n) for n in range(60) if n not in (7, 8)]
    rows += [operation(7, amount=Decimal("7.000000000000000001"), generation=2), operation(8, generation=2)]
    rows += [operation(100, user_id="bob", description="secret")]
    publish(1)
    publish(2, trading_operations=rows)
    with connection(database_url) as database:
        insert(database, "superseded_operations", [row("superseded_operations", **{**operation(7), **gone})])

    def asked(**filters: Any) -> Any:
        return client.get(PATH, params=filters, headers=token("ada"))

    return asked


def numbers(answer: Any) -> list[int]:
    """The operations' numbers, of a document of the declared shape."""
    page = msgspec.json.decode(answer.content, type=Operations)
    return [UUID(one.operation_id).int for one in page.operations]


def walk(ask: Any, **filters: Any) -> list[int]:
    """All pages."""
    found: list[int] = []
    cursor: str | None = None
    while True:
        answer = ask(**filters, **({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        found += numbers(answer)
        cursor = answer.json()["next"]
        if cursor is None:
            return found


_NEWEST_FIRST = [n for day in range(29, -1, -1) for n in (2 * day, 2 * day + 1)]


@pytest.mark.parametrize("limit", [1, 7, 60])
def test_pages_are_all_of_ones_own_operations_newest_first(ask: Any, limit: int) -> None:
    assert walk(ask, limit=limit) == _NEWEST_FIRST


def test_an_answer_says_its_generation_and_can_be_checked_for_change(
    ask: Any, client: TestClient[Litestar], token: Token
) -> None:
    answer = ask(limit=3)
    assert (answer.json()["generation"], answer.headers["X-Data-Generation"]) == (2, "2")
    again = client.get(PATH, params={"limit": 3}, headers={**token("ada"), "If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_money_is_exact_text(ask: Any) -> None:
    (one,) = ask(min_amount="7.000000000000000001", max_amount="7.000000000000000001").json()["operations"]
    assert (one["amount"], one["generation"]) == ("7.000000000000000001", 2)


def test_as_of_a_generation_what_was_published_then(ask: Any) -> None:
    assert walk(ask, as_of=2) == _NEWEST_FIRST
    assert walk(ask, as_of=1, limit=7) == [n for n in _NEWEST_FIRST if n != 8]
    (old,) = [one for one in ask(as_of=1).json()["operations"] if UUID(one["operation_id"]).int == 7]
    assert (old["amount"], old["generation"], old["superseded_generation"]) == ("7", 1, 2)
    assert ask(as_of=1).headers["X-Data-Generation"] == "1"
    assert walk(ask, as_of=0) == []


def test_the_pages_of_a_listing_stay_with_its_generation(ask: Any, publish: Publish) -> None:
    first = ask(limit=30)
    publish(3, trading_operations=[operation(n, generation=2 if n == 8 else 1) for n in range(60)] + _LATE)
    second = ask(limit=40, cursor=first.json()["next"])
    assert second.headers["X-Data-Generation"] == "2"
    assert numbers(first) + numbers(second) == _NEWEST_FIRST
    assert numbers(ask(limit=1)) == [70]


_LATE = [operation(70, generation=3), operation(1, operation_id=UUID(int=71).bytes, generation=3)]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"from": "2024-03-29", "to": "2024-03-30"}, [58, 59, 56, 57]),
        ({"min_amount": "10", "max_amount": "11.5"}, [10, 11]),
        ({"symbol": "NONE"}, []),
        ({"category": "fee"}, []),
        ({"type": "income"}, []),
        ({"currency": "USD"}, []),
        ({"milestone_id": "m1"}, []),
        ({"symbol": "ACME", "category": "trade", "type": "expense", "currency": "EUR", "from": "2024-03-30"}, [58, 59]),
    ],
)
def test_filters(ask: Any, filters: dict[str, str], expected: list[int]) -> None:
    assert walk(ask, **filters) == expected


@pytest.mark.parametrize(
    ("filters", "says"),
    [
        ({"cursor": "nonsense"}, "this cursor is none"),
        ({"as_of": 3}, "there is no generation 3: the newest is 2"),
        ({"as_of": -1}, "there is no generation -1"),
        ({"min_amount": "1,5"}, "min_amount is '1,5'"),
        ({"max_amount": "NaN"}, "max_amount is 'NaN'"),
        ({"limit": 0}, ""),
        ({"from": "yesterday"}, "; from: Invalid"),
        ({"symbl": "ACME"}, "there is no parameter 'symbl' here; it has as_of, category, currency, cursor, from, "),
        ({"first_day": "2024-03-01"}, "there is no parameter 'first_day' here"),
        ({"type": "both"}, ""),
        ({"limit": [1, 2]}, "the parameter 'limit' is given twice"),
    ],
)
def test_what_cannot_be_asked_is_a_problem_that_says_why(ask: Any, filters: dict[str, Any], says: str) -> None:
    answer = ask(**filters)
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert says in answer.json()["detail"]


def test_a_cursor_is_of_one_generation(ask: Any) -> None:
    cursor = ask(limit=1).json()["next"]
    answer = ask(cursor=cursor, as_of=1)
    assert (answer.status_code, "of generation 2, not of 1" in answer.json()["detail"]) == (400, True)
    with pytest.raises(QuestionError):
        unpacked(cursor[:-3], Cursor)


def test_without_a_token_nothing(client: TestClient[Litestar]) -> None:
    assert client.get(PATH).status_code == 401


def test_before_the_first_publish_an_empty_page(client: TestClient[Litestar], token: Token) -> None:
    answer = client.get(PATH, headers=token("ada"))
    assert (answer.status_code, numbers(answer), answer.json()["generation"]) == (200, [], 0)


@pytest.fixture(scope="module")
def filled(fresh_database: Fresh) -> Iterator[Connection[Any]]:
    with fresh_database() as url, connection(url) as database:
        fill(database)
        yield database
        database.rollback()


_EVERY = {
    **dict.fromkeys(("symbol", "category", "type", "milestone_id", "currency", "min_amount", "max_amount")),
    **dict.fromkeys(("after_date", "after_time", "after_id", "after_amount")),
    "user_id": "u7",
    "as_of": 1,
    "sort": "-date",
    "skip": 0,
    "first_day": date.min,
    "last_day": date.max,
    "size": 51,
}


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"sort": "date"},
        {"sort": "amount"},
        {
            "sort": "-amount",
            "after_amount": 3,
            "after_date": date(2024, 2, 9),
            "after_time": NOON,
            "after_id": UUID(int=3),
        },
        {"last_day": date(2024, 2, 9), "after_date": date(2024, 2, 9), "after_time": NOON, "after_id": UUID(int=3)},
        {"first_day": date(2024, 2, 1), "last_day": date(2024, 2, 29), "category": "trade", "min_amount": Decimal(5)},
    ],
)
def test_a_page_is_served_by_indexes_and_opens_the_months_of_its_days_only(
    filled: Connection[Any], asked: dict[str, Any]
) -> None:
    statement = SQL("EXPLAIN (FORMAT JSON) {}").format(SQL(query("api/trading_operations_page")))
    found = filled.execute(statement, {**_EVERY, **asked}, prepare=False).fetchone()
    assert found
    scans = [node for node in _walk(found[0][0]["Plan"]) if "trading_operations_2024" in node.get("Relation Name", "")]
    assert {node["Node Type"] for node in scans} <= {"Index Scan", "Bitmap Heap Scan"}
    months = {node["Relation Name"][-7:].replace("_", "-") for node in scans}
    first, last = ({**_EVERY, **asked}[name].isoformat()[:7] for name in ("first_day", "last_day"))
    assert months == {month for month in MONTHS if first <= month <= last}


@pytest.mark.parametrize("prints", [False, True])
@pytest.mark.parametrize("sort", ["-date", "amount"])
def test_of_a_symbol_its_own_days_alone_are_read_unless_a_print_may_be_on_others(
    client: TestClient[Litestar], token: Token, publish: Publish, database_url: str, prints: bool, sort: str
) -> None:
    rows = [operation(n, symbol="RARE" if n in (20, 24) else "ACME") for n in range(60)]
    rows += [operation(50, operation_id=UUID(int=90).bytes, symbol="RARE", type=None)] if prints else []
    publish(1, trading_operations=rows)
    with connection(database_url) as database:
        values = {**_EVERY, "user_id": "ada", "symbol": "RARE", "sort": sort}
        window = database.execute(query("api/trading_operations_window"), values, prepare=False).fetchone()
        nothing = database.execute(query("api/trading_operations_window"), {**values, "symbol": "NONE"}).fetchone()
    days = (date(2024, 3, 1), date(2024, 3, 30)) if prints else (date(2024, 3, 11), date(2024, 3, 13))
    assert window
    assert window[4:6] == days
    assert nothing
    assert nothing[4:6] == (days if prints else (None, None))
    found = numbers(client.get(PATH, params={"symbol": "RARE", "sort": sort}, headers=token("ada")))
    assert set(found) == ({20, 24, 90} if prints else {20, 24})


def _walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _walk(child)
