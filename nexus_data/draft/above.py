"""What the rows above a header say of all records, found by its label: `Account: 12-34`, `Currency;EUR`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nexus_data.contract.columns import ABOVE
from nexus_data.contract.model import FieldSpec
from nexus_data.draft.look import Proposal
from nexus_data.draft.words import best
from nexus_data.kernel.currency_codes import CODES

_SAID = 90
_FIELDS = {"account": "account_id", "currency": "currency"}
_TABLES = {"account": ("trading_operations",), "currency": ("trading_operations", "projects", "project_milestones")}


@dataclass(frozen=True, slots=True)
class Fact:
    """pattern: as `[format] above` has it. label, value: as they stand in the row."""

    pattern: str
    label: str
    value: str


def facts_above(rows: Sequence[Sequence[str]]) -> dict[str, Fact]:
    """The first account and the first currency that a row names."""
    found: dict[str, Fact] = {}
    for row in rows:
        for what, fact in _facts([cell.strip() for cell in row]):
            found.setdefault(what, fact)
    return found


def _facts(row: Sequence[str]) -> Iterator[tuple[str, Fact]]:
    label, rest = (row[0], [cell for cell in row[1:] if cell]) if row else ("", [])
    way = re.escape(label) + r"\t+"
    if not rest and ":" in label:
        label, _, value = label.partition(":")
        rest, way = [value.strip()], re.escape(f"{label}:") + " *"
    for what in _FIELDS:
        if rest and best(label, what) >= _SAID and _is(what, rest[0]):
            value = "[A-Z]{3}" if what == "currency" else r"[^\t\n]+"
            yield what, Fact(f"^{way}(?P<{what}>{value})", label, rest[0])


def _is(what: str, value: str) -> bool:
    return value in CODES if what == "currency" else any(char.isdigit() for char in value)


def give_facts(proposal: Proposal, found: Mapping[str, Fact]) -> tuple[str, ...]:
    """Fields that no column gives from what stands above the header; the patterns that the format then needs."""
    used = [what for what in found if proposal.table in _TABLES[what] and _lacks(proposal, _FIELDS[what])]
    for what in used:
        fact = found[what]
        said = f"above the header stands {fact.label} {fact.value if what == 'currency' else ''}".strip()
        proposal.notes.pop(f"fields.{_FIELDS[what]}", None)
        proposal.give(_FIELDS[what], FieldSpec(column=ABOVE + what), said)
        proposal.open.pop(f"fields.{_FIELDS[what]}", None)
    return tuple(found[what].pattern for what in used)


def _lacks(proposal: Proposal, field: str) -> bool:
    return f"fields.{field}" in proposal.open or (field == "account_id" and field not in proposal.fields)
