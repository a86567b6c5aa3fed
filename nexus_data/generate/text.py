"""Records of operations as CSV and JSON lines, in bytes; line damage is done here. What it means is in `defects`."""

import polars as pl

from nexus_data.generate.defects import BAD_BYTE
from nexus_data.generate.operations import FIELDS

HEADER = (",".join(FIELDS) + "\n").encode()

_NUMBERS = ("amount", "last_qty", "last_px", "commission")
_REQUIRED = ("transact_time", "user_id", "type", "category", "amount", "currency")


def csv_bytes(records: pl.DataFrame) -> bytes:
    """The records as lines of comma separated text, without header."""
    damage = pl.col("damage")
    fields = {name: pl.col(name) for name in FIELDS}
    # Only descriptions hold what needs quotes; a damaged record has its own.
    fields["description"] = (
        pl.when(damage == "quote")
        .then(pl.lit('"Wire" transfer'))
        .when(damage == "nul")
        .then(pl.lit("ref\0001"))
        .when(damage == "byte")
        .then(pl.lit(f"Z{BAD_BYTE}rich"))
        .when(damage != "")
        .then(pl.lit(""))
        .otherwise(_quoted(pl.col("description")))
    )
    fields["amount"] = pl.when(damage == "grouped").then(pl.lit("1,234.50")).otherwise("amount")
    line = pl.concat_str(list(fields.values()), separator=",")
    line = pl.when(damage == "short").then(line.str.strip_suffix(",")).otherwise(line)
    line = pl.when(damage == "long").then(line + ",EUR").otherwise(line)
    return _bytes(records.select(line).to_series())


def json_bytes(records: pl.DataFrame) -> bytes:
    """The records as JSON objects, one a line; empty optional fields are left out, plain numbers are numbers."""
    damage = pl.col("damage")
    members = [_member(name) for name in FIELDS]
    text = pl.when(damage == "byte").then(pl.lit(f"Z{BAD_BYTE}rich")).otherwise("description").alias("description")
    records = records.with_columns(text)
    line = pl.concat_str(pl.lit("{"), pl.concat_str(members, separator=",", ignore_nulls=True), pl.lit("}"))
    line = pl.when(damage == "cut").then(line.str.slice(0, line.str.len_chars() // 2)).otherwise(line)
    line = pl.when(damage == "extra").then(line.str.strip_suffix("}") + ',"approved":"yes"}').otherwise(line)
    return _bytes(records.select(line).to_series())


def _quoted(text: pl.Expr) -> pl.Expr:
    needed = text.str.contains('[",\n]')
    quoted = pl.concat_str(pl.lit('"'), text.str.replace_all('"', '""', literal=True), pl.lit('"'))
    return pl.when(needed).then(quoted).otherwise(text)


def _member(name: str) -> pl.Expr:
    text = pl.col(name)
    escaped = text.str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True)
    value = pl.concat_str(pl.lit('"'), escaped.str.replace_all("\n", "\\n", literal=True), pl.lit('"'))
    if name in _NUMBERS:
        value = pl.when(text.str.contains(r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$")).then(text).otherwise(value)
    empty = pl.lit("null") if name in _REQUIRED else pl.lit(None, dtype=pl.String)
    value = pl.when(text == "").then(empty).otherwise(value)
    return pl.lit(f'"{name}":') + value


def _bytes(lines: pl.Series) -> bytes:
    if lines.is_empty():
        return b""
    text = "\n".join(lines.to_list()) + "\n"
    return text.encode().replace(BAD_BYTE.encode(), b"\xff")
