"""From text to currency codes. The codes themselves are data in `currency_codes`."""

import polars as pl

from nexus_data.kernel.currency_codes import CODES, SIGNS
from nexus_data.kernel.model import Reading
from nexus_data.kernel.rows import fill, flags, unsettled

CRYPTO = "crypto:"
_CODES = pl.Series(sorted(CODES), dtype=pl.String)
_TICKER = r"^[^\s:;,|]{1,32}$"


def is_currency(field_name: str) -> bool:
    """Whether a column of the canonical tables holds currency codes."""
    return field_name == "currency" or field_name.endswith("_currency")


def read_currency(text: pl.Series, *, crypto: bool) -> Reading:
    """ISO 4217 codes, or crypto:CODE where `crypto` allows it; else UNKNOWN_CURRENCY.

    Codes may be all upper or all lower case, never mixed: `GBp` is a hundredth of a `GBP`.
    """
    value = text.to_frame("t").select(pl.when(pl.col("t").is_in(_CODES.implode())).then("t")).to_series()
    rows = unsettled(text, value)
    if not rows.any():
        return Reading(value)
    rest = text.filter(rows).to_frame("t").select(_other(crypto=crypto)).to_series()
    return Reading(fill(value, rest, rows=rows), {"UNKNOWN_CURRENCY": flags(rest.is_null(), rows=rows)})


def _other(*, crypto: bool) -> pl.Expr:
    text = pl.col("t")
    upper = text.str.to_uppercase()
    iso = pl.when((text == text.str.to_lowercase()) & upper.is_in(_CODES.implode())).then(upper)
    sign = text.replace_strict(list(SIGNS), list(SIGNS.values()), default=None, return_dtype=pl.String)
    known = pl.coalesce(sign, iso)
    return pl.coalesce(known, _crypto(upper)) if crypto else known


def _crypto(upper: pl.Expr) -> pl.Expr:
    code = upper.str.strip_prefix(CRYPTO.upper())
    return pl.when(code.str.contains(_TICKER)).then(pl.lit(CRYPTO) + code)
