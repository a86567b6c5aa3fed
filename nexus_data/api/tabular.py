"""The rows of a JSON document as CSV or as an Arrow IPC stream: exact decimals, no float. What they say: elsewhere."""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from nexus_data.tables.model import Kind
from nexus_data.tables.polars_schema import MONEY_SCALE, PRICE_SCALE

CSV = "text/csv"
ARROW = "application/vnd.apache.arrow.stream"
# Not a number, which is what most texts are that begin so.
_CARRIED_OUT = re.compile(r"(?![+-]?\d+(\.\d+)?\Z)[=+\-@\t\r\n]")


@dataclass(frozen=True, slots=True)
class Rows:
    """Where a document has its rows, and the kind of each of their columns, in order; None: true or false."""

    name: str
    columns: Mapping[str, Kind | None]


def rows_of(name: str, row: type[msgspec.Struct], **kinds: Kind) -> Rows:
    """The rows under that name, with the fields of `row` as columns: text where no other kind is said."""
    plain = {column: None if kind is bool else Kind.TEXT for column, kind in row.__annotations__.items()}
    return Rows(name, {column: kinds.get(column, plain[column]) for column in row.__struct_fields__})


def as_csv(document: bytes, rows: Rows) -> bytes:
    """UTF-8 with a header, RFC 4180; null is nothing, numbers are the exact text of the JSON document.

    A text of a file that a spreadsheet would carry out has an apostrophe before it: who opens the file is to see what
    stands there, and not to do what it says. JSON and Arrow, which nobody opens so, have it as it stands.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(rows.columns)
    for row in _rows(document, rows):
        writer.writerow([_plain(kind, row[name]) for name, kind in rows.columns.items()])
    return out.getvalue().encode()


def as_arrow(document: bytes, rows: Rows) -> bytes:
    """An Arrow IPC stream of one batch: decimal128(38, 18), prices (38, 20), date32, timestamps in microseconds UTC."""
    # Loaded for the few who ask: it takes time and memory.
    import pyarrow as pa

    found = _rows(document, rows)
    types = {
        Kind.MONEY: pa.decimal128(38, MONEY_SCALE),
        Kind.PRICE: pa.decimal128(38, PRICE_SCALE),
        Kind.DATE: pa.date32(),
        Kind.TIMESTAMP: pa.timestamp("us", "UTC"),
        Kind.INTEGER: pa.int64(),
        None: pa.bool_(),
    }
    schema = pa.schema([(name, types.get(kind, pa.string())) for name, kind in rows.columns.items()])
    arrays = [
        pa.array([_value(kind, row[name]) for row in found], type=schema.field(name).type)
        for name, kind in rows.columns.items()
    ]
    out = io.BytesIO()
    with pa.ipc.new_stream(out, schema) as stream:
        stream.write_batch(pa.record_batch(arrays, schema=schema))
    return out.getvalue()


MEDIA_TYPES = {CSV: "text/csv; charset=utf-8; header=present"}
"""As an answer names them, where that is more than a request does."""

REPRESENTATIONS: Mapping[str, Callable[[bytes, Rows], bytes]] = {CSV: as_csv, ARROW: as_arrow}

_READ: Mapping[Kind | None, Callable[[str], Any]] = {
    Kind.MONEY: Decimal,
    Kind.PRICE: Decimal,
    Kind.DATE: date.fromisoformat,
    Kind.TIMESTAMP: datetime.fromisoformat,
}


def _plain(kind: Kind | None, value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if kind is Kind.TEXT and isinstance(value, str) and _CARRIED_OUT.match(value) else value


def _value(kind: Kind | None, value: Any) -> Any:
    return _READ[kind](value) if value is not None and kind in _READ else value


def _rows(document: bytes, rows: Rows) -> Sequence[dict[str, Any]]:
    found: Sequence[dict[str, Any]] = msgspec.json.decode(document)[rows.name]
    return found
