"""Seeded draws that need no state: the i-th draw for a purpose is a pure function (SplitMix64 of a counter).

The same arithmetic runs on Python integers and on Polars columns, so a file can be written in chunks of any size, or
partly again, and every record comes out the same on every machine and version. Nothing here is secret or secure.
"""

import hashlib

import polars as pl

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_MIX_1 = 0xBF58476D1CE4E5B9
_MIX_2 = 0x94D049BB133111EB


def number(seed: int, purpose: str, index: int) -> int:
    """The draw at `index` (from 0), 0 to 2**64 - 1."""
    z = ((index + _key(seed, purpose)) * _GOLDEN) & _MASK
    z = ((z ^ (z >> 30)) * _MIX_1) & _MASK
    z = ((z ^ (z >> 27)) * _MIX_2) & _MASK
    return z ^ (z >> 31)


def column(seed: int, purpose: str, index: pl.Expr) -> pl.Expr:
    """The draws at every value of `index` (any integer column), as UInt64; equal to `number` of the same arguments."""
    # Polars has no shift on integers: dividing an unsigned integer by a power of two is one.
    z = (index.cast(pl.UInt64) + _u64(_key(seed, purpose))) * _u64(_GOLDEN)
    z = (z ^ (z // _u64(1 << 30))) * _u64(_MIX_1)
    z = (z ^ (z // _u64(1 << 27))) * _u64(_MIX_2)
    return z ^ (z // _u64(1 << 31))


def _key(seed: int, purpose: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}:{purpose}".encode()).digest()[:8], "big")


def _u64(value: int) -> pl.Expr:
    return pl.lit(value, dtype=pl.UInt64)
