"""Which encoding a text is in. UTF-8 proves itself; 8-bit encodings never do, so that what tells them apart is said."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from nexus_data.draft.words import spelled
from nexus_data.readers.containers import HEAD_BYTES, members, read_up_to
from nexus_data.readers.encodings import bom_encoding
from nexus_data.readers.survey import survey

EIGHT_BIT = ("cp1252", "cp1250", "iso8859_15", "cp850", "mac_roman")
"""In the order of how often they are met."""

_WORD = re.compile(r"[^\W\d_]*[^\x00-\x7f][\w]*")
_ODD = re.compile(
    r"[\x80-\x9f]|(?<=\w)[^\w\s\x00-\x7f](?=\w)|(?<=[a-z])[^\W\da-zß-ÿĀ-ž\x00-\x7f]"
    r"|[¤¦¨¬¯²³\u00b8¹¼½¾ˇ˘˙\u02db˝]"
)
_HEAD_BLOCKS = 16
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class EncodingChoice:
    """marked: a byte order mark says it. open: the readings between which nothing decides."""

    name: str
    marked: bool = False
    notes: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


def choose_encoding(path: Path, *, decided: str | None, max_expanded_bytes: int) -> EncodingChoice:
    """FileError as `survey`, which reads the whole file; 8-bit encodings are told apart by its first MiB."""
    head = _head(path, max_expanded_bytes)
    if marked := bom_encoding(head):
        return EncodingChoice(marked, marked=True, notes=("the file begins with a byte order mark",))
    found = survey(path, max_expanded_bytes=max_expanded_bytes)
    if not found.good and not found.bad:
        return EncodingChoice("utf-8", notes=("every byte is ASCII",))
    if found.utf8:
        return EncodingChoice("utf-8", notes=(f"{found.good:,} lines beyond ASCII are UTF-8, {found.bad:,} are not",))
    if decided is not None:
        return EncodingChoice(decided, notes=("as decided",))
    return _eight_bit(head, found.bad)


def _head(path: Path, limit: int) -> bytes:
    for member in members(path, max_expanded_bytes=limit):
        if head := read_up_to(member.source, _HEAD_BLOCKS * HEAD_BYTES):
            return head
    return b""


def _eight_bit(head: bytes, lines: int) -> EncodingChoice:
    words = {name: text for name in EIGHT_BIT if (text := _beyond_ascii(head, name)) is not None}
    least = min(map(_oddness, words.values()))
    sound = [name for name, found in words.items() if _oddness(found) == least]
    told = [name for name in sound if _known(words[name])] or sound
    chosen = told[0]
    same = [name for name in sound if words[name] == words[chosen]]
    said = f"{lines:,} lines are not UTF-8; as {chosen} they hold {_examples(words[chosen])}"
    open_ = tuple(f"encodings = [{name!r}]: {_examples(words[name])}".replace("'", '"') for name in told)
    return EncodingChoice(chosen, notes=(said,), open=() if set(told) <= set(same) else open_)


def _beyond_ascii(head: bytes, name: str) -> tuple[str, ...] | None:
    try:
        text = head.decode(name)
    except UnicodeDecodeError:
        return None
    return tuple(dict.fromkeys(re.findall(r"\S*[^\x00-\x7f]\S*", text)))


def _oddness(words: Iterable[str]) -> int:
    """How many of the words hold what no word of these languages does: controls, a sign among letters."""
    return sum(bool(_ODD.search(word)) for word in words)


def _known(words: Iterable[str]) -> bool:
    """Whether a word beyond ASCII is one that the lists have, accents and all."""
    return any(word.strip("\"';,.:").casefold() in spelled() for word in _parts(words))


def _parts(words: Iterable[str]) -> Iterable[str]:
    return (part for word in words for part in _WORD.findall(word))


def _examples(words: Iterable[str]) -> str:
    return ", ".join(f"`{word[:30]}`" for word in islice(words, _SHOWN))
