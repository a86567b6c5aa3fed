"""`as_of`: what was known at an earlier generation is told again, whatever has happened since."""

from dataclasses import astuple
from typing import Any

import pytest

from nexus_data.errors import QuestionError
from nexus_data.settings import Settings
from nexus_data.status import Status, status
from tests.spine.conftest import Ask, Land, RunFiles, operation
from tests.spine.test_corrections import fill

_AS_OF = (
    "SELECT exec_id, amount::int FROM trading_operations WHERE generation <= {0} UNION ALL "
    "SELECT exec_id, amount::int FROM superseded_operations WHERE generation <= {0} AND superseded_generation > {0} "
    "ORDER BY 1"
)


def told(found: Status) -> tuple[Any, ...]:
    """Runs, held files, quarantine, and the rows of the tables that records go to."""
    rows = {row["name"]: row["rows"] for row in found.tables if row["name"] == "public.trading_operations"}
    return found.generation, found.runs, found.held, found.quarantine, rows


def test_status_and_operations_are_told_as_they_were(land: Land, run: RunFiles, ask: Ask, settings: Settings) -> None:
    run(land("1.csv", [fill("A", 1), fill("B", 2), fill("B", 3)]), user="u1")
    first = told(status(settings))
    waiting = land("2.csv", [operation(9, exec_id="W")])
    run(waiting, user="u1", source="coinbase")
    second = told(status(settings))
    run(waiting, land("3.csv", [fill("A2", 4, "G", "A"), fill("X", 0, "H", "B")]), user="u1")
    third = status(settings)
    assert [len(found[2]) for found in (first, second, told(third))] == [0, 1, 0]
    for generation, then in ((1, first), (2, second), (3, told(third))):
        assert told(status(settings, as_of=generation)) == then
    assert astuple(status(settings, as_of=0))[3:8] == (0, (), (), (), ())
    for generation, known in ((1, [("A", 1), ("B", 2)]), (2, [("A", 1), ("B", 2)]), (3, [("A2", 4), ("W", 9)])):
        assert ask(_AS_OF.format(generation)) == known
    with pytest.raises(QuestionError, match="there is no generation 4: the newest is 3"):
        status(settings, as_of=4)
