"""Files of several tables, by the description of `[sections]`: what the records of a section have under its header."""

from collections.abc import Mapping, Sequence
from typing import Any

from nexus_data.verify.field_texts import WHITE

UNKNOWN_HEADER = "UNKNOWN_HEADER"


def columns_of(sections: Mapping[str, Any]) -> tuple[str, ...]:
    """The raw columns of such a file."""
    return ("section", "row", *(f"field_{place}" for place in range(3, sections.get("fields", 32) + 1)))


class Sections:
    """The headers that have been seen so far, by section."""

    def __init__(self, sections: Mapping[str, Any]) -> None:
        self._tables = sections["tables"]
        self._header = sections.get("header", "Header")
        self._seen: dict[str, Sequence[str]] = {}

    def texts(self, fields: Sequence[str]) -> dict[str, str | None] | None:
        """The further columns of a record; None when it stands behind no header that fits."""
        section, row = fields[0].strip(WHITE), fields[1].strip(WHITE)
        if row == self._header:
            self._seen[section] = fields[2:]
            return {}
        tables = [table for table in self._tables if section in table["titles"]]
        header = self._seen.get(section)
        for table in tables:
            if header is not None and (places := _places(header, table)) is not None:
                texts = {name: fields[2 + place].strip(WHITE) or None for name, place in places.items()}
                return {**texts, **table.get("constants", {})}
        return None if tables else {}


def _places(header: Sequence[str], table: Mapping[str, Any]) -> dict[str, int] | None:
    names = [text.strip(WHITE) for text in header]
    given = [name for name in names if name]
    required = set(table["columns"]) - set(table.get("optional", ()))
    if not required <= set(given) <= set(table["columns"]) or len(set(given)) != len(given):
        return None
    rename = table.get("rename", {})
    return {rename.get(name, name): place for place, name in enumerate(names) if name}
