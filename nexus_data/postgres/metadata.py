"""The declared tables as SQLAlchemy metadata: what migrations are compared with and partitions are indexed from.

No connection and no DDL is issued here. Names of constraints and indexes follow Postgres' own habit
(`table_columns_idx`), so that an error message tells which rule was broken.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TEXT, TIMESTAMP, UUID

from nexus_data.tables import ACCESS, CANONICAL, EVIDENCE, HISTORY, PLATFORM, UPKEEP, model
from nexus_data.tables.polars_schema import MONEY_SCALE, PRICE_SCALE

_PRECISION = 38

_TYPES: dict[model.Kind, sa.types.TypeEngine[Any]] = {
    # Byte order: index builds cost 5.0 CPU s per 1M rows with it, 8.3 without; the ids are compared, never read aloud.
    model.Kind.TEXT: TEXT(collation="C"),
    model.Kind.UUID: UUID(),
    model.Kind.DATE: sa.Date(),
    model.Kind.TIMESTAMP: TIMESTAMP(timezone=True),
    model.Kind.MONEY: sa.Numeric(_PRECISION, MONEY_SCALE),
    model.Kind.PRICE: sa.Numeric(_PRECISION, PRICE_SCALE),
    model.Kind.INTEGER: sa.BigInteger(),
    model.Kind.SUM: sa.Numeric(_PRECISION, 0),
    model.Kind.JSON: JSONB(),
}


DECLARED = CANONICAL | EVIDENCE | HISTORY | UPKEEP | ACCESS | PLATFORM
"""What is in Postgres, by name."""


def index_name(table: str, index: model.Index) -> str:
    """`users_lower_email_key` for a unique index on lower(email), `projects_user_id_idx` for a plain one."""
    words = (re.sub(r"\W+", "_", column).strip("_") for column in index.columns)
    return "_".join((table, *words, "key" if index.unique else "idx"))


@cache
def table(name: str) -> sa.Table:
    """The declared table of that name, alone in a metadata of its own; KeyError when there is none."""
    return _add_table(sa.MetaData(), DECLARED[name])


@cache
def metadata() -> sa.MetaData:
    """Every declared table, in schema public. To make all of them takes a fifth of a second, so a run does not."""
    together = sa.MetaData()
    for declared in DECLARED.values():
        _add_table(together, declared)
    return together


def _column(field: model.Field) -> sa.Column[Any]:
    column = sa.Column(field.name, _TYPES[field.kind], nullable=not field.required, comment=field.doc)
    # An integer key is a number that the pipeline gives, never a sequence of the server's.
    column.autoincrement = False
    return column


def _checks(declared: model.Table) -> Iterator[sa.CheckConstraint]:
    for field in declared.fields:
        if field.values:
            listed = ", ".join(f"'{value}'" for value in field.values)
            yield sa.CheckConstraint(f"{field.name} IN ({listed})", f"{declared.name}_{field.name}_values")
        if field.non_negative:
            yield sa.CheckConstraint(f"{field.name} >= 0", f"{declared.name}_{field.name}_non_negative")
    for check in declared.checks:
        yield sa.CheckConstraint(check, f"{declared.name}_{check.split()[0]}_check")


def _index(declared: model.Table, index: model.Index) -> sa.Index:
    names = {field.name for field in declared.fields}
    columns = [column if column in names else sa.text(column) for column in index.columns]
    options: dict[str, Any] = {} if index.where is None else {"postgresql_where": sa.text(index.where)}
    return sa.Index(index_name(declared.name, index), *columns, unique=index.unique, **options)


def _add_table(within: sa.MetaData, declared: model.Table) -> sa.Table:
    partitioning = {"postgresql_partition_by": f"RANGE ({declared.partition_by})"}
    options: dict[str, Any] = partitioning if declared.partition_by else {}
    return sa.Table(
        declared.name,
        within,
        *map(_column, declared.fields),
        sa.PrimaryKeyConstraint(*declared.key, name=f"{declared.name}_pkey"),
        *_checks(declared),
        *(_index(declared, index) for index in declared.indexes),
        comment=declared.doc,
        **options,
    )
