"""What a reader yields."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import polars as pl

from nexus_data.readers.starts import STARTS_SCHEMA

BROKEN_SCHEMA = pl.Schema({"record_no": pl.Int64(), "line": pl.Int64(), "code": pl.String(), "raw": pl.String()})


@dataclass(frozen=True, slots=True)
class Batch(ABC):
    """A run of records of one file, in file order.

    records: `record_no` (Int64, from 1, counting every record of the file, broken and repeated headers included), then
    one String column per source column under its variant's name; missing optional columns are there, empty. Text is as
    in the file, unquoted, never null.
    broken: records that are no records (BROKEN_SCHEMA): too few or too many fields, a quote that never closes, bytes
    that are not text in the encoding, NUL; `raw` is their text, undecodable bytes and NUL written as \\xNN.
    repeated: record numbers that repeat the header.
    """

    records: pl.DataFrame
    broken: pl.DataFrame
    repeated: pl.Series

    @property
    def size(self) -> int:
        """Bytes of text that the records were read from; 0 where there is no such number."""
        return 0

    @property
    def member(self) -> str:
        """The name of the zip member that the records stand in, "" when the file is one stream."""
        return ""

    def starts(self) -> pl.DataFrame:
        """Where its records start (STARTS_SCHEMA of `nexus_data.readers.starts`); empty where that cannot be told."""
        return STARTS_SCHEMA.to_frame()

    @abstractmethod
    def locate(self, record_nos: pl.Series) -> pl.DataFrame:
        """`record_no`, `line` (first physical line, from 1; null without lines), `raw` (the text as in the file)."""
