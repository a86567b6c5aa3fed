"""Verifying some files alone: their bytes, their records on the first two hops, and what is published of them. Which
of their records are duplicates depends on all other files, and is not asked here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from nexus_data.errors import RunError
from nexus_data.tables.trading_operations import TRADING_OPERATIONS
from nexus_data.verify import stores
from nexus_data.verify.compare import Side, Subject, compare
from nexus_data.verify.history import FileKey, History
from nexus_data.verify.report import Findings

_KEY = ("file_id", "record_no")
_DEPENDS_ON_OTHERS = {"operation_id", "generation"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The files to look at."""

    keys: frozenset[FileKey]

    @property
    def file_ids(self) -> list[bytes]:
        """As the tables name them."""
        return sorted({key[0] for key in self.keys})


def choose(history: History, *, files: Sequence[str], since: int | None) -> Chosen | None:
    """The files by name or start of the SHA-256, and of that generation or a later one; None: all of them.

    Raises RunError for a name that no file has, and for a generation that is not there yet.
    """
    if not files and since is None:
        return None
    newest = history.current["generation"] if history.current else 0
    if since is not None and since > newest:
        raise RunError(f"there is no generation {since}: the newest is {newest}, the first is 1; nothing was verified")
    chosen = {key for key, row in history.files.items() if since is None or row["generation"] >= since}
    named: set[FileKey] = set()
    for name in files:
        found = {key for key in chosen if _is(history.files[key], name)}
        if not found:
            raise RunError(f"no file {name} has come in{f' since generation {since}' if since else ''}")
        named |= found
    return Chosen(frozenset(named if files else chosen))


def _is(row: Mapping[str, Any], name: str) -> bool:
    return name in (row["name"], row["landed_as"]) or (len(name) >= 6 and row["sha256"].startswith(name.lower()))


def check_operations(
    database: psycopg.Connection[Any],
    engine: duckdb.DuckDBPyConnection,
    chosen: Chosen,
    *,
    home: Path,
    folder: Path,
    version: int | None,
    names: Mapping[bytes, str],
    findings: Findings,
) -> None:
    """Each operation that is published of the files, in lake and Postgres, beside the record that it names."""
    columns = tuple(name for name in stores.compared(TRADING_OPERATIONS) if name not in _DEPENDS_ON_OTHERS)
    expected = stores.expected_accepted(engine)
    with findings.check("lake of these files", "rows") as counted:
        side = stores.lake_side(engine, home, TRADING_OPERATIONS, version, unverified=())
        counted["rows"] = _compare(engine, expected, side.relation, columns, chosen, "lake", names, findings)
    with (
        findings.check("postgres of these files", "rows") as counted,
        stores.postgres_side(
            engine, database, TRADING_OPERATIONS, folder, unverified=(), files=chosen.file_ids
        ) as found,
    ):
        counted["rows"] = _compare(engine, expected, found.relation, columns, chosen, "postgres", names, findings)


def _compare(
    engine: duckdb.DuckDBPyConnection,
    expected: str,
    found: str,
    columns: tuple[str, ...],
    chosen: Chosen,
    store: str,
    names: Mapping[bytes, str],
    findings: Findings,
) -> int:
    listed = ", ".join(f"unhex('{file_id.hex()}')" for file_id in chosen.file_ids)
    engine.execute(f"CREATE OR REPLACE TEMP TABLE theirs_of_files AS SELECT * FROM {found} WHERE file_id IN ({listed})")  # noqa: S608
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE ours_of_files AS SELECT * FROM {expected} SEMI JOIN theirs_of_files "  # noqa: S608
        "USING (file_id, record_no)"
    )
    subject = Subject(TRADING_OPERATIONS.name, store, _KEY, names)
    ours, theirs = Side("ours_of_files", columns), Side("theirs_of_files", columns)
    return compare(engine, ours, theirs, subject=subject, findings=findings)
