"""Finds the project's SQL: one statement a file, by its path under `sql/`. No SQL text lives in Python."""

import re
from functools import cache
from pathlib import Path

OTHER = "other"
ROOT = Path(__file__).resolve().parent.parent / "sql"


_names: dict[str, str] = {}
_PLACE = re.compile(r"%\((\w+)\)s|%%")


@cache
def query(name: str) -> str:
    """The text of `sql/queries/<name>.sql`, the name being room/statement; FileNotFoundError when there is none."""
    text = (ROOT / "queries" / f"{name}.sql").read_text(encoding="utf-8")
    _names[text] = name
    return text


def name_of(text: object) -> str:
    """The name under which `query` gave this text; OTHER for a statement that is in no file."""
    return _names.get(text, OTHER) if isinstance(text, str) else OTHER


@cache
def numbered(text: str) -> tuple[str, tuple[str, ...]]:
    """A statement of a file as the server reads it ($1, $2, ...), and the names of its parameters in that order.

    For who sends it often: a long text is taken apart by psycopg at each use, which costs half a millisecond.
    """
    places: dict[str, int] = {}

    def place(found: re.Match[str]) -> str:
        return f"${places.setdefault(found[1], len(places) + 1)}" if found[1] else "%"

    return _PLACE.sub(place, text), tuple(places)
