"""Words as they are compared, and the word lists (data, in `words/*.toml`). What a word leads to is not known here."""

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

ListName = Literal["headers", "values", "statuses"]
_LISTS: tuple[ListName, ...] = ("headers", "values", "statuses")

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_WORD = re.compile(r"[^0-9a-z]+")
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "\u0131": "i"})
_SHORTEST_COMPOUND = 4


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """Lower-case words of a-z and 0-9 with one space between: accents, punctuation and case are taken away."""
    folded = unicodedata.normalize("NFKD", _CAMEL.sub(" ", text)).casefold().translate(_LETTERS)
    return _NO_WORD.sub(" ", "".join(c for c in folded if not unicodedata.combining(c))).strip()


@cache
def lists(name: ListName) -> dict[str, tuple[str, ...]]:
    """The words of one list by what they mean, of all languages, plain; `*` marks stay at their ends."""
    table = tomllib.loads(files("nexus_data.draft").joinpath("words", f"{name}.toml").read_text("utf-8"))
    return {key: tuple(dict.fromkeys(_entry(w) for lang in table[key].values() for w in lang)) for key in table}


def _entry(word: str) -> str:
    return f"{'*' if word.startswith('*') else ''}{plain(word)}{'*' if word.endswith('*') else ''}"


def likeness(text: str, phrase: str) -> int:
    """How well a plain text says a plain phrase, 0 to 100: equal, among its words, or part of a compound word."""
    if text == phrase:
        return 100
    if f" {phrase} " in f" {text} ":
        return 55 + 35 * len(phrase) // len(text)
    if len(phrase) >= _SHORTEST_COMPOUND and any(w.endswith(phrase) or w.startswith(phrase) for w in text.split()):
        return 35 + 10 * len(phrase) // len(text)
    return 0


@lru_cache(maxsize=65536)
def best(text: str, meaning: str, name: ListName = "headers") -> int:
    """The best likeness of a text with any word of a meaning."""
    said = plain(text)
    return max((likeness(said, phrase) for phrase in lists(name).get(meaning, ())), default=0)


def says(text: str, phrase: str) -> int:
    """The length of what a plain text has of a listed phrase, 0 when it does not say it."""
    core = phrase.strip("*")
    starts, ends = phrase.endswith("*"), phrase.startswith("*")
    if f" {core} " in f" {text} ":
        return len(core)
    found = any((starts and word.startswith(core)) or (ends and word.endswith(core)) for word in text.split())
    return len(core) if found and " " not in core else len(core) * (starts and text.startswith(core))


@lru_cache(maxsize=65536)
def meanings(text: str, name: ListName) -> dict[str, int]:
    """What a value says: the length of the longest phrase found, by meaning."""
    said = plain(text)
    found = {key: max((says(said, phrase) for phrase in phrases), default=0) for key, phrases in lists(name).items()}
    return {key: length for key, length in found.items() if length}


@cache
def spelled() -> frozenset[str]:
    """The single words of all lists that hold a letter beyond ASCII, as they are spelled."""
    texts = (files("nexus_data.draft").joinpath("words", f"{name}.toml").read_text("utf-8") for name in _LISTS)
    words = (word for text in texts for word in re.findall(r"[^\W\d_]+", text.casefold()))
    return frozenset(word for word in words if not word.isascii())
