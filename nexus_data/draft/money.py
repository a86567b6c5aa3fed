"""Which column is the money that moved, which are quantity, price and fee, and in which currency each is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from nexus_data.contract.model import FactorBy, FieldSpec, Numbers
from nexus_data.draft.look import Look, Proposal
from nexus_data.draft.roles import named_currency
from nexus_data.draft.values import means_nothing
from nexus_data.draft.words import best
from nexus_data.kernel.currency_codes import CODES, SIGNS
from nexus_data.kernel.numbers import read_number

_ROWS = 400
_SCALE = 18
_CLOSE = Decimal("0.03")
_AGREES = 0.6
_NAMED = 45
_GLUED = re.compile(r"^[(+\-\u2212\s]*([^\d\s.,()'\u2019+\-\u2212]+)|([^\d\s.,()'\u2019+\-\u2212]+)[)\-\s]*$")
_MARK = r"([^\d\s.,()'\x{2019}+\-\x{2212}]+)"
HUNDREDTHS = {"GBX": "GBP", "GBp": "GBP", "ZAc": "ZAR", "ILA": "ILS"}


@dataclass(frozen=True, slots=True)
class Money:
    """The columns of money and what counts it. checks: of so many trades the amount is quantity times price."""

    amount: str | None
    quantity: str | None
    price: str | None
    note: str = ""

    @property
    def trades(self) -> bool:
        """Whether the records say how much of something was traded."""
        return self.quantity is not None and (self.price is not None or self.amount is not None)


def find_money(look: Look) -> Money:
    """By name, unless quantity times price says that another of the columns named like an amount is it."""
    roles = look.roles
    quantity, price = roles.get("quantity"), roles.get("price")
    amount = roles.get("amount") or roles.get("gross")
    candidates = [name for name in _named(look, "amount", "gross") if name not in (quantity, price)]
    for count, taken in ((quantity, price),) if quantity and price else _pairs(look, price):
        rest = [name for name in candidates if name not in (count, taken)]
        fits = {name: _agreement(look, count, taken, name) for name in rest}
        good = {name: agreed for name, (agreed, of) in fits.items() if of and agreed >= _AGREES * of}
        if good:
            chosen = max(good, key=lambda name: _wanted(look, name))
            agreed, of = fits[chosen]
            return Money(chosen, count, taken, f"{count} times {taken} gives it in {agreed:,} of {of:,} records")
    return Money(amount if amount != quantity else None, quantity, price)


def _pairs(look: Look, price: str | None) -> Iterator[tuple[str, str]]:
    """Columns named like an amount may be a quantity, when a price says so."""
    if price is not None:
        yield from ((name, price) for name in _named(look, "amount") if name != price)


def _wanted(look: Look, name: str) -> tuple[int, bool, int]:
    """The money that moved is what most records have, signed, and called net rather than gross."""
    tally = look.column(name).numbers
    moved = tally.negative.count + tally.positive.count if tally else 0
    said = look.roles.names[name]
    net = best(said, "amount") - (10 if best(said, "gross") >= best(said, "amount") else 0)
    return moved, bool(tally and tally.negative.count), net


def _named(look: Look, *roles: str) -> list[str]:
    others = ("balance", "fee", "tax", "price")
    return [
        name
        for name, column in look.profile.columns.items()
        if column.number_share >= _AGREES
        and (said := max(best(look.roles.names[name], role) for role in roles)) >= _NAMED
        and said >= max(best(look.roles.names[name], role) for role in others)
    ]


def _agreement(look: Look, quantity: str, price: str, amount: str) -> tuple[int, int]:
    """In how many of the first records where all three are there amount is quantity times price, fees aside."""
    rows = look.profile.sample.filter(pl.all_horizontal(pl.col(quantity, price, amount) != "")).head(_ROWS)
    columns = [_decimals(look, rows, name) for name in (quantity, price, amount)]
    triples = [(q, p, a) for q, p, a in zip(*columns, strict=True) if q and p and a]
    return sum(_close(abs(q * p), abs(a)) for q, p, a in triples), len(triples)


def _decimals(look: Look, rows: pl.DataFrame, name: str) -> list[Decimal | None]:
    numbers = look.numbers.numbers
    decimal = look.numbers.fields.get(name, numbers.decimal)
    thousands = numbers.thousands.replace(decimal, "")
    style = Numbers(decimal=decimal, thousands=thousands, accounting=True, signs=True)
    return read_number(rows[name], style=style, scale=_SCALE).value.to_list()


def _close(product: Decimal, amount: Decimal) -> bool:
    return abs(product - amount) <= max(_CLOSE * amount, Decimal("0.02"))


def number_field(look: Look, name: str, *, sign: str = "keep") -> FieldSpec:
    """A number field in its column's own style, with the words that stand for nothing."""
    tally = look.column(name).numbers
    mark = look.numbers.fields.get(name)
    spec = FieldSpec(column=name, null=_nulls(look, name), sign="absolute" if sign == "absolute" else "keep")
    if mark is None:
        return spec
    grouped = tally is not None and (tally.grouped_comma if mark == "." else tally.grouped_point).count
    thousands = ("," if mark == "." else ".") if grouped and mark != "last" else ""
    return replace_spec(spec, decimal=mark, thousands=thousands)


