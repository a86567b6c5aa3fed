"""Workbooks of several sheets, one sheet an asset, and columns that share a name or have none."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from nexus_data.contract.load import Source
from nexus_data.contract.match import Match, Unmatched, match
from nexus_data.contract.model import Contract
from nexus_data.contract.rules import problems
from nexus_data.errors import FileError
from nexus_data.kernel import compile_contract, standardize
from nexus_data.readers.read import locate, read
from tests.grouping.statement import LIMIT, contract, judged
from tests.kernel.judging import facts
from tests.readers.workbooks import write

BOOK: dict[str, Any] = {
    "title": "A wallet",
    "table": "trading_operations",
    "timezone": "UTC",
    "format": {"kind": "xlsx", "sheets": "^[A-Z]{3,4}$", "preamble": 1},
    "variants": [{"columns": ["Day", "Change"]}],
    "fields": {
        "date": {"column": "Day", "formats": ["iso"]},
        "category": {"value": "other"},
        "amount": {"column": "Change"},
        "currency": {"column": "sheet:name", "crypto": True},
    },
}
Sheets = dict[str, list[list[Any]]]
TITLE = ["of Nobody"]
HEADER = ["Day", "Change"]
WALLET: Sheets = {
    "Summary": [["nothing"]],
    "BTC": [TITLE, HEADER, ["2024-03-01", 1], ["2024-03-02", 2]],
    "EMPT": [],
    "USDT": [TITLE, HEADER, ["2024-03-03", 3, "too", "much"], ["2024-03-04", 4]],
}


def _match(sheets: Sheets, folder: Path) -> tuple[Path, Match | Unmatched, Contract]:
    path = folder / "wallet.xlsx"
    write(path, **sheets)
    made = msgspec.convert(BOOK, type=Contract)
    assert not list(problems(made))
    source = Source("wallet", "book", "0" * 16, made, path)
    return path, match(path, [source], landed_as=str(path), source=None, max_expanded_bytes=LIMIT), made


def test_every_sheet_is_read_and_names_its_asset(tmp_path: Path) -> None:
    path, found, made = _match(WALLET, tmp_path)
    assert isinstance(found, Match)
    compiled = compile_contract(made, name="wallet")
    told: dict[int, Any] = {}
    for batch in read(path, found.layout, batch_bytes=1 << 20, max_expanded_bytes=LIMIT):
        for row in standardize(batch.records, kernel=compiled, facts=facts()).iter_rows(named=True):
            told[row["record_no"]] = (str(row["amount"].normalize()), row["currency"])
        told.update({row["record_no"]: (row["code"], row["line"], row["raw"]) for row in batch.broken.to_dicts()})
    raw = '{"sheet:name": "USDT", "Day": "2024-03-03", "Change": "3"}'
    assert told == {
        1: ("1", "crypto:BTC"),
        2: ("2", "crypto:BTC"),
        3: ("TOO_MANY_FIELDS", 3, raw),
        4: ("4", "crypto:USDT"),
    }


def test_a_sheet_with_another_header_is_an_error_that_names_it(tmp_path: Path) -> None:
    path, found, _ = _match({**WALLET, "ETH": [TITLE, ["Day", "Changed"], ["2024-03-03", 3]]}, tmp_path)
    assert isinstance(found, Match)
    with pytest.raises(FileError, match="'ETH' has another header than sheet 'BTC'"):
        list(read(path, found.layout, batch_bytes=1 << 20, max_expanded_bytes=LIMIT))


def test_records_are_found_again_in_their_sheet(tmp_path: Path) -> None:
    path, found, _ = _match(WALLET, tmp_path)
    assert isinstance(found, Match)
    batches = list(read(path, found.layout, batch_bytes=1 << 20, max_expanded_bytes=LIMIT))
    numbers = batches[-1].records["record_no"]
    placed = locate(path, found.layout, numbers, batch_bytes=1 << 20, max_expanded_bytes=LIMIT)
    assert placed.rows() == [(4, 4, '{"sheet:name": "USDT", "Day": "2024-03-04", "Change": "4"}')]


def test_columns_that_share_a_name_or_have_none_are_told_apart_by_place(tmp_path: Path) -> None:
    columns = ["Value", "Value_2", "column_3", "Value_3"]
    fields = {
        "date": {"value": "2024-03-01", "formats": ["iso"]},
        "category": {"value": "other"},
        "currency": {"column": "column_3"},
        "amount": {"column": "Value_2"},
        "commission": {"column": "Value_3"},
    }
    made = contract(variants=[{"columns": columns}], fields=fields, group=None, kinds=[{"name": "all"}])
    path = tmp_path / "same.csv"
    path.write_text("Value,Value,,Value\na,2,EUR,4\n", encoding="utf-8")
    source = Source("same", "names", "0" * 16, made, path)
    found = match(path, [source], landed_as=str(path), source=None, max_expanded_bytes=LIMIT)
    assert isinstance(found, Match)
    (batch,) = read(path, found.layout, batch_bytes=1 << 20, max_expanded_bytes=LIMIT)
    row = standardize(batch.records, kernel=compile_contract(made, name="same"), facts=facts()).row(0, named=True)
    assert (str(row["amount"].normalize()), row["currency"], str(row["commission"].normalize())) == ("2", "EUR", "4")
    assert judged([["a", "2", "EUR", "4"]], made, tmp_path)[1]["outcome"] == "accepted"
