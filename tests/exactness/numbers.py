"""Texts of numbers with what they must become, by whole-number arithmetic of our own: a value, or the codes."""

from dataclasses import dataclass
from decimal import Context, Decimal

from hypothesis import strategies as st

EXACT = Context(prec=200)
DIGITS = 38


@dataclass(frozen=True, slots=True)
class Number:
    """value: the one number that the text names; None: it names none."""

    text: str
    value: Decimal | None

    def expected(
        self, *, places: int, most: int = 0, non_negative: bool = False, required: bool = False
    ) -> Decimal | set[str] | None:
        """What a column of 38 digits must hold, or the codes of what does not fit. most: what sums cannot take."""
        if self.text == "":
            return {"MISSING"} if required else None
        if self.value is None:
            return {"UNPARSABLE"}
        units = self.value.scaleb(places, EXACT)
        codes = {
            "TOO_PRECISE": units != units.to_integral_value(),
            "TOO_LARGE": EXACT.abs(self.value) >= 10 ** (DIGITS - places),
        }
        found = {code for code, broken in codes.items() if broken}
        if not found and most and EXACT.abs(self.value) >= most:
            found = {"TOO_LARGE"}
            return found | {"NEGATIVE"} if non_negative and self.value < 0 else found
        if not found and non_negative and self.value < 0:
            return {"NEGATIVE"}
        return found or self.value


def _number(sign: str, whole: str, fraction: str, zeros: int) -> Number:
    text = f"{sign}{'0' * zeros}{whole}" + (f".{fraction}" if fraction else "")
    value = EXACT.create_decimal(f"{whole or '0'}.{fraction or '0'}")
    return Number(text, value.copy_negate() if sign in ("-", "\u2212") else value)


def _digits(most: int) -> st.SearchStrategy[str]:
    """Of any length up to most, the longest often; zeros and nines at the ends are where rounding shows."""
    plain = st.integers(0, 10**most - 1).map(str)
    long = st.integers(10 ** (most - 1), 10**most - 1).map(str)
    edges = st.sampled_from(["9" * most, "1" + "0" * (most - 1), "0" * (most - 1) + "1", "4" + "9" * (most - 1), "5"])
    return st.one_of(plain, long, edges)


_SIGNS = st.sampled_from(["", "", "", "", "-", "+", "\u2212"])
FITTING = st.builds(_number, st.just(""), _digits(15), st.one_of(st.just(""), _digits(18)), st.just(0))
WIDE = st.builds(_number, st.sampled_from(["", "-"]), _digits(20), _digits(18), st.just(0))
FITTING_PRICES = st.builds(_number, st.sampled_from(["", "-"]), _digits(18), _digits(20), st.just(0))
ANY = st.builds(
    _number,
    _SIGNS,
    st.one_of(_digits(15), _digits(16), _digits(18), _digits(23)),
    st.one_of(st.just(""), _digits(21)),
    st.integers(0, 3),
)
_NO_NUMBERS = [
    "1e5",
    "1E-3",
    "1_000",
    "1,000.00",
    "0x10",
    "NaN",
    "inf",
    "--1",
    "1.",
    "1.2.3",
    "١٢",
    "abc",
    "1-",
    "1\xa0000",
    "9.99E+1",
    "1,5",
    "½",
    "12%",
]
NO_NUMBERS = st.sampled_from(_NO_NUMBERS).map(lambda text: Number(text, None))
NOTHING = st.just(Number("", None))
NUMBERS = st.one_of(FITTING, FITTING, FITTING, ANY, ANY, NO_NUMBERS, NOTHING)
