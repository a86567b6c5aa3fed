"""How delimited text is written: where a record ends and which fields it has. Works on UTF-8 bytes.

A quote opens a field only at the field's first byte; anywhere else it is text. Inside, a doubled quote is one quote.
Line ends are CR LF, LF and a lone CR. Lines of nothing but white space are no records.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

END = rb"(?:\r\n|\n|\r)"


@dataclass(frozen=True, slots=True)
class Grammar:
    """delimiter: one byte. quote: one byte, or none for text without quoting."""

    delimiter: bytes
    quote: bytes

    @property
    def white(self) -> bytes:
        """The bytes that a blank line may consist of."""
        return b" \t\r\n\v\f".replace(self.delimiter, b"")


@dataclass(frozen=True, slots=True)
class Scan:
    """What stands at one place: fields, the end (after the line end) and, if it is no record, a code."""

    fields: tuple[bytes, ...]
    end: int
    code: str | None


def scan(data: bytes, start: int, stop: int, grammar: Grammar) -> Scan:
    """Read the record at `start`, looking no further than `stop` (which counts as the end of the text)."""
    field, quote = _field(grammar), grammar.quote
    fields: list[bytes] = []
    while True:
        match = field.match(data, start, stop)
        if match is None:
            return Scan((), stop, "UNCLOSED_QUOTE")
        inner, plain, after = match.groups()
        fields.append(plain if inner is None else inner.replace(quote * 2, quote))
        start = match.end()
        if after != grammar.delimiter:
            junk = after is None and start < stop
            return Scan(tuple(fields), start, "BAD_QUOTE" if junk else None)


@lru_cache(maxsize=64)
def _field(grammar: Grammar) -> re.Pattern[bytes]:
    """One field (group 1 without its quotes, or group 2) and what ends it (group 3)."""
    delimiter, quote = re.escape(grammar.delimiter), re.escape(grammar.quote)
    after = b"(" + delimiter + b"|" + END + b")?"
    if not quote:
        return re.compile(b"(?!)()|([^" + delimiter + b"\r\n]*+)" + after)
    quoted = quote + b"([^" + quote + b"]*+(?:" + quote * 2 + b"[^" + quote + b"]*+)*+)" + quote
    plain = b"((?!" + quote + b")[^" + delimiter + b"\r\n]*+)"
    return re.compile(b"(?:" + quoted + b"|" + plain + b")" + after)


@lru_cache(maxsize=64)
def well_quoted(grammar: Grammar) -> re.Pattern[bytes]:
    """Matches text, from the start of a record on, in which nothing but the end of a field follows a closing quote."""
    quote, ends = re.escape(grammar.quote), b"[^" + re.escape(grammar.delimiter) + b"\r\n]"
    inside = b"[^" + quote + b"]*+"
    quoted = (
        b"(?<!" + ends + b")" + quote + inside + b"(?:" + quote * 2 + inside + b")*+" + quote + b"(?!" + ends + b")"
    )
    plain = b"(?<=" + ends + b")" + quote
    return re.compile(inside + b"(?:(?:" + quoted + b"|" + plain + b")" + inside + b")*+")


@lru_cache(maxsize=64)
def clean_record(grammar: Grammar, width: int) -> re.Pattern[bytes]:
    """Matches, at its start, a record of `width` fields with its line end, if no quote is outside of quoted fields."""
    delimiter, quote = re.escape(grammar.delimiter), re.escape(grammar.quote)
    field = b"[^" + delimiter + quote + b"\r\n]*+"
    if quote:
        quoted = quote + b"[^" + quote + b"]*+(?:" + quote * 2 + b"[^" + quote + b"]*+)*+" + quote
        field = b"(?:" + quoted + b"|" + field + b")"
    return re.compile(field + b"(?:" + delimiter + field + b"){%d}" % (width - 1) + b"(?:" + END + rb"|\Z)")
