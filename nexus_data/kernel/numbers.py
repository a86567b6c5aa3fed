"""From text to exact decimals: the styles that numbers are written in, digits, signs. No multiplication, no fields.

A number is read exactly or not at all. Its digits pass as text until it is sure that they fit; a cast never rounds.
"""

import re

import msgspec
import polars as pl

from nexus_data.contract.model import Numbers
from nexus_data.errors import ContractError
from nexus_data.kernel import mixed
from nexus_data.kernel.currency_codes import CODES, SIGNS
from nexus_data.kernel.model import Reading
from nexus_data.kernel.powers import mantissa, written_out
from nexus_data.kernel.rows import empty, fill, flags, unsettled

DIGITS = 38
_SPACES = " \u00a0\u2007\u2009\u202f"
_APOSTROPHES = "'\u2019"
_MINUSES = "-\u2212"
_MINUS = "\\-\u2212"
"""Both minus signs inside a character class, where a bare hyphen would make a range."""
_SIGN = f"[+{_MINUS}]"


LAST = "last"


def one_style(text: pl.Series, style: Numbers) -> tuple[pl.Series, Numbers]:
    """Texts of mixed styles or with powers of ten, and their style, as plain texts of one style."""
    if style.powers:
        text, style = written_out(text, style=style), msgspec.structs.replace(style, powers=False)
    if style.decimal != LAST:
        return text, style
    return text.to_frame("t").select(mixed.one_style(pl.col("t"))).to_series(), mixed.style_of(style)


def check_style(style: Numbers) -> None:
    """ContractError when a mark would have two meanings."""
    if style.powers and style.decimal == LAST:
        raise ContractError('powers = true needs a decimal mark, not "last"')
    style = mixed.style_of(style) if style.decimal == LAST else style
    if any(mark == style.decimal or mark.isdigit() or mark in "+()" + _MINUSES for mark in style.thousands):
        raise ContractError(f"thousands = {style.thousands!r} cannot group digits when decimal is {style.decimal!r}")


def read_number(text: pl.Series, *, style: Numbers, scale: int) -> Reading:
    """Decimal(38, scale) of each text: UNPARSABLE, TOO_LARGE, TOO_PRECISE."""
    text, style = one_style(text, style)
    simple = _simple(text, style=style, whole=DIGITS - scale, fraction=scale)
    value = simple.value
    rows = unsettled(text, value)
    if not rows.any():
        return simple
    rest = fit(digits(text.filter(rows), style=style), scale=scale)
    broken = {code: flags(part, rows=rows) for code, part in rest.broken.items()}
    return Reading(fill(value, rest.value, rows=rows), broken, simple.plain)


def read_small(text: pl.Series, *, style: Numbers, whole: int, fraction: int) -> pl.Series:
    """The numbers that are plainly written with at most so many digits, as Decimal(38, fraction); null elsewhere."""
    text, style = one_style(text, style)
    return _simple(text, style=style, whole=whole, fraction=fraction).value


def _simple(text: pl.Series, *, style: Numbers, whole: int, fraction: int) -> Reading:
    """What needs no rewriting, which is most of any file, costs one match and one cast.

    Most of that is written as its canonical text already, for which the value then need not be asked.
    """
    mark = re.escape(style.decimal)
    canonical = text.str.contains(_canonical(mark, whole, fraction)).fill_null(value=False)
    tail = rf"(?:{mark}[0-9]{{1,{fraction}}})?" if fraction else ""
    others = text.is_not_null() & ~canonical
    match = text.filter(others).str.contains(rf"^-?[0-9]{{1,{whole}}}{tail}$")
    kept = _where(text, canonical | flags(match, rows=others))
    pointed = kept if style.decimal == "." else kept.str.replace(style.decimal, ".", literal=True)
    value = pointed.cast(pl.Decimal(DIGITS, fraction), strict=False)
    return Reading(value, plain=_where(pointed, canonical & value.is_not_null()))


def _canonical(mark: str, whole: int, fraction: int) -> str:
    """Matches a number without leading zeros, trailing zeros after the mark, or a minus before nothing but zeros."""
    digits = rf"[1-9][0-9]{{0,{whole - 1}}}"
    tail = rf"|-?(?:0|{digits}){mark}[0-9]{{0,{fraction - 1}}}[1-9]" if fraction else ""
    return f"^(?:0|-?{digits}{tail})$"


