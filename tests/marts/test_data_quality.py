from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from nexus_data.tables import CANONICAL
from nexus_data.tables.model import PROVENANCE
from tests.canonical_rows import declared, row

NOON = datetime(2024, 5, 10, 12, tzinfo=UTC)


def _hop(hop, came, **became):
    base = {"source": "bank", "table_name": "trading_operations", "hop": hop, "records_in": came}
    return row("ledger", **{**base, **became})


def _file(**given):
    base = {"source": "bank", "table_name": "trading_operations", "status": "published", "landed_at": NOON}
    return row("files", **{**base, **given})


def _operation(**given):
    return row("trading_operations", **{"source": "bank", "date": date(2024, 5, 1), **given})


LEDGER = [
    _hop("read", 10, passed=9, rejected=1),
    _hop("standardize", 9, passed=6, rejected=1, skipped=2),
    _hop("deduplicate", 6, passed=4, duplicate=1, superseded=1),
    _hop("publish", 4, passed=4),
    _hop("supersede", 1, superseded=1),
]


def test_the_counts_are_the_ledgers_and_they_balance(mart):
    (found,) = mart("data_quality", ledger=LEDGER, files=[_file()])
    became = ("published", "rejected", "duplicate", "superseded", "skipped", "held")
    assert {name: found[name] for name in became} == {
        "published": 3,
        "rejected": 2,
        "duplicate": 1,
        "superseded": 2,
        "skipped": 2,
        "held": 0,
    }
    assert found["records"] == sum(found[name] for name in became) == 10


def test_shares_by_hand(mart):
    operations = [
        _operation(account_id="a", symbol="S", description="d"),
        _operation(account_id="a", transact_time=NOON, date=date(2024, 5, 3)),
    ]
    (found,) = mart("data_quality", ledger=LEDGER, files=[_file()], trading_operations=operations)
    assert found["validity"] == Decimal("0.75")  # 6 of the 8 that were judged
    assert found["uniqueness"] == Decimal("0.833333")  # 5 of 6
    assert found["completeness"] == Decimal("0.227273")  # 5 of 2 x 11 fields
    assert (found["newest"], found["last_arrival"], found["lag_days"]) == (date(2024, 5, 3), NOON, 7)


def test_sources_and_tables_stay_apart(mart):
    rows = mart(
        "data_quality",
        ledger=[_hop("read", 1, passed=1), _hop("read", 2, passed=2, source="broker")],
        files=[_file(), _file(table_name="projects")],
    )
    assert [(r["source"], r["table_name"], r["records"], r["files"]) for r in rows] == [
        ("bank", "projects", 0, 1),
        ("bank", "trading_operations", 1, 1),
        ("broker", "trading_operations", 2, 0),
    ]


def test_held_files_are_counted_and_judge_nobody(mart):
    (found,) = mart(
        "data_quality",
        ledger=[_hop("read", 4, held=4, source="unknown", table_name="unknown")],
        files=[_file(source="unknown", table_name=None, status="held")],
    )
    assert (found["files_held"], found["held"], found["validity"], found["uniqueness"]) == (1, 4, None, None)


OPTIONAL = {
    name: [field.name for field in table.fields if not field.required and field not in PROVENANCE]
    for name, table in CANONICAL.items()
}
SAYS_SOMETHING_WHEN_NULL = {"type", "milestone_id", "last_px_currency", "commission_currency", "password_hash"}


@pytest.mark.parametrize("table", [name for name, fields in OPTIONAL.items() if fields])
def test_every_optional_field_that_is_declared_counts(mart, table):
    """A field added to a table and forgotten here would leave completeness at less than 1."""
    fields = [declared(table).field(name) for name in OPTIONAL[table] if name not in SAYS_SOMETHING_WHEN_NULL]
    required = {field.name: row(table)[field.name] for field in declared(table).fields if field.required}
    full = row(table, **{**required, "source": "bank"}, **{field.name: _some(field) for field in fields})
    given = {table: [full, row(table, source="bank")]}
    (found,) = mart("data_quality", files=[_file(table_name=table)], **given)
    assert found["completeness"] == Decimal("0.5")


def _some(field):
    if field.values:
        return field.values[0]
    values = {
        "text": "x",
        "json": "{}",
        "money": Decimal(1),
        "price": Decimal(1),
        "date": NOON.date(),
        "timestamp": NOON,
    }
    return values[field.kind.value]


def test_the_days_are_counted_in_utc(mart):
    late_evening = datetime(2024, 5, 10, 23, 30, tzinfo=UTC)
    (found,) = mart(
        "data_quality", files=[_file(landed_at=late_evening)], trading_operations=[_operation(date=date(2024, 5, 10))]
    )
    assert found["lag_days"] == 0
