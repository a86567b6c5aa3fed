"""Elements of a standard format (a booking, a statement line, a task) to batches; raw text and line are kept for each.

What an element's fields are, and where one begins and ends, is the business of the format's own module.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from nexus_data.readers.batch import BROKEN_SCHEMA, Batch
from nexus_data.readers.layout import Layout

_LOCATED_SCHEMA = pl.Schema({"record_no": pl.Int64(), "line": pl.Int64(), "raw": pl.String()})
_MAX_ELEMENTS = 20_000


@dataclass(frozen=True, slots=True)
class Element:
    """One record. fields: by the format's names, missing ones are empty. raw: its text as in the file; line: from 1.

    code: why it is no record; its fields then say nothing.
    """

    fields: Mapping[str, str]
    raw: str
    line: int
    code: str | None = None


@dataclass(frozen=True, slots=True)
class ElementBatch(Batch):
    """A batch that keeps its elements. record: the number of the first one. stands_in: the name of the zip member."""

    elements: Sequence[Element]
    record: int
    stands_in: str

    @property
    def member(self) -> str:
        """See Batch."""
        return self.stands_in

    def locate(self, record_nos: pl.Series) -> pl.DataFrame:
        """See Batch."""
        numbers: list[int] = record_nos.to_list()
        found = [(number, self.elements[number - self.record]) for number in numbers]
        rows = [(number, element.line, element.raw) for number, element in found]
        return pl.DataFrame(rows, schema=_LOCATED_SCHEMA, orient="row")


def batches(
    elements: Iterable[Element], layout: Layout, names: Sequence[str], *, record: int, member: str, batch_bytes: int
) -> Iterator[ElementBatch]:
    """Batches of about so many bytes of raw text. names: the format's columns, in the order of the layout's.

    record: the number of the first element. member: see Batch.
    """
    columns = dict(zip(layout.columns, names, strict=True))
    part: list[Element] = []
    size = 0
    for element in elements:
        part.append(element)
        size += len(element.raw) + sum(map(len, element.fields.values()))
        if size >= batch_bytes or len(part) == _MAX_ELEMENTS:
            yield _batch(part, layout, columns, record, member)
            record, part, size = record + len(part), [], 0
    if part:
        yield _batch(part, layout, columns, record, member)


def _batch(
    part: Sequence[Element], layout: Layout, columns: Mapping[str, str], record: int, member: str
) -> ElementBatch:
    codes = [element.code or _fault(element) for element in part]
    good = [(record + place, element) for place, element in enumerate(part) if codes[place] is None]
    texts = {name: [element.fields.get(columns.get(name, ""), "") for _, element in good] for name in layout.expected}
    schema = {"record_no": pl.Int64(), **dict.fromkeys(layout.expected, pl.String())}
    broken = [
        (record + place, element.line, codes[place], element.raw.replace("\0", "\\x00"))
        for place, element in enumerate(part)
        if codes[place] is not None
    ]
    return ElementBatch(
        pl.DataFrame({"record_no": [number for number, _ in good], **texts}, schema=schema),
        pl.DataFrame(broken, schema=BROKEN_SCHEMA, orient="row"),
        pl.Series("record_no", [], dtype=pl.Int64),
        part,
        record,
        member,
    )


def _fault(element: Element) -> str | None:
    return "NUL" if any("\0" in text for text in element.fields.values()) else None
