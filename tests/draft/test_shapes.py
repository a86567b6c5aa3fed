"""Files in many shapes, and what the draft says of each: every decision that matters, and what it leaves open."""

import io
import json
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from nexus_data.errors import FileError
from tests.draft.drafting import draft, records

TRADES = """\
Date,Type,Symbol,Quantity,Price,Amount,Currency
2024-03-25,Buy,EXMP,10,12.50,-125.00,EUR
2024-03-26,Sell,EXMP,4,13.00,52.00,EUR
2024-03-27,Dividend,EXMP,,,3.25,EUR
2024-03-28,Custody fee,,,,-1.10,EUR
"""


def test_a_plain_file_of_trades(tmp_path: Path) -> None:
    found = draft(tmp_path, TRADES)
    contract = found.draft.contract
    assert (contract.table, contract.format.delimiters) == ("trading_operations", (",",))
    assert contract.fields["date"].formats == ("%Y-%m-%d",)
    assert contract.fields["type"].by_sign is not None
    assert [kind.name for kind in contract.kinds] == ["nothing moved", "buy", "sell", "fee", "dividend"]
    assert (found.check.records, found.check.accepted, found.undecided) == (4, 4, {})


def test_semicolons_decimal_commas_a_code_page_and_lines_before_the_header(tmp_path: Path) -> None:
    text = (
        "Kontoauszug der Beispielbank\nErstellt am;01.04.2024\n\n"
        "Buchungstag;Umsatzart;Stück;Kurs;Betrag;Währung;Gebühr\n"
        "25.03.2024;Kauf;10;12,50;-125,00;EUR;1,00\n"
        "26.03.2024;Verkauf;4;13,00;1.052,00;EUR;1,00\n"
        "27.03.2024;Zinsen;;;3,25;EUR;\n"
    )
    found = draft(tmp_path, text.encode("cp1252"))
    form, numbers = found.draft.contract.format, found.draft.contract.numbers
    assert (form.delimiters, form.encodings, form.preamble) == ((";",), ("cp1252",), 2)
    assert (numbers.decimal, numbers.thousands) == (",", ".")
    assert found.draft.contract.fields["date"].formats == ("%d.%m.%Y",)
    assert "`25.03.2024` in record 1 proves day first" in found.text
    assert (found.check.accepted, found.undecided) == (3, {})


def test_tabs_and_names_of_a_second_language(tmp_path: Path) -> None:
    found = draft(
        tmp_path, "Fecha\tTipo\tImporte\tDivisa\n25/03/2024\tCompra\t-12.50\tEUR\n26/03/2024\tVenta\t13.00\tEUR\n"
    )
    contract = found.draft.contract
    assert contract.format.delimiters == ("\t",)
    assert contract.fields["amount"].column == "Importe"
    assert [kind.name for kind in contract.kinds][1:] == ["buy", "sell"]


def test_counts_of_milliseconds(tmp_path: Path) -> None:
    rows = "".join(f"{1_723_161_253_937 + i},{'buy' if i % 2 else 'sell'},0.5,60000.5,BTC\n" for i in range(6))
    found = draft(tmp_path, f"timestamp,side,qty,price,symbol\n{rows}")
    contract = found.draft.contract
    assert contract.fields["transact_time"].formats == ("epoch_ms",)
    assert contract.fields["amount"].product == ("last_qty", "last_px")
    assert list(found.undecided) == ["fields.currency"]
    assert found.check.accepted == 6


def test_no_header(tmp_path: Path) -> None:
    found = draft(tmp_path, "34200000,13.94,500,P\n34200004,13.95,500,P\n34200019,13.94,100,Q\n")
    assert found.draft.contract.format.header is False
    assert found.draft.contract.variants[0].columns == ("column_1", "column_2", "column_3", "column_4")
    assert set(found.undecided) == {"fields.date", "fields.last_px", "fields.last_qty", "fields.currency"}


