"""Elements of JSON text to one batch."""

import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

import polars as pl

from nexus_data.readers.batch import BROKEN_SCHEMA, Batch
from nexus_data.readers.encodings import shown
from nexus_data.readers.json_array import Span
from nexus_data.readers.json_values import JsonError, flat_fields
from nexus_data.readers.layout import Layout
from nexus_data.readers.window import line_ends

Read = Callable[[bytes, Set[str]], dict[str, str]]

_LOCATED_SCHEMA = pl.Schema({"record_no": pl.Int64(), "line": pl.Int64(), "raw": pl.String()})


@dataclass(frozen=True, slots=True)
class Naming:
    """columns: the name of a batch's column for each dotted name in the file. parents: names that hold objects.

    renames: whether any column has another name than in the file. constants: texts of columns that no record has.
    others: an expression for the names of columns that nobody reads; none: there are no such.
    """

    columns: Mapping[str, str]
    expected: Sequence[str]
    parents: Set[str]
    renames: bool
    constants: Mapping[str, str]
    others: re.Pattern[str] | None = None

    @classmethod
    def of(cls, names: Sequence[str], columns: Sequence[str], layout: Layout) -> "Naming":
        """names: what probing saw; columns: those, renamed. Records may have every other name that the layout knows."""
        known = {name: name for name in layout.expected}
        known |= {old: new for old, new in layout.rename.items() if new in known}
        known |= dict(zip(names, columns, strict=True))
        renames = any(name != column for name, column in known.items())
        others = re.compile("|".join(f"(?:{one})" for one in layout.others)) if layout.others else None
        return cls(known, layout.expected, parents_of(known), renames, layout.constants, others)

    def strange(self, names: Set[str]) -> bool:
        """Whether one of the names is of a column that could mean anything."""
        unknown = names - self.columns.keys()
        return bool(unknown) and not (self.others and all(map(self.others.fullmatch, unknown)))


def parents_of(names: Set[str] | Mapping[str, str]) -> frozenset[str]:
    """Every name of an object that one of the dotted names lies in."""
    return frozenset(name[:place] for name in names for place, char in enumerate(name) if char == ".")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Text (UTF-8), its elements, and the numbers in the file of the first element and of the first line.

    member: of the zip that they stand in, "" without one.
    """

    data: bytes
    spans: Sequence[Span]
    record: int
    line: int
    transcoded: bool
    member: str = ""

    def places(self, indexes: Sequence[int]) -> list[tuple[int, str]]:
        """Line and text of the elements at these indexes, which are in order."""
        places = []
        line, behind = self.line, 0
        for index in indexes:
            span = self.spans[index]
            line += line_ends(self.data, behind, span.start)
            behind = span.start
            places.append((line, shown(self.data[span.start : span.end], transcoded=self.transcoded)))
        return places


@dataclass(frozen=True, slots=True)
class JsonBatch(Batch):
    """A batch that keeps its text."""

    chunk: Chunk

    @property
    def member(self) -> str:
        """See Batch."""
        return self.chunk.member

    def locate(self, record_nos: pl.Series) -> pl.DataFrame:
        """See Batch."""
        numbers: list[int] = record_nos.to_list()
        ordered = sorted(set(numbers))
        places = dict(zip(ordered, self.chunk.places([n - self.chunk.record for n in ordered]), strict=True))
        return pl.DataFrame([(n, *places[n]) for n in numbers], schema=_LOCATED_SCHEMA, orient="row")


def batch_of(chunk: Chunk, naming: Naming, *, read: Read = flat_fields) -> JsonBatch:
    """Every element as a record, or as a broken one. read: from an element and its parents' names to its fields."""
    good: list[int] = []
    rows: list[dict[str, str]] = []
    codes: dict[int, str] = {}
    for index, span in enumerate(chunk.spans):
        try:
            rows.append(_row(chunk.data, span, naming, read))
            good.append(chunk.record + index)
        except JsonError as error:
            codes[index] = str(error)
    empty = {name: naming.constants.get(name, "") for name in naming.expected}
    texts = {name: [row.get(name, empty[name]) for row in rows] for name in naming.expected}
    schema = {"record_no": pl.Int64(), **dict.fromkeys(naming.expected, pl.String())}
    records = pl.DataFrame({"record_no": good, **texts}, schema=schema)
    return JsonBatch(records, _broken(chunk, codes), pl.Series("record_no", [], dtype=pl.Int64), chunk)


def _row(data: bytes, span: Span, naming: Naming, read: Read) -> dict[str, str]:
    if span.broken:
        raise JsonError("BAD_JSON")
    fields = read(data[span.start : span.end], naming.parents)
    if not fields.keys() <= naming.columns.keys():
        if naming.strange(fields.keys()):
            raise JsonError("UNKNOWN_COLUMN")
        fields = {name: text for name, text in fields.items() if name in naming.columns}
    if not naming.renames:
        return fields
    row = {naming.columns[name]: text for name, text in fields.items()}
    if len(row) != len(fields):
        # Two names in the file, the old and the new one, for one column.
        raise JsonError("BAD_JSON")
    return row


def _broken(chunk: Chunk, codes: dict[int, str]) -> pl.DataFrame:
    places = chunk.places(list(codes))
    rows = [
        (chunk.record + index, line, code, raw)
        for (index, code), (line, raw) in zip(codes.items(), places, strict=True)
    ]
    return pl.DataFrame(rows, schema=BROKEN_SCHEMA, orient="row")
