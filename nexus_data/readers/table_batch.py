"""Rows of a table that is no text (Parquet, a workbook) to one batch; what stands for a row's raw text is JSON."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from nexus_data.contract.columns import SHEET
from nexus_data.readers.batch import BROKEN_SCHEMA, Batch
from nexus_data.readers.layout import Layout

_LOCATED_SCHEMA = pl.Schema({"record_no": pl.Int64(), "line": pl.Int64(), "raw": pl.String()})


@dataclass(frozen=True, slots=True)
class TableBatch(Batch):
    """A batch that keeps its rows. record: the number of the first one. lines: that of each row; None without lines.

    sheet: of the workbook that they stand in, where several are read: their raw text then tells it.
    """

    rows: pl.DataFrame
    record: int
    lines: Sequence[int] | None
    sheet: str = ""

    def locate(self, record_nos: pl.Series) -> pl.DataFrame:
        """See Batch. raw is a JSON object of the row's texts."""
        numbers: list[int] = record_nos.to_list()
        return pl.DataFrame([self.place(n - self.record) for n in numbers], schema=_LOCATED_SCHEMA, orient="row")

    def place(self, index: int) -> tuple[int, int | None, str]:
        line = None if self.lines is None else self.lines[index]
        told = {SHEET: self.sheet} if self.sheet else {}
        return self.record + index, line, json.dumps({**told, **self.rows.row(index, named=True)}, ensure_ascii=False)


def table_batch(
    rows: pl.DataFrame,
    layout: Layout,
    *,
    record: int,
    lines: Sequence[int] | None = None,
    codes: dict[int, str] | None = None,
    header: Sequence[str] | None = None,
) -> TableBatch:
    """The batch of rows of text under the layout's columns.

    codes: broken rows by index, to which those with a NUL are added. header: rows that say the same are repeated.
    """
    codes = {**_with_nul(rows), **(codes or {})}
    empty = pl.Series("record_no", [], dtype=pl.Int64)
    batch = TableBatch(rows.clear(), BROKEN_SCHEMA.to_frame(), empty, rows, record, lines)
    numbered = rows.with_row_index("index").filter(~pl.col("index").is_in(list(codes)))
    repeats = _repeats(numbered, layout.columns, header)
    numbered = numbered.with_columns(pl.col("index").cast(pl.Int64()).add(record).alias("record_no"))
    missing = [
        pl.lit(layout.constants.get(name, "")).alias(name) for name in layout.expected if name not in layout.columns
    ]
    records = numbered.filter(~repeats).with_columns(missing).select("record_no", *layout.expected)
    places = [batch.place(index) for index in sorted(codes)]
    broken = [(number, line, codes[number - record], raw.replace("\\u0000", "\\x00")) for number, line, raw in places]
    return TableBatch(
        records,
        pl.DataFrame(broken, schema=BROKEN_SCHEMA, orient="row"),
        numbered.filter(repeats).get_column("record_no"),
        rows,
        record,
        lines,
    )


def _with_nul(rows: pl.DataFrame) -> dict[int, str]:
    found = rows.select(pl.any_horizontal(pl.all().str.contains("\0", literal=True)).arg_true())
    return dict.fromkeys(found.to_series().to_list(), "NUL")


def _repeats(rows: pl.DataFrame, columns: Sequence[str], header: Sequence[str] | None) -> pl.Series:
    if header is None:
        return pl.repeat(False, rows.height, dtype=pl.Boolean(), eager=True)
    same = [pl.col(name) == pl.lit(text) for name, text in zip(columns, header, strict=True)]
    return rows.select(pl.all_horizontal(same)).to_series()
