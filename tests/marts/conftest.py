"""One mart over given rows, as the pipeline computes it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nexus_data.mart_declarations import declared
from nexus_data.marts import compute
from tests import canonical_rows

AS_OF = date(2024, 6, 15)


@pytest.fixture
def mart(tmp_path: Path) -> Callable[..., list[dict[str, Any]]]:
    """`mart("positions", trading_operations=[...])`: its rows as dicts, in the order of the file."""

    def computed(name: str, *, months: list[str] | None = None, **tables: Any) -> list[dict[str, Any]]:
        asked = next(one for one in declared() if one.name == name)
        files = canonical_rows.lake(tmp_path / "lake", **tables)
        evidence = {table: files.pop(table)[0] for table in ("ledger", "files") if table in files}
        out = tmp_path / "out"
        (found,) = compute(files, evidence=evidence, out=out, months=months, as_of=AS_OF, marts=[asked])
        rows = pl.read_ipc(found.path).to_dicts()
        assert len(rows) == found.rows
        return rows

    return computed
