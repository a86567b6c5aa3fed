"""Fingerprints and identities, written anew from their description in `nexus_data/kernel/identity.py`."""

import hashlib
from collections.abc import Mapping, Sequence

import xxhash

from nexus_data.tables.model import PROVENANCE, Table
from nexus_data.verify.fields import Value

SEPARATOR = "\x1f"
NULL = "\u2400"
_NO_CONTENT = {"operation_id", "generation", *(field.name for field in PROVENANCE)}


def fingerprint(text: str) -> int:
    """XXH3-64 with seed 0 of a text in UTF-8, as a signed 64-bit integer."""
    found: int = xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))
    return found - (1 << 64) if found >= 1 << 63 else found


def content_columns(table: Table) -> tuple[str, ...]:
    """The columns that the content of a record consists of, in the table's order."""
    return tuple(field.name for field in table.fields if field.name not in _NO_CONTENT)


def joined(values: Sequence[Value]) -> str:
    """Canonical texts in one; nothing is U+2400."""
    return SEPARATOR.join([NULL if value is None else str(value) for value in values])


def identity(text: str) -> bytes:
    """The first 16 bytes of the SHA-256 of an identity text."""
    return hashlib.sha256(text.encode()).digest()[:16]


def row_id(table: Table, values: Mapping[str, Value]) -> bytes | None:
    """What a row of a keyed table is known by beside operations; None where a part of its key is missing."""
    key = [values[name] for name in table.key]
    return None if None in key else identity(SEPARATOR.join(map(str, key)))


def nth_identity(first: bytes, nth: int) -> bytes:
    """The id of the n-th occurrence of one content within a file."""
    return first if nth == 1 else hashlib.sha256(f"{first.hex()}:{nth}".encode()).digest()[:16]
