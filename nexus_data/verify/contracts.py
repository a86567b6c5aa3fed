"""Contracts as the verifier reads them: the TOML itself, and which of its keys the verifier does not know.

A key that is not known here could mean anything, so that its files cannot be verified; that is said, never passed over.
"""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PACKAGED = Path(__file__).parent.parent / "contracts"

_FIELD = {
    "column": None,
    "columns": None,
    "join": None,
    "value": None,
    "path": None,
    "product": None,
    "by_sign": {"column": None, "sum": None, "positive": None, "negative": None, "zero": None},
    "sum": None,
    "replace": Any,
    "null": None,
    "extract": None,
    "map": Any,
    "otherwise": None,
    "prefix": None,
    "case": None,
    "decimal": None,
    "thousands": None,
    "accounting": None,
    "signs": None,
    "sign": None,
    "factor": None,
    "factor_by": {"column": None, "map": Any, "extract": None},
    "formats": None,
    "zone": None,
    "zone_column": None,
    "day_ms": None,
    "crypto": None,
}
_CONDITION = {"column": None, "equals": None, "prefix": None, "matches": None, "empty": None, "sign": None}
_CONTRACT: dict[str, Any] = {
    "title": None,
    "table": None,
    "timezone": None,
    "path": None,
    "implied_parents": None,
    "format": {
        "kind": None,
        "delimiters": None,
        "quote": None,
        "encodings": None,
        "header": None,
        "preamble": None,
        "above": None,
        "ragged": None,
        "records": None,
        "prefix": None,
        "sheet": None,
        "sheets": None,
    },
    "numbers": {"decimal": None, "thousands": None, "accounting": None, "signs": None, "powers": None},
    "variants": {
        "columns": None,
        "optional": None,
        "name": None,
        "named": Any,
        "rename": Any,
        "others": None,
        "constants": Any,
    },
    "snapshot": {"name": None},
    "undecided": Any,
    "sections": {
        "opening": None,
        "header": None,
        "fields": None,
        "tables": {"titles": None, "columns": None, "optional": None, "rename": Any, "constants": Any},
    },
    "fields": {"*": _FIELD},
    "kinds": {"name": None, "when": _CONDITION, "skip": None, "set": Any, "fields": {"*": _FIELD}},
    "identity": {"columns": None, "content": None, "anchors": None},
    "revisions": {"correct": _CONDITION, "cancel": _CONDITION, "refers_to": _FIELD, "version": None},
    "continuation": {"when": _CONDITION, "of": _CONDITION, "columns": None},
    "group": {
        "key": None,
        "when": _CONDITION,
        "reach": None,
        "otherwise": None,
        "forms": {
            "name": None,
            "lead": None,
            "legs": {
                "name": None,
                "when": _CONDITION,
                "records": None,
                "same": None,
                "like": {"leg": None, "columns": None},
                "stands": None,
                "sum": None,
            },
        },
    },
}
"""Every key that is known: a dict for a table (or each of several), "*" for any name, Any for texts by any name."""


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract's TOML as it was when it read a file. version: 16 hex digits of its SHA-256."""

    source: str
    dataset: str
    version: str
    body: Mapping[str, Any]

    @property
    def name(self) -> str:
        """`source/dataset`, as people call it."""
        return f"{self.source}/{self.dataset}"

    @property
    def table(self) -> str:
        """The canonical table of its records."""
        return str(self.body["table"])


def load(path: Path, *, source: str, dataset: str) -> Contract:
    """A contract file, whatever it says."""
    text = path.read_bytes()
    version = hashlib.sha256(text).hexdigest()[:16]
    return Contract(source=source, dataset=dataset, version=version, body=tomllib.loads(text.decode()))


def find(home: Path, *, source: str, dataset: str, version: str) -> Contract | None:
    """The contract of that very version: as the home keeps it, else as the package has it; None when neither does."""
    for path in (home / "contracts" / f"{version}.toml", _PACKAGED / source / f"{dataset}.toml"):
        if path.exists():
            found = load(path, source=source, dataset=dataset)
            if found.version == version:
                return found
    return None


def unknown_keys(body: Mapping[str, Any]) -> list[str]:
    """The keys of a contract that the verifier does not know, as dotted names."""
    return sorted(set(_unknown(body, _CONTRACT, "")))


def _unknown(value: Any, known: Any, where: str) -> Iterator[str]:
    if known is Any or known is None:
        return
    if isinstance(value, list):
        for one in value:
            yield from _unknown(one, known, where)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            name = f"{where}.{key}" if where else key
            if key not in known and "*" not in known:
                yield name
            else:
                yield from _unknown(inner, known.get(key, known.get("*")), name)


def columns_read(body: Mapping[str, Any]) -> set[str]:
    """The raw columns that a contract reads, or derives from others."""
    wanted = {condition["column"] for kind in body.get("kinds", ()) for condition in kind.get("when", ())}
    says = body.get("revisions", {})
    wanted |= {condition["column"] for action in ("correct", "cancel") for condition in says.get(action, ())}
    wanted |= {says["version"]} if says.get("version") else set()
    for specs in (
        {"": says.get("refers_to", {})},
        body["fields"],
        *(kind.get("fields", {}) for kind in body.get("kinds", ())),
    ):
        for spec in specs.values():
            wanted.update(name.strip() for name in spec.get("column", "").split(" | ") if name)
            wanted.update(spec.get("columns", ()))
            wanted.update(spec[key] for key in ("zone_column", "day_ms") if key in spec)
            wanted.update(name.removeprefix("-") for name in spec.get("sum", ()))
            for key in ("by_sign", "factor_by"):
                wanted.update(name.removeprefix("-") for name in spec.get(key, {}).get("sum", ()))
                wanted.update([spec[key]["column"]] if spec.get(key, {}).get("column") else ())
    return wanted
