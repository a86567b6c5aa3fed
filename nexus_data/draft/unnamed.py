"""Ticks without a header, whose day and symbol stand in the path: what their numbers look like, left undecided."""

import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import polars as pl

from nexus_data.contract.model import FieldSpec
from nexus_data.draft.look import Look, Proposal
from nexus_data.draft.money import Money
from nexus_data.kernel.numbers import read_number

_DAY = re.compile(r"(?<![0-9])([12][0-9]{7})(?![0-9])")
_SYMBOL = re.compile(r"^[A-Za-z0-9.]{1,6}$")
_DAY_MS = 86_400_000
_SCALE = 18
_ROWS = 2_000


def path_day(path: Path) -> str | None:
    """The pattern of a path whose file name holds a day, and whose folder may be a symbol; None without a day."""
    found = _DAY.search(path.name)
    if found is None or not _is_day(found[1]):
        return None
    folder = r"(?P<symbol>[A-Za-z0-9.]+)/" if _SYMBOL.match(path.parent.name) else ""
    before = re.sub("[0-9]+", "[0-9]+", re.escape(path.name[: found.start()]))
    return rf"{folder}{before}(?P<date>[0-9]{{8}})[^/]*$"


def _is_day(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y%m%d")
    except ValueError:
        return False
    return True


def give_path_times(look: Look, proposal: Proposal, pattern: str) -> None:
    """date from the path, and the time from a column that counts milliseconds of the day."""
    proposal.path = pattern
    day = FieldSpec(path="date", formats=("%Y%m%d",))
    proposal.give("date", day, "no column is written as days; the file's name holds one")
    if (counts := _day_counts(look)) is not None:
        spec = FieldSpec(path="date", formats=("%Y%m%d",), day_ms=counts)
        proposal.give("transact_time", spec, f"{counts} never falls and stays below the milliseconds of a day")
    if "?P<symbol>" in pattern and "symbol" not in proposal.fields:
        proposal.give("symbol", FieldSpec(path="symbol", case="upper"))
        proposal.open["fields.symbol"] = ("the folder's name, if it is a symbol",)


def _day_counts(look: Look) -> str | None:
    for name in look.profile.columns:
        values = look.profile.sample[name].cast(pl.Int64, strict=False)
        if values.len() > 1 and not values.null_count() and values.is_sorted():
            first, last = values[0], values[-1]
            if 0 <= first < last < _DAY_MS and last > _DAY_MS // 1000:
                return name
    return None


def unnamed_money(look: Look, proposal: Proposal) -> Money | None:
    """Of columns without names, the number that varies least as the price and the next as the quantity: undecided."""
    taken = {spec.day_ms for spec in proposal.fields.values()}
    spreads = {name: spread for name in look.profile.columns if name not in taken and (spread := _spread(look, name))}
    if len(spreads) < 2:
        return None
    price, quantity = sorted(spreads, key=lambda name: spreads[name])[:2]
    proposal.open["fields.last_px"] = (f"{price}: its values vary least", f"{quantity}", "and whether it has a factor")
    proposal.open["fields.last_qty"] = (f"{quantity}", f"{price}")
    return Money(None, quantity, price)


def _spread(look: Look, name: str) -> Decimal | None:
    """How far the numbers of a column lie apart, by their size; None for a constant and for what is no number."""
    texts = look.profile.sample[name].head(_ROWS)
    values = read_number(texts, style=look.numbers.numbers, scale=_SCALE).value
    numbers: list[Decimal] = [abs(value) for value in values.drop_nulls() if value]
    if not numbers or values.null_count() or len(set(numbers)) == 1:
        return None
    return (max(numbers) - min(numbers)) / max(numbers)
