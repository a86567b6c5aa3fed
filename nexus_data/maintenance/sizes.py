"""How much room everything takes, noted each time, so that growth can be seen."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from nexus_data.sql import query

_FOLDERS = ("raw", "landing", "dagster", "logs", "reports", "staging")


def measure(database: psycopg.Connection[Any], *, home: Path, now: datetime) -> dict[str, int]:
    """Note the sizes of database, tables, lake tables and folders; those of database and folders, by name."""
    found = [*_in_database(database), *_in_home(home)]
    for kind, name, size in found:
        about = {"measured_at": now, "kind": kind, "name": name, "bytes": size}
        database.execute(query("maintenance/size_note"), about)
    return {"database" if kind == "database" else name: size for kind, name, size in found if kind != "table"}


def _in_database(database: psycopg.Connection[Any]) -> Iterator[tuple[str, str, int]]:
    yield from database.execute(query("maintenance/sizes")).fetchall()


def _in_home(home: Path) -> Iterator[tuple[str, str, int]]:
    for folder in sorted(path for path in (home / "lake").glob("*") if path.is_dir()):
        yield "lake", f"lake/{folder.name}", _size(folder)
    for name in _FOLDERS:
        if (home / name).is_dir():
            yield "folder", name, _size(home / name)


def _size(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(parent) / name).lstat().st_size
            except OSError:  # gone again
                continue
    return total
