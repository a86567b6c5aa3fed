"""What makes records the same: fingerprints of raw records, identities and content of operations.

Texts are joined by U+001F; a null is U+2400. A value's canonical text is: for text and JSON the value itself; for
money and prices the plain decimal without trailing zeros or a trailing point (`0`, `-0.5`, `1200`); for dates
YYYY-MM-DD; for instants the whole microseconds since 1970-01-01 00:00 UTC (`1709285400000000`; as a text of the
calendar they would cost ten times as much). Columns come in the order in which the canonical table declares them.

row_fp: XXH3-64 (seed 0) of the raw fields exactly as in the file (no stripping, missing optional columns empty), in the
order of the batch's columns, as a signed 64-bit integer.

content_fp: XXH3-64, signed, of the canonical texts of all columns except operation_id, source, file_id, record_no,
row_fp, generation.

identity: the first 16 bytes of the SHA-256 of the UTF-8 text
- `id`, source, account_id, user_id, then the contract's identity columns, where all of these are there; else
- `content`, source, account_id, user_id, then the contract's content columns (none named, or one of its anchors not
  there: those of content_fp), and `by_content` is true. Equal records of one file have one identity then; telling them
  apart is not done here.
"""

from collections.abc import Sequence

import polars as pl
import polars_hash as plh

from nexus_data.kernel.rows import fill, unsettled
from nexus_data.tables.model import GENERATION, PROVENANCE, Field, Kind, Table

SEPARATOR = "\u001f"
NULL = "\u2400"
_BYTES = 16
_OUTSIDE = {"operation_id", GENERATION.name, *(field.name for field in PROVENANCE)}
_OWNER = ("source", "account_id", "user_id")


def content_columns(table: Table) -> tuple[str, ...]:
    """The columns that a record's content consists of."""
    return tuple(field.name for field in table.fields if field.name not in _OUTSIDE)


def raw_text(columns: Sequence[str]) -> pl.Expr:
    """The text whose `fingerprint` is row_fp, of the raw columns, none of which may be null."""
    return pl.concat_str(columns, separator=SEPARATOR)


def fingerprints(
    rows: pl.DataFrame, *, table: Table, identity: Sequence[str], content: Sequence[str], anchors: Sequence[str] = ()
) -> pl.DataFrame:
    """`content_fp`, and for a table with operation_id `identity` (16 bytes) and `by_content`.

    Of a column NAME, `plain_text(NAME)` may stand beside it: its canonical texts as far as they are at hand.
    """
    names = content_columns(table)
    texts = rows.select(
        [_text(rows, table.field(name)) for name in names], source=pl.col("source").fill_null(NULL)
    ).with_columns(content=pl.concat_str(names, separator=SEPARATOR))
    if table.partition_by is None:
        return texts.select(content_fp=fingerprint(pl.col("content")))
    by_content = pl.any_horizontal([pl.col(name) == NULL for name in identity]) if identity else pl.lit(value=True)
    marked = texts.with_columns(by_content=by_content)
    told = None if tuple(content) == names else _anchored(content, anchors)
    text = _identity_text(marked, identity=identity, content=told)
    return marked.with_columns(text.alias("identity")).select(
        "by_content", content_fp=fingerprint(pl.col("content")), identity=_sha256(pl.col("identity"))
    )


def identity_of(rows: pl.DataFrame, *, table: Table, identity: Sequence[str]) -> pl.Series:
    """The identity that the source's own id gives, null where a part of the id is missing."""
    names = [name for name in content_columns(table) if name in {"account_id", "user_id", *identity}]
    texts = rows.select([canonical_text(table.field(name)) for name in names], source=pl.col("source").fill_null(NULL))
    whole = pl.all_horizontal([pl.col(name) != NULL for name in identity])
    text = pl.when(whole).then(_joined("id", [pl.col(name) for name in (*_OWNER, *identity)]))
    return texts.select(_sha256(text)).to_series()


def row_key(table: Table) -> pl.Expr:
    """The key of a keyed table's row as one text, null where a part of it is."""
    return pl.concat_str([pl.col(name) for name in table.key], separator=SEPARATOR).alias("row_key")


def row_id(table: Table) -> pl.Expr:
    """How a row of a keyed table is known beside operations: the first 16 bytes of the SHA-256 of its key."""
    return _sha256(row_key(table)).alias("row_id")


def _anchored(content: Sequence[str], anchors: Sequence[str]) -> pl.Expr:
    """The text of the content columns; of the whole content where an anchor is not there."""
    told = pl.concat_str(content, separator=SEPARATOR)
    if not anchors:
        return told
    lost = pl.any_horizontal([pl.col(name) == NULL for name in anchors])
    return pl.when(lost).then(pl.col("content")).otherwise(told)


def _identity_text(texts: pl.DataFrame, *, identity: Sequence[str], content: pl.Expr | None) -> pl.Series:
    """Long texts are joined only for the records that need them: in most files, for all or for none."""
    whole = pl.col("content") if content is None else content
    by_content = _joined("content", [*map(pl.col, _OWNER), whole])
    by_id = _joined("id", [pl.col(name) for name in (*_OWNER, *identity)])
    rows = texts["by_content"]
    if rows.all() or not rows.any():
        return texts.select(by_content if rows.all() else by_id).to_series()
    part = texts.filter(rows).select(by_content).to_series()
    return fill(texts.select(by_id).to_series(), part, rows=rows)


def plain_text(name: str) -> str:
    """The column that holds canonical texts of a column that were there before its values."""
    return f"{name}|plain"


def _text(rows: pl.DataFrame, field: Field) -> pl.Expr | pl.Series:
    """`canonical_text`, written only for the values whose text is not at hand."""
    plain = plain_text(field.name)
    if plain not in rows.columns:
        return canonical_text(field)
    if rows[plain].null_count() == rows[field.name].null_count():
        return pl.col(plain).fill_null(NULL).alias(field.name)
    others = unsettled(rows[field.name], rows[plain])
    written = rows.select(field.name).filter(others).select(canonical_text(field)).to_series()
    return fill(rows[plain].fill_null(NULL), written, rows=others).alias(field.name)


def canonical_text(field: Field) -> pl.Expr:
    """The canonical text of a column, U+2400 where it is null."""
    column = pl.col(field.name)
    if field.kind in (Kind.MONEY, Kind.PRICE):
        column = column.cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")
    elif field.kind is Kind.DATE:
        column = column.cast(pl.String)
    elif field.kind is Kind.TIMESTAMP:
        column = column.to_physical().cast(pl.String)
    return column.fill_null(NULL)


def _joined(first: str, columns: Sequence[pl.Expr]) -> pl.Expr:
    return pl.concat_str(pl.lit(first), *columns, separator=SEPARATOR).alias("identity")


def fingerprint(text: pl.Expr) -> pl.Expr:
    """XXH3-64 (seed 0) of a text, as a signed Int64."""
    return plh.NonCryptographicHashingNameSpace(text).xxh3_64().reinterpret(signed=True)


def _sha256(text: pl.Expr) -> pl.Expr:
    return plh.CryptographicHashingNameSpace(text).sha2_256().str.head(2 * _BYTES).str.decode("hex")
