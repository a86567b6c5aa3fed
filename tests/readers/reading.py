"""Read a file whole, for tests that compare what came of every record."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from nexus_data.readers.layout import Layout
from nexus_data.readers.read import locate, read
from nexus_data.readers.starts import STARTS_SCHEMA, places

NO_LIMIT = 1 << 40


@dataclass(frozen=True, slots=True)
class Outcome:
    """records: values by record number; broken: (line, code, raw) by record number; places: (line, raw) of the rest.

    kept: whether where records start was told of all of them.
    """

    records: dict[int, tuple[str, ...]]
    broken: dict[int, tuple[int, str, str]]
    repeated: list[int]
    places: dict[int, tuple[int, str]]
    kept: bool = field(default=False, compare=False)


def layout(columns: Sequence[str], **changes: Any) -> Layout:
    """A comma-separated UTF-8 file with a header in its first row, unless `changes` say otherwise."""
    names = tuple(columns)
    usual: dict[str, Any] = {
        "kind": "csv",
        "encoding": "utf-8",
        "delimiter": ",",
        "quote": '"',
        "columns": names,
        "expected": names,
        "header_row": 0,
        "ragged": "reject",
    }
    return Layout(**{**usual, **changes})


def outcome(path: Path, form: Layout, *, batch_bytes: int = 1 << 20, limit: int = NO_LIMIT) -> Outcome:
    """Everything that reading the file gives; asserts that batches are well-formed on the way."""
    found, starts = Outcome({}, {}, [], {}), [STARTS_SCHEMA.to_frame()]
    for batch in read(path, form, batch_bytes=batch_bytes, max_expanded_bytes=limit):
        assert batch.records.columns == ["record_no", *form.expected]
        assert sum(batch.records.null_count().row(0)) == 0
        found.records.update({row[0]: row[1:] for row in batch.records.iter_rows()})
        found.broken.update({row[0]: row[1:] for row in batch.broken.iter_rows()})
        found.repeated.extend(batch.repeated)
        starts.append(batch.starts())
        placed = batch.locate(pl.concat([batch.records["record_no"], batch.repeated]))
        found.places.update({row[0]: row[1:] for row in placed.iter_rows()})
    numbers = [*found.records, *found.broken, *found.repeated]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert found.records.keys() <= found.places.keys()
    wanted = {number: found.places[number] for number in found.records}
    assert _located_again(path, form, found, batch_bytes=batch_bytes, limit=limit) == wanted
    about = {"starts": pl.concat(starts), "batch_bytes": batch_bytes, "max_expanded_bytes": limit}
    kept = places(path, form, pl.Series("record_no", list(wanted), dtype=pl.Int64), **about) if wanted else None
    assert kept is None or {row[0]: row[1:] for row in kept.iter_rows()} == wanted
    return replace(found, kept=kept is not None)


def _located_again(
    path: Path, form: Layout, found: Outcome, *, batch_bytes: int, limit: int
) -> dict[int, tuple[int, str]]:
    """The places of the records, found by their numbers in a second pass."""
    numbers = pl.Series("record_no", list(found.records), dtype=pl.Int64)
    if numbers.is_empty():
        return {}
    placed = locate(path, form, numbers, batch_bytes=batch_bytes, max_expanded_bytes=limit)
    return {row[0]: row[1:] for row in placed.iter_rows()}
