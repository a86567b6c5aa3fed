"""The written forms of days and times in a column, counted by skeleton; reading them as formats is in `time_forms`.

A skeleton is a text with its digits and letters replaced: D for one or two digits, Y for four, N8 for eight, F for a
fraction, b for a short and B for a long month name, % for AM and PM, O for an offset, ^ for Z, ~ for T.
"""

from dataclasses import dataclass, field

import polars as pl

from nexus_data.draft.numbers import Found

_MONTH = "January|February|March|April|June|July|August|September|October|November|December"
_MON = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec"
_LENGTHS = (8, 9, 10, 12, 13, 14, 16, 19)
_STEPS = (
    (r"(:\d{1,2})[.,]\d+", "$1.F"),
    (r"(:\d{2}(?:\.F)?[ ]?)[+-]\d{2}(?::?\d{2})?$", "${1}O"),
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
_NONE = Found()
_DAY = r"(?:D[-/. ](?:D|b|B)[-/. ](?:Y|D)|Y[-/.]D[-/.]D|[bB]\.? D, ?Y|D\. ?[bB] Y|N8)"
_CLOCK = r"D:D(?::D(?:\.F)?)?"
_TIME = rf"^(?:{_DAY}(?:(?: |~|, )+{_CLOCK}[ ]?[%^O]?(?: [A-Z]{{2,4}})?)?|N1[03469]|{_CLOCK}[ ]?%?)$"


@dataclass(frozen=True, slots=True)
class Shapes:
    """The texts of one skeleton. over: by place of the number among the first three, the texts where it is above 12,
    and above 31."""

    found: Found
    over_12: tuple[Found, Found, Found]
    over_31: tuple[Found, Found, Found]

    def __add__(self, other: "Shapes") -> "Shapes":
        twelve = tuple(a + b for a, b in zip(self.over_12, other.over_12, strict=True))
        month = tuple(a + b for a, b in zip(self.over_31, other.over_31, strict=True))
        return Shapes(self.found + other.found, twelve, month)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class TimeTally:
    """shapes: by skeleton, of texts that may be days or times; other: the texts that may not be."""

    count: int = 0
    shapes: dict[str, Shapes] = field(default_factory=dict)
    other: Found = _NONE

    def __add__(self, more: "TimeTally") -> "TimeTally":
        shapes = dict(self.shapes)
        for skeleton, found in more.shapes.items():
            shapes[skeleton] = shapes[skeleton] + found if skeleton in shapes else found
        most = sorted(shapes.items(), key=lambda item: -item[1].found.count)[:_MOST]
        return TimeTally(self.count + more.count, dict(most), self.other + more.other)


def time_tally(filled: pl.DataFrame) -> TimeTally:
    """The tally of one column of one batch. filled: `record_no`, `text` without blanks."""
    if not filled.height:
        return TimeTally()
    marked = filled.with_columns(skeleton=_skeleton(pl.col("text"))).with_columns(
        time=pl.col("skeleton").str.contains(_TIME)
    )
    grouped = marked.filter("time").group_by("skeleton").agg(**_aggregates()).sort("count", descending=True)
    shapes = {row["skeleton"]: _shapes(row) for row in grouped.head(_MOST).iter_rows(named=True)}
    other = marked.filter(~pl.col("time"))
    wrong = Found(other.height, other["record_no"][0], other["text"][0]) if other.height else Found()
    return TimeTally(filled.height - other.height, shapes, wrong)


def _skeleton(text: pl.Expr) -> pl.Expr:
    for pattern, mark in _STEPS:
        text = text.str.replace_all(pattern, mark)
    return text


def _aggregates() -> dict[str, pl.Expr]:
    aggregates = {
        "count": pl.len().cast(pl.Int64),
        "record": pl.col("record_no").first(),
        "text": pl.col("text").first(),
    }
    numbers = pl.col("text").str.extract_all(r"\d+")
    for place in range(3):
        number = numbers.list.get(place, null_on_oob=True).str.slice(0, 9).cast(pl.Int64, strict=False)
        for limit in (12, 31):
            test = number > limit
            aggregates |= {
                f"count_{limit}_{place}": test.sum().cast(pl.Int64),
                f"record_{limit}_{place}": pl.col("record_no").filter(test).first(),
                f"text_{limit}_{place}": pl.col("text").filter(test).first(),
            }
    return aggregates


def _shapes(row: dict[str, int | str | None]) -> Shapes:
    def found(limit: int, place: int) -> Found:
        count = row[f"count_{limit}_{place}"]
        if not count:
            return Found()
        return Found(int(count), int(row[f"record_{limit}_{place}"] or 0), str(row[f"text_{limit}_{place}"]))

    first = Found(int(row["count"] or 0), int(row["record"] or 0), str(row["text"]))
    twelve, month = ((found(limit, 0), found(limit, 1), found(limit, 2)) for limit in (12, 31))
    return Shapes(first, twelve, month)
