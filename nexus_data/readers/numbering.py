"""Whether every record of a file came through the reader, once, whatever the order of batches."""

from dataclasses import dataclass

import polars as pl

from nexus_data.errors import RunError
from nexus_data.readers.batch import Batch


@dataclass(slots=True)
class Numbering:
    """How many record numbers came, their sum and the sum of their squares: of 1 to n, these are known."""

    count: int = 0
    total: int = 0
    squares: int = 0
    highest: int = 0

    def take(self, batch: Batch) -> None:
        """Count the records of one batch, broken ones and repeated headers included."""
        numbers = pl.concat([batch.records["record_no"], batch.broken["record_no"], batch.repeated.cast(pl.Int64)])
        if not numbers.len():
            return
        low, high = int(str(numbers.min())), int(str(numbers.max()))
        above = numbers - low
        total, squares = int(above.sum()), int((above.cast(pl.UInt64) ** 2).sum())
        self.count += numbers.len()
        self.total += total + low * numbers.len()
        self.squares += squares + 2 * low * total + low * low * numbers.len()
        self.highest = max(self.highest, high)

    def demand_all(self, name: str) -> None:
        """RunError when a record number was lost or invented: the run must not go on."""
        n = self.highest
        wanted = (n, n * (n + 1) // 2, n * (n + 1) * (2 * n + 1) // 6)
        if (self.count, self.total, self.squares) != wanted:
            raise RunError(f"{name}: records 1 to {n} did not all come through the reader")
