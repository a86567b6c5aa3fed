"""How a canonical table is declared: once, as data, from which Polars, Parquet and Postgres schemas derive.

No table lives here (each has its own file), and no engine: kernel code imports this without a database driver.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The value kinds of columns; each engine maps them in its own module."""

    TEXT = "text"
    UUID = "uuid"  # 16 bytes: Polars Binary, Postgres uuid
    DATE = "date"
    TIMESTAMP = "timestamp"  # an instant, microseconds, UTC
    MONEY = "money"  # decimal(38, 18)
    PRICE = "price"  # decimal(38, 20): derived unit prices carry more places than money does
    INTEGER = "integer"  # 64 bit
    SUM = "sum"  # decimal(38, 0): order-free sums of 64-bit fingerprints
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Field:
    """One column: `required` means NOT NULL, `values` a closed list, `non_negative` a check on numbers.

    `reserved` are values that only the pipeline gives, never a file. `summed` columns are added up in marts, which have
    38 digits as well: their values stay below SUMMED_LIMIT, so that no two of them can stop a run.
    """

    name: str
    kind: Kind
    doc: str
    required: bool = False
    values: tuple[str, ...] = ()
    non_negative: bool = False
    reserved: tuple[str, ...] = ()
    summed: bool = False


SUMMED_LIMIT = 10**15
"""Ten times the world's yearly product in euros; a hundred thousand such numbers still have a sum."""


@dataclass(frozen=True, slots=True)
class Index:
    """`columns` may hold expressions such as lower(email); `where` makes the index partial."""

    columns: tuple[str, ...]
    unique: bool = False
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """`partition_by` names the date column of monthly range partitions; `checks` are SQL over the columns.

    `version` names the column by which a later record of the same key supersedes an earlier one; None means that
    records never supersede each other (facts).
    """

    name: str
    doc: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    indexes: tuple[Index, ...] = ()
    checks: tuple[str, ...] = ()
    partition_by: str | None = None
    version: str | None = None

    def field(self, name: str) -> Field:
        """The declared column of that name; KeyError when there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


PROVENANCE = (
    Field("source", Kind.TEXT, "The contract's source, such as rabobank", required=True),
    Field("file_id", Kind.UUID, "First 128 bits of the kept file's SHA-256", required=True),
    Field("record_no", Kind.INTEGER, "The record's number in that file, from 1", required=True),
    Field("row_fp", Kind.INTEGER, "XXH3-64 of the raw record's fields, as a signed integer", required=True),
)
"""The columns by which every published row is traced to a record of a kept file."""

GENERATION = Field("generation", Kind.INTEGER, "The generation that published it", required=True)
"""The column by which rows are read as of an earlier generation."""
