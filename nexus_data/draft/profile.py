"""What the values of every column look like over the whole file: counted batch by batch, in bounded memory."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from nexus_data.draft.numbers import NumberTally, number_tally, numbers_in
from nexus_data.draft.times import TimeTally, time_tally, times_in

_DISTINCT = 400
"""A column with more distinct values than this holds no words with a meaning each."""
_HASHES = 4_000_000
_LOOKED = 2_000
_EXAMPLES = 200
_LIKE = 0.5
"""The share of the sample's filled fields that must look like a number or a time for a column to be counted as one."""


@dataclass(slots=True)
class Column:
    """One column. filled: fields that are not blank. values: how often each text stands there, None when there are too
    many. repeats: by which record a text stood there again, None when none does among those looked at."""

    name: str
    place: int
    records: int = 0
    filled: int = 0
    values: Counter[str] | None = field(default_factory=Counter)
    repeats: int | None = None
    examples: list[str] = field(default_factory=list)
    numbers: NumberTally | None = None
    times: TimeTally | None = None

    @property
    def number_share(self) -> float:
        """The share of filled fields that are numbers in one style or another."""
        return self.numbers.count / self.filled if self.numbers and self.filled else 0.0

    @property
    def time_share(self) -> float:
        """The share of filled fields that are written as days or times."""
        return self.times.count / self.filled if self.times and self.filled else 0.0

    def share(self, pattern: str) -> float:
        """The share of the example values (at most 200) that match a regular expression."""
        found = pl.Series(self.examples, dtype=pl.String).str.contains(pattern)
        return float(found.sum()) / len(self.examples) if self.examples else 0.0


@dataclass(slots=True)
class Profile:
    """The columns of a file, and its first records. broken: records that are none, by code."""

    columns: dict[str, Column]
    sample: pl.DataFrame
    records: int
    broken: Counter[str]


class Profiler:
    """Adds up batches of records, as the readers give them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._columns = {name: Column(name, place) for place, name in enumerate(names, 1)}
        self._seen: dict[str, pl.Series] = {}
        self._sample: pl.DataFrame | None = None
        self._records = 0
        self.broken = Counter[str]()

    def add(self, records: pl.DataFrame) -> None:
        """records: `record_no` and a String column for each name, never null."""
        cleaned = records.select("record_no", pl.exclude("record_no").str.strip_chars())
        if self._sample is None:
            self._choose(cleaned)
        self._records += cleaned.height
        for name, column in self._columns.items():
            _count(column, cleaned.select("record_no", text=pl.col(name)).filter(pl.col("text") != ""))
            column.records += cleaned.height
            self._repeated(column, cleaned[name])

    def profile(self) -> Profile:
        """What has been counted."""
        sample = pl.DataFrame() if self._sample is None else self._sample
        return Profile(self._columns, sample, self._records, self.broken)

    def _choose(self, cleaned: pl.DataFrame) -> None:
        """Which columns are counted as numbers or times is decided by the first batch."""
        self._sample = cleaned
        for name, column in self._columns.items():
            filled = cleaned[name].filter(cleaned[name] != "").head(_LOOKED)
            column.examples = filled.head(_EXAMPLES).to_list()
            least = max(_LIKE * filled.len(), 1)
            column.numbers = NumberTally() if numbers_in(filled) >= least else None
            column.times = TimeTally() if times_in(filled) >= least else None

    def _repeated(self, column: Column, text: pl.Series) -> None:
        if column.repeats is not None or column.records > _HASHES:
            return
        filled = text.filter(text != "")
        seen = self._seen.get(column.name, pl.Series([], dtype=pl.UInt64))
        hashes = pl.concat([seen, filled.hash()])
        if hashes.is_duplicated().any():
            column.repeats = column.records
            self._seen.pop(column.name, None)
        else:
            self._seen[column.name] = hashes


def _count(column: Column, filled: pl.DataFrame) -> None:
    column.filled += filled.height
    if column.values is not None:
        counts = filled["text"].value_counts()
        column.values.update(dict(counts.head(2 * _DISTINCT).iter_rows()))
        if len(column.values) > _DISTINCT:
            column.values = None
    if column.numbers is not None:
        column.numbers = column.numbers + number_tally(filled)
    if column.times is not None:
        column.times = column.times + time_tally(filled)
