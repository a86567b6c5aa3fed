"""A kept file and its layout in, batches of records out, whatever the format."""

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from nexus_data.grouping.stream import together
from nexus_data.readers.batch import Batch
from nexus_data.readers.csv_reader import read_csv
from nexus_data.readers.json_reader import read_json
from nexus_data.readers.layout import Layout
from nexus_data.readers.parquet import read_parquet
from nexus_data.readers.standard import read_standard


def read(
    path: Path,
    layout: Layout,
    *,
    batch_bytes: int,
    max_expanded_bytes: int,
    edit: Callable[[Batch], Batch] | None = None,
) -> Iterator[Batch]:
    """Every record of the file, in batches made of about `batch_bytes` of it each: in order, but that records whose
    group goes on in the next batch come with that one.

    Raises FileError when the file cannot be read to its end (vanished, truncated or damaged, expansion beyond
    `max_expanded_bytes`), possibly after some batches: the file is then no evidence as a whole.
    edit: what each batch is put through before any group is looked for.
    """
    batches = _batches(path, layout, batch_bytes=batch_bytes, max_expanded_bytes=max_expanded_bytes)
    batches = map(edit, batches) if edit else batches
    return batches if layout.plan is None else together(batches, layout.plan)


def _batches(path: Path, layout: Layout, *, batch_bytes: int, max_expanded_bytes: int) -> Iterator[Batch]:
    match layout.kind:
        case "csv":
            yield from read_csv(path, layout, batch_bytes=batch_bytes, max_expanded_bytes=max_expanded_bytes)
        case "json" | "jsonl":
            yield from read_json(path, layout, batch_bytes=batch_bytes, max_expanded_bytes=max_expanded_bytes)
        case "parquet":
            yield from read_parquet(path, layout, batch_bytes=batch_bytes, max_expanded_bytes=max_expanded_bytes)
        case "xlsx":
            from nexus_data.readers.workbook import read_workbook  # loaded when needed, as in `probe`

            yield from read_workbook(path, layout, max_expanded_bytes=max_expanded_bytes)
        case _:
            yield from read_standard(path, layout, batch_bytes=batch_bytes, max_expanded_bytes=max_expanded_bytes)


def locate(
    path: Path, layout: Layout, record_nos: pl.Series, *, batch_bytes: int, max_expanded_bytes: int
) -> pl.DataFrame:
    """`record_no`, `line` and `raw` (see `Batch.locate`) of records that `read` gave, in file order.

    Where the format allows it, nothing is read but where records begin. FileError as `read`.
    """
    wanted, found = record_nos.to_frame("record_no"), []
    for batch in _placed(path, layout, batch_bytes=batch_bytes, max_expanded_bytes=max_expanded_bytes):
        here = batch.records.select("record_no").join(wanted, on="record_no", how="semi", maintain_order="left")
        found.append(batch.locate(here["record_no"]))
        if sum(part.height for part in found) == wanted.height:
            break
    return pl.concat(found)


def _placed(path: Path, layout: Layout, *, batch_bytes: int, max_expanded_bytes: int) -> Iterator[Batch]:
    if layout.kind == "csv":
        return read_csv(path, layout, batch_bytes=batch_bytes, max_expanded_bytes=max_expanded_bytes, fields=False)
    return _batches(path, layout, batch_bytes=batch_bytes, max_expanded_bytes=max_expanded_bytes)
