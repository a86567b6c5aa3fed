"""Ids that a spreadsheet has ruined are no ids."""

import pytest

from tests.kernel.judging import judge

IDS = ["1,5E+13", "1.50000001E+17", "2e+10", "15000000000000", "1.5E-13", "E+13", "T1+2", "A1E+13"]
RUINED = [True, True, True, False, False, False, False, False]


def test_a_ruined_id_names_no_record() -> None:
    found = judge({"exec_id": {"column": "id"}}, {"id": IDS}, identity={"columns": ["exec_id"]})
    assert [reasons == "RUINED_ID:exec_id" for reasons in found["reasons"]] == RUINED
    assert found.filter(outcome="accepted")["exec_id"].to_list() == IDS[3:]


@pytest.mark.parametrize("field", ["symbol", "exec_id"])
def test_what_names_no_record_may_look_so(field: str) -> None:
    found = judge({field: {"column": "id"}}, {"id": ["1E+5"]})
    assert found["outcome"].to_list() == ["accepted"]


def test_keys_of_tables_are_ids() -> None:
    fields = {
        **dict.fromkeys(("date", "category", "amount", "currency")),
        "project_id": {"column": "id"},
        "name": {"value": "n"},
        "status": {"value": "open"},
        "status_category": {"value": "todo"},
    }
    found = judge(fields, {"id": ["1,5E+13", "P-1"]}, table="projects")
    assert found["reasons"].to_list() == ["RUINED_ID:project_id", None]
