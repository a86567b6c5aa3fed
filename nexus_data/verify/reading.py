"""Every record of a kept file, by the contract that it was read with. What a record means is not known here."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from nexus_data.verify import json_text, standards, typed, workbook
from nexus_data.verify import layout as layouts
from nexus_data.verify.containers import members
from nexus_data.verify.contracts import Contract
from nexus_data.verify.delimited import HEADER, Grammar, Lines, Raw, records
from nexus_data.verify.layout import Layout, UnreadableError, rowed
from nexus_data.verify.text import lines


@dataclass(frozen=True, slots=True)
class Opened:
    """A file about to be read: the columns that its records have, the groups of its path, and the records."""

    columns: Sequence[str]
    path_groups: Mapping[str, str]
    records: Iterator[Raw]


def opened(path: Path, contract: Contract, *, landed_as: str) -> Opened:
    """The file as its contract reads it. `fields` of a record are in the order of `columns`; HEADER is the code of rows
    that repeat the header. Raises UnreadableError."""
    body = contract.body
    groups = _groups(body, landed_as)
    kind = body.get("format", {}).get("kind", "csv")
    if kind == "csv":
        found = layouts.of_text(path, body)
        return Opened(found.expected, groups, _delimited(path, body, found))
    if kind in ("json", "jsonl"):
        return _json(path, body, groups)
    if kind == "parquet":
        found = layouts.of_names(typed.parquet_names(path), body)
        return Opened(found.expected, groups, layouts.padded(typed.parquet_rows(path, found), found))
    if kind == "xlsx":
        found = workbook.laid_out(path, body)
        return Opened(found.expected, groups, workbook.records(path, found, body))
    if kind in standards.KINDS:
        found = standards.laid_out(body)
        return Opened(found.expected, groups, standards.records(path, body, found))
    raise UnreadableError(f"format {kind}")


def _json(path: Path, body: Mapping[str, Any], groups: Mapping[str, str]) -> Opened:
    form = body["format"]
    prefix = form.get("prefix", "")
    encoding = next(iter(layouts.encodings(path, form.get("encodings", ("utf-8", "cp1252")))), "utf-8")

    def elements() -> Iterator[json_text.Element]:
        for member in members(path):
            if form["kind"] == "jsonl":
                yield from json_text.json_lines(member.stream, encoding)
            else:
                way = form["records"].split(".") if form.get("records") else ()
                yield from json_text.array_elements(member.stream, encoding, way)

    found = layouts.of_names(json_text.names_of(elements(), prefix), body)
    columns = {name: name for name in found.expected} | dict(zip(found.names, found.columns, strict=True))
    parents = json_text.parents_of(columns)
    given = found.constants
    unread = found.others
    raws = (json_text.record(one, columns, found.expected, parents, prefix, given, unread) for one in elements())
    return Opened(found.expected, groups, raws)


def _groups(body: Mapping[str, Any], landed_as: str) -> dict[str, str]:
    if "path" not in body:
        return {}
    found = re.search(body["path"], landed_as.replace("\\", "/"))
    if found is None:
        raise UnreadableError(f"its contract does not take the path {landed_as}")
    return {name: text or "" for name, text in found.groupdict().items()}


def _delimited(path: Path, body: Mapping[str, Any], layout: Layout) -> Iterator[Raw]:
    form = body.get("format", {})
    grammar = Grammar(layout.delimiter, form.get("quote", '"'), len(layout.columns), form.get("ragged") == "pad")
    first: list[str] | None = None
    for member in members(path):
        header: list[str] | None = None
        text = Lines(lines(member.stream, layout.encoding))
        if layout.header_row is not None:
            loose = grammar._replace(width=None)
            rows = [rowed(raw, loose) for raw in islice(records(text, loose), layout.header_row + 1)]
            if not rows:
                continue
            header = list(rows[-1])
            if first is not None and header != first:
                raise UnreadableError(f"member {member.name} has another header than the members before it")
            first = header
            layout = layouts.above(layout, rows[:-1], body)
        yield from layouts.padded(_unrepeated(records(text, grammar), header), layout)


def _unrepeated(raws: Iterator[Raw], header: Sequence[str] | None) -> Iterator[Raw]:
    for raw in raws:
        yield raw._replace(fields=None, code=HEADER) if header is not None and raw.fields == header else raw
