"""A golden input for a drafted contract: some records of the file with everything in them invented.

What expected.json then has to say is written by the tests' own `golden_case`.
"""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl

from nexus_data import kernel
from nexus_data.contract.load import Source
from nexus_data.contract.match import Match, match
from nexus_data.contract.model import Contract, FieldSpec
from nexus_data.draft.above import facts_above
from nexus_data.draft.look import columns_read
from nexus_data.draft.scrub import Scrubber
from nexus_data.draft.shape import Shape
from nexus_data.draft.texts import telling
from nexus_data.draft.times import Order
from nexus_data.errors import FileError
from nexus_data.kernel.currency_codes import CODES
from nexus_data.readers.containers import members
from nexus_data.readers.read import read
from nexus_data.settings import Settings

_EACH = 2
_MOST = 24
_TIMES = frozenset({"date", "transact_time"})
_WORDS = frozenset({"side", "status", "status_category", "type", "category", "priority", "primary_pov_role"})
_BATCH_BYTES = 4 << 20

Row = dict[str, str]
Change = Callable[[str], str]


def golden_input(
    path: Path, source: Source, shape: Shape, *, scrubber: Scrubber, settings: Settings
) -> tuple[str, bytes]:
    """The file's name (input.csv, ...) and bytes: up to two records of every outcome that the contract gives."""
    rows = _chosen(path, source, settings)
    changes = _changes(source.contract, shape.names, scrubber)
    scrubbed = [{name: change(row[name]) for name, change in changes.items()} for row in rows]
    return _written(shape, scrubbed, scrubber)


def file_scrubber(path: Path, *, order: Order, settings: Settings) -> Scrubber:
    """The scrubber of a file, whose key is the hash of what is in it."""
    digest = hashlib.sha256()
    for member in members(path, max_expanded_bytes=settings.max_expanded_bytes):
        while block := member.source.read(1 << 20):
            digest.update(block)
    return Scrubber(digest.digest(), order)


def _chosen(path: Path, source: Source, settings: Settings) -> list[Row]:
    """The first records of the first batch, at most two of each outcome, in file order."""
    found = match(path, (source,), landed_as=path.name, source=None, max_expanded_bytes=settings.max_expanded_bytes)
    if not isinstance(found, Match):
        raise FileError(f"{path}: {found.reason}")
    compiled = kernel.compile_contract(source.contract, name=source.name)
    limit = settings.max_expanded_bytes
    batch = next(iter(read(path, found.layout, batch_bytes=_BATCH_BYTES, max_expanded_bytes=limit)))
    decided = kernel.standardize(batch.records, kernel=compiled, facts=_facts(source, found))
    by = [name for name in ("outcome", "reasons", "category", "side", "type", "status_category") if name in decided]
    first = decided.select("record_no", *by).with_columns(nth=pl.int_range(pl.len()).over(by))
    numbers = first.filter(pl.col("nth") < _EACH)["record_no"].sort().head(_MOST)
    rows = batch.records.filter(pl.col("record_no").is_in(numbers.implode())).drop("record_no")
    return rows.to_dicts()


def _facts(source: Source, found: Match) -> kernel.FileFacts:
    accounts = pl.DataFrame(schema={"account_id": pl.String(), "user_id": pl.String()})
    return kernel.FileFacts(bytes(16), source.source, None, "unassigned", found.path_groups, accounts)


def _changes(contract: Contract, names: Sequence[str], scrubber: Scrubber) -> dict[str, Change]:
    """How the texts of each column are changed, by what the contract reads from it; words with a meaning stay."""
    changes: dict[str, Change] = dict.fromkeys(names, scrubber.any)
    specs = [(name, spec) for fields in _fields(contract) for name, spec in fields.items()]
    for name, spec in specs:
        for column in (one for one in columns_read(spec) if one in changes):
            zone = column == spec.zone_column
            changes[column] = _kept if zone else _change(name, spec, scrubber, changes[column])
    for kind in contract.kinds:
        for condition in kind.when:
            if condition.equals is not None:
                changes[condition.column] = _kept
            elif condition.matches is not None and changes[condition.column] == scrubber.any:
                changes[condition.column] = lambda text: scrubber.sentence(text, kept=_says(text))
    return changes


