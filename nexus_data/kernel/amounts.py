"""A number field whole: its style, its sign, its factors. What the number means is not known here."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import polars as pl

from nexus_data.contract.model import FieldSpec, Numbers
from nexus_data.errors import ContractError
from nexus_data.kernel.arithmetic import product, read_scaled
from nexus_data.kernel.model import Reading
from nexus_data.kernel.numbers import DIGITS, check_style, read_number, read_small
from nexus_data.kernel.rows import fill, flags, merged, nulls, unsettled
from nexus_data.kernel.text import lookup

_FACTOR_SCALE = 18
Sign = Literal["keep", "absolute", "negate"]


@dataclass(frozen=True, slots=True)
class Amounts:
    """How a number field is read. factors: the exact factor that each text of the factor column stands for; `other`
    is that of all other rows ("1": none)."""

    style: Numbers
    sign: Sign
    factors: Mapping[str, str]
    other: str


def amounts_of(spec: FieldSpec, *, numbers: Numbers) -> Amounts:
    """What a specification says about its numbers; ContractError when a factor or a style cannot be used."""
    style = style_of(spec, numbers=numbers)
    check_style(style)
    other = _factor(spec.factor or "1")
    pairs = lookup(spec.factor_by.map, what="factor_by") if spec.factor_by else {}
    return Amounts(style, spec.sign, {text: _times(_factor(factor), other) for text, factor in pairs.items()}, other)


def style_of(spec: FieldSpec, *, numbers: Numbers) -> Numbers:
    """The contract's style of numbers with what the field says otherwise."""
    return Numbers(
        decimal=numbers.decimal if spec.decimal is None else spec.decimal,
        thousands=numbers.thousands if spec.thousands is None else spec.thousands,
        accounting=numbers.accounting if spec.accounting is None else spec.accounting,
        signs=numbers.signs if spec.signs is None else spec.signs,
        powers=numbers.powers,
    )


def read_amount(text: pl.Series, *, amounts: Amounts, scale: int, factor_text: pl.Series | None) -> Reading:
    """Decimal(38, scale), signed and multiplied as said: UNPARSABLE, TOO_LARGE, TOO_PRECISE."""
    if factor_text is None:
        return signed(_read(text, amounts.style, scale, amounts.other), sign=amounts.sign)
    factor = _factors(amounts, factor_text, text.len())
    value, broken = nulls(pl.Decimal(DIGITS, scale), text.len()), dict[str, pl.Series]()
    for each in factor.unique():
        rows = factor == each
        part = _read(text.filter(rows), amounts.style, scale, each)
        value = fill(value, part.value, rows=rows)
        broken = merged(broken, {code: flags(found, rows=rows) for code, found in part.broken.items()})
    return signed(Reading(value, broken), sign=amounts.sign)


def read_product(
    left: pl.Series, right: pl.Series, *, amounts: Amounts, scale: int, factor_text: pl.Series | None
) -> Reading:
    """left x right x factor as Decimal(38, scale), null where left or right is: TOO_LARGE, TOO_PRECISE."""
    whole = product(left, right, scale=scale)
    if factor_text is None and amounts.other == "1":
        return signed(whole, sign=amounts.sign)
    factors = _factors(amounts, factor_text, whole.value.len()).cast(pl.Decimal(DIGITS, _FACTOR_SCALE))
    scaled = product(whole.value, factors, scale=scale)
    return signed(Reading(scaled.value, merged(whole.broken, scaled.broken)), sign=amounts.sign)


def _factors(amounts: Amounts, factor_text: pl.Series | None, length: int) -> pl.Series:
    """The factor of each row, as text."""
    if factor_text is None or not amounts.factors:
        return pl.Series([amounts.other], dtype=pl.String).new_from_index(0, length)
    known = factor_text.str.to_lowercase().replace_strict(dict(amounts.factors), default=None, return_dtype=pl.String)
    return known.fill_null(amounts.other)


def signed(reading: Reading, *, sign: Sign) -> Reading:
    """The reading with the sign that the contract wants."""
    if sign == "keep":
        return reading
    value = reading.value.abs() if sign == "absolute" else reading.value.to_frame("v").select(-pl.col("v")).to_series()
    return Reading(value, reading.broken)


def _read(text: pl.Series, style: Numbers, scale: int, factor: str) -> Reading:
    if factor == "1":
        return read_number(text, style=style, scale=scale)
    value = _small_scaled(text, style, scale, factor)
    rows = unsettled(text, value)
    if not rows.any():
        return Reading(value)
    rest = read_scaled(text.filter(rows), style=style, scale=scale, factor=factor)
    return Reading(
        fill(value, rest.value, rows=rows), {code: flags(part, rows=rows) for code, part in rest.broken.items()}
    )


def _small_scaled(text: pl.Series, style: Numbers, scale: int, factor: str) -> pl.Series:
    """Numbers of so few digits that Polars can multiply them by the factor without rounding or overflow."""
    whole, _, fraction = factor.lstrip("-").partition(".")
    dtype, places = pl.Decimal(DIGITS, scale), min(len(fraction), scale)
    if len(fraction) >= scale or len(whole) >= DIGITS - scale:
        return nulls(dtype, text.len())
    small = read_small(text, style=style, whole=DIGITS - scale - len(whole), fraction=scale - places)
    times = pl.lit(Decimal(factor), dtype=pl.Decimal(DIGITS, scale))
    return small.cast(dtype).to_frame("n").select((pl.col("n") * times).cast(dtype)).to_series()


def _factor(text: str) -> str:
    """The factor in plain digits; ContractError when it is none."""
    digits = text.removeprefix("-").replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit() and text[-1] != "." and len(digits) <= DIGITS):
        raise ContractError(f"factor {text!r} is no plain decimal number")
    return _within(_trimmed(text))


def _within(text: str) -> str:
    whole, _, fraction = text.lstrip("-").partition(".")
    if len(fraction) > _FACTOR_SCALE or len(whole) > DIGITS - _FACTOR_SCALE:
        raise ContractError(f"factor {text!r} has more than 20 digits before or 18 after the point")
    return text


def _times(left: str, right: str) -> str:
    """The exact product of two factors."""
    (a, places_a), (b, places_b) = _scaled(left), _scaled(right)
    places = places_a + places_b
    digits = f"{abs(a * b):0{places + 1}d}"
    sign = "-" if a * b < 0 else ""
    return _within(_trimmed(f"{sign}{digits[: len(digits) - places]}.{digits[len(digits) - places :]}"))


def _scaled(text: str) -> tuple[int, int]:
    whole, _, fraction = text.partition(".")
    return int(whole + fraction), len(fraction)


def _trimmed(number: str) -> str:
    text = f"{Decimal(number):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text
