"""Corrections put in the place of what a file says, between its reader and all that looks at the texts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from nexus_data.readers.batch import Batch

Edit = Callable[[Batch], Batch]

OLD_SCHEMA = pl.Schema({"record_no": pl.Int64(), "field": pl.String(), "file_text": pl.String()})


@dataclass(slots=True)
class Corrector:
    """Edits batches. texts: what columns of records are to say, by record. columns: those that the file has.

    found: what the file says there (OLD_SCHEMA; null for a record whose fields the reader could not tell), of the
    batches edited so far.
    """

    texts: Mapping[int, Mapping[str, str]]
    columns: Sequence[str]
    found: list[tuple[int, str, str | None]] = field(default_factory=list)

    def __call__(self, batch: Batch) -> Batch:
        """The batch as it would be, had the file said what the corrections say.

        A record that the reader could not read becomes one when all of its columns are given.
        """
        here = [number for number in batch.records["record_no"] if number in self.texts] if self.texts else []
        lost = [number for number in batch.broken["record_no"] if self._whole(number)] if self.texts else []
        if not here and not lost:
            return batch
        records = self._edited(batch.records, here)
        if lost:
            records = pl.concat([records, self._made(lost, records.schema)]).sort("record_no")
        return replace(batch, records=records, broken=batch.broken.filter(~pl.col("record_no").is_in(lost)))

    def file_texts(self) -> pl.DataFrame:
        """What the file says where it was corrected (OLD_SCHEMA)."""
        return pl.DataFrame(self.found, schema=OLD_SCHEMA, orient="row")

    def _whole(self, number: int) -> bool:
        return number in self.texts and all(name in self.texts[number] for name in self.columns)

    def _edited(self, records: pl.DataFrame, here: Sequence[int]) -> pl.DataFrame:
        before = records.filter(pl.col("record_no").is_in(here)).rows(named=True)
        news: dict[str, dict[int, str]] = {}
        for row in before:
            number = row["record_no"]
            for name, text in self.texts[number].items():
                if name in records.columns:
                    news.setdefault(name, {})[number] = text
                    self.found.append((number, name, row[name]))
        edits = [
            pl.col("record_no").replace_strict(texts, default=pl.col(name), return_dtype=pl.String).alias(name)
            for name, texts in news.items()
        ]
        return records.with_columns(edits)

    def _made(self, lost: Sequence[int], schema: pl.Schema) -> pl.DataFrame:
        self.found += [(number, name, None) for number in lost for name in self.texts[number]]
        names = [name for name in schema if name != "record_no"]
        rows = [(number, *(self.texts[number].get(name, "") for name in names)) for number in lost]
        return pl.DataFrame(rows, schema=schema, orient="row")


def corrector(corrected: pl.DataFrame, *, columns: Sequence[str]) -> Corrector:
    """From the corrections in force of a file: `record_no`, `field`, `new_text`."""
    texts: dict[int, dict[str, str]] = {}
    for number, name, text in corrected.select("record_no", "field", "new_text").iter_rows():
        texts.setdefault(number, {})[name] = text
    return Corrector(texts, columns)