def _fields(contract: Contract) -> list[Mapping[str, FieldSpec]]:
    return [contract.fields, *(kind.fields for kind in contract.kinds)]


def _change(name: str, spec: FieldSpec, scrubber: Scrubber, before: Change) -> Change:
    if name in _TIMES or name.endswith(("_at", "_date", "_on")):
        return scrubber.time if before != _kept else before
    worded = "currency" in name or (name in _WORDS and spec.by_sign is None) or bool(spec.map)
    if worded and spec.extract is None:
        return _kept
    if before != scrubber.any:
        return before
    numeric = spec.by_sign is not None or spec.sign != "keep" or name in ("amount", "last_qty", "last_px", "commission")
    numeric = numeric or name.endswith(("amount", "budget"))
    return scrubber.number if numeric and spec.extract is None else before


def _kept(text: str) -> str:
    return text


def _says(text: str) -> Callable[[str], bool]:
    """Whether a word of a sentence says what it means, or is a currency."""
    words = set((telling(text) or "").replace("\\b", " ").split("[^0-9A-Za-z]+"))
    said = {word.strip() for word in words}
    return lambda word: word in said or word in CODES


def _written(shape: Shape, rows: Sequence[Row], scrubber: Scrubber) -> tuple[str, bytes]:
    if shape.format.kind in ("json", "jsonl"):
        return _json(shape, rows)
    if shape.format.kind == "parquet":
        buffer = io.BytesIO()
        pl.DataFrame(rows, schema=dict.fromkeys(shape.names, pl.String())).write_parquet(buffer)
        return "input.parquet", buffer.getvalue()
    if shape.format.kind == "xlsx":
        return "input.xlsx", _workbook(shape, rows, scrubber)
    return "input.csv", _csv(shape, rows, scrubber)


def _table(shape: Shape, rows: Sequence[Row], scrubber: Scrubber) -> list[list[str]]:
    """What stood before the header, scrubbed too, the header, and the records."""
    kept = _told_above(shape)
    before = [[cell if cell in kept else scrubber.text(cell) for cell in row] for row in shape.before]
    header = [list(shape.header)] if shape.format.header else []
    return [*before, *header, *([row[name] for name in shape.names] for row in rows)]


def _told_above(shape: Shape) -> set[str]:
    """Labels above the header that the contract looks for, and the currency that stands beside one."""
    found = facts_above(shape.before)
    return {fact.label for fact in found.values()} | ({found["currency"].value} if "currency" in found else set())


def _csv(shape: Shape, rows: Sequence[Row], scrubber: Scrubber) -> bytes:
    text = io.StringIO()
    quote = shape.format.quote
    writer = csv.writer(text, delimiter=shape.format.delimiters[0], quotechar=quote, lineterminator="\n")
    writer.writerows(_table(shape, rows, scrubber))
    return text.getvalue().encode(shape.layout.encoding or "utf-8")


def _json(shape: Shape, rows: Sequence[Row]) -> tuple[str, bytes]:
    records = [_nested(row) for row in rows]
    if shape.format.kind == "jsonl":
        lines = (json.dumps(record, ensure_ascii=False) for record in records)
        return "input.jsonl", "".join(f"{line}\n" for line in lines).encode()
    document: Any = records
    for name in reversed(shape.format.records.split(".") if shape.format.records else ()):
        document = {name: document}
    return "input.json", json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _nested(row: Row) -> dict[str, Any]:
    """Dotted names as the objects that they stand for."""
    record: dict[str, Any] = {}
    for name, text in row.items():
        *way, last = name.split(".")
        place = record
        for part in way:
            place = place.setdefault(part, {})
        place[last] = text
    return record


def _workbook(shape: Shape, rows: Sequence[Row], scrubber: Scrubber) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    if shape.layout.sheet:
        sheet.title = shape.layout.sheet
    for row in _table(shape, rows, scrubber):
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
