"""Written reports through the API: who finds which, and the very bytes."""

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from nexus_data.api.reports import Reports
from nexus_data.cleanup import clean
from nexus_data.provenance.cell_documents import Cell
from nexus_data.report.facts import Subject
from nexus_data.report.period import period
from nexus_data.report.write import write_reports
from tests.api.platform_rows import platform

PATH = "/api/v3/reports"


@pytest.fixture
def written(settings, publish):
    """Ada's report of a month and that of the executives, as pages; Bob is one."""
    tables = platform()
    publish(1, **{**tables, "users": [{**user, "primary_pov_role": "executive"} for user in tables["users"]]})
    subjects = [Subject(user_id="ada"), Subject(role="executive")]
    return write_reports(settings, period("2024-04"), subjects=subjects, formats=["html"])


def _listed(client, headers, **query):
    answer = client.get(PATH, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=Reports).reports


def test_a_user_finds_the_own_reports_and_gets_their_bytes(written, client, token):
    (found,) = _listed(client, token("ada"))
    assert (found.user_id, found.role, found.period, found.format, found.generation) == (
        "ada",
        None,
        "2024-04",
        "html",
        1,
    )
    answer = client.get(found.url, headers=token("ada"))
    assert answer.content == written[0].path.read_bytes()
    assert hashlib.sha256(answer.content).hexdigest() == found.sha256
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    again = client.get(found.url, headers={**token("ada"), "If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.usefixtures("written")
def test_a_report_that_cleanup_removed_is_listed_as_gone(client, token, settings):
    later = datetime.now(UTC) + timedelta(days=900)
    clean(settings, now=later)
    (found,) = _listed(client, token("ada"))
    assert found.removed_at is not None
    answer = client.get(found.url, headers=token("ada"))
    assert (answer.status_code, "removed by cleanup on" in answer.json()["detail"]) == (404, True)


@pytest.mark.usefixtures("written")
def test_filters_leave_others_out(client, token):
    assert len(_listed(client, token("ada"), period="2024-04", format="html")) == 1
    assert _listed(client, token("ada"), period="2024-05") == []
    assert _listed(client, token("ada"), format="pdf") == []


def test_nobody_finds_what_is_not_to_be_seen(written, client, token):
    own, of_role = written
    assert _listed(client, token("bob")) == []
    for answer in (
        client.get(f"{PATH}/{own.report_id}", headers=token("bob")),
        client.get(f"{PATH}/{of_role.report_id}", headers=token("bob")),
        client.get(PATH, params={"role": "executive"}, headers=token("bob")),
        client.get(f"{PATH}/00000000-0000-0000-0000-000000000000", headers=token("bob")),
    ):
        assert (answer.status_code, answer.json()["detail"]) == (404, "there is no such report that you may see")
    assert client.get(PATH).status_code == 401


def test_who_may_see_all_finds_those_of_roles(written, client, token):
    auditor = token("bob", role="auditor")
    (found,) = _listed(client, auditor, role="executive")
    assert (found.user_id, found.role) == (None, "executive")
    assert client.get(found.url, headers=auditor).content == written[1].path.read_bytes()
    assert len(_listed(client, auditor, user_id="ada")) == 1


def test_an_altered_file_is_no_report(written, client, token):
    written[0].path.write_bytes(b"another number")
    answer = client.get(f"{PATH}/{written[0].report_id}", headers=token("ada"))
    assert (answer.status_code, b"altered" in answer.content) == (404, True)


@pytest.mark.usefixtures("written")
def test_days_of_a_cell_are_chosen_by_from_and_to(client, token):
    query = {"mart": "daily_totals", "column": "amount", "type": "income", "currency": "EUR"}
    whole, april, march = (
        msgspec.json.decode(client.get("/api/v3/provenance", params=asked, headers=token("ada")).content, type=Cell)
        for asked in (
            query,
            {**query, "from": "2024-04-01", "to": "2024-04-30"},
            {**query, "from": "2024-03-01", "to": "2024-03-31"},
        )
    )
    assert (whole.value, april.value, april.rows_behind, march.value, march.rows_behind) == ("10", "10", 1, "0", 0)
    assert Decimal(april.page_sum) == 10
    refused = client.get(
        "/api/v3/provenance",
        params={"mart": "milestones", "column": "planned", "from": "2024-04-01"},
        headers=token("ada"),
    )
    assert refused.status_code == 400
