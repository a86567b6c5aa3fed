"""Files of several tables: each record's fields by the names that its section's header gives them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from nexus_data.contract.columns import CODE, LEAD, PART, ROW, SECTION, section_names
from nexus_data.contract.model import Sections, SectionTable
from nexus_data.readers.batch import Batch

UNKNOWN_HEADER = "UNKNOWN_HEADER"
_HEAD = "head|"
_NO_HEAD = 0


@dataclass(frozen=True, slots=True)
class SectionedBatch(Batch):
    """A batch with the columns of its sections' tables, and a code for the records that no table takes."""

    own: Batch

    @property
    def member(self) -> str:
        """See Batch."""
        return self.own.member

    def locate(self, record_nos: pl.Series) -> pl.DataFrame:
        """See Batch."""
        return self.own.locate(record_nos)


def sectioned(batches: Iterator[Batch], sections: Sections, *, wanted: Sequence[str]) -> Iterator[Batch]:
    """The batches with the wanted columns of the sections' tables; `group:lead` and `group:part` are null."""
    headers: dict[str, tuple[str, ...]] = {}
    names = [name for name in dict.fromkeys(section_names(sections)) if name in wanted]
    for batch in batches:
        records = _named(batch.records, sections, names, headers)
        yield SectionedBatch(records, batch.broken, batch.repeated, batch)


def _named(
    records: pl.DataFrame, sections: Sections, names: Sequence[str], headers: dict[str, tuple[str, ...]]
) -> pl.DataFrame:
    """headers: what each section's latest header says; brought up to date."""
    section, row = pl.col(SECTION).str.strip_chars(), pl.col(ROW).str.strip_chars()
    is_header = row == sections.header
    placed = records.with_columns(section.alias("section|"), is_header.alias("header|"))
    head = pl.when("header|").then("record_no").forward_fill().over("section|").fill_null(_NO_HEAD)
    placed = placed.with_columns(head.alias(_HEAD))
    fields = [name for name in records.columns if name.startswith("field_")]
    said = {number: tuple(texts) for number, *texts in placed.filter("header|").select("record_no", *fields).rows()}
    parts = [
        _part(rows, sections, names, fields, said.get(head_no, headers.get(title)))
        for (title, head_no), rows in _by_header(placed)
    ]
    latest = placed.filter("header|").group_by("section|").agg(pl.col("record_no").last())
    headers.update({title: said[number] for title, number in latest.rows()})
    return records.join(_joined(parts, names), on="record_no", how="left", maintain_order="left").with_columns(
        *(pl.col(name).fill_null("") for name in names),
        pl.lit(None, dtype=pl.Int64).alias(LEAD),
        pl.lit(None, dtype=pl.String).alias(PART),
    )


def _by_header(placed: pl.DataFrame) -> Iterator[tuple[tuple[str, int], pl.DataFrame]]:
    data = placed.filter(~pl.col("header|"))
    for (title, head_no), rows in data.partition_by("section|", _HEAD, as_dict=True).items():
        yield (str(title), int(str(head_no))), rows


def _joined(parts: Sequence[pl.DataFrame], names: Sequence[str]) -> pl.DataFrame:
    schema = {"record_no": pl.Int64(), **dict.fromkeys([*names, CODE], pl.String())}
    return pl.concat([pl.DataFrame(schema=schema), *parts], how="diagonal")


def _part(
    rows: pl.DataFrame,
    sections: Sections,
    names: Sequence[str],
    fields: Sequence[str],
    header: tuple[str, ...] | None,
) -> pl.DataFrame:
    """The records of one section under one header."""
    tables = [table for table in sections.tables if rows["section|"][0] in table.titles]
    if not tables:
        return rows.select("record_no")
    for table in tables:
        if header and (places := _places(header, table)) is not None:
            texts = {name: pl.col(fields[place]) for name, place in places.items()}
            texts |= {name: pl.lit(text) for name, text in table.constants.items()}
            return rows.select("record_no", *(texts[name].alias(name) for name in names if name in texts))
    return rows.select("record_no", pl.lit(UNKNOWN_HEADER).alias(CODE))


def _places(header: tuple[str, ...], table: SectionTable) -> Mapping[str, int] | None:
    """Where each column stands, as the contract's fields call it; None when the header does not fit the table."""
    texts = [text.strip() for text in header]
    there = {text: place for place, text in enumerate(texts) if text}
    required = set(table.columns) - set(table.optional)
    if not required <= there.keys() or not there.keys() <= set(table.columns) or len(there) != sum(map(bool, texts)):
        return None
    return {table.rename.get(name, name): place for name, place in there.items()}
