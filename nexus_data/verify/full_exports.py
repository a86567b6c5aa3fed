"""Full exports: which landed files are versions of one file, as `[snapshot]` of their contract describes it, and which
version is in force when. What becomes of their records is decided elsewhere."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nexus_data.verify.contracts import Contract
from nexus_data.verify.history import Landing

Scope = tuple[str, str, str, str]
"""Table, source, owner and logical name: what versions of one file share."""

_ENDINGS = re.compile(
    r"(\.(csv|tsv|tab|txt|log|jsonl?|ndjson|parquet|xlsx|xml|ofx|qfx|qbo|sta|mt940|940|gz|zst|zip))+\Z", re.IGNORECASE
)
_COPY = re.compile(r"\s*\(\d+\)\Z")


def logical_name(body: Mapping[str, Any], name: str) -> str | None:
    """What all versions of a file are called; None: a file of this name is no full export.

    Without an expression of the contract's own the name without the endings of its kind, and without the number that
    browsers give to further copies.
    """
    says = body.get("snapshot")
    if says is None:
        return None
    if "name" not in says:
        return _COPY.sub("", _ENDINGS.sub("", name)) or name
    found = re.search(says["name"], name)
    if found is None:
        return None
    return (found[1] or "") if found.re.groups else found[0]


def order(scope: Scope) -> str:
    """Of several files whose newest versions miss a row, the first in this order is said to miss it."""
    return hashlib.sha256("\x1f".join(scope).encode()).hexdigest()


@dataclass(slots=True)
class FullExports:
    """scopes: of each landing that is a version, or that takes records of one out of quarantine. versions: landings by
    scope and generation, in the order of arrival. files: since which generation a file is known as a version.
    file_ids: by landing, of all landings."""

    scopes: dict[int, Scope] = field(default_factory=dict)
    versions: defaultdict[Scope, dict[int, list[int]]] = field(default_factory=lambda: defaultdict(dict))
    files: dict[bytes, int] = field(default_factory=dict)
    file_ids: dict[int, bytes] = field(default_factory=dict)

    def take(self, landing: Landing, contract: Contract) -> Scope | None:
        """Take a landing of records into account, in the order of history; None: it is no full export."""
        self.file_ids[landing.seq] = landing.key[0]
        name = logical_name(contract.body, landing.name)
        if name is None:
            return None
        scope = (landing.table, landing.key[1], landing.key[2], name)
        self.scopes[landing.seq] = scope
        if landing.kind == "new":
            self.versions[scope].setdefault(landing.generation, []).append(landing.seq)
            self.files.setdefault(landing.key[0], landing.generation)
        return scope

    def of(self, scope: Scope, generation: int) -> list[int]:
        """The versions that came in with a generation."""
        return self.versions[scope].get(generation, [])

    def before(self, scope: Scope, generation: int) -> int | None:
        """The version in force before a generation."""
        earlier = [since for since in self.versions[scope] if since < generation]
        return self.versions[scope][max(earlier)][-1] if earlier else None

    def with_successors(self) -> list[int]:
        """The landings whose rows another version, or a record out of quarantine, may say something about."""
        several: defaultdict[Scope, list[int]] = defaultdict(list)
        for seq, scope in self.scopes.items():
            several[scope].append(seq)
        return sorted(seq for seqs in several.values() if len(seqs) > 1 for seq in seqs)

    def is_version(self, file_id: bytes, generation: int) -> bool:
        """Whether a file had gone in as a version by then."""
        return self.files.get(file_id, generation + 1) <= generation
