"""What readers are told of operations whose month left Postgres: nothing is missing without a word, each is traced."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import polars as pl
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from nexus_data import cleanup, lake
from nexus_data.api.app import create_app
from nexus_data.landing import Landing
from nexus_data.pipeline import run_all
from nexus_data.services import Services
from nexus_data.settings import Settings
from nexus_data.tokens import issue
from pipelines.cli.trace import command
from tests.conftest import FreshDatabase, short_folder
from tests.upkeep.conftest import HEADER, NOW, demand_clean, keeping, line

Get = Callable[..., Any]
_LISTED, _REMOVED = ["2026-02-01", "2025-02-03"], ["2024-03", "2024-04"]


@pytest.fixture(scope="module")
def installed(services: Services, fresh_database: FreshDatabase) -> Iterator[Settings]:
    """Operations of Ann and Bob; those of 2024 have left Postgres."""
    days = ("2024-03-05", "2024-03-06", "2024-04-05", "2025-02-03", "2026-02-01")
    with short_folder() as home, fresh_database() as url:
        settings = Settings(home=home, postgres_url=url, redis_url=services.redis_url)
        for user, lines in (("ann", [line(n, day) for n, day in enumerate(days, 1)]), ("bob", [line(9, days[1])])):
            (home / f"{user}.csv").write_text("\n".join((HEADER, *lines)).replace("ann", user) + "\n")
        run_all(settings, [Landing(home / f"{user}.csv", user=user) for user in ("ann", "bob")])
        demand_clean(settings)
        gone = cleanup.clean(keeping(settings, "trading_operations=12m"), now=NOW).removed
        assert [one.item for one in gone if one.kind == "operations"] == _REMOVED
        yield settings


@pytest.fixture(scope="module")
def ids(installed: Settings) -> dict[str, str]:
    """Ann's operations by day, as the lake has them."""
    rows = pl.read_parquet(lake.files(installed.home, "trading_operations"), glob=False)
    mine = rows.filter(pl.col("user_id") == "ann").select("date", "operation_id").iter_rows()
    return {str(day): str(UUID(bytes=name)) for day, name in mine}


@pytest.fixture(scope="module")
def get(installed: Settings) -> Iterator[Get]:
    client: TestClient[Litestar]
    with TestClient(create_app(installed)) as client:

        def asked(path: str, user: str = "ann", **query: Any) -> Any:
            token = issue(installed, user, lifetime=timedelta(minutes=5))
            return client.get(f"/api/v3{path}", params=query, headers={"Authorization": f"Bearer {token}"})

        yield asked


def test_they_are_traced_out_of_the_lake_by_their_owner_alone(get: Get, ids: dict[str, str]) -> None:
    told = get(f"/trading-operations/{ids['2024-03-06']}/provenance").json()
    assert (told["status"], told["problems"], told["record"]["record_no"]) == ("removed", [], 2)
    assert "month 2024-03 left Postgres by retention on" in told["removed"]
    assert "backfill of the asset trading_operations, partition 2024-03" in told["removed"]
    assert {field["name"] for field in told["fields"] if field["differs"]} == set()
    assert (told["identity"]["proved"], told["record"]["intact"]) == (True, True)
    kept = get(f"/trading-operations/{ids['2026-02-01']}/provenance").json()
    assert (kept["status"], kept["removed"]) == ("published", None)
    assert get(f"/trading-operations/{ids['2024-03-06']}/provenance", user="bob").status_code == 404

    refused = get(f"/trading-operations/{ids['2024-03-05']}")
    assert refused.status_code == 404
    assert "those of 2024-03, 2024-04 left Postgres by retention: .../provenance finds them" in refused.json()["detail"]


@pytest.mark.parametrize("sort", ["-date", "date", "amount"])
@pytest.mark.parametrize("by", ["cursor", "offset"])
def test_a_list_ends_with_the_last_that_is_there_and_says_what_is_not(get: Get, sort: str, by: str) -> None:
    days: list[str] = []
    place: dict[str, Any] = {}
    for number in range(1, 4):
        page = get("/trading-operations", limit=1, sort=sort, **place).json()
        assert (page["total"], page["removed_months"]) == (2, _REMOVED)
        days += [one["date"] for one in page["operations"]]
        if page["next"] is None:
            break
        place = {"cursor": page["next"]} if by == "cursor" else {"offset": number}
    assert sorted(days, reverse=True) == _LISTED
    assert days == (_LISTED if sort == "-date" else _LISTED[::-1])
    symbol = get("/trading-operations", symbol="AAPL").json()
    assert (len(symbol["operations"]), symbol["total"]) == (2, None), "positions count those of all days"
    assert get("/trading-operations", **{"from": "2025-01-01"}).json()["removed_months"] == []


def test_a_cell_says_that_rows_of_it_are_on_no_page(get: Get) -> None:
    asked = {"mart": "daily_totals", "column": "amount", "type": "expense"}
    told = get("/provenance", **asked).json()
    assert (told["value"], told["page_sum"], told["removed_months"]) == ("51.25", "20.5", _REMOVED)
    assert get("/provenance", **asked, date="2026-02-01").json()["removed_months"] == []
    assert get("/provenance", **asked, date="2024-04-05").json()["removed_months"] == ["2024-04"]


def test_the_command_line_traces_them(
    installed: Settings, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("home", "postgres_url", "redis_url"):
        monkeypatch.setenv(f"NEXUS_{name.upper()}", str(getattr(installed, name)))
    command.main([ids["2024-04-05"]], standalone_mode=False)
    assert "month 2024-04 left Postgres by retention" in "".join(capsys.readouterr().out.split("\n"))
