"""How the bytes of one file lie: what probing finds out, and what reading then needs to know. No column meanings."""

from dataclasses import dataclass, field
from typing import Literal

from nexus_data.grouping.plan import Plan

FileKind = Literal[
    "csv", "json", "jsonl", "parquet", "xlsx", "camt052", "camt053", "camt054", "ibflex", "msproject", "mt940", "ofx"
]


@dataclass(frozen=True, slots=True)
class Probe:
    """The first rows of a file as one way of reading sees them (encoding, delimiter), for a header to be found in.

    rows: for csv and xlsx the first rows, fields unquoted; for the others one row: the column names.
    """

    kind: FileKind
    encoding: str
    delimiter: str
    sheet: str | None
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that a reader must know. Made by matching a probe with a contract's variant.

    columns: the names of the file's columns in file order, made unique and renamed as the variant says.
    expected: every column that batches must have (columns, then the missing optional ones, empty but for `constants`).
    rename: what the contract calls columns that json records may have beyond those that the first of them have;
    others: expressions for names of such columns that nobody reads.
    above: expressions whose groups are found in the rows before the header.
    plan: how records belong together; None where each stands by itself.
    sheet: the one that is read; sheets: an expression for the names of all that are read, of which it is the first.
    header_row: index (from 0) of the header among the rows; None: no header, row 0 is data. Rows before it are no
    records.
    """

    kind: FileKind
    encoding: str
    delimiter: str
    quote: str
    columns: tuple[str, ...]
    expected: tuple[str, ...]
    header_row: int | None
    ragged: Literal["reject", "pad"]
    records: str = ""
    prefix: str = ""
    constants: dict[str, str] = field(default_factory=dict)
    rename: dict[str, str] = field(default_factory=dict)
    above: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    sheet: str | None = None
    sheets: str = ""
    plan: Plan | None = None
