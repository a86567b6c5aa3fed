"""A report says what the ledger says, leads to the rows behind each number, and is the same bytes each time."""

import hashlib
import io
import re
import zipfile
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from openpyxl import load_workbook

from nexus_data.errors import ReportError
from nexus_data.postgres.connect import connection
from nexus_data.provenance.questions import pages
from nexus_data.report.appendix import appendix
from nexus_data.report.compose import compose
from nexus_data.report.document import Cell
from nexus_data.report.facts import Subject
from nexus_data.report.period import period
from nexus_data.report.render import render
from nexus_data.report.texts import number
from nexus_data.report.write import write_reports
from nexus_data.tables.reports import FORMATS
from tests.report.conftest import USER

API = "http://api.test"


@pytest.fixture(scope="module")
def made(of_user):
    """The user's report in each format."""
    return render(of_user, formats=FORMATS, api=API)


def _values(report):
    for section in report.sections:
        for table in section.tables:
            for row in table.rows:
                yield from row


def test_the_same_generation_gives_the_same_bytes(of_user, of_role, made):
    assert render(of_user, formats=FORMATS, api=API) == made
    assert render(of_role, formats=["html"], api=API) == render(of_role, formats=["html"], api=API)


def test_totals_are_those_of_the_operations_themselves(of_user, installed):
    with connection(installed.url) as database:
        rows = database.execute(
            "SELECT currency, sum(amount) FILTER (WHERE type = 'income'), sum(amount) FILTER (WHERE type = 'expense') "
            "FROM trading_operations WHERE user_id = %s AND extract(year FROM date) = 2025 AND type IS NOT NULL "
            "GROUP BY currency",
            (USER,),
        ).fetchall()
    cards = {card.currency: (card.income.content, card.expenses.content) for card in compose(of_user).cards}
    assert cards == {currency: (income or 0, expense or 0) for currency, income, expense in rows}
    assert len(cards) > 1


@pytest.mark.parametrize("whose", ["of_user", "of_role"])
def test_every_number_is_the_exact_sum_of_what_is_behind_it(whose, request):
    counted = 0
    for value in _values(compose(request.getfixturevalue(whose))):
        if value.parts and isinstance(value.content, (int, Decimal)):
            signed = (Decimal(str(part.value)) * (1 if part.sign == "+" else -1) for part in value.parts)
            assert sum(signed) == value.content
            counted += 1
        elif isinstance(value.content, (int, Decimal)):
            assert value.how or not value.content, value
    assert counted > 50


def test_questions_lead_to_rows_that_add_up(of_user, installed):
    """One cell of each column of each mart that a report asks."""
    cells = {}
    for value in _values(compose(of_user)):
        for part in value.parts:
            if isinstance(part.behind, Cell):
                cells.setdefault((part.behind.mart, part.behind.column), part)
    assert {mart for mart, _ in cells} == {"daily_totals", "positions", "project_dashboard", "milestones"}
    for part in cells.values():
        first, *rest = pages(installed.url, part.behind.question)
        assert not rest
        if first.how in ("sum", "count"):
            assert Decimal(first.value) == Decimal(first.page_sum) == part.value
            assert sum(Decimal(row.contribution) for row in first.rows) == part.value
        else:
            assert first.made_of


class _Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.anchors, self.targets, self.outside = set(), set(), []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if "id" in given:
            self.anchors.add(given["id"])
        if tag == "a" and given["href"].startswith("#"):
            self.targets.add(given["href"][1:])
        elif tag in ("a", "img", "link", "script"):
            self.outside.append((tag, given.get("href") or given.get("src")))


def test_the_page_stands_alone_and_its_links_lead_somewhere(made):
    links = _Links()
    links.feed(made["html"].decode())
    assert links.targets <= links.anchors
    assert {tag for tag, _ in links.outside} == {"a"}
    assert all(target.startswith(f"{API}/api/v3/provenance?mart=") for _, target in links.outside)


def test_names_of_files_are_text_and_no_markup(of_user):
    from dataclasses import replace

    evil = '<script>alert("1")</script> #link("http://evil") *x*'
    users = [{**of_user.users[0], "display_name": evil}]
    told = render(replace(of_user, users=users), formats=["html", "pdf"], api=API)
    assert b"<script" not in told["html"]
    assert b"&lt;script&gt;" in told["html"]
    assert b"/URI (http://evil)" not in told["pdf"]


