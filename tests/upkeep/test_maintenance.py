"""Maintenance changes how things lie, never what they are."""

from collections.abc import Callable
from uuid import uuid4

from nexus_data import lake
from nexus_data.maintenance import maintain
from nexus_data.maintenance.lake_files import compact
from nexus_data.results import RunSummary
from nexus_data.runs import open_run
from nexus_data.settings import Settings
from nexus_data.status import status
from tests.upkeep.conftest import Ask, demand_clean, line

Take = Callable[..., RunSummary]


def test_small_lake_files_become_one_and_later_runs_go_on_from_it(settings: Settings, take: Take) -> None:
    take(ann=[line(2, "2024-03-09"), line(1, "2024-03-05")])
    take(ann=[line(3, "2024-03-07")])
    with open_run(settings, run_id=str(uuid4())) as run:
        assert compact(run, many=2) == {"2024-03": 2}
        assert compact(run, many=2) == {}
    (file,) = lake.files(settings.home, "trading_operations", months=["2024-03"])
    assert demand_clean(settings) == ()
    again = take(ann=[line(4, "2024-03-08"), line(3, "2024-03-07")])
    assert (again.published, again.duplicate) == (1, 1)
    assert file in lake.files(settings.home, "trading_operations", months=["2024-03"]), "nothing was rolled back"
    assert demand_clean(settings) == ()


def test_a_run_leaves_statistics_of_what_it_loaded_and_of_the_parent(take: Take, ask: Ask) -> None:
    take(ann=[line(number, "2024-03-09") for number in range(20)])
    counted = "SELECT DISTINCT tablename, n_distinct FROM pg_stats WHERE attname = 'user_id' AND tablename LIKE %s"
    known = sorted(ask(counted, "trading_operations%"))
    assert known == [("trading_operations", 1.0), ("trading_operations_2024_03", 1.0)]
    rows = "SELECT relname, reltuples FROM pg_class WHERE relname ~ '^trading_operations(_2024_03)?$'"
    take(ann=[line(100, "2024-03-10")])
    assert sorted(ask(rows)) == [("trading_operations", 20.0), ("trading_operations_2024_03", 21.0)]
    take(ann=[line(101, "2024-03-11"), line(102, "2024-03-11")])
    assert sorted(ask(rows)) == [("trading_operations", 23.0), ("trading_operations_2024_03", 23.0)]


def test_sizes_are_noted_and_status_shows_them(settings: Settings, take: Take, ask: Ask) -> None:
    take(ann=[line(1, "2024-03-09")])
    done = maintain(settings)
    assert done.sizes["database"] > done.sizes["raw"] > 0
    assert done.unused == done.bloated == ()
    noted = {(kind, name) for kind, name in ask("SELECT kind, name FROM sizes")}
    assert {("table", "public.trading_operations"), ("lake", "lake/users"), ("folder", "raw")} <= noted
    assert {row["name"] for row in status(settings).sizes} == set(done.sizes)
