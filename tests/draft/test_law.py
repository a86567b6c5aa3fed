"""The law of drafts: a table written in any style is read as it was meant, or the draft says what it cannot know."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.draft.drafting import draft, records

WORDS = {
    "cp1252": ["müller", "straße", "café", "señor", "coração", "hôtel", "ærø"],
    "cp1250": ["łódź", "żółć", "český", "ulica", "święto"],
    "utf-8": ["łódź", "müller", "日本", "café"],
    "utf-16": ["łódź", "müller", "café"],
    "utf-8-sig": ["łódź", "müller"],
}
ORDERS = {"dmy": "%d{0}%m{0}{1}", "mdy": "%m{0}%d{0}{1}", "ymd": "{1}{0}%m{0}%d"}


@dataclass(frozen=True)
class Style:
    """How a table is written."""

    delimiter: str
    decimal: str
    grouping: str
    negative: str
    order: str
    mark: str
    year: str
    clock: str
    encoding: str
    before: int


styles = st.builds(
    Style,
    delimiter=st.sampled_from(",;\t|"),
    decimal=st.sampled_from(".,"),
    grouping=st.sampled_from(["", "'", " ", "other"]),
    negative=st.sampled_from(["-{}", "({})", "{}-"]),
    order=st.sampled_from(sorted(ORDERS)),
    mark=st.sampled_from("/.-"),
    year=st.sampled_from(["%Y", "%y"]),
    clock=st.sampled_from(["", " %H:%M", " %H:%M:%S"]),
    encoding=st.sampled_from(sorted(WORDS)),
    before=st.integers(0, 2),
)
moments = st.datetimes(dt.datetime(2001, 1, 1), dt.datetime(2031, 12, 28)).map(lambda t: t.replace(microsecond=0))
amounts = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(9_999_999), places=2) | st.integers(1, 9999).map(
    lambda n: Decimal(n) * 1000 / 1000
)
rows = st.tuples(moments, amounts, st.booleans(), st.integers(0, 6))


def number(value: Decimal, style: Style, *, out: bool, places: int) -> str:
    """A number as the style writes it; so many places, if that loses nothing."""
    plain = f"{value:,.{places}f}" if value == round(value, places) else f"{value:,.3f}"
    grouping = {"other": "," if style.decimal == "." else "."}.get(style.grouping, style.grouping)
    text = plain.replace(",", "_").replace(".", style.decimal).replace("_", grouping)
    return style.negative.format(text) if out else text


def table(style: Style, drawn: list[tuple[dt.datetime, Decimal, bool, int]], places: int) -> bytes:
    """The file: lines before the header, the header, one line a row, every field quoted."""
    form = ORDERS[style.order].format(style.mark, style.year) + style.clock
    lines = [["Report of the account"] for _ in range(style.before)]
    lines.append(["Date", "Type", "Amount", "Currency", "Description"])
    for moment, amount, out, word in drawn:
        text = WORDS[style.encoding][word % len(WORDS[style.encoding])]
        amount_text = number(amount, style, out=out, places=places)
        lines.append([moment.strftime(form), "Buy" if out else "Sell", amount_text, "EUR", f"{text} {text}"])
    text = "\n".join(style.delimiter.join(f'"{cell}"' for cell in line) for line in lines)
    return (text + "\n").encode(style.encoding)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(style=styles, drawn=st.lists(rows, min_size=1, max_size=6), places=st.sampled_from([0, 2, 3]))
def test_what_a_draft_reads_is_what_was_written_or_is_said_to_be_open(
    tmp_path: Path, style: Style, drawn: list[tuple[dt.datetime, Decimal, bool, int]], places: int
) -> None:
    found = draft(tmp_path, table(style, drawn, places))
    became = records(found)
    assert became.height == len(drawn)
    opened = found.undecided
    assert set(opened) <= {
        "fields.date.formats", "fields.transact_time.formats", "numbers.Amount", "format.encodings",
    }  # fmt: skip
    if not opened:
        assert became["outcome"].to_list() == ["accepted"] * len(drawn)
    for row, (moment, amount, out, word) in zip(became.iter_rows(named=True), drawn, strict=True):
        if row["outcome"] == "rejected":
            continue
        if "fields.date.formats" not in opened:
            assert row["date"] == moment.date()
        if "numbers.Amount" not in opened:
            assert row["amount"] == amount
        if "format.encodings" not in opened:
            text = WORDS[style.encoding][word % len(WORDS[style.encoding])]
            assert row["description"].endswith(f"{text} {text}")
        assert row["type"] == ("expense" if out else "income")
