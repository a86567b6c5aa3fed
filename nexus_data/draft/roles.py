"""Which column plays which role: by the words of its name, in several languages, and by what its values look like."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from nexus_data.draft.profile import Column, Profile
from nexus_data.draft.words import best, lists, plain
from nexus_data.kernel.currency_codes import CODES, SIGNS

_NEEDED = 45
"""A name less like the words of a role than this does not say it."""
_SHARE = 0.8
_BEHIND = 95
_EQUAL = 100
_MOSTLY = 0.55
"""Footers and words for nothing may stand among numbers and times."""

_TIMES = frozenset(
    "date settle_date start end due release created updated closed".split()  # noqa: SIM905 - as the list is read
)
_NUMBERS = frozenset("amount gross debit credit quantity price fee tax balance fx_rate spent progress budget".split())  # noqa: SIM905
_WORDS = frozenset(["kind", "side", "status", "pov_role", "priority"])
_ISIN = r"^[A-Z]{2}[A-Z0-9]{9}[0-9]$"
_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_CODE = re.compile(r"(?<![A-Za-z])([A-Z]{3})(?![A-Za-z])")
_DIGITS = 20
"""A symbol of digits is a catalogue's number, which nobody reads, where there is another."""
_UNNAMED = re.compile(r"^column_\d+$")


@dataclass(frozen=True, slots=True)
class Roles:
    """by: the column of each role. likeness: how sure its name makes that, 0 to 100. names: what a column is called,
    where an unnamed one takes over its neighbour's name. currency_of: the currency column of a number column."""

    by: dict[str, str]
    likeness: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    currency_of: dict[str, str] = field(default_factory=dict)

    def __contains__(self, role: str) -> bool:
        return role in self.by

    def get(self, role: str) -> str | None:
        """The column that plays a role."""
        return self.by.get(role)


def find_roles(profile: Profile) -> Roles:
    """The best assignment: each column plays one role, each role is played by one column."""
    columns = profile.columns
    names = _names(columns)
    scored = [
        (_score(column, names[name], role), -column.place, name, role)
        for name, column in columns.items()
        for role in lists("headers")
        if column.filled
    ]
    by: dict[str, str] = {}
    likeness: dict[str, int] = {}
    for score, _, name, role in sorted(scored, key=lambda one: one[:2], reverse=True):
        if score >= _NEEDED and role not in by and name not in by.values():
            by[role], likeness[role] = name, score
    return Roles(by, likeness, names, _currencies(columns, names, by))


def _names(columns: Mapping[str, Column]) -> dict[str, str]:
    """An unnamed number column after a currency column that is named like an amount takes that name over."""
    names = {name: ("" if _UNNAMED.match(name) else name) for name in columns}
    ordered = list(columns.values())
    for left, right in pairwise(ordered):
        if is_currency(left) and not names[right.name] and right.number_share >= _SHARE:
            names[right.name], names[left.name] = names[left.name], f"currency {names[left.name]}"
    return names


def is_currency(column: Column) -> bool:
    """Whether nearly every value is an ISO 4217 code or sign."""
    known = sum(count for text, count in (column.values or {}).items() if text.upper() in CODES or text in SIGNS)
    return bool(column.filled) and known >= _SHARE * column.filled


def _score(column: Column, name: str, role: str) -> int:
    """The likeness of the name, less where the values speak against the role; values alone tell ISINs and e-mails."""
    if role == "isin" and column.share(_ISIN) >= _SHARE:
        return 98
    if role == "email" and column.share(_EMAIL) >= _SHARE:
        return 98
    if role in ("isin", "email"):
        return 0
    score = best(name, role)
    if role == "date" and not score and column.time_share >= _SHARE and _has_day(column) and not _plain_count(column):
        return _NEEDED
    if role == "currency" and is_currency(column):
        return max(score, _NEEDED)
    if role == "symbol" and column.number_share >= _SHARE:
        score -= _DIGITS
    if role == "date" and ":" in "".join(column.times.shapes if column.times else ()):
        score -= 1
    return score if _suits(column, role) else 0


def _suits(column: Column, role: str) -> bool:
    if role in _TIMES:
        return column.time_share >= _MOSTLY and _has_day(column)
    if role == "clock":
        return column.time_share >= _MOSTLY and not _has_day(column)
    if role in _NUMBERS:
        return column.number_share >= _MOSTLY and not is_currency(column)
    if role == "currency":
        return column.share(r"^[A-Za-z0-9]{2,10}$") >= _SHARE and column.number_share < _MOSTLY
    if role == "symbol":
        return column.share(r"^[^\s]{1,32}$") >= _SHARE and column.time_share < _SHARE
    if role == "zone":
        return column.share(r"^([A-Z][A-Za-z_]+/[A-Za-z_/]+|UTC|GMT)$") >= _SHARE
    if role in _WORDS:
        return column.values is not None and column.number_share < _MOSTLY and column.time_share < _MOSTLY
    return column.time_share < _SHARE or column.number_share >= _SHARE


def _has_day(column: Column) -> bool:
    return column.times is not None and any(not skeleton.startswith("D:") for skeleton in column.times.shapes)


def _plain_count(column: Column) -> bool:
    """Whether the column may as well hold counts or ids: digits without any mark."""
    return column.times is not None and all(re.fullmatch(r"N\d+", skeleton) for skeleton in column.times.shapes)


def _currencies(columns: Mapping[str, Column], names: Mapping[str, str], by: Mapping[str, str]) -> dict[str, str]:
    """For each number column the currency column whose name says so, or that stands right behind it."""
    sources = [name for name in columns if best(names[name], "currency") >= _NEEDED or is_currency(columns[name])]
    sources = [name for name in sources if columns[name].filled and columns[name].number_share < _MOSTLY]
    numbers = {role: name for role, name in by.items() if role in _NUMBERS}
    plain_ones = [name for name in sources if not _without_currency(names[name])]
    found: dict[str, tuple[int, str]] = {}
    for source in sources:
        rest = _without_currency(names[source])
        for role, number in numbers.items():
            score = _belongs(rest, plain(names[number]), role)
            if len(plain_ones) > 1 and not rest and columns[source].place == columns[number].place + 1:
                score = _BEHIND
            if score > found.get(number, (0, ""))[0]:
                found[number] = (score, source)
    return {number: source for number, (_, source) in found.items()}


def _without_currency(name: str) -> str:
    words = [w for w in plain(name).split() if best(w, "currency") < _EQUAL and not w.isdigit()]
    return " ".join(words)


def _belongs(rest: str, number: str, role: str) -> int:
    if not rest:
        return 0
    if rest == number:
        return 100
    shared = set(rest.split()) & set(number.split())
    return max(90 * len(shared) // len(set(rest.split()) | set(number.split())), best(rest, role) - 10, 0)


def named_currency(name: str) -> str | None:
    """The currency that a column's name holds: Total (EUR), Kosten €."""
    codes = [code for code in _CODE.findall(name) if code in CODES]
    signs = [SIGNS[part] for part in re.split(r"[\s()/]+", name) if part in SIGNS]
    return next(iter([*codes, *signs]), None)


def described(roles: Roles, wanted: Iterable[str]) -> list[str]:
    """The columns of those of the wanted roles that are played, in that order."""
    return [roles.by[role] for role in wanted if role in roles.by]
