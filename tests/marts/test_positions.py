from datetime import date
from decimal import Decimal

from tests.canonical_rows import row


def _trade(side, quantity, amount, **given):
    base = {
        "user_id": "ada",
        "symbol": "ACME",
        "security_id": "NL0000000001",
        "currency": "EUR",
        "category": "trade",
        "side": side,
        "type": {"buy": "expense", "sell": "income"}.get(side),
        "last_qty": None if quantity is None else Decimal(quantity),
        "amount": Decimal(amount),
    }
    return row("trading_operations", **{**base, **given})


def test_bought_less_sold_and_the_money_both_ways(mart):
    (found,) = mart(
        "positions",
        trading_operations=[
            _trade("buy", "10", "100", date=date(2024, 1, 2)),
            _trade("buy", "0.000000000000000001", "0.01", date=date(2024, 1, 3)),
            _trade("sell", "4", "60.5", date=date(2024, 2, 1)),
            _trade(None, None, "7", category="dividend", type="income", date=date(2024, 3, 1)),
            _trade(None, None, "1.5", category="fee", type="expense", date=date(2024, 3, 2)),
        ],
    )
    assert found == {
        "user_id": "ada",
        "symbol": "ACME",
        "security_id": "NL0000000001",
        "currency": "EUR",
        "operations": 5,
        "bought": Decimal("10.000000000000000001"),
        "sold": Decimal(4),
        "net_quantity": Decimal("6.000000000000000001"),
        "without_quantity": 0,
        "money_in": Decimal("67.5"),
        "money_out": Decimal("101.51"),
        "first_date": date(2024, 1, 2),
        "last_date": date(2024, 3, 2),
    }


def test_money_of_two_currencies_is_never_added_up_but_quantities_can_be(mart):
    rows = mart(
        "positions",
        trading_operations=[_trade("buy", "10", "100"), _trade("sell", "10", "130", currency="USD")],
    )
    assert [(r["currency"], r["money_in"], r["money_out"]) for r in rows] == [("EUR", 0, 100), ("USD", 130, 0)]
    assert sum(r["net_quantity"] for r in rows) == 0


def test_users_and_instruments_stay_apart(mart):
    rows = mart(
        "positions",
        trading_operations=[
            _trade("buy", "1", "1"),
            _trade("buy", "2", "2", user_id="bob"),
            _trade("buy", "3", "3", symbol="OTHER", security_id=None),
            _trade("buy", "4", "4", symbol=None),
        ],
    )
    assert [(r["user_id"], r["symbol"], r["security_id"], r["bought"]) for r in rows] == [
        ("ada", "", "NL0000000001", 4),
        ("ada", "ACME", "NL0000000001", 1),
        ("ada", "OTHER", "", 3),
        ("bob", "ACME", "NL0000000001", 2),
    ]


def test_market_prints_and_money_without_an_instrument_are_no_position(mart):
    operations = [
        _trade("undisclosed", "5", "50", type=None),
        _trade("buy", "5", "50", type=None),
        _trade("buy", "5", "50", symbol=None, security_id=None),
    ]
    assert mart("positions", trading_operations=operations) == []


def test_a_trade_without_a_quantity_is_counted_as_one(mart):
    (found,) = mart("positions", trading_operations=[_trade("buy", None, "10"), _trade("buy", "1", "10")])
    assert (found["bought"], found["without_quantity"], found["money_out"]) == (1, 1, 20)