@pytest.mark.parametrize("kind", ["json", "jsonl", "nested"])
def test_json_in_its_forms(tmp_path: Path, kind: str) -> None:
    records = [
        {
            "executedAt": "2024-03-25T10:00:00Z",
            "side": "BUY",
            "quantity": "1.5",
            "price": "10.00",
            "fee": {"amount": "0.1"},
        },
        {
            "executedAt": "2024-03-26T10:00:00Z",
            "side": "SELL",
            "quantity": "0.5",
            "price": "12.00",
            "fee": {"amount": "0.1"},
        },
    ]
    lines = "".join(json.dumps(one) + "\n" for one in records)
    text = {
        "json": json.dumps(records),
        "jsonl": lines,
        "nested": json.dumps({"meta": {"n": 2}, "data": {"fills": records}}),
    }
    found = draft(tmp_path, text[kind], name=f"export.{kind[:5]}")
    form, fields = found.draft.contract.format, found.draft.contract.fields
    assert (form.kind, form.records) == (
        "jsonl" if kind == "jsonl" else "json",
        "data.fills" if kind == "nested" else "",
    )
    assert (fields["transact_time"].column, fields["transact_time"].formats) == ("executedAt", ("iso",))
    assert found.check.accepted == 2


def test_a_workbook_with_a_title_and_a_second_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    notes = book.active
    assert notes is not None
    notes.title = "Notes"
    sheet = book.create_sheet("Trades")
    for row in (["Report of trades"], *(line.split(",") for line in TRADES.splitlines())):
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    found = draft(tmp_path, buffer.getvalue(), name="export.xlsx")
    form = found.draft.contract.format
    assert (form.kind, form.preamble, found.check.accepted) == ("xlsx", 1, 4)


