"""How values are written for people: exact, with thousands apart. The same for every format."""

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache

from nexus_data.report.document import Column, Value

MINUS = "\N{MINUS SIGN}"
NONE = "\N{EN DASH}"
_SHARE_PLACES = 2


def shown(value: Value, column: Column) -> str:
    """The value as it stands in its column; nothing there is a dash."""
    content = value.content
    if content is None:
        return NONE
    if isinstance(content, datetime):
        return f"{content.astimezone(UTC):%Y-%m-%d %H:%M}"
    if isinstance(content, date):
        return content.isoformat()
    if isinstance(content, str):
        return content
    if column.kind == "share":
        return f"{number(_percent(content), places=_SHARE_PLACES)} %"
    return number(content, places=value.places)


def _percent(share: Decimal | int) -> Decimal:
    return Decimal(f"{Decimal(share):f}E2")


@lru_cache(maxsize=32_768)
def number(content: Decimal | int, *, places: int = 0) -> str:
    """Every digit that there is, and at least so many places: 1234.5 with 2 is 1,234.50."""
    text = f"{Decimal(content).copy_abs():,f}"
    whole, _, rest = text.partition(".")
    rest = rest.rstrip("0").ljust(places, "0")
    sign = MINUS if content < 0 else ""
    return f"{sign}{whole}.{rest}" if rest else f"{sign}{whole}"
