"""The values that pass between the kernel's parts. No logic, and no Polars work."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from nexus_data.contract.model import Numbers
from nexus_data.tables.model import Field, Table


@dataclass(frozen=True, slots=True, eq=False)
class FileFacts:
    """What the records of one file share.

    file_id: 16 bytes. user_id: whom the file was landed for. default_user: the user of records that nobody claims.
    path_groups: named groups of the contract's `path`. accounts: `account_id`, `user_id` (Strings) of this source.
    """

    file_id: bytes
    source: str
    user_id: str | None
    default_user: str
    path_groups: Mapping[str, str]
    accounts: pl.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One canonical column as read: `value` (its dtype), and for each rule code the rows that broke it.

    plain: the values' canonical texts (see `identity`), null where they are not at hand; None: nowhere.
    """

    value: pl.Series
    broken: Mapping[str, pl.Series] = field(default_factory=dict)
    plain: pl.Series | None = None


Read = Callable[[pl.DataFrame], Reading]
"""From a frame of texts (a column named like the field, and its auxiliary columns) to a reading of equal length."""


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One way in which texts are written. looks: what such a text looks like.

    kept: the texts that surely are written so, else null, which `value` and `plain` (see Reading) find under `name`.
    """

    name: str
    looks: re.Pattern[str]
    kept: pl.Expr
    value: pl.Expr
    plain: pl.Expr | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Quick:
    """How most texts of a column are read by expressions alone. origin: the raw column, or the one that `text` makes.

    sound: over the values, whether the table's rules want them so, where null is sound.
    """

    origin: str
    text: pl.Expr | None
    ways: tuple[Way, ...]
    sound: pl.Expr | None


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """How one canonical column is made.

    texts: expressions over raw columns, by the name they get in the frame of texts. broken: rules judged on raw
    columns alone, by code. read: from those texts to the value. product: the two columns that it is computed from
    instead; `read` then gets their values beside the texts. quick: how most texts are read; None: every one by `read`.
    constant: the value of every row.
    """

    field: Field
    texts: Mapping[str, pl.Expr]
    broken: Mapping[str, pl.Expr]
    read: Read
    product: tuple[str, ...] = ()
    quick: Quick | None = None
    constant: pl.Series | None = None

    @property
    def needs(self) -> list[str]:
        """The raw columns that its texts are made of."""
        made = (*self.texts.values(), *self.broken.values())
        return sorted({name for text in made for name in text.meta.root_names()})


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """The records of one kind: `when` takes them, `skip` is why they are skipped, `columns` how they are read.

    always: there is no condition.
    derived_date: the zone in which `date` is the day of transact_time, when it has no origin of its own.
    """

    when: pl.Expr
    always: bool
    skip: str | None
    columns: tuple[Column, ...]
    derived_date: "Zone | None"


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone: the constant `name`, or for each row what `column` of the texts says (empty: `name`)."""

    name: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """Raw columns that are added up for each record, and the style of their numbers."""

    columns: tuple[str, ...]
    style: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """How the source marks corrections and cancels: expressions over cleaned raw columns.

    refers_to: the text of the exec_id that a record refers to; version: what orders corrections; either may be null.
    """

    correct: pl.Expr
    cancel: pl.Expr
    refers_to: pl.Expr
    version: pl.Expr


@dataclass(frozen=True, slots=True, eq=False)
class Kernel:
    """A compiled contract. raw: the raw columns it reads; paths: the groups of the path it reads.

    further: columns of the records that are not the file's, and no part of the fingerprint. sums: by the name of the
    column that each makes.
    """

    name: str
    table: Table
    groups: tuple[Group, ...]
    raw: tuple[str, ...]
    paths: tuple[str, ...]
    identity: tuple[str, ...]
    content: tuple[str, ...]
    anchors: tuple[str, ...]
    marks: Marks | None
    further: frozenset[str]
    sums: Mapping[str, Sum]


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """Texts read as times, each an `instant` (us, UTC) or a `local` time (us), or null in both.

    too_precise: texts with a finer fraction than microseconds can hold; what they read as is cut.
    """

    instant: pl.Series
    local: pl.Series
    too_precise: pl.Series
