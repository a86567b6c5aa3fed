"""From a number of the dashboard to raw lines, as README says, over HTTP and on the command line."""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner
from litestar import Litestar
from litestar.testing import TestClient

from nexus_data.api.app import create_app
from nexus_data.tokens import issue
from pipelines.cli import main
from tests.provenance.conftest import Installation


@pytest.fixture
def client(installed: Installation) -> Iterator[TestClient[Litestar]]:
    with TestClient(create_app(installed.settings)) as opened:
        yield opened


def _environment(installed: Installation) -> dict[str, str]:
    settings = installed.settings
    return {
        "NEXUS_HOME": str(settings.home),
        "NEXUS_POSTGRES_URL": str(settings.postgres_url),
        "NEXUS_REDIS_URL": str(settings.redis_url),
    }


def _nexus(installed: Installation, *arguments: str) -> Any:
    return CliRunner().invoke(main, list(arguments), env=_environment(installed))


def _get(client: TestClient[Litestar], path: str, headers: dict[str, str], **query: str) -> Any:
    answer = client.get(path, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_dashboards_income_is_added_up_again_from_raw_records(
    installed: Installation, client: TestClient[Litestar]
) -> None:
    headers = {"Authorization": f"Bearer {issue(installed.settings, 'u-00003', lifetime=timedelta(minutes=5))}"}
    dashboard = _get(client, "/api/v3/projects/dashboard", headers)
    number = min((one for one in dashboard["totals"] if Decimal(one["income"])), key=lambda one: Decimal(one["income"]))
    query = {"mart": "daily_totals", "column": "amount", "type": "income", "currency": number["currency"]}
    cell = _get(client, "/api/v3/provenance", headers, **query)
    assert (cell["value"], cell["generation"], cell["next"]) == (number["income"], dashboard["generation"], None)
    total = Decimal(0)
    for row in cell["rows"]:
        trace = _get(client, row["trace"], headers)
        amount = next(field for field in trace["fields"] if field["name"] == "amount")
        assert trace["problems"] == []
        assert amount["texts"][0]["text"] in trace["record"]["raw"]
        total += Decimal(amount["value"])
    assert total == Decimal(number["income"]) > 0


def test_the_api_tells_its_reader_no_place_on_the_server(installed: Installation, client: TestClient[Litestar]) -> None:
    headers = {"Authorization": f"Bearer {issue(installed.settings, 'u-00003', lifetime=timedelta(minutes=5))}"}
    cell = _get(client, "/api/v3/provenance", headers, mart="daily_totals", column="operations")
    trace = _get(client, cell["rows"][0]["trace"], headers)
    assert trace["file"]["kept"].startswith("$NEXUS_HOME/raw/")
    assert "$NEXUS_HOME/raw/" in trace["record"]["command"]
    assert "user_id" not in json.dumps(trace["file"]["landed_again"])


def test_nexus_trace_shows_the_raw_record(installed: Installation, snapshot: Any) -> None:
    (name,), (other,) = snapshot.execute(
        "SELECT operation_id::text FROM trading_operations WHERE source = 'rabobank' LIMIT 2"
    )
    shown = _nexus(installed, "trace", name, other)
    told = json.loads(_nexus(installed, "trace", name, "--json").stdout)["traces"][0]
    assert shown.exit_code == 0, shown.output
    assert told["record"]["raw"] in shown.stdout
    for words in ("Bedrag = '", "decimal mark ','", "unaltered", "fingerprint proved", told["file"]["sha256"], other):
        assert words in shown.stdout


def test_nexus_trace_refuses_an_unknown_id(installed: Installation, snapshot: Any) -> None:
    ((known,),) = snapshot.execute("SELECT operation_id::text FROM trading_operations LIMIT 1")
    shown = _nexus(installed, "trace", "0" * 32, known)
    told = _nexus(installed, "trace", "--json", "nonsense")
    assert (shown.exit_code, told.exit_code) == (1, 1)
    assert "no operation 00000000-0000-0000-0000-000000000000" in shown.stderr
    assert known in shown.stdout
    assert json.loads(told.stdout) == {
        "traces": [{"error": "'nonsense' is no operation id: it is 32 hex digits, with or without dashes"}]
    }


def test_nexus_trace_of_a_project(installed: Installation, snapshot: Any) -> None:
    ((name,),) = snapshot.execute("SELECT project_id FROM projects WHERE status <> 'implied' LIMIT 1")
    shown = _nexus(installed, "trace", "--table", "projects", name)
    assert shown.exit_code == 0, shown.output
    assert f"projects {name}" in shown.stdout
