"""Which formats read a column of days or times, what proves the order of day and month, and what nothing proves."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from nexus_data.draft.times import ORDERS, Order, Shapes, TimeTally

_EPOCHS = {"N10": "epoch_s", "N13": "epoch_ms", "N16": "epoch_us", "N19": "epoch_ns"}
_NUMERIC = re.compile(r"^D([-/. ])D\1([YD])")
_CLOCK = re.compile(r"D:D(:D)?(\.F)?( ?%)?([ ]?@|\^)?( [A-Z]{2,4})?$")
_DAYS = (
    (re.compile(r"^Y([-/.])D\1D"), r"%Y\1%m\1%d"),
    (re.compile(r"^D([-/. ])b([-/. ])(Y|D)"), r"%d\1%b\2%\3"),
    (re.compile(r"^D([-/. ])B([-/. ])(Y|D)"), r"%d\1%B\2%\3"),
    (re.compile(r"^b(\.?) D,( ?)Y"), r"%b\1 %d,\2%Y"),
    (re.compile(r"^B(\.?) D,( ?)Y"), r"%B\1 %d,\2%Y"),
    (re.compile(r"^D\.( ?)b Y"), r"%d.\1%b %Y"),
    (re.compile(r"^D\.( ?)B Y"), r"%d.\1%B %Y"),
    (re.compile(r"^N8"), r"%Y%m%d"),
)
_UTC = ("UTC", "GMT")


@dataclass(frozen=True, slots=True)
class TimeStyle:
    """formats: as `[fields]` has them. day, clock: what a text holds; instant: it names its offset, or is a count.

    orders: what is still possible, for days of numbers; one: proven or taken over. zone: what the texts name as UTC.
    """

    formats: tuple[str, ...]
    day: bool
    clock: bool
    instant: bool
    orders: tuple[Order, ...] = ()
    proof: str = ""
    zone: str | None = None
    abbreviations: tuple[str, ...] = ()
    contradiction: str = ""
    count: int = 0

    @property
    def ambiguous(self) -> bool:
        """Whether nothing decides between day and month."""
        return len(self.orders) > 1 or bool(self.contradiction)


def time_style(tally: TimeTally) -> TimeStyle:
    """The style of one column by itself: with the first of the possible orders where several are left."""
    numeric = {skeleton: found for skeleton, found in tally.shapes.items() if _NUMERIC.match(skeleton)}
    orders, contradiction = _orders(numeric)
    style = TimeStyle(
        formats=formats(tally.shapes, orders[0] if orders else "dmy"),
        day=any(not skeleton.startswith("D:") for skeleton in tally.shapes),
        clock=any(":" in skeleton or skeleton in _EPOCHS or skeleton == "N14" for skeleton in tally.shapes),
        instant=bool(tally.shapes) and all(s in _EPOCHS or s[-1] in "^@" for s in tally.shapes),
        orders=orders,
        proof=_proof(numeric, orders),
        contradiction=contradiction,
        count=tally.count,
    )
    names = {found[5].strip() for s in tally.shapes if (found := _CLOCK.search(s)) and found[5]}
    zone = "UTC" if names and names <= set(_UTC) else None
    return replace(style, zone=zone, abbreviations=tuple(sorted(names - set(_UTC))))


def with_order(style: TimeStyle, tally: TimeTally, order: Order) -> TimeStyle:
    """The style with the order of day and month settled."""
    return replace(style, formats=formats(tally.shapes, order), orders=(order,))


def _orders(numeric: Mapping[str, Shapes]) -> tuple[tuple[Order, ...], str]:
    """The orders that nothing speaks against; where something speaks against each, those with least against them."""
    if not numeric:
        return (), ""
    asked = [order for order in ORDERS if order != "ymd" or all(map(_two_digits, numeric))]
    against = {order: sum(found.against[order].count for found in numeric.values()) for order in asked}
    if left := tuple(order for order in asked if not against[order]):
        return left, ""
    told = [str(one) for order in asked for found in numeric.values() if (one := found.only[order]).count]
    return tuple(sorted(asked, key=lambda order: against[order]))[:2], f"several orders stand there: {'; '.join(told)}"


def _two_digits(skeleton: str) -> bool:
    numeric = _NUMERIC.match(skeleton)
    return numeric is not None and numeric[2] == "D"


def _proof(numeric: Mapping[str, Shapes], orders: tuple[Order, ...]) -> str:
    if len(orders) != 1:
        return ""
    for found in numeric.values():
        if (only := found.only[orders[0]]).count:
            return f"`{only.text}` in record {only.record:,} proves {ORDERS[orders[0]]}"
    return f"nothing but {ORDERS[orders[0]]} reads them all"


def formats(shapes: Mapping[str, Shapes], order: Order) -> tuple[str, ...]:
    """Formats for every skeleton, most frequent first, without repetition; fractions make one format of two."""
    by_count = sorted(shapes.items(), key=lambda item: -item[1].found.count)
    found = [form for skeleton, _ in by_count if (form := format_of(skeleton, order)) is not None]
    return tuple(dict.fromkeys(_merged(found)))


def _merged(found: Iterable[str]) -> Iterable[str]:
    found = list(found)
    return (f"{form}%.f" if form.endswith("%S") and f"{form}%.f" in found else form for form in found)


def format_of(skeleton: str, order: Order) -> str | None:
    """The strptime format, or the name of the form, that reads texts of this skeleton; None for a mere time of day."""
    if skeleton in _EPOCHS:
        return _EPOCHS[skeleton]
    if skeleton == "N14":
        return "%Y%m%d%H%M%S"
    if skeleton.startswith("D:"):
        return _clock(skeleton)
    if skeleton.startswith("Y-D-D") and skeleton[-1] in "^@":
        return "iso"
    day, rest = _day(skeleton, order)
    clock = _CLOCK.search(rest)
    glue = rest[: clock.start()].replace("~", "T") if clock else ""
    return day + glue + (_clock(rest[clock.start() :]) if clock else "")


def _day(skeleton: str, order: Order) -> tuple[str, str]:
    if numeric := _NUMERIC.match(skeleton):
        year = "%Y" if numeric[2] == "Y" else "%y"
        parts = {"dmy": ("%d", "%m", year), "mdy": ("%m", "%d", year), "ymd": (year, "%m", "%d")}[order]
        return numeric[1].join(parts), skeleton[numeric.end() :]
    for pattern, form in _DAYS:
        if found := pattern.match(skeleton):
            return found.expand(form).replace("%D", "%y"), skeleton[found.end() :]
    return "", skeleton


def _clock(text: str) -> str:
    found = _CLOCK.search(text)
    if found is None:
        return ""
    seconds, fraction, half, offset, name = found.groups()
    hour = "%I" if half else "%H"
    form = f"{hour}:%M{':%S' if seconds else ''}{'%.f' if fraction else ''}"
    form += half.replace("%", "%p") if half else ""
    return form + (offset.replace("@", "%#z").replace("^", "Z") if offset else "") + (name or "")
