from datetime import date
from decimal import Decimal

import pytest

from tests.canonical_rows import row

PROJECT = row("projects", project_id="p", user_id="ada", currency="EUR", total_budget=Decimal(100))


def _milestone(**given):
    base = {"milestone_id": "m", "project_id": "p", "currency": "EUR", "status_category": "in_progress"}
    return row("project_milestones", **{**base, **given})


def _operation(amount, **given):
    base = {"milestone_id": "m", "currency": "EUR", "type": "expense", "amount": Decimal(amount)}
    return row("trading_operations", **{**base, **given})


def test_planned_against_actual_with_the_operations_linked(mart):
    (found,) = mart(
        "milestones",
        projects=[PROJECT],
        project_milestones=[_milestone(planned_amount=Decimal("10.5"), actual_amount=Decimal("12"), name="Roof")],
        trading_operations=[
            _operation("3.000000000000000001"),
            _operation("4"),
            _operation("1", type="income"),
            _operation("99", type=None),
            _operation("98", milestone_id=None),
        ],
    )
    assert (found["user_id"], found["project_id"], found["name"]) == ("ada", "p", "Roof")
    assert (found["planned"], found["actual"], found["over_plan"]) == (Decimal("10.5"), 12, Decimal("1.5"))
    assert (found["operations"], found["income"], found["expense"]) == (3, 1, Decimal("7.000000000000000001"))


def test_each_currency_has_a_row_and_the_plan_stands_in_its_own(mart):
    rows = mart(
        "milestones",
        projects=[PROJECT],
        project_milestones=[_milestone(planned_amount=Decimal(10))],
        trading_operations=[_operation("3", currency="USD")],
    )
    assert [(r["currency"], r["own_currency"], r["planned"], r["operations"], r["expense"]) for r in rows] == [
        ("EUR", True, 10, 0, 0),
        ("USD", False, None, 1, 3),
    ]


def test_a_milestone_without_a_currency_or_an_operation_is_there(mart):
    (found,) = mart("milestones", projects=[PROJECT], project_milestones=[_milestone(currency=None)])
    assert (found["currency"], found["own_currency"], found["operations"], found["over_plan"]) == ("", True, 0, None)


def test_a_milestone_of_an_unknown_project_is_nobodys_but_not_lost(mart):
    (found,) = mart("milestones", project_milestones=[_milestone()])
    assert found["user_id"] == ""


@pytest.mark.parametrize(
    ("due_on", "status_category", "late"),
    [
        (date(2024, 6, 14), "in_progress", True),
        (date(2024, 6, 14), "todo", True),
        (date(2024, 6, 15), "in_progress", False),
        (date(2024, 6, 14), "done", False),
        (date(2024, 6, 14), "cancelled", False),
        (None, "in_progress", False),
    ],
)
def test_late_is_open_and_due_before_the_day_asked_for(mart, due_on, status_category, late):
    milestones = [_milestone(due_on=due_on, status_category=status_category)]
    (found,) = mart("milestones", projects=[PROJECT], project_milestones=milestones)
    (project,) = mart("project_dashboard", projects=[PROJECT], project_milestones=milestones)
    assert (found["late"], project["milestones_late"]) == (late, int(late))
    assert found["as_of"] == date(2024, 6, 15)
