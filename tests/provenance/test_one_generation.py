"""Whoever asks, an answer is of one generation, whatever is committed or attached while it is asked."""

import asyncio

import pytest
from psycopg.errors import LockNotAvailable

from nexus_data.api.provenance import answered
from nexus_data.api.stores import opened
from nexus_data.postgres.connect import connection
from nexus_data.provenance.asking import Asking, Question, Result, ask
from nexus_data.services import Services
from tests.provenance.conftest import Installation

_SUM = Question("SELECT sum(operations) AS operations FROM marts.daily_totals")


def _asked_plainly(installed: Installation, asking: Asking[Result]) -> Result:
    return ask(installed.url, asking)


def _asked_by_the_api(installed: Installation, asking: Asking[Result]) -> Result:
    async def answer() -> Result:
        async with opened(Services(installed.url, str(installed.settings.redis_url))) as stores:
            return await answered(stores, asking)

    return asyncio.run(answer())


ASKERS = (_asked_plainly, _asked_by_the_api)


def _add_to_every_cell(url: str, number: int) -> None:
    with connection(url) as writer:
        writer.execute("UPDATE marts.daily_totals SET operations = operations + %s", (number,))


@pytest.mark.parametrize("asked", ASKERS)
def test_what_is_committed_between_two_questions_is_not_seen(installed: Installation, asked) -> None:  # type: ignore[no-untyped-def]
    def asking() -> Asking[tuple[int, int]]:
        (before,) = yield _SUM
        _add_to_every_cell(installed.url, 1000)
        (after,) = yield _SUM
        return before["operations"], after["operations"]

    try:
        before, after = asked(installed, asking())
    finally:
        _add_to_every_cell(installed.url, -1000)
    assert before == after


@pytest.mark.parametrize("asked", ASKERS)
def test_no_month_is_attached_while_it_is_asked(installed: Installation, asked) -> None:  # type: ignore[no-untyped-def]
    """Else a statement could be planned over months that its snapshot does not know."""

    def asking() -> Asking[bool]:
        with connection(installed.url) as publisher, pytest.raises(LockNotAvailable):
            publisher.execute("LOCK TABLE ONLY trading_operations IN ACCESS EXCLUSIVE MODE NOWAIT")
        (row,) = yield Question("SELECT true AS done")
        return bool(row["done"])

    assert asked(installed, asking())
