"""One record of a kept file: its texts, and where and how it stands in the file."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from nexus_data.errors import FileError
from nexus_data.readers.batch import Batch
from nexus_data.readers.containers import is_workbook, members, opened
from nexus_data.readers.layout import Layout
from nexus_data.readers.read import read
from nexus_data.readers.window import line_ends


@dataclass(frozen=True, slots=True)
class Located:
    """A record where it stands.

    record: one row, as in `Batch.records`. member: of the zip that it stands in, "" without one. line, last_line: its
    physical lines, from 1 (of the member, or rows of the sheet); None where the format has no lines. raw: its text as
    in the file, without the last line end.
    """

    record: pl.DataFrame
    member: str
    line: int | None
    last_line: int | None
    raw: str


def find_record(path: Path, layout: Layout, record_no: int, *, batch_bytes: int, max_expanded_bytes: int) -> Located:
    """The record of that number. FileError when the file has no such record, or as `read`."""
    batches = read(path, layout, batch_bytes=batch_bytes, max_expanded_bytes=max_expanded_bytes)
    for batch in batches:
        found = batch.records.filter(pl.col("record_no") == record_no)
        if found.height:
            return _located(path, found, batch, max_expanded_bytes)
    raise FileError(f"{path} has no record {record_no}: it is not what it was when it was taken in")


def _located(path: Path, record: pl.DataFrame, batch: Batch, limit: int) -> Located:
    _, line, raw = batch.locate(record["record_no"]).row(0)
    last = None if line is None else line + line_ends(raw.encode())
    return Located(record=record, member=batch.member or _only_member(path, limit), line=line, last_line=last, raw=raw)


def _only_member(path: Path, limit: int) -> str:
    """The name of what lies in a zip whose content is read from its end, "" without one."""
    with opened(path) as raw:
        if is_workbook(raw):
            return ""
    streams = members(path, max_expanded_bytes=limit)  # named, because what it gives closes with it
    return next(streams).name
