"""Numbers as people write them, read exactly by scanning the text from both ends; no float and no rounding."""

import re
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from functools import cache
from typing import NamedTuple

from nexus_data.verify.currencies import CODES, SIGNS

EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""Arithmetic that never rounds a number of a record."""

_DIGITS = 38
_MINUS = "-\u2212"
_PLUS_MINUS = "+" + _MINUS
_SAME = (" \u00a0\u2007\u2009\u202f", "'\u2019")
"""Marks that people cannot tell apart stand for each other."""
_MONEY = sorted((*SIGNS, *CODES), key=len, reverse=True)


class Style(NamedTuple):
    """`[numbers]` of a contract."""

    decimal: str = "."
    thousands: str = ""
    accounting: bool = False
    signs: bool = False
    powers: bool = False


class Fitted(NamedTuple):
    """The canonical text of a number (no trailing zeros), or None and the codes of the rules that it breaks."""

    text: str | None
    codes: tuple[str, ...] = ()


def number(text: str, style: Style) -> Decimal | None:
    """The number that the whole text is, or None."""
    if style.powers and (parts := _POWER.fullmatch(text)):
        plain = number(parts[1], style._replace(powers=False, thousands=""))
        return None if plain is None else plain.scaleb(int(parts[2]), EXACT)
    if style.decimal == "last":
        known = _last_mark(text, style)
        return None if known is None else number(text, known)
    found = _signed_before(text, style)
    if found is None and style.accounting:
        found = _in_parentheses(text, style) or _signed_behind(text, style)
    return found


_POWER = re.compile(r"([+-]?[0-9]+(?:[.,][0-9]+)?)[eE]([+-]?[0-9]{1,2})")
_EITHER = re.compile(r"(?:^|[^0-9.,])[1-9][0-9]{0,2}[.,][0-9]{3}(?:[^0-9.,]|$)")


def _last_mark(text: str, style: Style) -> Style | None:
    """The style of a text in a file that mixes two: the last mark is the decimal one, a repeated one groups."""
    if _EITHER.search(text):
        return None
    points, commas = text.count("."), text.count(",")
    comma = text.rfind(",") > text.rfind(".") if points and commas else points > 1 or commas == 1
    more = style.thousands.strip(".,")
    return style._replace(decimal="," if comma else ".", thousands=("." if comma else ",") + more)


def fit(value: Decimal, scale: int) -> Fitted:
    """The number as a column of 38 digits holds it with so many of them behind the point: TOO_LARGE, TOO_PRECISE."""
    text = canonical(value)
    whole, _, fraction = text.lstrip("-").partition(".")
    codes = []
    if len(whole.lstrip("0")) > _DIGITS - scale:
        codes.append("TOO_LARGE")
    if len(fraction) > scale:
        codes.append("TOO_PRECISE")
    return Fitted(None, tuple(codes)) if codes else Fitted(text)


def canonical(value: Decimal) -> str:
    """The plain decimal without trailing zeros or a trailing point; zero has no sign."""
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _signed_before(text: str, style: Style) -> Decimal | None:
    if not style.signs:
        negative, rest = _sign(text)
        return _magnitude(rest, style, negative=negative)
    negative, rest = _sign(text)
    if rest is not text:
        return _magnitude(_without_money(_money_off(rest.lstrip())), style, negative=negative)
    negative, rest = _sign(_money_off(text))
    return _magnitude(_without_money(rest.lstrip()), style, negative=negative)


def _in_parentheses(text: str, style: Style) -> Decimal | None:
    outer = _without_money(_money_off(text)) if style.signs else text
    if not (outer.startswith("(") and outer.endswith(")")):
        return None
    inner = outer[1:-1]
    return _magnitude(_without_money(_money_off(inner)) if style.signs else inner, style, negative=True)


def _signed_behind(text: str, style: Style) -> Decimal | None:
    rest = _without_money(_money_off(text)) if style.signs else text
    if rest[-1:] not in _MINUS or not rest:
        return None
    rest = rest[:-1]
    return _magnitude(_without_money(rest) if style.signs else rest, style, negative=True)


def _sign(text: str) -> tuple[bool, str]:
    if text[:1] and text[0] in _PLUS_MINUS:
        return text[0] in _MINUS, text[1:]
    return False, text


def _money_off(text: str) -> str:
    """The text without one currency sign or code at its start, and the spaces behind that."""
    for mark in _MONEY:
        if text.startswith(mark):
            return text[len(mark) :].lstrip()
    return text


def _without_money(text: str) -> str:
    """The text without one currency sign or code at its end, and the spaces before that."""
    for mark in _MONEY:
        if text.endswith(mark):
            return text[: -len(mark)].rstrip()
    return text


def _magnitude(text: str, style: Style, *, negative: bool) -> Decimal | None:
    whole, mark, fraction = text.partition(style.decimal)
    if mark and not _is_digits(fraction):
        return None
    if not (_is_digits(whole) or (mark and not whole)):
        joined = _ungrouped(whole, style.thousands)
        if joined is None:
            return None
        whole = joined
    value = Decimal(f"{whole or '0'}.{fraction or '0'}")
    return value.copy_negate() if negative else value


def _ungrouped(text: str, marks: str) -> str | None:
    """The digits of a number grouped in threes by one of the marks; a group that begins with 0 is no first group."""
    for mark in marks:
        groups = _separator(mark).split(text)
        first, rest = groups[0], groups[1:]
        begins = rest and _is_digits(first) and len(first) <= 3 and first[0] != "0"
        if begins and all(len(group) == 3 and _is_digits(group) for group in rest):
            return "".join(groups)
    return None


@cache
def _separator(mark: str) -> re.Pattern[str]:
    same = next((marks for marks in _SAME if mark in marks), mark)
    return re.compile(f"[{re.escape(same)}]")


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