def test_parquet(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    pl.read_csv(io.StringIO(TRADES), infer_schema=False).write_parquet(buffer)
    found = draft(tmp_path, buffer.getvalue(), name="export.parquet")
    assert (found.draft.contract.format.kind, found.check.accepted) == ("parquet", 4)


def test_two_columns_make_one_time(tmp_path: Path) -> None:
    text = "Datum;Tijd;Bedrag;Valuta;Omschrijving\n25-03-2024;10:15:30;-1,50;EUR;Brood\n26-03-2024;;2,50;EUR;Rente\n"
    contract = draft(tmp_path, text).draft.contract
    time = contract.fields["transact_time"]
    assert (time.columns, time.formats) == (("Datum", "Tijd"), ("%d-%m-%Y %H:%M:%S",))
    assert contract.fields["date"].column == "Datum"


def test_columns_of_debit_and_credit(tmp_path: Path) -> None:
    text = (
        "Date,Description,Paid out,Paid in,Balance,Currency\n"
        "2024-03-25,Bakery,3.50,,96.50,GBP\n2024-03-26,Salary,,1200.00,1296.50,GBP\n"
    )
    found = draft(tmp_path, text)
    kinds = {kind.name: kind for kind in found.draft.contract.kinds}
    assert kinds["money out"].set["type"] == "expense"
    assert kinds["money out"].fields["amount"].column == "Paid out"
    assert kinds["money in"].fields["amount"].column == "Paid in"
    assert (found.check.accepted, found.undecided) == (2, {})


def test_negative_amounts_in_parentheses_with_signs(tmp_path: Path) -> None:
    text = 'Date,Action,Amount\n03/25/2024,Buy,"($1,234.50)"\n03/26/2024,Sell,$99.00\n03/27/2024,Deposit,$10.00\n'
    found = draft(tmp_path, text)
    numbers = found.draft.contract.numbers
    assert (numbers.accounting, numbers.signs, numbers.thousands) == (True, True, ",")
    assert found.draft.contract.fields["currency"].value == "USD"
    assert found.check.accepted == 3


def test_days_that_nothing_orders(tmp_path: Path) -> None:
    text = "Date,Type,Amount,Currency\n01/02/2024,Buy,-1.50,EUR\n03/02/2024,Sell,2.50,EUR\n"
    found = draft(tmp_path, text)
    assert found.undecided["fields.date.formats"] == (
        "%d/%m/%Y: day first",
        "%m/%d/%Y: month first",
        "`01/02/2024` in record 1 reads in each",
    )
    decided = draft(tmp_path, text, order="mdy")
    assert (decided.draft.contract.fields["date"].formats, decided.undecided) == (("%m/%d/%Y",), {})


def test_one_column_orders_the_days_of_another(tmp_path: Path) -> None:
    text = "Date,Settlement date,Type,Amount,Currency\n01/02/2024,25/02/2024,Buy,-1.50,EUR\n"
    found = draft(tmp_path, text)
    assert (found.draft.contract.fields["date"].formats, found.undecided) == (("%d/%m/%Y",), {})
    assert "as Settlement date proves: this column alone does not" in found.text


def test_a_day_that_cannot_be_proves_nothing_and_two_orders_are_said(tmp_path: Path) -> None:
    head = "Date,Type,Amount,Currency\n"
    impossible = draft(tmp_path, head + "25/03/2024,Buy,-1.50,EUR\n13/45/2024,Sell,2.50,EUR\n")
    assert (impossible.draft.contract.fields["date"].formats, impossible.undecided) == (("%d/%m/%Y",), {})
    both = draft(tmp_path, head + "25/03/2024,Buy,-1.50,EUR\n03/25/2024,Sell,2.50,EUR\n")
    assert "several orders stand there" in both.undecided["fields.date.formats"][-1]


def test_numbers_that_could_be_either(tmp_path: Path) -> None:
    text = 'Date,Type,Amount,Currency\n2024-03-25,Buy,"-1,234",EUR\n2024-03-26,Sell,"2,500",EUR\n'
    found = draft(tmp_path, text)
    assert found.undecided["numbers.Amount"] == ('decimal = ",": -1,234 is -1.234', 'decimal = ".": -1,234 is -1234')
    decided = draft(tmp_path, text, decimal=".")
    assert (decided.draft.contract.numbers.decimal, decided.draft.contract.numbers.thousands) == (".", ",")
    assert decided.undecided == {}


def test_numbers_of_two_styles_in_one_column(tmp_path: Path) -> None:
    rows = '2024-03-25,Buy,"-419,22",EUR\n2024-03-26,Sell,1.83,EUR\n2024-03-27,Sell,"1,500",EUR\n'
    text = f"Date,Type,Amount,Currency\n{rows}"
    found = draft(tmp_path, text)
    assert found.draft.contract.numbers.decimal == "last"
    assert found.check.rules == {"UNPARSABLE:type": 1, "UNPARSABLE:amount": 1}


def test_words_that_no_list_knows_are_named_and_rejected(tmp_path: Path) -> None:
    found = draft(tmp_path, TRADES + "2024-03-29,Frobnication,,,,7.00,EUR\n")
    assert "their records are rejected: 'Frobnication'" in found.text
    assert found.check.rules == {"UNKNOWN_KIND": 1}


def test_a_total_below_the_records_is_skipped(tmp_path: Path) -> None:
    found = draft(tmp_path, TRADES + "Total,,,,,-70.85,\n")
    assert found.check.skips == {"a total of the records above": 1}


def test_an_id_is_measured(tmp_path: Path) -> None:
    head, rows = "Transaction ID,Date,Type,Amount,Currency\n", "A-1,2024-03-25,Buy,-1.50,EUR\n"
    assert draft(tmp_path, head + rows + "A-2,2024-03-26,Sell,2.50,EUR\n").draft.contract.identity.columns == (
        "exec_id",
    )
    again = draft(tmp_path, head + rows + "A-1,2024-03-26,Sell,2.50,EUR\n")
    assert again.draft.contract.identity.columns == ()
    assert "no identity: a value stands there again" in again.text


def test_coins_move_by_their_quantity_and_trades_by_what_is_paid(tmp_path: Path) -> None:
    text = (
        "Timestamp,Type,Asset,Quantity,Price,Total,Price currency\n"
        "2024-03-25T10:00:00Z,Buy,BTC,0.5,60000.00,30000.00,EUR\n"
        "2024-03-26T10:00:00Z,Send,BTC,-0.1,61000.00,-6100.00,EUR\n"
    )
    found = draft(tmp_path, text)
    kinds = {kind.name: kind for kind in found.draft.contract.kinds}
    assert (found.draft.contract.fields["amount"].column, kinds["buy"].fields["amount"].column) == ("Quantity", "Total")
    assert found.draft.contract.fields["currency"].crypto
    assert kinds["buy"].set["type"] == "expense"


def test_trades_that_a_text_tells(tmp_path: Path) -> None:
    text = (
        "Date,Description,Amount,Currency\n"
        "2024-03-25,Koop 3 @ 134.85 USD,-404.55,USD\n2024-03-26,Verkoop 1 @ 140.00 USD,140.00,USD\n"
        "2024-03-27,Dividend,1.20,USD\n"
    )
    found = draft(tmp_path, text)
    kinds = {kind.name: kind for kind in found.draft.contract.kinds}
    assert kinds["buy"].when[0].matches == "(?i)^(?:Koop) .*@ ?[0-9]"
    assert (kinds["buy"].set["side"], kinds["dividend"].set["category"]) == ("buy", "dividend")
    assert found.check.accepted == 3


def test_what_was_not_carried_out_is_skipped(tmp_path: Path) -> None:
    rows = "2024-03-25,Buy,-1.50,EUR,Completed\n2024-03-26,Buy,-2.50,EUR,Cancelled\n"
    found = draft(tmp_path, f"Date,Type,Amount,Currency,Status\n{rows}")
    assert (found.check.accepted, found.check.skips) == (1, {"not completed, moves no money": 1})


def test_ticks_of_a_market_have_no_side(tmp_path: Path) -> None:
    contract = draft(tmp_path, "time,price,size,symbol\n2024-03-25T10:00:00Z,10.5,100,EXMP\n").draft.contract
    assert (contract.fields["side"].value, contract.fields["category"].value) == ("undisclosed", "trade")
    assert "type" not in contract.fields


def test_projects_milestones_and_people(tmp_path: Path) -> None:
    projects = draft(
        tmp_path, "Projektnummer,Projektname,Status,Budget EUR,Beginn\nP1,Brücke,geplant,1000.50,25.03.2024\n"
    )
    assert projects.draft.contract.table == "projects"
    assert projects.draft.contract.fields["status_category"].map == {"geplant": "todo"}
    assert projects.draft.contract.fields["currency"].value == "EUR"
    issues = draft(tmp_path, "Issue key,Summary,Status,Due date,Project\nAB-1,Dig,Done,2024-03-25,AB\n")
    assert issues.draft.contract.table == "project_milestones"
    assert issues.draft.contract.fields["status_category"].map == {"Done": "done"}
    people = draft(tmp_path, "User ID,Email,Full name,Role\nu1,a@example.com,Ann,judge\n")
    assert people.draft.contract.table == "users"
    assert [one.check.accepted for one in (projects, issues, people)] == [1, 1, 1]


def test_our_own_names_are_taken_as_they_are(tmp_path: Path) -> None:
    text = "milestone_id,project_id,name,status,due_on\nM1,P1,Dig,open,2024-03-25\n"
    contract = draft(tmp_path, text).draft.contract
    assert contract.table == "project_milestones"
    assert contract.fields["milestone_id"].prefix == ""


def test_an_encoding_that_two_code_pages_could_be(tmp_path: Path) -> None:
    text = "Date;Type;Amount;Currency;Description\n2024-03-25;Buy;-1,50;EUR;São Pãulo\n"
    found = draft(tmp_path, text.encode("cp1252"))
    assert any(reading.startswith('encodings = ["cp1250"]') for reading in found.undecided["format.encodings"])
    decided = draft(tmp_path, text.encode("cp1252"), encoding="cp1252")
    assert (decided.draft.contract.format.encodings, decided.undecided) == (("cp1252",), {})


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02\x03" * 100, b"just some words\nand more of them\n", b"[1, 2]"])
def test_what_is_no_table_is_said(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(FileError, match=r"export\.csv"):
        draft(tmp_path, data)


def test_midnights_stand_for_days(tmp_path: Path) -> None:
    head, row = "Date,Type,Amount,Currency\n", "2024-03-25 00:00:00+00:00,Buy,-1.50,EUR\n"
    found = draft(tmp_path, head + row)
    assert found.draft.contract.fields["date"].formats == ("iso",)
    assert "transact_time" not in found.draft.contract.fields
    timed = draft(tmp_path, head + row + "2024-03-26 00:00:01+00:00,Buy,-1.50,EUR\n")
    assert timed.draft.contract.fields["transact_time"].formats == ("iso",)


def test_ticks_whose_day_stands_in_the_path(tmp_path: Path) -> None:
    folder = tmp_path / "exmp"
    folder.mkdir()
    found = draft(
        folder, "34200000,139400,500,P\n34200004,139500,9500,P\n34200019,139400,100,Q\n", name="20240325_trade.csv"
    )
    fields = found.draft.contract.fields
    assert (fields["date"].path, fields["transact_time"].day_ms) == ("date", "column_1")
    assert (fields["last_px"].column, fields["last_qty"].column) == ("column_2", "column_3")
    assert set(found.undecided) == {"fields.symbol", "fields.last_px", "fields.last_qty", "fields.currency"}
    assert found.check.accepted == 3


def test_what_stands_above_the_header_is_taken_where_no_column_says_it(tmp_path: Path) -> None:
    text = (
        'Kontonummer;="0012-34";;\nWährung;CHF;;\n\nDatum;Verwendungszweck;Betrag;Saldo\n'
        "25.03.2024;Kiosk;-2,50;97,50\n26.03.2024;Lohn;1.000,00;1.097,50\n"
    )
    found = draft(tmp_path, text)
    assert found.undecided == {}
    told = records(found).filter(outcome="accepted").select("account_id", "currency")
    assert told.unique().rows() == [("0012-34", "CHF")]


def test_powers_of_ten_are_numbers(tmp_path: Path) -> None:
    text = "date,type,asset,quantity,price,fee,total,currency\n" + "".join(
        f"2024-03-0{day},buy,BTC,3.605E-05,52000.1,1.2E-03,1.8746,EUR\n" for day in range(1, 6)
    )
    found = draft(tmp_path, text)
    assert found.draft.contract.numbers.powers
    assert records(found)["last_qty"].unique().to_list() == [Decimal("0.00003605")]


def test_records_of_one_project_are_its_milestones_and_one_person_may_have_many(tmp_path: Path) -> None:
    tasks = "Task,Project,Owner,Deadline,Status,Budget,Spent so far\n" + "".join(
        f"T{day},Garden,ada@example.org,{day}/3/2024,Done,10,5\n" for day in range(20, 26)
    )
    assert draft(tmp_path, tasks).draft.contract.table == "project_milestones"
    clock = "Project,Description,Email,Start Date,Start Time\n" + "".join(
        f"Garden,Dig,ada@example.org,2024-03-05,0{hour}:00\n" for hour in range(5)
    )
    found = draft(tmp_path, clock)
    assert found.draft.contract.table == "project_milestones"
    assert records(found)["milestone_id"].n_unique() == 5


def test_a_state_and_a_priority_tell_tasks(tmp_path: Path) -> None:
    text = "Name,Priority,Status,Created time\n" + "".join(
        f'Job {day},High,In progress,"March {day}, 2024 8:00 AM"\n' for day in range(1, 6)
    )
    found = draft(tmp_path, text)
    assert found.draft.contract.table == "project_milestones"
    assert records(found)["outcome"].unique().to_list() == ["accepted"]


def test_a_start_and_an_end_tell_work_that_is_planned(tmp_path: Path) -> None:
    tasks = "Task Name,Assigned To,Start,Finish\n" + "".join(
        f"Job {day},ada@example.org,03/0{day}/24,03/1{day}/24\n" for day in range(1, 6)
    )
    assert draft(tmp_path, tasks).draft.contract.table == "project_milestones"
    budgets = "activity-code,title,start-planned,end-planned,total-Commitment,currency\n" + "".join(
        f"X-{number},Well {number},2020-01-01,2024-12-31,1000.50,USD\n" for number in range(1, 6)
    )
    assert draft(tmp_path, budgets).draft.contract.table == "projects"
