"""Invented texts of the same shape: what a golden folder holds instead of people's data.

A text always becomes the same other text (so that ids that were equal stay equal), by a key that is not written down:
who does not have the file cannot find back. Signs, marks, spaces and the case of letters stay.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from nexus_data.draft.times import Order, times_in

_EPOCH = re.compile(r"^\d{10}(\d{3}){0,3}$")
_PARTS = re.compile(r"\d+")
_WORD = re.compile(r"[^\W_]+")
_OFFSET = re.compile(r"(?<=\d)\s?[+-]\d{2}:?\d{2}$")
_MIDNIGHT = re.compile(r"(?<!\d)00:00(?::00(?:[.,]0+)?)?(?!:?\d)|(?<!\d)12:00(?::00)? ?[aA]")
_DAYS = 28


@dataclass(frozen=True, slots=True)
class Scrubber:
    """key: of the file, secret. order: of day, month and year in days of numbers."""

    key: bytes
    order: Order = "dmy"

    def text(self, text: str) -> str:
        """Other letters and digits; the first digit of a number stays a zero or none."""
        stream = self._stream(text)
        return "".join(_other(char, next(stream)) for char in text)

    def any(self, text: str) -> str:
        """What is a day or time becomes another one, the rest other letters and digits.

        Digits alone may be an account as well as a day: all of them change.
        """
        time = not text.isdigit() and times_in(pl.Series([text], dtype=pl.String))
        return self.time(text) if time else self.text(text)

    def number(self, text: str) -> str:
        """Other digits; zero stays zero, a leading digit is none, and what has no digit stays."""
        if not re.search("[1-9]", text):
            return text
        stream = self._stream(text)
        digits = [char for char in text if char.isdigit()]
        changed = iter(_digits(digits, stream))
        return "".join(next(changed) if char.isdigit() else char for char in text)

    def time(self, text: str) -> str:
        """Another day of the same month, at another time; what is no day or time stays as `text` makes it."""
        if _EPOCH.match(text):
            return text[:4] + self.text(text[4:])
        parts = list(_PARTS.finditer(text))
        if not parts or len(parts) > _MOST_PARTS:
            return self.text(text)
        stream = self._stream(text)
        return _replaced(text, parts, lambda place: self._time_part(text, parts, place, next(stream)))

    def sentence(self, text: str, *, kept: Callable[[str], bool]) -> str:
        """Other words and numbers, but for those that are kept."""
        return _WORD.sub(lambda word: word[0] if kept(word[0]) else self._word(word[0]), text)

    def _word(self, word: str) -> str:
        return self.number(word) if word.isdigit() else self.text(word)

    def _time_part(self, text: str, parts: list[re.Match[str]], place: int, byte: int) -> str:
        part = parts[place]
        old, width = part[0], len(part[0])
        before, after = text[part.start() - 1 : part.start()], text[part.end() : part.end() + 1]
        offset = _OFFSET.search(text)
        if (offset and part.start() > offset.start()) or (_MIDNIGHT.search(text) and ":" in text[: part.end() + 1]):
            return old
        if width == _COMPACT_DAY:
            return old[:6] + f"{1 + byte % _DAYS:02d}"
        if before == "." and place and ":" in text[: part.start()]:
            return "".join(str((byte + 7 * i) % 10) for i in range(width))
        if ":" in (before, after):
            half = re.search(r"[ap]\.?m", text, re.IGNORECASE)
            return f"{1 + byte % (12 if half else 22):0{width}d}" if before != ":" else f"{byte % 60:0{width}d}"
        return f"{1 + byte % _DAYS:0{width}d}" if self._is_day(text, parts, place) else old

    def _is_day(self, text: str, parts: list[re.Match[str]], place: int) -> bool:
        if len(parts[0][0]) == 4:
            return place == 2
        named = re.search(r"[A-Za-z]{3}", text[: parts[1].end()]) if len(parts) > 1 else None
        return place == (0 if named else {"dmy": 0, "mdy": 1, "ymd": 2}[self.order])

    def _stream(self, text: str) -> Iterator[int]:
        block = 0
        while True:
            yield from hmac.digest(self.key, f"{block}:{text}".encode(), hashlib.sha256)
            block += 1


_COMPACT_DAY = 8
_MOST_PARTS = 9


def _replaced(text: str, parts: list[re.Match[str]], new: Callable[[int], str]) -> str:
    pieces, end = [], 0
    for place, part in enumerate(parts):
        pieces += [text[end : part.start()], new(place)]
        end = part.end()
    return "".join([*pieces, text[end:]])


def _other(char: str, byte: int) -> str:
    if char.isdigit():
        return str(byte % 10)
    if not char.isalpha():
        return char
    letter = chr(ord("a") + byte % 26)
    return letter.upper() if char.isupper() else letter


def _digits(old: list[str], stream: Iterator[int]) -> Iterator[str]:
    """Leading zeros stay, the first other digit becomes one that is no zero, the rest any."""
    started = False
    for digit in old:
        if started:
            yield str(next(stream) % 10)
        else:
            started = digit != "0"
            yield str(1 + next(stream) % 9) if started else digit
