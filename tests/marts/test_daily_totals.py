from datetime import date
from decimal import Decimal

from tests.canonical_rows import row


def _operation(**given):
    base = {"user_id": "ada", "date": date(2024, 3, 1), "type": "expense", "category": "fee", "currency": "EUR"}
    return row("trading_operations", **{**base, **given})


def test_adds_up_by_user_day_category_type_and_currency(mart):
    operations = [
        _operation(amount=Decimal("1.10")),
        _operation(amount=Decimal("2.20")),
        _operation(amount=Decimal("3"), currency="USD"),
        _operation(amount=Decimal("4"), type="income", category="dividend"),
        _operation(amount=Decimal("5"), date=date(2024, 3, 2)),
        _operation(amount=Decimal("6"), user_id="bob"),
    ]
    rows = mart("daily_totals", trading_operations=operations)
    found = [
        (r["user_id"], r["date"], r["category"], r["type"], r["currency"], r["operations"], r["amount"]) for r in rows
    ]
    assert found == [
        ("ada", date(2024, 3, 1), "dividend", "income", "EUR", 1, Decimal(4)),
        ("ada", date(2024, 3, 1), "fee", "expense", "EUR", 2, Decimal("3.3")),
        ("ada", date(2024, 3, 1), "fee", "expense", "USD", 1, Decimal(3)),
        ("ada", date(2024, 3, 2), "fee", "expense", "EUR", 1, Decimal(5)),
        ("bob", date(2024, 3, 1), "fee", "expense", "EUR", 1, Decimal(6)),
    ]
    assert {r["month"] for r in rows} == {"2024-03"}


def test_is_exact_to_the_eighteenth_place(mart):
    """Numbers that a float would round, and whose sum a float would get wrong."""
    amounts = [Decimal("12345678901234567890.000000000000000001"), Decimal("0.000000000000000002"), Decimal("0.1")]
    rows = mart("daily_totals", trading_operations=[_operation(amount=amount) for amount in amounts])
    assert [r["amount"] for r in rows] == [Decimal("12345678901234567890.100000000000000003")]


def test_market_prints_are_neither_income_nor_expense(mart):
    rows = mart("daily_totals", trading_operations=[_operation(type=None, category="trade", amount=Decimal(9))])
    assert [(r["type"], r["amount"]) for r in rows] == [("", Decimal(9))]


def test_months_confine_it_to_their_days(mart):
    days = [date(2024, 1, 31), date(2024, 2, 1), date(2024, 2, 29), date(2024, 3, 1)]
    operations = [_operation(date=day, amount=Decimal(1)) for day in days]
    rows = mart("daily_totals", months=["2024-02"], trading_operations=operations)
    assert [r["date"] for r in rows] == [date(2024, 2, 1), date(2024, 2, 29)]


def test_months_do_not_confine_marts_that_need_every_month(mart):
    operations = [
        _operation(date=date(2024, month, 1), symbol="ACME", side="buy", last_qty=Decimal(1), amount=Decimal(1))
        for month in (1, 2, 3)
    ]
    (row_,) = mart("positions", months=["2024-02"], trading_operations=operations)
    assert row_["bought"] == 3


def test_no_months_at_all_give_no_rows(mart):
    assert mart("daily_totals", months=[], trading_operations=[_operation(amount=Decimal(1))]) == []
