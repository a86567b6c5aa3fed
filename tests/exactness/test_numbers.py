"""Amounts, quantities, prices and commissions from text to the API: the same number everywhere, or a code."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest
from hypothesis import strategies as st
from litestar.testing import TestClient

from nexus_data import lake
from nexus_data.api.app import create_app
from nexus_data.kernel.currency_codes import CODES
from nexus_data.landing import discover
from nexus_data.pipeline import run_all
from nexus_data.postgres.connect import connection
from nexus_data.settings import Settings
from nexus_data.tables.model import SUMMED_LIMIT
from nexus_data.tokens import issue
from tests.exactness.drawn import drawn
from tests.exactness.installation import Ask, Home
from tests.exactness.numbers import EXACT, FITTING, FITTING_PRICES, NUMBERS, WIDE, Number

RECORDS = 300
_NUMBERS = ("amount", "last_qty", "last_px", "commission")
_CURRENCIES = sorted(set(CODES) - {"XXX"})


@dataclass(frozen=True, slots=True)
class Record:
    """The numbers of an operation."""

    amount: Number
    last_qty: Number
    last_px: Number
    commission: Number

    def expected(self) -> dict[str, Decimal | set[str] | None]:
        """What each column must come to."""
        return {
            "amount": self.amount.expected(places=18, most=SUMMED_LIMIT, non_negative=True, required=True),
            "last_qty": self.last_qty.expected(places=18, most=SUMMED_LIMIT, non_negative=True),
            "last_px": self.last_px.expected(places=20),
            "commission": self.commission.expected(places=18),
        }

    def reasons(self) -> set[str]:
        """The rules that the record breaks, as quarantine names them."""
        return {f"{code}:{name}" for name, codes in self.expected().items() if isinstance(codes, set) for code in codes}


RECORDS_OF_ALL = st.one_of(
    st.builds(Record, FITTING, FITTING, FITTING_PRICES, WIDE), st.builds(Record, NUMBERS, NUMBERS, NUMBERS, NUMBERS)
)


@dataclass(frozen=True, slots=True)
class Published:
    """A run over all records, and ways to ask what became of them. records: by exec_id."""

    records: dict[str, Record]
    settings: Settings
    ask: Ask

    def good(self) -> dict[str, dict[str, Any]]:
        """What the records that break no rule must come to, by exec_id."""
        return {name: record.expected() for name, record in self.records.items() if not record.reasons()}


@pytest.fixture(scope="module")
def published(installed: Home) -> Iterator[Published]:
    """One whole run over some hundred records."""
    with installed() as settings:
        records = {f"N{place}": record for place, record in enumerate(drawn(RECORDS_OF_ALL, number=RECORDS))}
        path = settings.home / "numbers.csv"
        _write(path, records)
        summary = run_all(settings, discover(settings, [path], user="u1"))
        assert summary.balanced
        assert summary.records == len(records)

        def ask(statement: str) -> list[tuple[Any, ...]]:
            with connection(str(settings.postgres_url)) as database:
                return database.execute(statement).fetchall()  # type: ignore[call-overload, no-any-return]

        yield Published(records, settings, ask)


def _write(path: Path, records: dict[str, Record]) -> None:
    """No two records share a day and a currency, for the marts add up what does."""
    plain = {
        "user_id": "u1",
        "account_id": "A",
        "type": "expense",
        "category": "trade",
        "side": "buy",
        "security_id": "",
        "commission_currency": "EUR",
        "venue": "",
        "milestone_id": "",
        "description": "",
    }
    numbers = [field.name for field in fields(Record)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["exec_id", "transact_time", "currency", "symbol", *plain, *numbers])
        writer.writeheader()
        for place, (name, record) in enumerate(records.items()):
            own = {"exec_id": name, "symbol": name, "currency": _CURRENCIES[place // 28]}
            texts = {number: getattr(record, number).text for number in numbers}
            writer.writerow({**plain, **own, **texts, "transact_time": f"2024-05-{place % 28 + 1:02d}T10:00:00Z"})


def test_there_are_values_of_every_kind(published: Published) -> None:
    reasons = {reason.split(":")[0] for record in published.records.values() for reason in record.reasons()}
    assert reasons == {"UNPARSABLE", "TOO_LARGE", "TOO_PRECISE", "NEGATIVE", "MISSING"}
    good = published.good().values()
    assert len(good) > RECORDS / 3
    digits = {name: max(len(one[name].as_tuple().digits) for one in good if one[name]) for name in _NUMBERS}
    assert digits == {"amount": 33, "last_qty": 33, "last_px": 38, "commission": 38}


def test_postgres_holds_the_numbers_of_the_text(published: Published) -> None:
    rows = published.ask("SELECT exec_id, amount, last_qty, last_px, commission FROM trading_operations")
    assert _named(rows) == published.good()


def test_the_lake_holds_the_numbers_of_the_text(published: Published) -> None:
    files = lake.files(published.settings.home, "trading_operations")
    rows = pl.read_parquet(files).select("exec_id", "amount", "last_qty", "last_px", "commission").rows()
    assert _named(rows) == published.good()


def test_the_api_answers_with_the_numbers_of_the_text(published: Published) -> None:
    got = _listed(published.settings)
    names = ("exec_id", "amount", "last_qty", "last_px", "commission")
    assert all(isinstance(row[name], str | None) for row in got for name in names)
    texts = [text for row in got for name in names[1:] if (text := row[name]) is not None]
    assert not [text for text in texts if set(text) - set("-0123456789.") or (text[-1] in "0." and "." in text)]
    rows = [(row["exec_id"], *(None if row[name] is None else Decimal(row[name]) for name in names[1:])) for row in got]
    assert _named(rows) == published.good()


def test_the_dashboard_adds_up_to_the_text(published: Published) -> None:
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for name, record in published.good().items():
        currency = _CURRENCIES[int(name[1:]) // 28]
        expected[currency] = EXACT.add(expected[currency], record["amount"])
    headers = {"Authorization": f"Bearer {issue(published.settings, 'u1', lifetime=timedelta(minutes=5))}"}
    with TestClient(create_app(published.settings)) as client:
        document = msgspec.json.decode(client.get("/api/v3/projects/dashboard", headers=headers).content)
    assert {one["currency"]: Decimal(one["expenses"]) for one in document["totals"]} == expected


def test_what_cannot_be_kept_is_rejected_with_its_codes(published: Published) -> None:
    rows = published.ask("SELECT record_no, rules FROM quarantine")
    got = {f"N{number - 1}": set(rules.split(";")) for number, rules in rows}
    assert got == {name: record.reasons() for name, record in published.records.items() if record.reasons()}


def _listed(settings: Settings) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {issue(settings, 'u1', lifetime=timedelta(minutes=5))}"}
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    with TestClient(create_app(settings)) as client:
        while True:
            answer = client.get("/api/v3/trading-operations", params={"limit": "300", **cursor}, headers=headers)
            assert answer.status_code == 200, answer.text
            page = msgspec.json.decode(answer.content)
            found += page["operations"]
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}


def _named(rows: Sequence[Sequence[Any]]) -> dict[str, dict[str, Any]]:
    named = {row[0]: dict(zip(_NUMBERS, row[1:], strict=True)) for row in rows}
    assert len(named) == len(rows)
    return named
