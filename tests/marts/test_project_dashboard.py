from datetime import date
from decimal import Decimal

import pytest

from tests.canonical_rows import row


def _project(**given):
    base = {"project_id": "p", "user_id": "ada", "currency": "EUR", "total_budget": Decimal(1000)}
    return row("projects", **{**base, **given})


def _milestone(milestone_id, planned=None, actual=None, **given):
    base = {
        "milestone_id": milestone_id,
        "project_id": "p",
        "currency": "EUR",
        "planned_amount": None if planned is None else Decimal(planned),
        "actual_amount": None if actual is None else Decimal(actual),
    }
    return row("project_milestones", **{**base, **given})


def _operation(milestone_id, amount, **given):
    base = {"milestone_id": milestone_id, "currency": "EUR", "type": "expense", "amount": Decimal(amount)}
    return row("trading_operations", **{**base, **given})


def test_a_project_with_everything(mart):
    (found,) = mart(
        "project_dashboard",
        projects=[_project(key="ROOF", name="Roof", status="open", end_date=date(2024, 12, 31))],
        project_milestones=[
            _milestone("a", "600", "100.25", status_category="done"),
            _milestone("b", "300", "200", status_category="cancelled"),
            _milestone("c", None, None, status_category="todo", due_on=date(2024, 1, 1)),
            _milestone("d", "8", None, currency="XXX"),
            _milestone("e", "70", None, currency="USD"),
            _milestone("f", "5000", "5000", project_id="another"),
        ],
        trading_operations=[
            _operation("a", "400.000000000000000001"),
            _operation("c", "50", type="income"),
            _operation("a", "7", currency="USD"),
            _operation("a", "9", type=None),
            _operation("f", "11"),
        ],
    )
    expected = {
        "user_id": "ada",
        "project_id": "p",
        "project_key": "ROOF",
        "currency": "EUR",
        "budget": 1000,
        "planned": 900,
        "actual": Decimal("300.25"),
        "operations": 3,
        "operations_in_other_currencies": 1,
        "income": 50,
        "expense": Decimal("400.000000000000000001"),
        "used": Decimal("400.000000000000000001"),
        "utilisation": Decimal("0.4"),
        "milestones": 5,
        "milestones_done": 1,
        "milestones_cancelled": 1,
        "milestones_late": 1,
        "milestones_in_other_currencies": 1,
    }
    assert {name: found[name] for name in expected} == expected


def test_story_points_are_no_money(mart):
    (found,) = mart(
        "project_dashboard",
        projects=[_project(currency=None, total_budget=None)],
        project_milestones=[_milestone("a", "5", "3", currency="XXX")],
    )
    assert (found["currency"], found["budget"], found["planned"], found["actual"]) == (None, None, 0, 0)
    assert (found["utilisation"], found["milestones"], found["milestones_in_other_currencies"]) == (None, 1, 0)


def test_a_budget_of_no_currency_is_no_money(mart):
    (found,) = mart("project_dashboard", projects=[_project(currency="XXX")])
    assert (found["currency"], found["budget"], found["utilisation"]) == (None, None, None)


@pytest.mark.parametrize(
    ("currencies", "expected"), [(["USD", "USD"], "USD"), (["USD", "EUR"], None), ([], None), (["XXX", "USD"], "USD")]
)
def test_a_project_without_a_currency_takes_the_one_that_all_its_money_is_in(mart, currencies, expected):
    milestones = [_milestone(str(place), "5", currency=code) for place, code in enumerate(currencies)]
    projects = [_project(currency=None, total_budget=None)]
    (found,) = mart("project_dashboard", projects=projects, project_milestones=milestones)
    assert found["currency"] == expected
    assert found["planned"] == (5 * currencies.count(expected) if expected else 0)


@pytest.mark.parametrize(
    ("budget", "actual", "expected"),
    [
        ("3", "1", "0.333333"),
        ("3", "2", "0.666667"),
        ("2", "0.000001", "0.000001"),  # 0.0000005: a half is rounded up
        ("1000000", "0.499999999999999999", "0"),
        ("0.000000000000000003", "0.000000000000000001", "0.333333"),
        ("9999999999999", "9999999999999.999999999999999999", "1"),
        ("60000000000000000000", "20000000000000000000", "0.333333"),
        ("0.000000000000000001", "99999999999999999999", None),  # too far apart for a quotient
        ("0", "5", None),
    ],
)
def test_utilisation_has_six_places_rounded_half_up(mart, budget, actual, expected):
    (found,) = mart(
        "project_dashboard",
        projects=[_project(total_budget=Decimal(budget))],
        project_milestones=[_milestone("a", None, actual)],
    )
    assert found["utilisation"] == (None if expected is None else Decimal(expected))


def test_a_project_without_milestones_is_there(mart):
    (found,) = mart("project_dashboard", projects=[_project()])
    assert (found["used"], found["utilisation"], found["milestones"]) == (0, 0, 0)
