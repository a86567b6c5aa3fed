"""Workbooks of which several sheets are read: the verifier's records beside the reader's and the kernel's."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from nexus_data.contract.load import Source
from nexus_data.contract.match import Match, match
from nexus_data.contract.model import Contract
from nexus_data.kernel import compile_contract, standardize
from nexus_data.readers.read import read
from nexus_data.verify import contracts, identity, reading
from nexus_data.verify.delimited import HEADER as REPEATS
from nexus_data.verify.grouping import bundles
from nexus_data.verify.layout import UnreadableError
from nexus_data.verify.recompute import outcomes
from nexus_data.verify.standardize import Facts, Standardizer
from tests.grouping.statement import LIMIT
from tests.grouping.test_sheets import BOOK, HEADER, TITLE, WALLET
from tests.kernel.judging import facts
from tests.readers.workbooks import write

GROUPED = {
    **BOOK,
    "kinds": [{"name": "all"}],
    "group": {
        "key": ["Day", "sheet:name"],
        "forms": [{"name": "one", "lead": "first", "legs": [{"name": "first", "records": "some"}]}],
    },
}
REPEATED: list[list[Any]] = [TITLE, HEADER, ["2024-03-01", 5], HEADER, ["2024-03-05", 6], ["2024-03-05", 7]]
Told = dict[int, tuple[object, ...]]


def by_the_kernel(path: Path, body: dict[str, Any]) -> Told:
    """By number: fingerprint, outcome, amount and currency; line, code and text of a broken one."""
    made = msgspec.convert(body, type=Contract)
    found = match(
        path, [Source("wallet", "book", "0" * 16, made, path)], landed_as="", source=None, max_expanded_bytes=LIMIT
    )
    assert isinstance(found, Match)
    told: Told = {}
    compiled = compile_contract(made, name="wallet")
    for batch in read(path, found.layout, batch_bytes=1 << 20, max_expanded_bytes=LIMIT):
        for row in standardize(batch.records, kernel=compiled, facts=facts()).iter_rows(named=True):
            told[row["record_no"]] = (row["row_fp"], row["outcome"], row["amount"], row["currency"])
        told.update({row["record_no"]: (row["line"], row["code"], row["raw"]) for row in batch.broken.to_dicts()})
        told.update(dict.fromkeys(batch.repeated, (REPEATS,)))
    return told


def by_the_verifier(path: Path, body: dict[str, Any]) -> Told:
    """The same."""
    assert contracts.unknown_keys(body) == []
    contract = contracts.Contract("wallet", "book", "0" * 16, body)
    opened = reading.opened(path, contract, landed_as="")
    standardizer = Standardizer(contract, opened.columns, Facts("wallet", None, "u", opened.path_groups, {}))
    told: Told = {}
    for bundle in bundles(enumerate(opened.records, start=1), body, opened.columns):
        for item, found in outcomes(bundle, standardizer):
            raw, values = item.raw, found.values or {}
            if raw.fields is None:
                told[item.number] = (raw.code,) if raw.code == REPEATS else (raw.line, raw.code, raw.text)
                continue
            fp = identity.fingerprint(identity.SEPARATOR.join(raw.fields))
            amount = Decimal(str(values["amount"])) if values else None
            told[item.number] = (fp, found.outcome, amount, values.get("currency"))
    return told


@pytest.mark.parametrize("body", [BOOK, GROUPED], ids=["each", "grouped"])
def test_reads_every_named_sheet_as_the_reader_does(body: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "wallet.xlsx"
    write(path, **{**WALLET, "ETH": REPEATED})
    told = by_the_verifier(path, body)
    currencies = [row[3] for _, row in sorted(told.items()) if len(row) > 3]
    assert currencies[:3] == ["crypto:BTC", "crypto:BTC", "crypto:USDT"]
    assert (REPEATS,) in told.values()
    if body is BOOK:
        assert told == by_the_kernel(path, body)
    else:
        assert currencies[-2:] == ["crypto:ETH", None], "the second of one day is a part of the first"


def test_refuses_a_workbook_whose_sheets_have_other_headers(tmp_path: Path) -> None:
    path = tmp_path / "wallet.xlsx"
    write(path, **{**WALLET, "ETH": [TITLE, ["Day", "Changed"], ["2024-03-03", 3]]})
    with pytest.raises(UnreadableError, match="'ETH' has another header"):
        by_the_verifier(path, BOOK)
