"""Months of operations leave Postgres when all is proved, stay in the lake, and come back whole."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from nexus_data import cleanup, holds
from nexus_data.cleanup.kinds import Candidate, Work
from nexus_data.cleanup.step import Cleaned
from nexus_data.errors import ServiceError
from nexus_data.holds import Scope
from nexus_data.postgres.connect import connection
from nexus_data.publish import rebuild
from nexus_data.results import RunSummary
from nexus_data.runs import open_run
from nexus_data.settings import Settings
from tests.upkeep.conftest import NOW, Ask, demand_clean, keeping, line, months

Take = Callable[..., RunSummary]


def _clean(settings: Settings) -> Cleaned:
    return cleanup.clean(keeping(settings, "trading_operations=12m"), now=NOW)


def _plan(settings: Settings) -> dict[str, str]:
    found = cleanup.plan(keeping(settings, "trading_operations=12m"), now=NOW)
    assert found.dry_run
    return {one.item: one.refused for one in (*found.removed, *found.refused)}


@pytest.fixture
def filled(take: Take) -> None:
    take(ann=[line(1, "2024-03-05"), line(3, "2024-04-05")], bob=[line(2, "2024-03-06", user="bob")])
    take(ann=[line(4, "2026-02-01"), line(5, "2025-02-03")])


@pytest.mark.usefixtures("filled")
def test_nothing_goes_unless_somebody_says_so(settings: Settings) -> None:
    assert cleanup.plan(settings, now=NOW).removed == ()


@pytest.mark.usefixtures("filled")
def test_a_month_goes_once_it_is_verified_and_the_verifier_stays_content(settings: Settings, ask: Ask) -> None:
    assert {month: reason[:12] for month, reason in _plan(settings).items()} == {
        "2024-03": "not verified",
        "2024-04": "not verified",
    }
    assert demand_clean(settings) == ()
    done = _clean(settings)
    assert [(one.item, one.records) for one in done.removed] == [("2024-03", 2), ("2024-04", 1)]
    assert done.generation == 3
    assert months(ask) == ["2025-02", "2026-02"]
    assert ask("SELECT to_regclass('trading_operations_2024_03')") == [(None,)]
    totals = ask("SELECT month, sum(operations), sum(amount)::text FROM marts.daily_totals GROUP BY 1 ORDER BY 1")
    assert [month for month, *_ in totals] == ["2024-03", "2024-04", "2025-02", "2026-02"]
    assert ask("SELECT operations FROM marts.positions WHERE user_id = 'ann'") == [(4,)], "marts over all time, too"
    (unchecked,) = demand_clean(settings)
    assert "2024-03 to 2024-04" in unchecked
    assert _clean(settings).removed == ()


@pytest.mark.usefixtures("filled")
def test_what_is_under_a_hold_stays_and_goes_when_that_is_lifted(settings: Settings, ask: Ask) -> None:
    demand_clean(settings)
    held = holds.add(settings, Scope(user="bob", period="2024"), reason="case 7", made_by="eve")
    assert _plan(settings) == {"2024-03": "under hold 1: case 7", "2024-04": ""}
    assert [one.item for one in _clean(settings).removed] == ["2024-04"]
    holds.remove(settings, held.hold_id, reason="closed", removed_by="eve")
    assert [one.item for one in _clean(settings).removed] == ["2024-03"]
    assert months(ask) == ["2025-02", "2026-02"]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("DELETE FROM marts.daily_totals WHERE month = '2024-03'", "not aggregated: marts.daily_totals counts 0 of 2"),
        ("DELETE FROM trading_operations WHERE user_id = 'bob'", "Postgres holds 1 records where the ledger counts 2"),
    ],
)
def test_what_does_not_add_up_is_refused(settings: Settings, database_url: str, damage: str, reason: str) -> None:
    demand_clean(settings)
    with connection(database_url) as database:
        database.execute(damage.encode())
    assert reason in _plan(settings)["2024-03"]
    assert [one.item for one in _clean(settings).removed] == ["2024-04"]


@pytest.mark.usefixtures("filled")
def test_a_late_record_brings_its_month_back_whole(settings: Settings, take: Take, ask: Ask) -> None:
    demand_clean(settings)
    _clean(settings)
    late = take(ann=[line(6, "2024-03-31"), line(1, "2024-03-05")])
    assert (late.published, late.duplicate, late.balanced) == (1, 1, True)
    assert months(ask) == ["2024-03", "2025-02", "2026-02"]
    assert ask("SELECT count(*) FROM trading_operations WHERE date < '2024-04-01'") == [(3,)]
    assert ask("SELECT restored_generation FROM cleanups WHERE item = '2024-03'") == [(late.generation,)]
    (unchecked,) = demand_clean(settings)
    assert "of 2024-04 in" in unchecked
    assert [one.item for one in _clean(settings).removed] == ["2024-03"]


@pytest.mark.usefixtures("filled")
def test_a_backfill_brings_a_month_back(settings: Settings, ask: Ask) -> None:
    demand_clean(settings)
    before = _clean(settings).generation
    with open_run(settings, run_id=str(uuid4())) as run:
        assert rebuild(run, ["2024-03", "2025-02"]).partitions == {"2024-03": 2, "2025-02": 1}
    assert months(ask) == ["2024-03", "2025-02", "2026-02"]
    assert ask("SELECT max(generation) FROM generations") == [(before + 1,)], "readers see rows that they did not see"
    demand_clean(settings)


class _Breaking:
    """A kind of its own, taken first, at which the cleanup breaks off: as months are to be hidden, or dropped."""

    name = "orchestrator"
    publishes = True

    def __init__(self, moment: str) -> None:
        self._moment = moment

    def find(self, _work: Work) -> list[Candidate]:
        return [Candidate(self.name, "runs", 1, 0, "old")]

    def hide(self, _work: Work, _items: Sequence[str]) -> None:
        if self._moment == "hide":
            raise KeyboardInterrupt

    def drop(self, _work: Work, _item: str) -> None:
        raise KeyboardInterrupt

    def begun(self, _work: Work, _item: str) -> bool:
        return False


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("moment", ["hide", "drop"])
def test_an_interrupted_cleanup_is_finished_by_the_next(settings: Settings, ask: Ask, moment: str) -> None:
    demand_clean(settings)
    with pytest.raises(KeyboardInterrupt):
        cleanup.clean(keeping(settings, "trading_operations=12m"), now=NOW, also=[_Breaking(moment)])
    assert ask("SELECT DISTINCT state FROM cleanups") == [("intended",)]
    assert (demand_clean(settings) == ()) == (moment == "hide")

    done = cleanup.clean(keeping(settings, "trading_operations=12m"), now=NOW)
    gone = done.removed if moment == "hide" else done.finished
    assert [one.item for one in gone if one.kind == "operations"] == ["2024-03", "2024-04"]
    _demand_gone(settings, ask)


@pytest.mark.usefixtures("filled")
def test_a_detachment_that_the_server_cut_off_is_finished(settings: Settings, database_url: str, ask: Ask) -> None:
    demand_clean(settings)
    with connection(database_url) as reader:
        reader.execute("SELECT count(*) FROM trading_operations")
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'ALTER TABLE%%DETACH%%'"
        with ThreadPoolExecutor() as pool:
            cleaning = pool.submit(_clean, settings)
            while ask("SELECT count(*) FROM pg_inherits WHERE inhdetachpending") == [(0,)]:
                assert not cleaning.done()
            ask(cut)
            with pytest.raises(ServiceError):
                cleaning.result()
        reader.rollback()
    assert "2024-03" in demand_clean(settings)[0]
    assert [one.item for one in _clean(settings).finished] == ["2024-03"]
    _demand_gone(settings, ask)


def _demand_gone(settings: Settings, ask: Ask) -> None:
    assert months(ask) == ["2025-02", "2026-02"]
    assert ask("SELECT item, state FROM cleanups WHERE kind = 'operations' ORDER BY item") == [
        ("2024-03", "done"),
        ("2024-04", "done"),
    ]
    assert ask("SELECT count(*) FROM pg_class WHERE relname LIKE 'trading_operations_2024%%' AND relkind = 'r'") == [
        (0,)
    ]
    demand_clean(settings)


@pytest.mark.usefixtures("filled")
def test_readers_wait_for_nothing_and_the_month_waits_for_readers(
    settings: Settings, database_url: str, ask: Ask
) -> None:
    demand_clean(settings)
    with connection(database_url) as reader:
        reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        reader.execute("LOCK TABLE ONLY trading_operations IN ACCESS SHARE MODE")
        assert reader.execute("SELECT count(*) FROM trading_operations").fetchone() == (5,)
        cleaning = threading.Thread(target=_clean, args=(settings,))
        cleaning.start()
        while ask("SELECT count(*) FROM pg_inherits WHERE inhdetachpending") == [(0,)]:
            assert cleaning.is_alive()
        assert ask("SELECT count(*) FROM trading_operations") == [(3,)], "a new reader does not see the month"
        assert reader.execute("SELECT count(*) FROM trading_operations").fetchone() == (5,), "an old one still does"
        reader.rollback()
        cleaning.join()
    assert months(ask) == ["2025-02", "2026-02"]
