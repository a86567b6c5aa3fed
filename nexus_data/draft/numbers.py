"""How the numbers of a column are written, with the texts that prove it, and what nothing proves (1,234)."""

from collections import Counter
from dataclasses import dataclass, field, fields

import polars as pl

from nexus_data.contract.model import Numbers
from nexus_data.kernel.numbers import sign_of

POINT = Numbers(decimal=".", thousands=",' ", accounting=True, signs=True, powers=True)
COMMA = Numbers(decimal=",", thousands=".' ", accounting=True, signs=True, powers=True)

_TEXTS = 8
_POWER = r"(?i)(\d)E[+-]?\d{1,2}$"


@dataclass(frozen=True, slots=True)
class Found:
    """How many texts, and the first of them with its record's number."""

    count: int = 0
    record: int = 0
    text: str = ""

    def __add__(self, other: "Found") -> "Found":
        first = self if self.count else other
        return Found(self.count + other.count, first.record, first.text)

    def __str__(self) -> str:
        return f"{self.count:,}, such as `{self.text}` in record {self.record:,}"


@dataclass(frozen=True, slots=True)
class NumberTally:
    """count: texts that are numbers. point, comma: those that are numbers with this decimal mark only; either: those
    with a mark that are numbers in both readings. other: texts that are no numbers, by text.
    """

    count: int = 0
    point: Found = Found()
    comma: Found = Found()
    either: Found = Found()
    grouped_comma: Found = Found()
    grouped_point: Found = Found()
    apostrophe: Found = Found()
    space: Found = Found()
    accounting: Found = Found()
    signs: Found = Found()
    powers: Found = Found()
    negative: Found = Found()
    positive: Found = Found()
    zero: Found = Found()
    other: Counter[str] = field(default_factory=Counter)
    others: Found = Found()

    def __add__(self, more: "NumberTally") -> "NumberTally":
        other = Counter(dict((self.other + more.other).most_common(_TEXTS)))
        sums = {one.name: getattr(self, one.name) + getattr(more, one.name) for one in fields(self)}
        return NumberTally(**{**sums, "other": other})


def number_tally(filled: pl.DataFrame) -> NumberTally:
    """The tally of one column of one batch. filled: `record_no`, `text` without blanks."""
    if not filled.height:
        return NumberTally()
    text = pl.col("text")
    read = filled.with_columns(p=sign_of(text, style=POINT), c=sign_of(text, style=COMMA)).with_columns(
        any=pl.col("p").is_not_null() | pl.col("c").is_not_null(), sign=pl.coalesce("p", "c")
    )
    one = read.select(**{name: _found(test) for name, test in _tests().items()}, count=pl.col("any").sum())
    row = one.row(0, named=True)
    wrong = read.filter(~pl.col("any"))["text"].value_counts(sort=True).head(_TEXTS)
    found = {name: Found(**row[name]) if row[name]["count"] else Found() for name in _tests()}
    return NumberTally(count=row["count"], other=Counter(dict(wrong.iter_rows())), **found)


def numbers_in(text: pl.Series) -> int:
    """How many of the texts are numbers in one style or another."""
    if not text.str.contains(r"\d").any():
        return 0
    either = (sign_of(pl.col("t"), style=style).is_not_null() for style in (POINT, COMMA))
    return int(text.to_frame("t").select(pl.any_horizontal(*either).sum()).item())


def _tests() -> dict[str, pl.Expr]:
    text, point, comma = pl.col("text"), pl.col("p").is_not_null(), pl.col("c").is_not_null()
    number, marked = pl.col("any"), pl.col("text").str.contains(r"\d[.,]\d|^[^\d]*[.,]\d")
    return {
        "point": point & ~comma,
        "comma": comma & ~point,
        "either": point & comma & marked,
        "grouped_comma": point & text.str.contains(r"\d,\d{3}"),
        "grouped_point": comma & text.str.contains(r"\d\.\d{3}"),
        "apostrophe": number & text.str.contains("\\d['\u2019]\\d"),
        "space": number & text.str.contains("\\d[ \u00a0\u2007\u2009\u202f]\\d"),
        "accounting": number & text.str.contains("[(]|[-\u2212]\\D*$"),
        "signs": number & text.str.replace(_POWER, "$1").str.contains(r"[^\d\s.,()'\x{2019}+\-\x{2212}]"),
        "powers": number & text.str.contains(_POWER),
        "negative": number & (pl.col("sign") < 0),
        "positive": number & (pl.col("sign") > 0),
        "zero": number & (pl.col("sign") == 0),
        "others": ~number,
    }


def _found(test: pl.Expr) -> pl.Expr:
    return pl.struct(
        count=test.sum().cast(pl.Int64),
        record=pl.col("record_no").filter(test).first().fill_null(0),
        text=pl.col("text").filter(test).first().fill_null(""),
    )
