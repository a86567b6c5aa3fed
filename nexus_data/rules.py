"""The rules that a record can break: each code declared once, with a line of help. Who applies them is elsewhere.

Codes are stable: people filter by them, and quarantine keeps them for years. A code is never renamed or given another
meaning; a rule that is not applied any more keeps its line.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """hop: the step that applies it. field: whether reasons name the canonical column with it (CODE:column)."""

    code: str
    hop: str
    help: str
    field: bool = False


_READ = (
    Rule("TOO_FEW_FIELDS", "read", "the record has fewer fields than the header"),
    Rule("TOO_MANY_FIELDS", "read", "the record has more fields than the header"),
    Rule("UNCLOSED_QUOTE", "read", "a quoted field never ends, so that where the record ends is not known"),
    Rule("BAD_QUOTE", "read", "text stands behind a closing quote, or a quote within an unquoted field"),
    Rule("BAD_ENCODING", "read", "bytes that are no text in the file's encoding"),
    Rule("NUL", "read", "a NUL character, which no text of a statement has"),
    Rule("BAD_JSON", "read", "the element is not valid JSON, or not an object of plain values"),
    Rule("BAD_PREFIX", "read", "the line does not begin as the contract says, or has nothing behind it"),
    Rule("UNKNOWN_COLUMN", "read", "the JSON object has a name that the contract does not know"),
    Rule("BAD_ELEMENT", "read", "the element of a standard format is not written as that format demands"),
    Rule("SUM_DIFFERS", "read", "the transactions of a booking do not add up to its amount"),
)

_FIELDS = (
    Rule("UNPARSABLE", "standardize", "the text cannot be read as what the column holds", field=True),
    Rule(
        "UNKNOWN_VALUE", "standardize", "a value that the contract's map or the column's list does not have", field=True
    ),
    Rule("TOO_LARGE", "standardize", "the number has too many digits before the point (in sums: over 15)", field=True),
    Rule("TOO_LONG", "standardize", "the text is longer than the column takes (ids: 500 bytes)", field=True),
    Rule("RUINED_ID", "standardize", "a spreadsheet wrote the id as 1.5E+13: its digits are lost", field=True),
    Rule("TOO_PRECISE", "standardize", "more decimal places, or a finer time, than the column holds", field=True),
    Rule("UNKNOWN_ZONE", "standardize", "the time zone is not in the IANA database", field=True),
    Rule("DST_GAP", "standardize", "a local time that the clocks skipped when they went forward", field=True),
    Rule("DST_OVERLAP", "standardize", "a local time that came twice when the clocks went back", field=True),
    Rule("UNKNOWN_CURRENCY", "standardize", "no ISO 4217 code, and the contract takes no other", field=True),
    Rule("NEGATIVE", "standardize", "a negative number where the column has none", field=True),
    Rule("MISSING", "standardize", "a column that every row must have is empty", field=True),
)

_RECORDS = (
    Rule("UNKNOWN_KIND", "standardize", "none of the contract's kinds takes the record"),
    Rule("UNKNOWN_HEADER", "standardize", "the record's section has no header that the contract knows"),
    Rule("GROUP_REJECTED", "standardize", "the record is part of another one, which was rejected"),
    Rule("GROUP_INCOMPLETE", "standardize", "records that belong together miss one that the contract demands"),
    Rule("GROUP_AMBIGUOUS", "standardize", "more records belong together than make one operation"),
    Rule("GROUP_TOO_LARGE", "standardize", "records that belong together lie too far apart in the file"),
)

_KNOWN = (
    Rule("ID_CONFLICT", "deduplicate", "the source's id is published with other content", field=True),
    Rule("TAKEN", "deduplicate", "another key has the value that must be unique", field=True),
    Rule("UNKNOWN_USER", "deduplicate", "the user that the record names is not known", field=True),
    Rule("UNKNOWN_PROJECT", "deduplicate", "the project that the record names is not known", field=True),
    Rule("UNKNOWN_MILESTONE", "deduplicate", "the milestone that the record names is not known", field=True),
)

RULES = {rule.code: rule for rule in (*_READ, *_FIELDS, *_RECORDS, *_KNOWN)}
"""Every rule by its code, in the order of the hops."""

FIELD_CODES = tuple(rule.code for rule in _FIELDS)
"""What the kernel can find wrong with one column, in the order in which a record's reasons list it."""


@dataclass(frozen=True, slots=True)
class Broken:
    """One of the reasons of a rejected record: its text as kept, the column (""; none), and what the rule says."""

    rule: str
    code: str
    field: str
    help: str


def broken(reasons: str) -> Iterator[Broken]:
    """The rules in a record's reasons, CODE or CODE:field joined by `;`."""
    for text in filter(None, reasons.split(";")):
        code, _, field = text.partition(":")
        yield Broken(text, code, field, RULES[code].help if code in RULES else "a rule of a later release")
