"""What became of the records, as JSON values: standardized rows, rejected and skipped records, and their quality."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec

from nexus_data.contract.load import Source
from nexus_data.rules import RULES, broken

_HOPS = ("read", "standardize")
_PLACES = 4


class BrokenRule(msgspec.Struct, frozen=True):
    """One rule that a record broke. field: the canonical column, where the rule is one of a column."""

    code: str
    field: str | None
    help: str


class Refused(msgspec.Struct, frozen=True):
    """A record that is not accepted. rules: CODE or CODE:field, joined by `;`. raw: as it was sent."""

    record_no: int
    line: int | None
    rules: str
    raw: str


class Rejected(msgspec.Struct, forbid_unknown_fields=True):
    """A rejected record, with every rule that it broke and its raw text. line: in the file, where it has lines."""

    record_no: int
    line: int | None
    rules: tuple[BrokenRule, ...]
    raw: str


class Skipped(msgspec.Struct, forbid_unknown_fields=True):
    """A record that moves no money, and why the contract passes over it."""

    record_no: int
    reason: str


class AppliedRule(msgspec.Struct, forbid_unknown_fields=True):
    """A rule that the records were held against, and how many broke it."""

    code: str
    help: str
    records: int


class Quality(msgspec.Struct, forbid_unknown_fields=True):
    """validity: accepted of all that were not skipped, 0 to 1; null without any. completeness: by canonical column, the
    share of accepted records that have it."""

    records: int
    accepted: int
    rejected: int
    skipped: int
    validity: float | None
    completeness: dict[str, float]


class Contract(msgspec.Struct, forbid_unknown_fields=True):
    """The contract that read the records. version: of its text, as the ledger names it. table: where rows would go."""

    name: str
    version: str
    title: str
    table: str


class Standardized(msgspec.Struct, forbid_unknown_fields=True):
    """The answer. Rows are in canonical columns, `record_no` first; money, quantities and prices are exact text."""

    contract: Contract
    rows: list[dict[str, Any]]
    rejected: list[Rejected]
    skipped: list[Skipped]
    quality: Quality
    rules: list[AppliedRule]


class Document(msgspec.Struct):
    """The same before it is bytes: rows are JSON text already."""

    contract: Contract
    rows: list[msgspec.Raw]
    rejected: list[Rejected]
    skipped: list[Skipped]
    quality: Quality
    rules: list[AppliedRule]


class Judged(msgspec.Struct):
    """What the kernel found in some records. filled: how many of the accepted ones have a value, by column."""

    rows: list[msgspec.Raw]
    refused: list[Refused]
    skipped: list[Skipped]
    filled: dict[str, int]


def raw_row(text: str) -> msgspec.Raw:
    """A row that is JSON text already."""
    return msgspec.Raw(text.encode())


def document(source: Source, judged: Judged) -> bytes:
    """The answer as JSON."""
    refused = sorted(judged.refused, key=lambda one: one.record_no)
    whole = Document(
        contract=_contract(source),
        rows=judged.rows,
        rejected=[Rejected(one.record_no, one.line, _rules(one.rules), one.raw) for one in refused],
        skipped=judged.skipped,
        quality=_quality(judged),
        rules=_applied(refused),
    )
    return msgspec.json.encode(whole)


def _contract(source: Source) -> Contract:
    return Contract(source.name, source.version, source.contract.title, source.contract.table)


@lru_cache(maxsize=4096)
def _rules(reasons: str) -> tuple[BrokenRule, ...]:
    return tuple(BrokenRule(one.code, one.field or None, one.help) for one in broken(reasons))


def _quality(judged: Judged) -> Quality:
    accepted, rejected, skipped = len(judged.rows), len(judged.refused), len(judged.skipped)
    judgeable = accepted + rejected
    return Quality(
        records=judgeable + skipped,
        accepted=accepted,
        rejected=rejected,
        skipped=skipped,
        validity=_share(accepted, judgeable) if judgeable else None,
        completeness={name: _share(count, accepted) for name, count in judged.filled.items()} if accepted else {},
    )


def _share(part: int, whole: int) -> float:
    return 1.0 if part == whole else round(part / whole, _PLACES)


def _applied(refused: Sequence[Refused]) -> list[AppliedRule]:
    if not refused:
        return _UNBROKEN
    counts = Counter(code for one in refused for code in {rule.code for rule in _rules(one.rules)})
    return [AppliedRule(one.code, one.help, counts[one.code]) for one in _UNBROKEN]


_UNBROKEN = [AppliedRule(rule.code, rule.help, 0) for rule in RULES.values() if rule.hop in _HOPS]
