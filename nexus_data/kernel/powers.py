"""Numbers that end in a power of ten (3.605E-05), written out digit by digit. Nothing is rounded on the way."""

import polars as pl

from nexus_data.contract.model import Numbers

_POWER = r"^([+-]?)([0-9]+)(?:([.,])([0-9]+))?[eE]([+-]?)([0-9]{1,2})$"
_ZEROS = "0" * 99


def written_out(text: pl.Series, *, style: Numbers) -> pl.Series:
    """The texts with powers of ten written out; every other text, and one with another decimal mark, as it is."""
    rows = text.str.contains(_POWER).fill_null(value=False)
    if not style.powers or not rows.any():
        return text
    return text.to_frame("t").select(pl.when(rows).then(_written_out(pl.col("t"), style)).otherwise("t")).to_series()


def mantissa(text: pl.Expr, *, style: Numbers) -> pl.Expr:
    """The texts without their power of ten, which never changes a sign."""
    if not style.powers:
        return text
    return pl.when(text.str.contains(_POWER)).then(text.str.replace("[eE].*$", "")).otherwise(text)


def _written_out(text: pl.Expr, style: Numbers) -> pl.Expr:
    parts = text.str.extract_groups(_POWER).struct
    sign, whole, mark, fraction, down, power = (parts.field(str(place)).fill_null("") for place in range(1, 7))
    places = power.cast(pl.UInt32, strict=False)
    wide, long = pl.concat_str(pl.lit(_ZEROS), whole), pl.concat_str(fraction, pl.lit(_ZEROS))
    rest = wide.str.len_bytes() - places
    small = pl.concat_str(sign, wide.str.slice(0, rest), pl.lit(style.decimal), wide.str.slice(rest), fraction)
    large = pl.concat_str(sign, whole, long.str.slice(0, places), pl.lit(style.decimal), long.str.slice(places))
    number = pl.when(down == "-").then(_plain(small, style)).otherwise(_plain(large, style))
    known = mark.is_in(["", style.decimal])
    plain = text.str.replace("[eE].*$", "")
    return pl.when(known & (places > 0)).then(number).when(known).then(plain).otherwise(text)


def _plain(text: pl.Expr, style: Numbers) -> pl.Expr:
    """Without the zeros that stand before and behind what was moved."""
    mark = f"[{style.decimal}]"
    shorter = text.str.replace("^([+-]?)0+([0-9])", "${1}${2}")
    return shorter.str.replace(f"{mark}0*$", "").str.replace(f"({mark}[0-9]*[1-9])0+$", "${1}")
