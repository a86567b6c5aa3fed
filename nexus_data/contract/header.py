"""Comparing the names in a file with the columns of a variant. Which file is probed how is in `match`."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from nexus_data.contract.columns import HEADER
from nexus_data.contract.model import Variant

_SHOWN = 12
_WIDTH = 60
_ALIKE = 0.6


@dataclass(frozen=True, slots=True)
class Difference:
    """How the names of a file differ from a variant. likeness: shared names over all names, 0 to 1."""

    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    likeness: float

    @property
    def fits(self) -> bool:
        """Every column that must be there is there, and no other."""
        return not self.missing and not self.unknown

    def __str__(self) -> str:
        parts = (
            f"missing {listed(self.missing)}" if self.missing else "",
            f"unknown {listed(self.unknown)}" if self.unknown else "",
            f"perhaps renamed {listed([f'{a} -> {b}' for a, b in self.renames()])}" if self.renames() else "",
        )
        return "; ".join(part for part in parts if part)

    def renames(self) -> tuple[tuple[str, str], ...]:
        """Missing names beside unknown ones that look alike: (missing, unknown)."""
        unknown = {name.lower(): name for name in self.unknown}
        close = ((m, difflib.get_close_matches(m.lower(), unknown, n=1, cutoff=_ALIKE)) for m in self.missing)
        return tuple((missing, unknown[found[0]]) for missing, found in close if found)


def called(names: Sequence[str], variant: Variant) -> tuple[tuple[str, ...], dict[str, str]]:
    """The names with those that `named` matches as it calls them, and what its groups have found in them."""
    found, facts = list(names), dict[str, str]()
    for pattern, name in variant.named.items():
        matches = ((place, re.fullmatch(pattern, one)) for place, one in enumerate(names))
        first = next(((place, match) for place, match in matches if match), None)
        if first is not None and name not in found:
            place, match = first
            found[place] = name
            facts |= {HEADER + group: text or "" for group, text in match.groupdict().items()}
    return tuple(found), facts


def difference(names: Sequence[str], variant: Variant) -> Difference:
    """What `names` lack of the variant's columns, and what they have beside them; case counts, order does not."""
    present, columns = set(names), set(variant.columns)
    required = columns - set(variant.optional)
    return Difference(
        missing=tuple(name for name in variant.columns if name in required - present),
        unknown=tuple(name for name in names if name not in columns and not _among(name, variant.others)),
        likeness=len(present & columns) / max(len(present | required), 1),
    )


def _among(name: str, patterns: Sequence[str]) -> bool:
    return any(re.fullmatch(pattern, name) for pattern in patterns)


def listed(names: Sequence[str], *, width: int = _WIDTH) -> str:
    """Names for a message, cut where they are too many or too long to read."""
    shown = ", ".join(name if len(name) <= width else name[: width - 1] + "…" for name in names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"
