"""What a generated data set must come to, and how that is written down (`expected.json`) and read back.

Nothing here looks at what the pipeline did; `compare` does.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import msgspec
import polars as pl

UNITS = 100_000_000
"""Amounts are added up as whole 1e-8 units."""

_Number = TypeVar("_Number", int, Decimal)

FATES = ("published", "rejected", "duplicate", "superseded", "skipped", "held")


@dataclass(frozen=True, slots=True)
class Rejection:
    """Records that one hop rejects for the same rules (CODE:field joined by `;`, sorted), in rising order."""

    hop: str
    rules: str
    records: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FileExpectation:
    """One landed file. path: below the landing folder. user: whom it is landed for, empty for nobody.

    status: published, duplicate or held, as in `results.FileOutcome`.
    """

    path: str
    sha256: str
    source: str
    user: str
    dataset: str
    table: str
    status: str
    records: int
    published: int
    rejected: int
    duplicate: int
    superseded: int
    skipped: int
    held: int
    rejections: tuple[Rejection, ...] = ()


@dataclass(frozen=True, slots=True)
class OperationsCell:
    """Published operations of a month (YYYY-MM of the trade date), currency and category."""

    month: str
    currency: str
    category: str
    operations: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """Over all files."""

    files: int
    records: int
    published: int
    rejected: int
    duplicate: int
    superseded: int
    skipped: int
    held: int


@dataclass(frozen=True, slots=True)
class Expectation:
    """The known answer of a data set. rows: published rows by canonical table, implied ones not counted."""

    seed: int
    totals: Totals
    rows: dict[str, int]
    operations: tuple[OperationsCell, ...]
    files: tuple[FileExpectation, ...]

    @property
    def operations_by_month(self) -> dict[str, int]:
        """Published operations by month."""
        return _sums(((cell.month, cell.operations) for cell in self.operations), 0)

    @property
    def amount_by_currency(self) -> dict[str, Decimal]:
        """Sum of published amounts by currency."""
        return _sums(((cell.currency, cell.amount) for cell in self.operations), Decimal())

    @property
    def amount_by_category(self) -> dict[str, Decimal]:
        """Sum of published amounts by `category currency` (money of different currencies has no sum)."""
        return _sums(((f"{cell.category} {cell.currency}", cell.amount) for cell in self.operations), Decimal())


class FileLedger:
    """Counts what becomes of the records of one file while it is being written, in file order."""

    def __init__(self, path: str, *, source: str, user: str, dataset: str, table: str) -> None:
        self.path, self.source, self.user, self.dataset, self.table = path, source, user, dataset, table
        self.records = 0
        self._fates: Counter[str] = Counter()
        self._rejections: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        self.operations: defaultdict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])

    def one(self, fate: str, *, rules: str = "", hop: str = "") -> int:
        """Count the next record; its number, from 1."""
        self.records += 1
        self._fates[fate] += 1
        if fate == "rejected":
            self._rejections[hop, rules].append(self.records)
        return self.records

    def many(self, records: pl.DataFrame) -> None:
        """Count the next records: `fate`, `hop`, `rules`, `month`, `currency`, `category`, `units` of each."""
        numbered = records.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("no") + self.records)
        self.records += records.height
        self._fates.update(dict(records.group_by("fate").len().iter_rows()))
        rejected = numbered.filter(pl.col("fate") == "rejected").group_by("hop", "rules", maintain_order=True)
        for hop, rules, numbers in rejected.agg("no").iter_rows():
            self._rejections[hop, rules] += numbers
        cells = numbered.filter(pl.col("fate") == "published").group_by("month", "currency", "category")
        for *key, count, units in cells.agg(pl.len(), pl.col("units").cast(pl.Int128).sum()).iter_rows():
            self.operation((key[0], key[1], key[2]), count=count, units=units)

    def operation(self, cell: tuple[str, str, str], *, units: int, count: int = 1) -> None:
        """Add published operations to a cell (month, currency, category)."""
        self.operations[cell][0] += count
        self.operations[cell][1] += units

    def close(self, sha256: str, *, status: str = "published") -> FileExpectation:
        """The file is written: what it comes to."""
        rejections = (Rejection(hop, rules, tuple(nos)) for (hop, rules), nos in sorted(self._rejections.items()))
        return FileExpectation(
            path=self.path,
            sha256=sha256,
            source=self.source,
            user=self.user,
            dataset=self.dataset,
            table=self.table,
            status=status,
            records=self.records,
            **{fate: self._fates[fate] for fate in FATES},
            rejections=tuple(rejections),
        )


def combine(seed: int, files: Iterable[FileExpectation], operations: Iterable[FileLedger]) -> Expectation:
    """Add the files up. operations: the ledgers whose published operations count (those of repeated files do not)."""
    files = tuple(sorted(files, key=lambda file: file.path))
    cells: defaultdict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for ledger in operations:
        for key, (count, units) in ledger.operations.items():
            cells[key][0] += count
            cells[key][1] += units
    rows: Counter[str] = Counter()
    for file in files:
        rows[file.table] += file.published
    counts = {name: sum(getattr(file, name) for file in files) for name in ("records", *FATES)}
    return Expectation(
        seed=seed,
        totals=Totals(files=len(files), **counts),
        rows={table: count for table, count in sorted(rows.items()) if table != "unknown"},
        operations=tuple(
            OperationsCell(*key, operations=count, amount=amount(units))
            for key, (count, units) in sorted(cells.items())
        ),
        files=files,
    )


def amount(units: int) -> Decimal:
    """Whole 1e-8 units as a decimal."""
    return Decimal(units).scaleb(-8)


def save(expectation: Expectation, path: Path) -> None:
    """Write it as JSON: one line a file and a cell, so that a person can read and compare it."""
    summary: Mapping[str, object] = {
        "seed": expectation.seed,
        "totals": expectation.totals,
        "rows": expectation.rows,
        "operations_by_month": expectation.operations_by_month,
        "amount_by_currency": expectation.amount_by_currency,
        "amount_by_category": expectation.amount_by_category,
    }
    lines = [f'"{name}": {_json(value)}' for name, value in summary.items()]
    for name, rows in (("operations", expectation.operations), ("files", expectation.files)):
        lines.append(f'"{name}": [\n' + ",\n".join(_json(row) for row in rows) + "\n]")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def load(path: Path) -> Expectation:
    """Read back what `save` wrote; the sums that follow from the cells are computed anew."""
    return msgspec.json.decode(path.read_bytes(), type=Expectation)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _sums(pairs: Iterable[tuple[str, _Number]], zero: _Number) -> dict[str, _Number]:
    sums: dict[str, _Number] = {}
    for key, value in pairs:
        sums[key] = sums.get(key, zero) + value
    return dict(sorted(sums.items()))
