"""Which of the forms that there are a reader likes best, by its Accept header (RFC 9110, 12.5.1)."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

_QUALITY = re.compile(r"0(\.[0-9]*)?|1(\.0*)?")


class _Range(NamedTuple):
    """closeness: 2 for one form, 1 for all of a type, 0 for any."""

    kind: str
    subtype: str
    quality: Decimal
    closeness: int

    def covers(self, form: str) -> bool:
        kind, _, subtype = form.partition("/")
        return self.kind in ("*", kind) and self.subtype in ("*", subtype)


def best(accept: str, forms: Sequence[str]) -> str | None:
    """The form with the highest quality; of equal ones the one that is named more closely, then the first. None: none.

    A quality of 0 refuses a form, also where a wider range would take it.
    """
    ranges = [_read(part) for part in accept.split(",") if part.strip()]
    liked = []
    for place, form in enumerate(forms):
        covering = [one for one in ranges if one.covers(form)]
        if covering:
            said = max(covering, key=lambda one: one.closeness)
            liked.append((said.quality, said.closeness, -place, form))
    found = max(liked, default=None)
    return found[3] if found and found[0] > 0 else None


def _read(part: str) -> _Range:
    name, *parameters = (one.strip().lower() for one in part.split(";"))
    kind, _, subtype = name.partition("/")
    quality = next((one[2:] for one in parameters if one.startswith("q=")), "1")
    return _Range(kind, subtype, _number(quality), 2 - (subtype == "*") - (kind == "*"))


def _number(text: str) -> Decimal:
    """The quality; 1 where the text is none."""
    return Decimal(text) if _QUALITY.fullmatch(text) else Decimal(1)
