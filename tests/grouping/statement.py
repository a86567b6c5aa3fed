"""A small ledger whose trades are two or more rows: its contract, and what reading and judging make of its rows."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from nexus_data.contract.load import Source
from nexus_data.contract.match import Match, match
from nexus_data.contract.model import Contract
from nexus_data.contract.rules import problems
from nexus_data.kernel import compile_contract, standardize
from nexus_data.readers.read import read
from tests.kernel.judging import facts

COLUMNS = ("time", "what", "coin", "change")
LIMIT = 1 << 30


def leg(name: str, *, what: str, sign: str | None = None, **more: Any) -> dict[str, Any]:
    """A leg that rows of a kind play, of a sign if one is given."""
    when = [{"column": "what", "equals": [what]}, *([{"column": "change", "sign": sign}] if sign else [])]
    return {"name": name, "when": when, **more}


TRADE: dict[str, Any] = {
    "name": "trade",
    "lead": "bought",
    "legs": [
        leg("bought", what="trade", sign="positive", records="some", same=["coin"], sum=["change"]),
        leg("paid", what="trade", sign="negative", records="some", same=["coin"], sum=["change"]),
        leg("fee", what="fee", records="any", like={"leg": "paid", "columns": ["coin"]}, sum=["change"]),
    ],
}
GROUP: dict[str, Any] = {
    "key": ["time"],
    "when": [{"column": "what", "equals": ["trade", "fee"]}],
    "reach": 10,
    "forms": [TRADE],
}
FIELDS: dict[str, Any] = {
    "date": {"value": "2024-03-01", "formats": ["iso"]},
    "category": {"value": "other"},
    "currency": {"column": "coin", "crypto": True},
    "type": {"by_sign": {"column": "change", "positive": "income", "negative": "expense"}},
    "amount": {"column": "change", "sign": "absolute"},
}
KINDS: list[dict[str, Any]] = [
    {
        "name": "trade",
        "when": [{"column": "group:form", "equals": ["trade"]}],
        "set": {"category": "trade"},
        "fields": {
            "type": {
                "by_sign": {"sum": ["paid:change", "fee:change"], "positive": "income", "negative": "expense"},
            },
            "amount": {"sum": ["paid:change", "fee:change"], "sign": "absolute"},
            "currency": {"column": "paid:coin", "crypto": True},
            "last_qty": {"column": "bought:change"},
            "symbol": {"column": "coin"},
            "commission": {"column": "fee:change", "sign": "negate"},
        },
    },
    {"name": "other"},
]


def contract(**changes: Any) -> Contract:
    """The ledger's contract; a group or continuation of None takes it away."""
    document: dict[str, Any] = {
        "title": "A ledger",
        "table": "trading_operations",
        "timezone": "UTC",
        "variants": [{"columns": list(COLUMNS)}],
        "fields": FIELDS,
        "kinds": KINDS,
        "group": GROUP,
        **changes,
    }
    made = msgspec.convert({key: value for key, value in document.items() if value is not None}, type=Contract)
    assert not list(problems(made))
    return made


def judged(
    rows: Sequence[Sequence[str]], made: Contract, folder: Path, *, batch_bytes: int = 1 << 20
) -> dict[int, Mapping[str, Any]]:
    """What every record of a file with these rows becomes, by its number, read in batches of a size."""
    path = folder / "ledger.csv"
    names = made.variants[0].columns
    path.write_text("\n".join(",".join(row) for row in (names, *rows)) + "\n", encoding="utf-8")
    source = Source("ledger", "rows", "0" * 16, made, path)
    found = match(path, [source], landed_as=str(path), source=None, max_expanded_bytes=LIMIT)
    assert isinstance(found, Match)
    compiled = compile_contract(made, name="ledger")
    told: dict[int, Mapping[str, Any]] = {}
    for batch in read(path, found.layout, batch_bytes=batch_bytes, max_expanded_bytes=LIMIT):
        decided = standardize(batch.records, kernel=compiled, facts=facts())
        places = batch.locate(decided["record_no"]).select("record_no", "line", "raw")
        for row in decided.join(places, on="record_no", how="left", maintain_order="left").iter_rows(named=True):
            assert row["record_no"] not in told
            told[row["record_no"]] = row
        broken = batch.broken.with_columns(outcome=pl.lit("rejected"), reasons=pl.col("code"))
        told.update({row["record_no"]: row for row in broken.iter_rows(named=True)})
    return told
