"""Numbers of which some have a decimal comma and some a decimal point: `decimal = "last"`."""

import polars as pl

from nexus_data.contract.model import Numbers

_EITHER = r"(?:^|[^0-9.,])[1-9][0-9]{0,2}[.,][0-9]{3}(?:[^0-9.,]|$)"
_NO_NUMBER = "?"


def style_of(style: Numbers) -> Numbers:
    """The style in which `one_style` writes."""
    return Numbers(".", "," + style.thousands.strip(".,"), style.accounting, style.signs)


def one_style(text: pl.Expr) -> pl.Expr:
    """The texts with a decimal point and commas between thousands; no number where it could be read in two ways."""
    points, commas = text.str.count_matches(".", literal=True), text.str.count_matches(",", literal=True)
    comma_last = text.str.contains(r",[^.,]*$")
    comma_marks = pl.when((points > 0) & (commas > 0)).then(comma_last).when(points > 0).then(points > 1)
    swapped = text.str.replace_many([".", ","], [",", "."])
    plain = pl.when(comma_marks.otherwise(commas == 1)).then(swapped).otherwise(text)
    return pl.when(text.str.contains(_EITHER)).then(text + _NO_NUMBER).otherwise(plain)
