"""Conditions of a contract (`when` and the like) on a record's texts."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nexus_data.verify.field_texts import Cells, folded
from nexus_data.verify.numbers import Style, number


def conditions(given: Sequence[Mapping[str, Any]], style: Style) -> Callable[[Cells], bool]:
    """Whether all of these conditions hold of a record's texts."""
    tests = [test for condition in given for test in _condition(condition, style)]
    if not tests:
        return lambda _: True
    if len(tests) == 1:
        return tests[0]
    return lambda cells: all(test(cells) for test in tests)


def _condition(condition: Mapping[str, Any], style: Style) -> list[Callable[[Cells], bool]]:
    column = condition["column"]
    tests: list[Callable[[Cells], bool]] = []
    if "equals" in condition:
        texts = {folded(text) for text in condition["equals"]}
        tests.append(lambda cells: (cells.get(column) or "").lower() in texts)
    if "prefix" in condition:
        starts = tuple(text.lower() for text in condition["prefix"])
        tests.append(lambda cells: (cells.get(column) or "").lower().startswith(starts))
    if "matches" in condition:
        pattern = re.compile(condition["matches"])
        tests.append(lambda cells: pattern.search(cells.get(column) or "") is not None)
    if "empty" in condition:
        empty = condition["empty"]
        tests.append(lambda cells: (cells.get(column) is None) == empty)
    if "sign" in condition:
        tests.append(lambda cells: _sign(cells.get(column), style) == condition["sign"])
    return tests


def _sign(text: str | None, style: Style) -> str | None:
    value = None if text is None else number(text, style)
    if value is None:
        return None
    return "zero" if not value else "positive" if value > 0 else "negative"
