"""The declared tables as Polars schemas (and so Arrow and Parquet ones)."""

import polars as pl

from nexus_data.tables.model import Field, Kind, Table

MONEY_SCALE = 18
PRICE_SCALE = 20

_DTYPES: dict[Kind, pl.DataType] = {
    Kind.TEXT: pl.String(),
    Kind.JSON: pl.String(),
    Kind.UUID: pl.Binary(),
    Kind.DATE: pl.Date(),
    Kind.TIMESTAMP: pl.Datetime("us", "UTC"),
    Kind.MONEY: pl.Decimal(38, MONEY_SCALE),
    Kind.PRICE: pl.Decimal(38, PRICE_SCALE),
    Kind.INTEGER: pl.Int64(),
    Kind.SUM: pl.Decimal(38, 0),
}


def dtype(field: Field) -> pl.DataType:
    """The Polars type of a declared column."""
    return _DTYPES[field.kind]


def schema(table: Table) -> pl.Schema:
    """Column names and types in declared order."""
    return pl.Schema({field.name: dtype(field) for field in table.fields})
