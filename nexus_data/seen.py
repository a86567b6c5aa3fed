"""Which ids a run has likely seen before, in bounded memory, and the order of operations in files. Decides nothing."""

from dataclasses import dataclass, field

import polars as pl

_BITS = 27
_DAYS = 2**20
"""More days than from the first date there may be to 1970."""


@dataclass(slots=True)
class Seen:
    """One bit (of 16 MiB) for each id so far: ids of which any is new are new, others may be, one in 27 at 5M."""

    _bits: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.Boolean))

    def first(self, ids: pl.Series) -> pl.Series:
        """Whether each id (Binary, 16 random bytes) has surely not been seen, in these ids either; they are then."""
        if not self._bits.len():
            self._bits = pl.repeat(value=False, n=2**_BITS, dtype=pl.Boolean, eager=True)
        head = ids.to_frame("id").select(_head("id")).to_series()
        places = head // 2 ** (64 - _BITS)
        new = ~self._bits.gather(places) & head.is_first_distinct()
        self._bits = self._bits.scatter(places, values=True)
        return new


def near_key(column: str) -> pl.Expr:
    """Date and first 40 bits of the id in one number: it orders like the key, but for ids that begin alike."""
    days = (pl.col("date").to_physical().cast(pl.Int64) + _DAYS).cast(pl.UInt64)
    return (days * 2**40 + _head(column) // 2**24).alias("near_key")


def _head(column: str) -> pl.Expr:
    return pl.col(column).bin.head(8).bin.reinterpret(dtype=pl.UInt64, endianness="big")
