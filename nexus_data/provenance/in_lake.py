"""Operations whose month left Postgres, found in the lake's files. Whether to look is said by `removed`."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import polars as pl

from nexus_data import lake
from nexus_data.provenance.asking import Row, ask
from nexus_data.provenance.published import Published, operation
from nexus_data.provenance.removed import RemovedError
from nexus_data.settings import Settings
from nexus_data.tables.trading_operations import TRADING_OPERATIONS

_COLUMNS = [field.name for field in TRADING_OPERATIONS.fields]
_IDS = ("operation_id", "file_id")


def operation_anywhere(settings: Settings, url: str, operation_id: str) -> Published:
    """What is known of an operation, of a month that left Postgres too. TraceError as `operation`."""
    try:
        return ask(url, operation(operation_id))
    except RemovedError as removed:
        return ask(url, operation(operation_id, lake_rows=in_lake(settings.home, removed)))


def in_lake(home: Path, wanted: RemovedError) -> list[Row]:
    """The operation's rows as Postgres had them, out of the files that the lake had in that generation."""
    found: list[Row] = []
    for month in wanted.months:
        files = lake.files(home, TRADING_OPERATIONS.name, months=[month["month"]], version=month["version"])
        found += _rows(files, wanted) if files else []
    return found


def _rows(files: Sequence[str], wanted: RemovedError) -> list[Row]:
    rows = pl.scan_parquet(list(files), glob=False).filter(pl.col("operation_id") == wanted.operation_id.bytes)
    if wanted.user_id is not None:
        rows = rows.filter(pl.col("user_id") == wanted.user_id)
    return [row | {name: UUID(bytes=row[name]) for name in _IDS} for row in rows.select(_COLUMNS).collect().to_dicts()]