def _where(text: pl.Series, rows: pl.Series) -> pl.Series:
    return text if rows.all() else text.zip_with(rows, empty(text))


def digits(text: pl.Series, *, style: Numbers) -> pl.DataFrame:
    """`negative`, `whole` (no leading zeros), `fraction` (no trailing zeros).

    The last two are null where the text is no number.
    """
    text, style = one_style(text, style)
    kept = pl.col("text").str.replace_all(f"[^0-9{re.escape(style.decimal)}]", "")
    number = pl.when(pl.col("text").str.contains(_pattern(style))).then(kept).alias("number")
    negative = pl.col("text").str.contains(f"[({_MINUS}]").alias("negative")
    parts = pl.col("number").str.splitn(style.decimal, 2).struct
    return (
        text.to_frame("text")
        .select(number, negative)
        .select(
            "negative",
            whole=parts.field("field_0").str.strip_chars_start("0"),
            fraction=pl.when(pl.col("number").is_not_null()).then(
                parts.field("field_1").fill_null("").str.strip_chars_end("0")
            ),
        )
    )


def fit(number: pl.DataFrame, *, scale: int) -> Reading:
    """Decimal(38, scale) of `digits`: what is null there is UNPARSABLE here, what does not fit says why."""
    whole, fraction = pl.col("whole"), pl.col("fraction")
    large, precise = whole.str.len_bytes() > DIGITS - scale, fraction.str.len_bytes() > scale
    sign = pl.when("negative").then(pl.lit("-")).otherwise(pl.lit(""))
    text = pl.concat_str(sign, pl.lit("0"), whole, pl.lit("."), fraction, pl.lit("0"))
    read = number.select(
        value=pl.when(~large & ~precise).then(text).cast(pl.Decimal(DIGITS, scale), strict=False),
        UNPARSABLE=whole.is_null(),
        TOO_LARGE=large.fill_null(value=False),
        TOO_PRECISE=precise.fill_null(value=False),
    )
    return Reading(read["value"], {code: read[code] for code in read.columns[1:]})


def sign_of(text: pl.Expr, *, style: Numbers) -> pl.Expr:
    """1, 0 or -1 of the number; null where the text is empty or no number."""
    text = mantissa(text, style=style)
    if style.decimal == LAST:
        text, style = mixed.one_style(text), mixed.style_of(style)
    magnitude = text.str.contains("[1-9]").cast(pl.Int8)
    signed = pl.when(text.str.contains(f"[({_MINUS}]")).then(-magnitude).otherwise(magnitude)
    return pl.when(text.str.contains(_pattern(style))).then(signed)


def _pattern(style: Numbers) -> str:
    """The whole grammar of a style as one regular expression; at most one of its marks makes a number negative."""
    body = _body(style)
    money = rf"(?:{_currency()})" if style.signs else ""
    before = rf"(?:{money}\s*)?" if money else ""
    after = rf"(?:\s*{money})?" if money else ""
    lead = rf"(?:{_SIGN}\s*{before}|{before}{_SIGN}?\s*)" if money else f"{_SIGN}?"
    forms = [f"{lead}{body}{after}"]
    if style.accounting:
        forms += [rf"{before}\({before}{body}{after}\){after}", rf"{before}{body}{after}[{_MINUS}]{after}"]
    return f"^(?:{'|'.join(forms)})$"


def _body(style: Numbers) -> str:
    mark = re.escape(style.decimal)
    # No group begins a number with a zero: 0,123 is a decimal comma in the wrong style, not 123.
    grouped = [f"[1-9][0-9]{{0,2}}(?:{_grouping(char)}[0-9]{{3}})+" for char in style.thousands]
    wholes = "|".join([*grouped, "[0-9]+"])
    return f"(?:(?:{wholes})(?:{mark}[0-9]+)?|{mark}[0-9]+)"


def _grouping(char: str) -> str:
    if char in _SPACES:
        return f"[{_SPACES}]"
    return f"[{_APOSTROPHES}]" if char in _APOSTROPHES else re.escape(char)


def _currency() -> str:
    return "|".join(sorted((re.escape(sign) for sign in (*SIGNS, *CODES)), key=len, reverse=True))
