"""What the marts are: the files of `sql/marts`, each one SELECT under a header with its grain, key and columns.

Nothing is computed here (see `marts`), so that an orchestrator can list the marts without an engine.

A header is made of SQL comments before the statement: free text, then `-- grain: TEXT`, `-- key: COLUMN, ...`,
`-- refresh: month|full` and a `-- column NAME: MEANING` for each column. `month` says that the mart's rows of a month
follow from that month's operations alone; such a mart has a column `month` (YYYY-MM). `-- groups: COLUMN, ...`, which
may be left out, names columns of the key that are columns of trading_operations, too: the mart's rows of certain values
there follow from the operations of the same values alone (a null there is an empty text in the mart). Of such a mart a
run computes and replaces only what its operations can have changed.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

from nexus_data.errors import MartError
from nexus_data.sql import ROOT
from nexus_data.tables.trading_operations import TRADING_OPERATIONS

Refresh = Literal["month", "full"]

_ENTRY = re.compile(r"--\s*(?:(?P<tag>grain|key|refresh|groups)|column\s+(?P<column>\w+))\s*:\s*(?P<value>.*)")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Mart:
    """One declared mart. columns: (name, meaning) in the order of the SELECT; doc: the header's free text."""

    name: str
    path: Path
    doc: str
    grain: str
    key: tuple[str, ...]
    refresh: Refresh
    columns: tuple[tuple[str, str], ...]
    sql: str
    groups: tuple[str, ...] = ()


def declared(folder: Path | None = None) -> tuple[Mart, ...]:
    """Every mart of a folder (by default `sql/marts`), by name. MartError names the file that is wrong."""
    return tuple(read_mart(path) for path in sorted((folder or ROOT / "marts").glob("*.sql")))


def shared(folder: Path | None = None) -> dict[str, str]:
    """The statements of what several marts read, by name: the files of `shared/` beside theirs."""
    found = sorted(((folder or ROOT / "marts") / "shared").glob("*.sql"))
    return {path.stem: path.read_text(encoding="utf-8").rstrip().rstrip(";") for path in found}


def definition(mart: Mart) -> str:
    """What tells one text of a mart from another, with the shared statements and macros that any mart may use."""
    used = sorted(path for room in ("shared", "macros") for path in (ROOT / "marts" / room).glob("*.sql"))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in (mart.path, *used))).hexdigest()


def reads(mart: Mart) -> frozenset[str]:
    """Every word of a mart's statement, and of the shared ones that it reads: names of tables are among them."""
    words = _words(mart.sql)
    return words.union(*(_words(statement) for name, statement in shared().items() if name in words))


def _words(statement: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", re.sub(r"--.*", "", statement)))


def read_mart(path: Path) -> Mart:
    """The mart that a file declares; MartError says what its header lacks."""
    text = path.read_text(encoding="utf-8")
    if not _NAME.fullmatch(path.stem):
        _refuse(path, "a mart's file name is its table's name: lower case letters, digits and _")
    tags, columns, doc = _entries(path, text)
    return Mart(
        name=path.stem,
        path=path,
        doc=doc,
        grain=tags["grain"],
        key=_key(path, tags["key"], columns),
        refresh=_refresh(path, tags["refresh"], columns),
        columns=tuple(columns.items()),
        sql=text.rstrip().rstrip(";"),
        groups=_groups(path, tags.get("groups", ""), tags["key"]),
    )


def _entries(path: Path, text: str) -> tuple[dict[str, str], dict[str, str], str]:
    tags: dict[str, str] = {}
    columns: dict[str, str] = {}
    doc: list[str] = []
    for line in _header(text):
        entry = _ENTRY.fullmatch(line)
        if entry is None:
            doc.append(line.removeprefix("--").strip())
            continue
        place, name = (tags, entry["tag"]) if entry["tag"] else (columns, entry["column"])
        if name in place:
            _refuse(path, f"its header says '{name}' twice")
        place[name] = entry["value"].strip()
    for tag in ("grain", "key", "refresh"):
        if not tags.get(tag):
            _refuse(path, f"its header lacks '-- {tag}: ...'")
    return tags, columns, " ".join(doc)


def _header(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines()]
    end = next((i for i, line in enumerate(lines) if not line.startswith("--")), len(lines))
    return lines[:end]


def _key(path: Path, value: str, columns: dict[str, str]) -> tuple[str, ...]:
    key = tuple(name.strip() for name in value.split(","))
    if unknown := [name for name in key if name not in columns]:
        _refuse(path, f"its key names {unknown[0]!r}, for which there is no '-- column {unknown[0]}: ...'")
    return key


def _groups(path: Path, value: str, key: str) -> tuple[str, ...]:
    groups = tuple(name.strip() for name in value.split(",") if name.strip())
    operations = {field.name for field in TRADING_OPERATIONS.fields}
    if unknown := [name for name in groups if name not in operations or name not in key.split(", ")]:
        _refuse(path, f"its groups name {unknown[0]!r}, which is not both of its key and of trading_operations")
    return groups


def _refresh(path: Path, value: str, columns: dict[str, str]) -> Refresh:
    if value not in ("month", "full"):
        _refuse(path, f"its refresh is {value!r}; it can be 'month' or 'full'")
    if value == "month" and "month" not in columns:
        _refuse(path, "its refresh is 'month', so that it needs a column month (YYYY-MM)")
    return "month" if value == "month" else "full"


def _refuse(path: Path, why: str) -> NoReturn:
    raise MartError(f"{path}: {why}")
