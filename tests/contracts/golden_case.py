"""A golden folder: an input in a real file's shape, and what every record of it has to become.

`expected.json` says under which name the input is landed and lists every record: accepted ones with each field that is
not empty, rejected ones with every rule they broke, skipped ones with the reason.
`python -m tests.contracts.golden_case FOLDER...` writes it as things are now, to be read with care before it is kept.
"""

import json
import sys
import tempfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from nexus_data import kernel
from nexus_data.contract.load import load_all
from nexus_data.contract.match import Match, match
from nexus_data.readers.batch import Batch
from nexus_data.readers.read import read
from nexus_data.tables import CANONICAL
from tests.contracts.golden_input import land

GOLDEN = Path(__file__).parent / "golden"
LIMIT = 1 << 30
DEFAULT_USER = "unassigned"
_UNTOLD = {"operation_id", "source", "file_id", "record_no", "row_fp", "generation"}


def cases() -> list[Path]:
    """Every golden folder: `<source>/<dataset>/<case>`."""
    return sorted(path.parent for path in GOLDEN.glob("*/*/*/input.*"))


def outcome(case: Path, *, folder: Path) -> dict[str, Any]:
    """What the case's input becomes when it is landed in `folder`: matched, read and standardized."""
    expected = case / "expected.json"
    source = next(case.glob("input.*"))
    landed_as = json.loads(expected.read_text("utf-8"))["landed_as"] if expected.exists() else source.name
    path = land(source, folder / landed_as)
    found = match(path, load_all(), landed_as=str(path), source=None, max_expanded_bytes=LIMIT)
    assert isinstance(found, Match), found.reason
    assert found.source.name == "/".join(case.parts[-3:-1])
    return {"landed_as": landed_as, "records": _records(path, found)}


def _records(path: Path, found: Match) -> list[dict[str, Any]]:
    compiled = kernel.compile_contract(found.source.contract, name=found.source.name)
    facts = kernel.FileFacts(
        file_id=bytes(16),
        source=found.source.source,
        user_id=None,
        default_user=DEFAULT_USER,
        path_groups=found.path_groups,
        accounts=pl.DataFrame(schema={"account_id": pl.String(), "user_id": pl.String()}),
    )
    table = CANONICAL[found.source.contract.table]
    fields = [field.name for field in table.fields if field.name not in _UNTOLD]
    told: list[dict[str, Any]] = []
    for batch in read(path, found.layout, batch_bytes=1 << 20, max_expanded_bytes=LIMIT):
        decided = kernel.standardize(batch.records, kernel=compiled, facts=facts)
        told += [_told(row, fields) for row in decided.iter_rows(named=True)]
        told += _untold_by_kernel(batch)
    return sorted(told, key=lambda record: record["record_no"])


def _told(row: dict[str, Any], fields: list[str]) -> dict[str, Any]:
    record = {"record_no": row["record_no"], "outcome": row["outcome"]}
    if row["outcome"] != "accepted":
        return {**record, "reasons": row["reasons"]}
    by = {"by_content": True} if row.get("by_content") else {}
    return {**record, **by, **{name: _text(row[name]) for name in fields if row[name] is not None}}


def _untold_by_kernel(batch: Batch) -> list[dict[str, Any]]:
    broken = batch.broken.select("record_no", outcome=pl.lit("rejected"), reasons="code")
    repeated = pl.DataFrame({"record_no": batch.repeated}).with_columns(
        outcome=pl.lit("skipped"), reasons=pl.lit("repeats the header")
    )
    return [*broken.iter_rows(named=True), *repeated.iter_rows(named=True)]


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        plain = f"{value:f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)


def _write(case: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        became = outcome(case, folder=Path(folder))
    records = ",\n".join("    " + json.dumps(record, ensure_ascii=False) for record in became["records"])
    text = f'{{\n  "landed_as": {json.dumps(became["landed_as"])},\n  "records": [\n{records}\n  ]\n}}\n'
    (case / "expected.json").write_text(text, "utf-8")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        _write(Path(argument).absolute())
