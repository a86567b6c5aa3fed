"""What the API tells of the origin of numbers: pages of rows, whose they are, and what is refused."""

from decimal import Decimal

import msgspec
import pytest

from nexus_data.provenance.cell_documents import Cell
from nexus_data.provenance.documents import Trace
from tests.api.platform_rows import platform
from tests.canonical_rows import row

PATH = "/api/v3/provenance"


def _with_bobs_payment():
    """Ada's milestone m1 is paid by Bob, too."""
    tables = platform()
    bobs = {**tables["trading_operations"][0], **row("trading_operations")}
    bobs |= {"date": tables["trading_operations"][0]["date"], "user_id": "bob", "type": "expense", "currency": "EUR"}
    bobs |= {"amount": Decimal("7.5"), "milestone_id": "m1", "description": "Bob's secret", "category": "other"}
    return {**tables, "trading_operations": [*tables["trading_operations"], bobs]}


def _asked(client, token, user="ada", **query):
    return client.get(PATH, params=query, headers=token(user))


def _cell(answer):
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=Cell)


@pytest.fixture
def told(client, publish, token):
    """`told(mart=..., column=...)`: the answer to Ada."""
    publish(1, **_with_bobs_payment())
    return lambda **query: _asked(client, token, **query)


def test_pages_follow_each_other_and_add_up(told):
    query = {"mart": "project_dashboard", "column": "expense", "project_id": "p1", "limit": 1}
    first = _cell(answer := told(**query))
    second = _cell(told(**query, cursor=first.next))
    assert (answer.headers["X-Data-Generation"], first.generation, second.generation) == ("1", 1, 1)
    assert (first.value, first.rows_behind, len(first.rows), second.next) == ("207.500000000000000001", 2, 1, None)
    assert first.value == second.value
    shares = [Decimal(one.contribution) for page in (first, second) for one in page.rows]
    assert sum(shares) == Decimal(first.value)
    assert Decimal(first.page_sum) + Decimal(second.page_sum) == Decimal(first.value)


def test_others_share_is_told_and_nothing_else_of_it(told):
    answer = told(mart="milestones", column="expense", milestone_id="m1")
    found = _cell(answer)
    assert sorted((one.own, one.contribution) for one in found.rows) == [
        (False, "7.5"),
        (True, "200.000000000000000001"),
    ]
    (others,) = [one for one in found.rows if not one.own]
    assert (others.source, others.file_id, others.record_no, others.trace) == (None, None, None, None)
    assert "bob" not in answer.text.lower()


def test_answers_can_be_checked_for_change(told, client, token):
    answer = told(mart="daily_totals", column="amount")
    again = client.get(
        PATH,
        params={"mart": "daily_totals", "column": "amount"},
        headers={**token("ada"), "If-None-Match": answer.headers["ETag"]},
    )
    assert (again.status_code, again.content) == (304, b"")


def test_rows_tell_where_their_trace_is(client, publish, token):
    tables = _with_bobs_payment()
    odd = row("project_milestones", milestone_id="a/b ?&é", project_id="p1", currency="EUR", planned_amount=Decimal(1))
    publish(1, **{**tables, "project_milestones": [*tables["project_milestones"], odd]})
    for query in ({"mart": "daily_totals", "column": "amount"}, {"mart": "milestones", "column": "planned"}):
        rows = _cell(_asked(client, token, **query)).rows
        assert rows
        for one in rows:
            trace = msgspec.json.decode(client.get(one.trace, headers=token("ada")).content, type=Trace)
            assert (trace.table, trace.id, trace.generation) == (one.table, one.id, 1)
            assert client.get(one.trace, headers=token("bob")).status_code == 404
    assert odd["milestone_id"] in [one.id for one in rows]


REFUSED = (
    (400, {"mart": "nothing", "column": "amount"}),
    (400, {"mart": "daily_totals", "column": "nothing"}),
    (400, {"mart": "daily_totals", "column": "amount", "colour": "red"}),
    (400, {"mart": "daily_totals", "column": "amount", "date": "yesterday"}),
    (400, {"mart": "daily_totals", "column": "amount", "cursor": "e30"}),
    (400, {"mart": "daily_totals", "column": "amount", "limit": "1001"}),
    (400, {"mart": "project_dashboard", "column": "utilisation"}),
    (400, {"mart": "daily_totals"}),
    (403, {"mart": "data_quality", "column": "records"}),
    (404, {"mart": "daily_totals", "column": "amount", "user_id": "bob"}),
    (404, {"mart": "project_dashboard", "column": "budget", "project_id": "p2"}),
    (404, {"mart": "daily_totals", "column": "amount", "currency": "CHF"}),
)


def test_what_is_refused(told):
    for status, query in REFUSED:
        answer = told(**query)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer.text


def test_a_publish_between_pages_is_409(told, publish):
    first = _cell(told(mart="daily_totals", column="amount", limit=1))
    publish(2, **_with_bobs_payment())
    answer = told(mart="daily_totals", column="amount", limit=1, cursor=first.next)
    assert (answer.status_code, "ask for the first page again" in answer.json()["detail"]) == (409, True)


def test_an_operation_of_somebody_else_is_as_unknown_as_one_that_is_not_there(told, client, token):
    operations = _cell(told(mart="daily_totals", column="amount")).rows
    for name, status in ((operations[0].id, 404), ("0" * 32, 404), ("no-id", 404)):
        answer = client.get(f"/api/v3/trading-operations/{name}/provenance", headers=token("bob"))
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert client.get(f"/api/v3/trading-operations/{operations[0].id}/provenance").status_code == 401
    assert client.get(f"{PATH}/users?id=ada", headers=token("ada")).status_code == 404


def test_before_the_first_publish_there_is_nothing(client, token):
    assert _asked(client, token, mart="daily_totals", column="amount").status_code == 404


def test_openapi_tells_the_answers(client):
    paths = client.get("/schema/openapi.json").json()["paths"]
    assert set(paths[PATH]["get"]["responses"]) >= {"200", "400", "401", "403", "404", "409", "503"}
    taken = {one["name"] for one in paths[PATH]["get"]["parameters"]}
    assert taken == {"mart", "column", "cursor", "limit", "user_id", "from", "to"}
    assert "/api/v3/trading-operations/{operation_id}/provenance" in paths
