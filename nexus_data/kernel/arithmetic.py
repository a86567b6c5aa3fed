"""Exact multiplication of decimals by their digits. A product that does not fit is rejected, never rounded.

Polars multiplies decimals in 128 bits, rounds to the scale and raises on overflow: it may only get what surely fits.
"""

import polars as pl

from nexus_data.contract.model import Numbers
from nexus_data.kernel.model import Reading
from nexus_data.kernel.numbers import DIGITS, digits, fit
from nexus_data.kernel.rows import fill, flags

_SMALL_WHOLE, _SMALL_FRACTION = 9, 9
_LIMB = 19
"""Digits of half a coefficient: the product of two such halves fits Int128."""


def product(left: pl.Series, right: pl.Series, *, scale: int) -> Reading:
    """left x right as Decimal(38, scale), null where one of them is: TOO_LARGE, TOO_PRECISE."""
    pair = pl.DataFrame({"left": left, "right": right})
    wanted = pair.select(pl.col("left").is_not_null() & pl.col("right").is_not_null()).to_series()
    value = pair.select((_if_small("left") * _if_small("right")).cast(pl.Decimal(DIGITS, scale))).to_series()
    rows = wanted & value.is_null()
    if not rows.any():
        return Reading(value)
    rest = pair.filter(rows)
    read = fit(multiply(digits_of(rest["left"]), digits_of(rest["right"])), scale=scale)
    broken = {code: flags(part, rows=rows) for code, part in read.broken.items() if code != "UNPARSABLE"}
    return Reading(fill(value, read.value, rows=rows), broken)


def _if_small(name: str) -> pl.Expr:
    """The value where it has so few digits that the product can neither round nor overflow."""
    column = pl.col(name)
    within = column.is_between(-(10**_SMALL_WHOLE), 10**_SMALL_WHOLE, closed="none")
    short = column.cast(pl.Decimal(DIGITS, _SMALL_FRACTION), strict=False)
    return pl.when(within & (short == column)).then(short).cast(pl.Decimal(DIGITS, 2 * _SMALL_FRACTION))


def digits_of(value: pl.Series) -> pl.DataFrame:
    """`negative`, `whole`, `fraction` of decimals, as in `numbers.digits`."""
    parts = pl.col("text").str.strip_chars_start("-").str.splitn(".", 2).struct
    return (
        value.cast(pl.String)
        .to_frame("text")
        .select(
            negative=pl.col("text").str.starts_with("-"),
            whole=parts.field("field_0").str.strip_chars_start("0"),
            fraction=parts.field("field_1").fill_null("").str.strip_chars_end("0"),
        )
    )


def multiply(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """The product of two frames of digits, as digits; `right` has at most 38 digits.

    A `left` with more comes back as it is: with more than 38 digits it cannot fit, and `fit` says why.
    """
    halves = pl.concat([_halves(left, "l"), _halves(right, "r")], how="horizontal")
    limbs = halves.select("negative_l", "negative_r", "places_l", "places_r", *_limbs())
    places = pl.col("places_l") + pl.col("places_r")
    text = pl.concat_str([pl.col(f"d{i}").cast(pl.String).str.zfill(_LIMB) for i in (3, 2, 1, 0)])
    frame = limbs.select(negative=pl.col("negative_l") != pl.col("negative_r"), places=places, text=text)
    whole_length = 4 * _LIMB - pl.col("places")
    result = frame.select(
        "negative",
        whole=pl.col("text").str.head(whole_length).str.strip_chars_start("0"),
        fraction=pl.col("text").str.slice(whole_length).str.strip_chars_end("0"),
    )
    too_long = result["whole"].is_null()
    return pl.DataFrame([left[name].zip_with(too_long, result[name]) for name in result.columns])


def _halves(number: pl.DataFrame, side: str) -> pl.DataFrame:
    joined = pl.concat_str("whole", "fraction")
    coefficient = pl.when(joined.str.len_bytes() <= DIGITS).then(joined).str.zfill(DIGITS)
    half = pl.Int128
    return number.select(
        pl.col("negative").alias(f"negative_{side}"),
        pl.col("fraction").str.len_bytes().cast(pl.Int64).alias(f"places_{side}"),
        coefficient.str.head(_LIMB).cast(half).alias(f"{side}1"),
        coefficient.str.slice(_LIMB).cast(half).alias(f"{side}0"),
    )


def _limbs() -> list[pl.Expr]:
    """The four limbs of the product, lowest first, by long multiplication with carries."""
    base = pl.lit(10**_LIMB, dtype=pl.Int128)
    low, high = pl.col("l0") * pl.col("r0"), pl.col("l1") * pl.col("r1")
    cross = (pl.col("l0") * pl.col("r1"), pl.col("l1") * pl.col("r0"))
    second = low // base + cross[0] % base + cross[1] % base
    third = second // base + cross[0] // base + cross[1] // base + high % base
    fourth = third // base + high // base
    limbs = (low % base, second % base, third % base, fourth)
    return [limb.alias(f"d{place}") for place, limb in enumerate(limbs)]


def read_scaled(text: pl.Series, *, style: Numbers, scale: int, factor: str) -> Reading:
    """The numbers times an exact factor as Decimal(38, scale): UNPARSABLE, TOO_LARGE, TOO_PRECISE."""
    number = digits(text, style=style)
    return fit(multiply(number, _repeated(factor, number.height)), scale=scale)


def _repeated(factor: str, height: int) -> pl.DataFrame:
    one = digits(pl.Series([factor], dtype=pl.String), style=Numbers())
    return one.select(pl.all().repeat_by(height).explode())
