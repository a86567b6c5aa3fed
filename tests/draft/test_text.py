"""A draft's text: loads as the contract it was made from, tells its evidence, and is refused while it is undecided."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus_data.contract.check import check_contract
from nexus_data.contract.load import parse
from nexus_data.contract.model import Condition, Contract, FieldSpec, Kind, Variant
from nexus_data.draft.render import render
from tests.draft.drafting import draft

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=12)


@given(column=names, values=st.lists(texts, min_size=1, max_size=30), note=texts, title=texts)
def test_any_text_comes_back_as_it_was(column: str, values: list[str], note: str, title: str) -> None:
    field = FieldSpec(column=column, map=dict.fromkeys(values, "x"), otherwise="null")
    contract = Contract(
        title=title,
        table="users",
        timezone="UTC",
        variants=(Variant(columns=("other", column) if column != "other" else ("other",)),),
        fields={"user_id": FieldSpec(column=column), "status": field, "display_name": FieldSpec(value="y")},
        kinds=(Kind("one", when=(Condition(column=column, equals=tuple(values)),), set={"status": "on"}),),
    )
    notes = dict.fromkeys(("title", "fields", "fields.status", "kinds.one", "undecided"), (note,))
    loaded = parse(render(contract, notes=notes).encode(), path=Path("source/dataset.toml")).contract
    assert loaded == contract


def test_a_draft_is_a_contract_that_can_be_checked(tmp_path: Path) -> None:
    found = draft(tmp_path, "Date,Type,Amount,Currency\n2024-03-25,Buy,-1.50,EUR\n2024-03-26,Sell,2.50,EUR\n")
    path = tmp_path / "acme" / "export.toml"
    path.parent.mkdir()
    path.write_text(found.text, "utf-8")
    assert check_contract(path).problem == ""


def test_what_is_undecided_is_refused_by_its_key(tmp_path: Path) -> None:
    found = draft(tmp_path, "Date,Type,Amount,Currency\n01/02/2024,Buy,-1.50,EUR\n")
    path = tmp_path / "acme" / "export.toml"
    path.parent.mkdir()
    path.write_text(found.text, "utf-8")
    problem = check_contract(path).problem
    assert 'undecided."fields.date.formats": decide, write it into fields.date.formats' in problem
    assert "%d/%m/%Y: day first; %m/%d/%Y: month first" in problem


@pytest.mark.parametrize(
    "evidence",
    [
        "# 3 of 3 values are days or times, such as `01.04.2024`",
        "# `25.04.2024` in record 2 proves day first",
        "# Kurs: `12,50` in record 1 proves a decimal comma",
        "# Stück times Kurs gives it in 2 of 2 records",
        "# all 3 values of Referenz differ, in 3 records",
        "# NOT KNOWN: no file says where its clock hangs.",
        "# 4 of the first 4 rows have 7 fields by semicolon",
    ],
)
def test_every_line_has_its_evidence(tmp_path: Path, evidence: str) -> None:
    text = (
        "Datum;Typ;Stück;Kurs;Betrag;Währung;Referenz\n"
        "01.04.2024;Kauf;10;12,50;-125,00;EUR;A1\n25.04.2024;Verkauf;10;13,50;135,00;EUR;A2\n"
        "26.04.2024;Gebühr;;;-1,00;EUR;A3\n"
    )
    assert evidence in draft(tmp_path, text).text
