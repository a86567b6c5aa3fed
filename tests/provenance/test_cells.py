"""Behind every cell of every mart stand rows whose contributions add up to it, exactly, whatever the page."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
from psycopg import Connection
from psycopg.rows import dict_row

from nexus_data.errors import MartError, QuestionError, StaleCursorError, TraceError
from nexus_data.mart_declarations import declared
from nexus_data.provenance.asking import answer, ask
from nexus_data.provenance.cell_documents import Cell, Wanted
from nexus_data.provenance.cells import cell
from nexus_data.provenance.declarations import _checked, provenance
from nexus_data.provenance.texts import value_text
from tests.provenance.conftest import Installation

Database = Connection[Any]

COLUMNS = [
    (mart.name, column)
    for mart in declared()
    for column, behind in provenance()[mart.name].columns.items()
    if behind.how != "derived"
]


def _cells(database: Database, mart: str) -> list[dict[str, Any]]:
    with database.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(f'SELECT * FROM marts."{mart}"').fetchall()  # noqa: S608
    return sorted(rows, key=lambda row: -row.get("operations", row.get("records", 0)))


def _key(mart: str, row: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value_text(row[name])) for name in provenance()[mart].mart.key}


def _wanted(mart: str, column: str, key: Mapping[str, str], **more: Any) -> Wanted:
    own = {"user_id": key["user_id"]} if "user_id" in key else {}
    return Wanted(mart=mart, column=column, key=key, **{**own, **more})


def _pages(database: Database, wanted: Wanted) -> Iterator[Cell]:
    while True:
        page = answer(database, cell(wanted))
        yield page
        if page.next is None:
            return
        wanted = Wanted(wanted.mart, wanted.column, wanted.key, wanted.user_id, page.next, wanted.limit)


@pytest.mark.parametrize(("mart", "column"), COLUMNS, ids=lambda name: str(name))
def test_pages_add_up_to_every_cell(snapshot: Database, mart: str, column: str) -> None:
    behind = provenance()[mart].columns[column]
    cells = _cells(snapshot, mart)
    assert cells
    turned, limit = 0, 1 if mart == "daily_totals" else 3
    # Of a large mart the largest cell and a share of the others: all are read by the same few lines of SQL.
    for row in cells[:: max(1, len(cells) // 30)]:
        pages = list(_pages(snapshot, _wanted(mart, column, _key(mart, row), limit=limit)))
        rows = [one for page in pages for one in page.rows]
        turned += len(pages) > 1
        assert len({(one.table, one.id) for one in rows}) == len(rows)
        assert {page.value for page in pages} == {value_text(row[column])}
        assert {page.rows_behind for page in pages} == {len(rows)}
        if behind.adds_up:
            total = sum((Decimal(str(one.contribution)) for one in rows), Decimal(0))
            assert total == (row[column] or 0), row
            assert sum(Decimal(str(page.page_sum)) for page in pages) == total
        if behind.how == "count":
            assert len(rows) == row[column]
        if behind.how in ("attained", "copied") and row[column] is not None:
            assert rows
    if column in ("operations", "records", "milestones"):
        assert turned, "no cell had more than one page"


def test_cells_of_a_part_of_the_key_add_up_too(snapshot: Database) -> None:
    rows = [row for row in _cells(snapshot, "daily_totals") if row["type"] == "income" and row["currency"] == "EUR"]
    user = max({row["user_id"] for row in rows}, key=lambda name: sum(row["user_id"] == name for row in rows))
    mine = [row["amount"] for row in rows if row["user_id"] == user]
    key = {"type": "income", "currency": "EUR", "user_id": user}
    pages = list(_pages(snapshot, _wanted("daily_totals", "amount", key, limit=7)))
    shares = [Decimal(str(one.contribution)) for page in pages for one in page.rows]
    assert len(pages) > 1
    assert (sum(shares), pages[0].cells) == (sum(mine), len(mine))
    assert Decimal(str(pages[0].value)) == sum(mine)


def test_projects_are_summed_by_their_currency(snapshot: Database) -> None:
    projects = [row for row in _cells(snapshot, "project_dashboard") if row["currency"] == "EUR" and row["expense"]]
    user = projects[0]["user_id"]
    wanted = Wanted("project_dashboard", "expense", {"currency": "EUR"}, user, limit=1000)
    (page,) = _pages(snapshot, wanted)
    mine = [row["expense"] for row in projects if row["user_id"] == user]
    assert sum(Decimal(str(one.contribution)) for one in page.rows) == sum(mine) == Decimal(str(page.value))


def test_a_ratio_is_derived_from_cells_that_have_rows(snapshot: Database) -> None:
    row = next(row for row in _cells(snapshot, "project_dashboard") if row["utilisation"])
    found = answer(snapshot, cell(_wanted("project_dashboard", "utilisation", _key("project_dashboard", row))))
    assert (found.how, found.rows, found.value) == ("derived", [], value_text(row["utilisation"]))
    made_of = {one.column: one.value for one in found.made_of}
    assert made_of == {"used": value_text(row["used"]), "budget": value_text(row["budget"])}


def test_what_cannot_be_asked_is_said(snapshot: Database) -> None:
    for wanted, words in (
        (Wanted("nothing", "amount", {}, "u"), "the marts are daily_totals, data_quality"),
        (Wanted("daily_totals", "price", {}, "u"), "its cells are operations, amount, month"),
        (Wanted("daily_totals", "date", {}, "u"), "part of the key"),
        (Wanted("daily_totals", "amount", {"symbol": "A"}, "u"), "not chosen by 'symbol'"),
        (Wanted("daily_totals", "amount", {"date": "1.2.2024"}, "u"), "a day, YYYY-MM-DD"),
        (Wanted("daily_totals", "amount", {}, None), "say whose"),
        (Wanted("daily_totals", "amount", {}, "u", cursor="AAAA"), "none that a page gave"),
        (Wanted("daily_totals", "amount", {}, "u", limit=1001), "from 1 to 1000"),
        (Wanted("positions", "first_date", {}, "u"), "give symbol, security_id, currency too"),
    ):
        with pytest.raises(QuestionError, match=words):
            answer(snapshot, cell(wanted))


def test_nothing_of_others_is_told(snapshot: Database) -> None:
    row = _cells(snapshot, "daily_totals")[0]
    key = _key("daily_totals", row)
    with pytest.raises(TraceError):
        answer(snapshot, cell(Wanted("daily_totals", "amount", key, "somebody else")))
    with pytest.raises(TraceError):
        answer(snapshot, cell(Wanted("daily_totals", "amount", {**key, "user_id": "nobody"}, "nobody")))


def test_a_cursor_goes_with_its_cell_and_its_generation(installed: Installation, snapshot: Database) -> None:
    users = [row["user_id"] for row in _cells(snapshot, "daily_totals")]
    user = max(set(users), key=users.count)
    first = answer(snapshot, cell(Wanted("daily_totals", "amount", {}, user, limit=1)))
    assert first.next
    with pytest.raises(QuestionError, match="another list"):
        answer(snapshot, cell(Wanted("daily_totals", "operations", {}, user, first.next)))
    snapshot.execute("INSERT INTO generations VALUES (%s, 'later', now(), '{}')", (installed.generation + 1,))
    with pytest.raises(StaleCursorError, match="ask for the first page again"):
        answer(snapshot, cell(Wanted("daily_totals", "amount", {}, user, first.next)))
    snapshot.rollback()


def test_a_database_without_a_generation_has_nothing_to_tell(database_url: str) -> None:
    with pytest.raises(TraceError, match="nothing has been published yet"):
        ask(database_url, cell(Wanted("daily_totals", "amount", {}, "u")))


def test_a_mart_whose_columns_nobody_explains_is_refused() -> None:
    one = provenance()["positions"]
    lacking = {name: behind for name, behind in one.columns.items() if name != "sold"}
    with pytest.raises(MartError, match="nothing is declared behind its column sold"):
        _checked(one.mart, lacking, set())
