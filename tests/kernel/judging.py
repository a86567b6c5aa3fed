"""Run the kernel on a few rows of text, for tests that say what one field, kind or rule makes of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import polars as pl

from nexus_data.contract.model import Contract
from nexus_data.kernel import FileFacts, Kernel, compile_contract, standardize

REQUIRED: dict[str, Any] = {
    "date": {"value": "2024-03-01"},
    "category": {"value": "trade"},
    "amount": {"value": "1"},
    "currency": {"value": "EUR"},
}
"""Constants for what an operation must have, so that a test speaks of its own field alone."""


def facts(**changes: Any) -> FileFacts:
    """A file of source `bank` that was landed for nobody."""
    usual: dict[str, Any] = {
        "file_id": bytes(range(16)),
        "source": "bank",
        "user_id": None,
        "default_user": "unassigned",
        "path_groups": {},
        "accounts": pl.DataFrame(schema={"account_id": pl.String, "user_id": pl.String}),
    }
    return FileFacts(**(usual | changes))


def contract(fields: Mapping[str, Any], columns: Sequence[str], **changes: Any) -> Contract:
    """Operations in UTC with these fields beside the required ones (None: without it); values as in TOML."""
    document = {
        "title": "A test",
        "table": "trading_operations",
        "timezone": "UTC",
        "variants": [{"columns": list(columns)}],
        "fields": {name: spec for name, spec in {**REQUIRED, **fields}.items() if spec is not None},
    }
    return msgspec.convert(document | changes, type=Contract)


def compiled(fields: Mapping[str, Any], columns: Sequence[str], **changes: Any) -> Kernel:
    """The kernel of such a contract."""
    return compile_contract(contract(fields, columns, **changes), name="test")


def records(columns: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """Raw records, numbered from 1."""
    frame = pl.DataFrame(dict(columns), schema=dict.fromkeys(columns, pl.String))
    return frame.select(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("record_no"), *columns)


def judge(
    fields: Mapping[str, Any],
    columns: Mapping[str, Sequence[str]],
    *,
    known: FileFacts | None = None,
    **changes: Any,
) -> pl.DataFrame:
    """What the kernel makes of these columns of text."""
    kernel = compiled(fields, tuple(columns), **changes)
    return standardize(records(columns), kernel=kernel, facts=known or facts())


def told(result: pl.DataFrame, column: str) -> list[tuple[Any, str | None]]:
    """For each record the value of a column, and the reasons against the record."""
    return list(zip(result[column].to_list(), result["reasons"].to_list(), strict=True))
