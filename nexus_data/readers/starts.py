"""Where the records of delimited text start, kept from reading, for the few whose raw text is wanted later.

Finding them a second time would cost as much as the first. What the kept places are for is the caller's.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from nexus_data.errors import FileError
from nexus_data.readers.containers import members
from nexus_data.readers.csv_grammar import Grammar, scan
from nexus_data.readers.encodings import Utf8
from nexus_data.readers.layout import Layout
from nexus_data.readers.window import Window

STARTS_SCHEMA = pl.Schema(dict.fromkeys(("record_no", "records", "line", "start", "chunk", "size"), pl.Int64()))
"""Runs of `records` records from `record_no` on, of which only the last may be more than the line that it starts in.

line, start: the line in the file, and the byte in the chunk, at which the first begins. chunk, size: where the chunk
stands in the file's text as UTF-8, and its bytes.
"""

PLACES_SCHEMA = pl.Schema({"record_no": pl.Int64(), "line": pl.Int64(), "raw": pl.String()})


def run_starts(
    heads: Sequence[int], offsets: Sequence[int], *, record: int, line: int, chunk: int, size: int
) -> pl.DataFrame:
    """STARTS_SCHEMA of a chunk whose records begin at these of its lines, and whose lines begin at these offsets."""
    lines = pl.DataFrame({"head": heads}, schema={"head": pl.Int64()}).with_row_index("place")
    runs = lines.filter(pl.col("head").diff().ne_missing(1)).cast({"place": pl.Int64()})
    after = pl.col("place").shift(-1).fill_null(len(heads))
    return runs.select(
        record_no=pl.col("place") + record,
        records=after - pl.col("place"),
        line=pl.col("head") + line,
        start=pl.Series(offsets, dtype=pl.Int64).gather(runs["head"]),
        chunk=pl.lit(chunk, dtype=pl.Int64),
        size=pl.lit(size, dtype=pl.Int64),
    )


def places(
    path: Path,
    layout: Layout,
    record_nos: pl.Series,
    *,
    starts: pl.DataFrame,
    batch_bytes: int,
    max_expanded_bytes: int,
) -> pl.DataFrame | None:
    """`record_no`, `line` and `raw` of records that were accepted; None if `starts` does not tell of all of them."""
    wanted = record_nos.unique().sort().to_frame("record_no").with_columns(wanted="record_no").set_sorted("wanted")
    runs = starts.sort("record_no").rename({"record_no": "first"}).set_sorted("first")
    found = wanted.join_asof(runs, left_on="wanted", right_on="first").with_columns(
        skip=pl.col("wanted") - pl.col("first")
    )
    if not found.select((pl.col("skip") < pl.col("records")).fill_null(value=False).all()).item():
        return None
    grammar = Grammar(layout.delimiter.encode(), layout.quote.encode())
    stream = members(path, max_expanded_bytes=max_expanded_bytes)  # named, because what it gives closes with it
    member = next(stream)
    window = Window(Utf8(member.source, layout.encoding), name=member.where(path), batch_bytes=batch_bytes)
    rows = [row for one in found.partition_by("chunk", maintain_order=True) for row in _in_chunk(window, one, grammar)]
    return pl.DataFrame(rows, schema=PLACES_SCHEMA, orient="row")


def _in_chunk(window: Window, wanted: pl.DataFrame, grammar: Grammar) -> Iterator[tuple[int, int, str]]:
    chunk, size = wanted.select("chunk", "size").row(0)
    _go_to(window, chunk, size)
    data, run, at, passed = window.data, -1, 0, 0
    for record_no, line, start, skip in wanted.select("wanted", "line", "start", "skip").iter_rows():
        if start != run:
            run, at, passed = start, start, 0
        # From the last one on: from the run's start again, the time would grow with the square of what is wanted.
        for _ in range(skip - passed):
            at = data.index(b"\n", at) + 1
        passed = skip
        raw = data[at : scan(data, at, size, grammar).end]
        yield record_no, line + skip, raw.removesuffix(b"\n").removesuffix(b"\r").decode()


def _go_to(window: Window, chunk: int, size: int) -> None:
    while window.position + len(window.data) < chunk + size:
        if window.final:
            raise FileError(f"{window.name} has become shorter since it was read")
        window.drop(min(chunk - window.position, len(window.data)))
        window.fill()
    window.drop(chunk - window.position)
