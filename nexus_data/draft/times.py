"""The written forms of days and times in a column, counted by skeleton; reading them as formats is in `time_forms`.

A skeleton is a text with its digits and letters replaced: D for one or two digits, Y for four, N8 for eight, F for a
fraction, b for a short and B for a long month name, % for AM and PM, @ for an offset, ^ for Z, ~ for T.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

from nexus_data.draft.numbers import Found

Order = Literal["dmy", "mdy", "ymd"]
ORDERS: dict[Order, str] = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}

_MONTH = "January|February|March|April|June|July|August|September|October|November|December"
_MON = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec"
_LENGTHS = (8, 9, 10, 12, 13, 14, 16, 19)
_STEPS = (
    (r"(:\d{1,2})[.,]\d+", "$1.F"),
    (r"(:\d{2}(?:\.F)?[ ]?)[+-]\d{2}(?::?\d{2})?$", "${1}@"),
    (r"(\d|F)Z$", "${1}^"),
    (r"(\d)T(\d)", "$1~$2"),
    (r"(?i)(\d)[ap]\.?m\.?$", "$1%"),
    (r"(?i)(\d )[ap]\.?m\.?$", "$1%"),
    (rf"(?i)\b(?:{_MONTH})\b", "B"),
    (rf"(?i)\b(?:{_MON})\b", "b"),
    *((rf"\b\d{{{length}}}\b", f"N{length}") for length in _LENGTHS),
    (r"\b\d{4}\b", "Y"),
    (r"\b\d{1,2}\b", "D"),
)
_MOST = 64
_MIDNIGHT = r"(?i)^[^:]*$|[ T]00:00(?::00(?:[.,]0+)?)?(?:Z|[ ]?[+-][0-9:]+)?$|12:00(?::00)? ?am$"
_ANY_TIME = r"\d.*[-/.: ].*\d|^\d{8,19}$"
_TEXTS = 8
_NONE = Found()
_DAY = r"(?:D[-/. ](?:D|b|B)[-/. ](?:Y|D)|Y[-/.]D[-/.]D|[bB]\.? D, ?Y|D\. ?[bB] Y|N8)"
_CLOCK = r"D:D(?::D(?:\.F)?)?"
_TIME = rf"^(?:{_DAY}(?:(?: |~|, )+{_CLOCK}[ ]?[%^@]?(?: [A-Z]{{2,4}})?)?|N1[03469]|{_CLOCK}[ ]?%?)$"


@dataclass(frozen=True, slots=True)
class Shapes:
    """The texts of one skeleton. only, against: by order of day, month and year, the texts that are a day in no other
    order, and those that are none in this order but one in another. What is a day in no order proves nothing."""

    found: Found
    only: dict[Order, Found]
    against: dict[Order, Found]

    def __add__(self, other: "Shapes") -> "Shapes":
        only = {order: self.only[order] + other.only[order] for order in self.only}
        against = {order: self.against[order] + other.against[order] for order in self.against}
        return Shapes(self.found + other.found, only, against)


@dataclass(frozen=True, slots=True)
class TimeTally:
    """shapes: by skeleton, of texts that may be days or times. other, others: the texts that may not be, by text.

    timed: those with a time of day that is not midnight.
    """

    count: int = 0
    shapes: dict[str, Shapes] = field(default_factory=dict)
    other: Found = _NONE
    others: Counter[str] = field(default_factory=Counter)
    timed: Found = _NONE

    def __add__(self, more: "TimeTally") -> "TimeTally":
        shapes = dict(self.shapes)
        for skeleton, found in more.shapes.items():
            shapes[skeleton] = shapes[skeleton] + found if skeleton in shapes else found
        most = sorted(shapes.items(), key=lambda item: -item[1].found.count)[:_MOST]
        others = Counter(dict((self.others + more.others).most_common(_TEXTS)))
        timed = self.timed + more.timed
        return TimeTally(self.count + more.count, dict(most), self.other + more.other, others, timed)


def time_tally(filled: pl.DataFrame) -> TimeTally:
    """The tally of one column of one batch. filled: `record_no`, `text` without blanks."""
    if not filled.height:
        return TimeTally()
    marked = filled.with_columns(skeleton=_skeleton(pl.col("text")))
    marked = marked.with_columns(time=pl.col("skeleton").str.contains(_TIME))
    told = marked.filter("time")
    grouped = told.group_by("skeleton", maintain_order=True).agg(**_aggregates()) if told.height else None
    rows = [] if grouped is None else grouped.to_dicts()
    most = sorted(rows, key=lambda row: -row["found"]["count"])[:_MOST]
    other = marked.filter(~pl.col("time"))
    wrong = Found(other.height, other["record_no"][0], other["text"][0]) if other.height else _NONE
    texts = other["text"].value_counts(sort=True).head(_TEXTS)
    shapes = {row["skeleton"]: _shapes(row) for row in most}
    clocks = told.filter(~pl.col("text").str.contains(_MIDNIGHT))
    timed = Found(clocks.height, clocks["record_no"][0], clocks["text"][0]) if clocks.height else _NONE
    return TimeTally(filled.height - other.height, shapes, wrong, Counter(dict(texts.iter_rows())), timed)


def times_in(text: pl.Series) -> int:
    """How many of the texts may be days or times."""
    if not text.str.contains(_ANY_TIME).any():
        return 0
    return int(text.to_frame("t").select(_skeleton(pl.col("t")).str.contains(_TIME).sum()).item())


def _skeleton(text: pl.Expr) -> pl.Expr:
    for pattern, mark in _STEPS:
        text = text.str.replace_all(pattern, mark)
    return text


def _aggregates() -> dict[str, pl.Expr]:
    aggregates = {"found": _found(pl.col("text").is_not_null())}
    possible = _possible()
    for order, test in possible.items():
        others = pl.any_horizontal([one for other, one in possible.items() if other != order])
        aggregates |= {f"only {order}": _found(test & ~others), f"against {order}": _found(~test & others)}
    return aggregates


def _possible() -> dict[Order, pl.Expr]:
    """In which orders three numbers are a day; a year of four digits stands last, or the order is no question."""
    first, second, third = (_number(place) for place in range(3))
    last = pl.col("skeleton").str.ends_with("Y") | pl.col("skeleton").str.contains(r"^D.D.Y")
    return {
        "dmy": first.is_between(1, 31) & second.is_between(1, 12),
        "mdy": first.is_between(1, 12) & second.is_between(1, 31),
        "ymd": ~last & second.is_between(1, 12) & third.is_between(1, 31),
    }


def _number(place: int) -> pl.Expr:
    numbers = pl.col("text").str.extract_all(r"\d+")
    return numbers.list.get(place, null_on_oob=True).str.slice(0, 9).cast(pl.Int64, strict=False).fill_null(0)


def _found(test: pl.Expr) -> pl.Expr:
    return pl.struct(
        count=test.sum().cast(pl.Int64),
        record=pl.col("record_no").filter(test).first().fill_null(0),
        text=pl.col("text").filter(test).first().fill_null(""),
    )


def _shapes(row: dict[str, Any]) -> Shapes:
    def one(key: str) -> Found:
        return Found(**row[key]) if row[key]["count"] else Found()

    return Shapes(
        one("found"),
        {order: one(f"only {order}") for order in ORDERS},
        {order: one(f"against {order}") for order in ORDERS},
    )
