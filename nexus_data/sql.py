"""Finds the project's SQL: one statement a file, by its path under `sql/`. No SQL text lives in Python."""

from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "sql"


@cache
def query(name: str) -> str:
    """The text of `sql/queries/<name>.sql`; FileNotFoundError when there is none."""
    return (ROOT / "queries" / f"{name}.sql").read_text(encoding="utf-8")
