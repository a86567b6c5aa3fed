"""The fields of operations that are days and times: one column, a day and a clock, or a day beside an instant."""

import re

from nexus_data.contract.model import Condition, FieldSpec, Kind
from nexus_data.draft.look import Look, Proposal
from nexus_data.draft.time_forms import TimeStyle, format_of
from nexus_data.draft.times import ORDERS
from nexus_data.draft.unnamed import give_path_times, path_day
from nexus_data.draft.values import meaning, means_nothing

_WITH_CLOCK = "^(.+:.+)$"
_BOTH = r"^(\S+ \S+)$"


def give_times(look: Look, proposal: Proposal) -> None:
    """date and transact_time, as far as the file has them."""
    day = look.roles.get("date") or look.roles.get("settle_date")
    if day is None and (pattern := path_day(look.path)) is not None:
        give_path_times(look, proposal, pattern)
        return
    if day is None:
        proposal.open["fields.date"] = ("no column is written as days: name the one that is, and its format",)
        proposal.give("date", FieldSpec(value="1000-01-01", formats=("iso",)))
        return
    style = look.times[day]
    give_time(look, proposal, "date", day)
    clock, instant = look.roles.get("clock"), _instant(look, day)
    if style.clock and _only_midnights(look, day):
        proposal.note("fields.date", "every time of day is midnight: it stands for the day, and there is no time")
    elif style.clock:
        _of_one_column(look, proposal, day)
    elif instant is not None:
        give_time(look, proposal, "transact_time", instant)
    elif clock is not None:
        _of_two_columns(look, proposal, day, clock)


def _only_midnights(look: Look, day: str) -> bool:
    times = look.column(day).times
    return times is not None and not times.timed.count and not look.times[day].formats[0].startswith("epoch")


def give_time(look: Look, proposal: Proposal, name: str, column: str) -> None:
    """One day or time field, with the proof of its order, or the readings that are left."""
    style = look.times[column]
    extract, why = _leading(look, column)
    spec = FieldSpec(column=column, formats=style.formats, zone=style.zone, null=_nulls(look, column), extract=extract)
    proposal.give(name, spec, *time_notes(look, column), why)
    if style.ambiguous:
        proposal.open[f"fields.{name}.formats"] = readings(look, column)


def time_notes(look: Look, column: str) -> tuple[str, ...]:
    """How many values fit, what proves the order, what does not fit, and zones that are only letters."""
    style, found = look.times[column], look.column(column)
    other = found.times.other if found.times else None
    example = next(iter(found.times.shapes.values())).found.text if found.times else ""
    return (
        f"{style.count:,} of {found.filled:,} values are days or times, such as `{example}`",
        style.proof,
        f"but {other}" if other and other.count else "",
        f"{', '.join(style.abbreviations)}: letters that name no zone for sure" if style.abbreviations else "",
        "counts since 1970 in UTC" if style.formats and style.formats[0].startswith("epoch") else "",
    )


def readings(look: Look, column: str) -> tuple[str, ...]:
    """What the first text would be in each order that nothing rules out."""
    style, tally = look.times[column], look.column(column).times
    if tally is None:
        return ()
    skeleton, shapes = next((s, f) for s, f in tally.shapes.items() if re.match(r"^D([-/. ])D\1", s))
    texts = [f"{form}: {ORDERS[order]}" for order in style.orders if (form := format_of(skeleton, order))]
    said = style.contradiction or f"`{shapes.found.text}` in record {shapes.found.record:,} reads in each"
    return (*texts, said)


def _of_one_column(look: Look, proposal: Proposal, day: str) -> None:
    style = look.times[day]
    with_clock = tuple(form for form in style.formats if "%M" in form or not form.startswith("%"))
    if with_clock == style.formats:
        proposal.fields["transact_time"] = proposal.fields["date"]
    else:
        spec = FieldSpec(column=day, extract=_WITH_CLOCK, formats=with_clock, zone=style.zone)
        proposal.give("transact_time", spec, "only some of the texts have a time of day")
    if style.ambiguous:
        proposal.open["fields.transact_time.formats"] = readings(look, day)


def _of_two_columns(look: Look, proposal: Proposal, day: str, clock: str) -> None:
    days, clocks = look.times[day], look.times[clock]
    formats = tuple(f"{d} {c}" for d in days.formats for c in clocks.formats if d.startswith("%"))
    partly = look.column(clock).filled < look.column(day).filled
    extract = _BOTH if partly and not any(" " in form for form in (*days.formats, *clocks.formats)) else None
    zone = look.roles.get("zone")
    spec = FieldSpec(columns=(day, clock), formats=formats, extract=extract, zone_column=zone)
    missing = look.column(day).filled - look.column(clock).filled
    proposal.give("transact_time", spec, f"{missing:,} records have a day and no time" if partly else "")
    if days.ambiguous:
        proposal.open["fields.transact_time.formats"] = tuple(
            f"{reading.partition(':')[0]} {clocks.formats[0]}:{reading.partition(':')[2]}"
            for reading in readings(look, day)[:-1]
        )


def _instant(look: Look, day: str) -> str | None:
    """A column beside the day's that holds day and time, and has no other role."""
    taken = set(look.roles.by.values())
    free = [name for name in look.times if name != day and name not in taken]
    return next((name for name in free if _whole(look.times[name]) and look.column(name).time_share == 1), None)


def _whole(style: TimeStyle) -> bool:
    return style.day and style.clock and not style.formats[0].startswith("epoch")


def _leading(look: Look, column: str) -> tuple[str | None, str]:
    """An expression for the day with which a text begins that goes on after it; and why."""
    times = look.column(column).times
    if times is None or not times.shapes:
        return None, ""
    main = max(times.shapes, key=lambda skeleton: times.shapes[skeleton].found.count)
    day = "".join(_DIGITS.get(char, re.escape(char)) for char in main)
    longer = [text for text in times.others if re.match(rf"{day} \D", text)]
    if not set(main) <= set("DY-/.") or not longer:
        return None, ""
    return rf"^({day})(?: .*)?$", f"of `{longer[0]}` the first day is taken"


_DIGITS = {"D": r"\d{1,2}", "Y": r"\d{4}"}


def give_footers(look: Look, proposal: Proposal) -> None:
    """Records that have a word for a total where the others have a day."""
    column = look.roles.get("date")
    times = look.column(column).times if column is not None else None
    totals = tuple(text for text in (times.others if times else ()) if meaning(text) == ("total",))
    if column is not None and totals:
        when = (Condition(column=column, equals=totals),)
        proposal.add(Kind("footer", when=when, skip="a total of the records above"), f"{totals[0]!r} is no day")


def _nulls(look: Look, column: str) -> tuple[str, ...]:
    """Words among the times that stand for none."""
    times = look.column(column).times
    return tuple(text for text in (times.others if times else ()) if means_nothing(text))
