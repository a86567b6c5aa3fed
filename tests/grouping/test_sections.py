"""Files of several tables: which header names which record's fields."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from nexus_data.contract.load import Source
from nexus_data.contract.match import Match, Unmatched, match
from nexus_data.contract.model import Contract
from nexus_data.contract.rules import problems
from nexus_data.kernel import compile_contract, standardize
from nexus_data.readers.read import read
from tests.grouping.statement import LIMIT, contract, judged
from tests.kernel.judging import facts

STATEMENT: dict[str, Any] = {
    "title": "A statement",
    "table": "trading_operations",
    "timezone": "UTC",
    "format": {"header": False, "ragged": "pad"},
    "sections": {
        "opening": ["About"],
        "fields": 6,
        "tables": [
            {"titles": ["Cash", "Geld"], "columns": ["Day", "Money"], "constants": {"Currency": "EUR"}},
            {
                "titles": ["Cash"],
                "columns": ["Day", "Sum", "Coin", "Note"],
                "optional": ["Note"],
                "rename": {"Sum": "Money", "Coin": "Currency"},
            },
        ],
    },
    "fields": {
        "date": {"column": "Day", "formats": ["iso"]},
        "category": {"value": "other"},
        "amount": {"column": "Money"},
        "currency": {"column": "Currency"},
        "description": {"column": "Note"},
    },
    "kinds": [
        {"name": "header", "when": [{"column": "row", "equals": ["Header"]}], "skip": "a header"},
        {"name": "about", "when": [{"column": "section", "equals": ["About"]}], "skip": "about"},
        {"name": "cash", "when": [{"column": "section", "equals": ["Cash", "Geld"]}]},
    ],
}
LINES = [
    "About,Header,Name",
    "About,Data,Nobody",
    "Cash,Data,2024-03-01,1",
    "Cash,Header,Day,Money",
    "Cash,Data,2024-03-01,2",
    "Geld,Header,Money,Day",
    "Geld,Data,3,2024-03-01",
    "Cash,Data,2024-03-01,4",
    "Cash,Header,Sum,,Day,Coin",
    "Geld,Data,5,2024-03-01",
    "Cash,Data,6,anything,2024-03-01,USD",
    "Cash,Header,Day,Money,Surprise",
    "Cash,Data,2024-03-01,7,x",
    "Other,Data,8",
]
BECAME = [
    *["a header", "about", "UNKNOWN_HEADER", "a header", "2 EUR", "a header", "3 EUR", "4 EUR", "a header", "5 EUR"],
    *["6 USD", "a header", "UNKNOWN_HEADER", "UNKNOWN_KIND"],
]


def _match(text: str, folder: Path) -> tuple[Path, Match | Unmatched, Contract]:
    made = msgspec.convert(STATEMENT, type=Contract)
    assert not list(problems(made))
    path = folder / "statement.csv"
    path.write_text(text, encoding="utf-8")
    source = Source("bank", "statement", "0" * 16, made, path)
    return path, match(path, [source], landed_as=str(path), source=None, max_expanded_bytes=LIMIT), made


@pytest.mark.parametrize("batch_bytes", [16, 60, 1 << 20])
def test_the_latest_header_of_a_section_names_its_fields(tmp_path: Path, batch_bytes: int) -> None:
    path, found, made = _match("\n".join(LINES) + "\n", tmp_path)
    assert isinstance(found, Match)
    compiled = compile_contract(made, name="statement")
    told: dict[int, str] = {}
    for batch in read(path, found.layout, batch_bytes=batch_bytes, max_expanded_bytes=LIMIT):
        for row in standardize(batch.records, kernel=compiled, facts=facts()).iter_rows(named=True):
            told[row["record_no"]] = row["reasons"] or f"{row['amount'].normalize()} {row['currency']}"
    assert [told[number] for number in sorted(told)] == BECAME


def test_a_file_is_known_by_its_first_record(tmp_path: Path) -> None:
    assert isinstance(_match("About,Data,Nobody\n", tmp_path)[1], Unmatched)
    assert isinstance(_match("Cash,Header,Day,Money\n", tmp_path)[1], Unmatched)


def test_a_header_may_stand_for_a_column_that_it_has_not(tmp_path: Path) -> None:
    columns = ["time", "what", "change"]
    made = contract(variants=[{"columns": columns, "constants": {"coin": "CHF"}}], group=None, kinds=[{"name": "all"}])
    found = judged([["1", "gift", "2"]], made, tmp_path)
    assert (found[1]["outcome"], found[1]["currency"]) == ("accepted", "CHF")