def test_the_workbook_shows_the_numbers_and_leads_behind_them(of_user, made):
    book = load_workbook(io.BytesIO(made["xlsx"]))
    sheet = book["Income and expenses"]
    card = compose(of_user).cards[0]
    (row,) = [row for row in sheet.iter_rows(min_row=5, max_row=10) if row[0].value == card.currency]
    assert [str(Decimal(repr(cell.value))) for cell in row[1:4]] == [
        str(Decimal(number(value.content).replace(",", "").replace("\N{MINUS SIGN}", "-")))
        for value in (card.income, card.expenses, card.net)
    ]
    assert all(cell.hyperlink for cell in row[1:5])
    behind = book["Behind the numbers"]
    assert behind.max_row > 50
    assert behind["E3"].hyperlink.target.startswith(f"{API}/api/v3/provenance?")


def test_the_workbooks_axes_tell_small_amounts_apart(of_user, made):
    first = compose(of_user).sections[0].tables[0]
    largest = [max(abs(Decimal(value.content)) for value in row[1:4]) for row in first.rows[:6]]
    with zipfile.ZipFile(io.BytesIO(made["xlsx"])) as book:
        charts = [book.read(f"xl/charts/chart{n}.xml").decode() for n in range(1, len(largest) + 1)]
    formats = [re.findall(r'<c:valAx>.*?formatCode="([^"]*)"', chart)[0] for chart in charts]
    places = [len(one.partition(".")[2]) for one in formats]
    assert all(10**-n <= most / 10 or n == 0 for n, most in zip(places, map(float, largest), strict=True))
    assert {n > 0 for n in places} == {most < 10 for most in largest} == {True, False}


def test_no_file_says_when_it_was_made(of_user, made):
    assert {info.date_time for info in zipfile.ZipFile(io.BytesIO(made["xlsx"])).infolist()} == {(1980, 1, 1, 0, 0, 0)}
    day = f"{of_user.published_at:%Y%m%d%H%M%S}"
    dates = set(re.findall(rb"\(D:(\d{14})", made["pdf"]))
    assert dates == {day.encode()}


def test_written_once_and_found_again(installed, folder):
    subjects = [Subject(role="auditor"), Subject(user_id=USER)]
    first = write_reports(installed.settings, period("2025-W10"), subjects=subjects, formats=["html"])
    again = write_reports(installed.settings, period("2025-W10"), subjects=subjects, formats=["html"])
    assert [one.new for one in first] == [True, True]
    assert [one.new for one in again] == [False, False]
    assert [one.sha256 for one in again] == [hashlib.sha256(one.path.read_bytes()).hexdigest() for one in first]
    assert not list(folder.rglob(".part-*"))


def test_an_altered_file_is_written_again(installed):
    subjects = [Subject(user_id=USER)]
    (first,) = write_reports(installed.settings, period("2025-W11"), subjects=subjects, formats=["xlsx"])
    first.path.write_bytes(b"something else")
    (again,) = write_reports(installed.settings, period("2025-W11"), subjects=subjects, formats=["xlsx"])
    assert (again.new, again.sha256) == (True, first.sha256)


def test_a_quiet_period_says_so(installed):
    (written,) = write_reports(
        installed.settings, period("1999-12"), subjects=[Subject(user_id=USER)], formats=["html"]
    )
    text = written.path.read_text()
    assert "No money moved in this period." in text
    assert "No instrument was held at the end of this period, or traded in it." in text


@pytest.mark.parametrize(
    ("subject", "formats", "words"),
    [
        (Subject(user_id="nobody"), ["html"], "no such user"),
        (Subject(role="king"), ["html"], "no user of this generation has that role"),
        (Subject(user_id=USER), ["odt"], "no format"),
    ],
)
def test_what_there_is_not_is_refused(installed, subject, formats, words):
    with pytest.raises(ReportError, match=words):
        write_reports(installed.settings, period("2025"), subjects=[subject], formats=formats)


def test_numbers_are_numbered_as_they_are_linked(of_role):
    report = compose(of_role)
    numbered = appendix(report)
    assert numbered.found == sum(max(1, len(value.parts)) for value in _values(report) if value.parts or value.how)
    assert [line.number for line in numbered.lines] == sorted(line.number for line in numbered.lines)
