"""One record of a kept file: its texts, and where and how it stands in the file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from nexus_data.contract.columns import LEAD
from nexus_data.errors import FileError
from nexus_data.readers.batch import Batch
from nexus_data.readers.containers import is_workbook, members, opened
from nexus_data.readers.layout import Layout
from nexus_data.readers.read import read
from nexus_data.readers.window import line_ends


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands. line, last_line: its physical lines, from 1 (of the member, or rows of the sheet); None
    where the format has no lines. raw: its text as in the file, without the last line end."""

    record_no: int
    line: int | None
    last_line: int | None
    raw: str


@dataclass(frozen=True, slots=True)
class Located:
    """A record where it stands.

    record: one row, as in `Batch.records`. member: of the zip that it stands in, "" without one. parts: the other
    records of its group, in file order.
    """

    record: pl.DataFrame
    member: str
    place: Place
    parts: tuple[Place, ...]


def find_record(
    path: Path,
    layout: Layout,
    record_no: int,
    *,
    batch_bytes: int,
    max_expanded_bytes: int,
    edit: Callable[[Batch], Batch] | None = None,
) -> Located:
    """The record of that number. edit: as in `read`. FileError when the file has no such record, or as `read`."""
    batches = read(path, layout, batch_bytes=batch_bytes, max_expanded_bytes=max_expanded_bytes, edit=edit)
    for batch in batches:
        found = batch.records.filter(pl.col("record_no") == record_no)
        if found.height:
            member = batch.member or _only_member(path, max_expanded_bytes)
            place, *parts = _places(batch, [record_no, *_parts(batch, record_no)])
            return Located(record=found, member=member, place=place, parts=tuple(parts))
    raise FileError(f"{path} has no record {record_no} that could be read")


def _parts(batch: Batch, record_no: int) -> list[int]:
    if LEAD not in batch.records.columns:
        return []
    others = (pl.col(LEAD) == record_no) & (pl.col("record_no") != record_no)
    return batch.records.filter(others)["record_no"].to_list()


def _places(batch: Batch, numbers: list[int]) -> list[Place]:
    rows = batch.locate(pl.Series("record_no", numbers, dtype=pl.Int64)).iter_rows()
    return [Place(number, line, _last(line, raw), raw) for number, line, raw in rows]


def _last(line: int | None, raw: str) -> int | None:
    return None if line is None else line + line_ends(raw.encode())


def _only_member(path: Path, limit: int) -> str:
    """The name of what lies in a zip whose content is read from its end, "" without one."""
    with opened(path) as raw:
        if is_workbook(raw):
            return ""
    streams = members(path, max_expanded_bytes=limit)  # named, because what it gives closes with it
    return next(streams).name