def replace_spec(spec: FieldSpec, **changes: object) -> FieldSpec:
    """A copy with other values."""
    return FieldSpec(**{**{name: getattr(spec, name) for name in spec.__struct_fields__}, **changes})


def _nulls(look: Look, name: str) -> tuple[str, ...]:
    tally = look.column(name).numbers
    return tuple(text for text in (tally.other if tally else {}) if means_nothing(text))


def number_notes(look: Look, name: str) -> tuple[str, ...]:
    """How many values are numbers, what is not, and what mixes two styles."""
    column, tally = look.column(name), look.column(name).numbers
    if tally is None:
        return ()
    others = f"no number: {tally.others}" if tally.others.count else ""
    return (f"{tally.count:,} of {column.filled:,} values are numbers", others)


def currency_field(look: Look, name: str | None) -> tuple[FieldSpec | None, str]:
    """The currency of a number column: a column of its own, its name, a sign glued to it, the file's one; and why."""
    if name is None:
        return None, ""
    if source := look.roles.currency_of.get(name):
        return currency_column(look, source), f"{source} goes with {name}"
    if code := named_currency(look.roles.names[name]):
        return FieldSpec(value=code), f"the column is called {name}"
    if source := look.roles.get("currency"):
        return currency_column(look, source), ""
    return _glued(look, name)


def currency_column(look: Look, name: str) -> FieldSpec:
    """A column of codes; coins where some are outside ISO 4217, hundredths turned into their currency."""
    values = look.values(name)
    small = {text: code for text, code in HUNDREDTHS.items() if text in values}
    strange = [text for text in values if text.upper() not in CODES and text not in SIGNS and text not in small]
    coins = bool(strange) or look.column(name).values is None
    return FieldSpec(column=name, map=small, otherwise="keep" if small else "reject", crypto=coins)


def in_hundredths(spec: FieldSpec, currency: FieldSpec | None) -> FieldSpec:
    """A price whose currency column also names pence and cents."""
    if currency is None or currency.column is None or not currency.map:
        return spec
    return replace_spec(spec, factor_by=FactorBy(column=currency.column, map=dict.fromkeys(currency.map, "0.01")))


def _glued(look: Look, name: str) -> tuple[FieldSpec | None, str]:
    texts = look.profile.sample[name].to_list()
    found = [mark for text in texts if (match := _GLUED.search(text)) and (mark := match[1] or match[2])]
    marks = {SIGNS.get(mark, mark) for mark in found if mark in SIGNS or mark in CODES}
    if len(marks) == 1:
        return FieldSpec(value=marks.pop()), f"{len(found):,} values of {name} are written with {found[0]}"
    if marks:
        return FieldSpec(column=name, extract=_MARK), f"the signs glued to {name}"
    return None, ""


def give_currency(look: Look, proposal: Proposal, name: str | None) -> None:
    """The currency of the amount; undecided where the file names none."""
    spec, why = currency_field(look, name)
    if spec is None and look.currency is not None:
        proposal.give("currency", FieldSpec(value=look.currency), "decided: the file names no currency")
    elif spec is None:
        proposal.give("currency", FieldSpec(value="XXX"), "the file names no currency: XXX is ISO 4217 for none")
        proposal.open["fields.currency"] = ('value = "EUR", or whichever it is: no column, name or sign says it',)
    else:
        proposal.give("currency", spec, why)
