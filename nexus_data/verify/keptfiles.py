"""The kept files themselves: whether each is there, and its bytes are those that its name promises."""

import hashlib
from collections.abc import Collection
from pathlib import Path

from nexus_data.verify.history import FileKey, History
from nexus_data.verify.report import Findings

_BLOCK = 1 << 22


def place(home: Path, sha256: str) -> Path:
    """Where the bytes of a file are kept."""
    return home / "raw" / sha256[:2] / sha256


def check(
    history: History,
    home: Path,
    findings: Findings,
    *,
    only: frozenset[FileKey] | None = None,
    let_go: Collection[FileKey] = (),
) -> set[FileKey]:
    """The files (of those in `only` when it is given) that are gone or altered: nothing can be recomputed from them.

    let_go: those that are not there because cleanup removed them; they are not looked for.
    """
    bad: set[FileKey] = set()
    seen: dict[str, str | None] = {}
    with findings.check("kept files", "files") as counted:
        for key, row in history.files.items():
            sha256 = row["sha256"]
            if (only is not None and key not in only) or key in let_go:
                continue
            if sha256 not in seen:
                seen[sha256] = _digest(place(home, sha256))
                counted["files"] += 1
            found = seen[sha256]
            if sha256[:32] != key[0].hex():
                findings.add("file_id_differs", file=row["name"], expected=sha256[:32], found=key[0])
            if found is None:
                findings.add("kept_file_missing", file=row["name"], sha256=sha256)
            elif found != sha256:
                findings.add("kept_file_altered", file=row["name"], expected=sha256, found=found)
            if found != sha256:
                bad.add(key)
    return bad


def _digest(path: Path) -> str | None:
    try:
        with path.open("rb") as source:
            digest = hashlib.sha256()
            while block := source.read(_BLOCK):
                digest.update(block)
            return digest.hexdigest()
    except OSError:
        return None
