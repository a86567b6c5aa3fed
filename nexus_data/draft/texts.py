"""Trades that a text tells (Buy 3 @ 134.85 USD), and conditions for values that are sentences rather than words."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from nexus_data.contract.model import Condition, FactorBy, FieldSpec
from nexus_data.draft.look import Look
from nexus_data.draft.money import HUNDREDTHS
from nexus_data.draft.number_style import Mark
from nexus_data.draft.numbers import number_tally
from nexus_data.draft.values import meaning
from nexus_data.draft.words import lists, plain, says

_TRADE = re.compile(r"^([^\W\d_]+) [-\u2212]?\d[\d.,' \u00a0]*(?:\D.*)?@ ?\d")
_QUANTITY = r"^[^\W\d_]+ [-\x{2212}]?([0-9][0-9.,'\x{a0} ]*)"
_PRICE = r"@ ?([0-9][0-9.,]*)"
_CURRENCY = r"@ ?[0-9.,]+ ([A-Z]{3})"
_LONG = 24
_SELDOM = 3


@dataclass(frozen=True, slots=True)
class TextTrades:
    """column: whose texts begin with a word for buying or selling, a quantity and a price. words: those words."""

    column: str
    words: dict[str, tuple[str, ...]]
    fields: dict[str, FieldSpec]
    example: str

    def when(self, side: str) -> Condition:
        """The records of one side."""
        either = "|".join(map(re.escape, self.words[side]))
        return Condition(column=self.column, matches=f"(?i)^(?:{either}) .*@ ?[0-9]")

    def takes(self, text: str) -> bool:
        """Whether a text tells a trade."""
        return _side(text) is not None


def find_text_trades(look: Look) -> TextTrades | None:
    """The first column in which a text tells a trade."""
    for name in look.profile.columns:
        texts = look.profile.sample[name].unique(maintain_order=True)
        told = [text for text in texts.filter(texts.str.contains("@", literal=True)) if _side(text)]
        if told:
            words = {side: tuple({text.split()[0] for text in told if _side(text) == side}) for side in ("buy", "sell")}
            sorted_words = {side: tuple(sorted(found)) for side, found in words.items() if found}
            return TextTrades(name, sorted_words, _fields(name, told), told[0])
    return None


def _side(text: str) -> str | None:
    found = _TRADE.match(text)
    said = meaning(found[1]) if found else ()
    return said[0] if said in (("buy",), ("sell",)) else None


def _fields(name: str, told: Sequence[str]) -> dict[str, FieldSpec]:
    quantity, price = _style(told, _QUANTITY), _style(told, _PRICE)
    codes = {found[1] for text in told if (found := re.search(_CURRENCY, text))}
    small = {code: HUNDREDTHS[code] for code in sorted(codes) if code in HUNDREDTHS}
    factor = FactorBy(column=name, map=dict.fromkeys(small, "0.01"), extract=_CURRENCY) if small else None
    fields = {
        "last_qty": FieldSpec(
            column=name, extract=_QUANTITY, sign="absolute", decimal=quantity, thousands=_rest(quantity)
        ),
        "last_px": FieldSpec(column=name, extract=_PRICE, decimal=price, thousands=_rest(price), factor_by=factor),
    }
    if codes:
        otherwise: Literal["keep", "reject"] = "keep" if small else "reject"
        fields["last_px_currency"] = FieldSpec(column=name, extract=_CURRENCY, map=small, otherwise=otherwise)
    return fields


def _style(told: Sequence[str], pattern: str) -> Mark:
    """The decimal mark of the numbers in the texts; both where nothing or everything is proven."""
    numbers = pl.Series("text", told, dtype=pl.String).str.extract(pattern, 1).str.strip_chars()
    tally = number_tally(pl.DataFrame({"record_no": range(1, len(told) + 1), "text": numbers}).drop_nulls())
    if bool(tally.point.count) == bool(tally.comma.count):
        return "last"
    return "." if tally.point.count else ","


def _rest(mark: Mark) -> str:
    return {".": ",", ",": ". ", "last": ""}[mark]


def is_prose(values: dict[str, int]) -> bool:
    """Whether the distinct values are mostly sentences, so that the next file will have others."""
    long = sum(len(text) > _LONG for text in values)
    return 2 * long >= len(values) and sum(values.values()) < _SELDOM * len(values)


def condition(column: str, texts: Sequence[str], *, prose: bool) -> Condition:
    """The condition that takes these values: as a list, or for sentences by the words that say what they mean."""
    if not prose:
        return Condition(column=column, equals=tuple(texts))
    found = sorted({phrase for text in texts if (phrase := telling(text))})
    if not found:
        return Condition(column=column, equals=tuple(texts))
    return Condition(column=column, matches=f"(?i){'|'.join(found)}")


def telling(text: str) -> str | None:
    """An expression for the words of a text that say what it means."""
    said = meaning(text)
    phrases = [phrase for one in said for phrase in lists("values")[one] if says(plain(text), phrase)]
    words = re.findall(r"[^\W_]+", text)
    for phrase in sorted(phrases, key=len, reverse=True):
        length = len(phrase.split())
        for start in range(len(words) - length + 1):
            window = words[start : start + length]
            if says(plain(" ".join(window)), phrase):
                return _joined(window)
    return None


def _joined(window: Iterable[str]) -> str:
    return rf"\b{r'[^0-9A-Za-z]+'.join(re.escape(word) for word in window)}\b"
