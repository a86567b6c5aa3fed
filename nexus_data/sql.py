"""Finds the project's SQL: one statement a file, by its path under `sql/`. No SQL text lives in Python."""

from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "sql"


_names: dict[str, str] = {}


@cache
def query(name: str) -> str:
    """The text of `sql/queries/<name>.sql`; FileNotFoundError when there is none."""
    text = (ROOT / "queries" / f"{name}.sql").read_text(encoding="utf-8")
    _names[text] = name
    return text


def name_of(text: object) -> str:
    """The name under which `query` gave this text; `other` for a statement that is in no file."""
    return _names.get(text, "other") if isinstance(text, str) else "other"
