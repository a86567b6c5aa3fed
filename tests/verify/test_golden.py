"""The verifier's own reading and standardizing against every golden folder: an oracle beside the kernel's tests."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nexus_data.tables import CANONICAL
from nexus_data.tables.model import Kind, Table
from nexus_data.verify import contracts, reading
from nexus_data.verify.delimited import HEADER
from nexus_data.verify.fields import Value
from nexus_data.verify.grouping import Item, bundles
from nexus_data.verify.recompute import outcomes
from nexus_data.verify.standardize import Facts, Outcome, Standardizer
from tests.verify.golden_input import Case, cases

CONTRACTS = Path(contracts.__file__).parent.parent / "contracts"
_UNTOLD = {"operation_id", "source", "file_id", "record_no", "row_fp", "generation"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_reads_every_golden_folder_as_expected(case: Case, tmp_path: Path) -> None:
    path = CONTRACTS / case.source / f"{case.dataset}.toml"
    contract = contracts.load(path, source=case.source, dataset=case.dataset)
    assert contracts.unknown_keys(contract.body) == []
    landed = case.landed(tmp_path)
    assert _records(landed, contract) == case.expected()["records"]


def _records(landed: Path, contract: contracts.Contract) -> list[dict[str, Any]]:
    opened = reading.opened(landed, contract, landed_as=str(landed))
    facts = Facts(contract.source, None, "unassigned", opened.path_groups, {})
    standardizer = Standardizer(contract, opened.columns, facts)
    table = CANONICAL[contract.table]
    numbered = enumerate(opened.records, start=1)
    found = [
        {"record_no": item.number, **_told(item, outcome, standardizer, table)}
        for bundle in bundles(numbered, contract.body, opened.columns)
        for item, outcome in outcomes(bundle, standardizer)
    ]
    return sorted(found, key=lambda record: record["record_no"])


def _told(item: Item, found: Outcome, standardizer: Standardizer, table: Table) -> dict[str, Any]:
    if item.raw.fields is None:
        return {"outcome": "skipped" if item.raw.code == HEADER else "rejected", "reasons": item.raw.code}
    if found.values is None:
        return {"outcome": found.outcome, "reasons": found.reasons}
    by = {"by_content": True} if standardizer.row(found.values).by_content and table.partition_by else {}
    fields = [field for field in table.fields if field.name not in _UNTOLD]
    told = {f.name: _text(f.kind, value) for f in fields if (value := found.values.get(f.name)) is not None}
    return {"outcome": found.outcome, **by, **told}


def _text(kind: Kind, value: Value) -> str:
    if kind is Kind.TIMESTAMP:
        return (_EPOCH + timedelta(microseconds=int(str(value)))).isoformat().replace("+00:00", "Z")
    return str(value)
