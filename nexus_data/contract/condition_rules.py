"""What conditions on raw columns must keep."""

from collections.abc import Iterator, Set

from nexus_data.contract.field_rules import pattern_problem
from nexus_data.contract.model import Condition
from nexus_data.contract.problem import Problem, key_of


def condition_problems(conditions: tuple[Condition, ...], columns: Set[str], *at: str | int) -> Iterator[Problem]:
    """Everything that is wrong with conditions over these columns."""
    for i, condition in enumerate(conditions):
        yield from _problems(condition, columns, *at, i)


def _problems(condition: Condition, columns: Set[str], *at: str | int) -> Iterator[Problem]:
    if condition.column not in columns:
        yield Problem(key_of(*at, "column"), f"no variant has a column {condition.column!r}")
    tests = (condition.equals, condition.prefix, condition.matches, condition.empty, condition.sign)
    if all(test is None for test in tests):
        yield Problem(key_of(*at), "says nothing about the column: give equals, prefix, matches, empty or sign")
    if condition.matches is not None and (reason := pattern_problem(condition.matches, groups=0)):
        yield Problem(key_of(*at, "matches"), reason)
