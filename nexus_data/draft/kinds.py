"""Kinds of operations from the distinct words of a type or side column, and from the signs of the amounts they have."""

from dataclasses import dataclass
from typing import Literal

from nexus_data.contract.model import Condition, FieldSpec, Kind, SignOf
from nexus_data.draft.look import Look, Proposal
from nexus_data.draft.numbers import NumberTally
from nexus_data.draft.texts import TextTrades, condition, is_prose
from nexus_data.draft.values import by_meaning, completion, meaning

_TYPES = {
    "buy": "expense", "sell": "income", "dividend": "income", "interest": "income", "fee": "expense",
    "tax": "expense", "deposit": "income", "withdrawal": "expense", "salary": "income", "purchase": "expense",
}  # fmt: skip
"""The way that money moves where amounts have no sign."""

_ORDER = (
    "tax", "buy", "sell", "trade", "fee", "dividend", "interest", "salary", "conversion", "deposit", "withdrawal",
    "purchase", "transfer", "other",
)  # fmt: skip
_SHOWN = 12
_POSITIVE: Literal["positive"] = "positive"
_NEGATIVE: Literal["negative"] = "negative"


@dataclass(frozen=True, slots=True)
class Words:
    """The column that says what a record is, and its values. side: another column that tells buys from sells.

    told: trades that a text tells, whose values are not among the others.
    """

    column: str
    values: dict[str, int]
    side: str | None
    told: TextTrades | None = None

    def takes(self, texts: list[str]) -> Condition:
        """The condition for these of its values."""
        return condition(self.column, texts, prose=self.prose)

    @property
    def prose(self) -> bool:
        """Whether the values are sentences, of which the next file has others."""
        return is_prose(self.values)


@dataclass(frozen=True, slots=True)
class Sources:
    """amount: the column of what moves in records that are no trades. signed: it has negative amounts. trade: the
    fields that trades have beside the others. paid: the column of the money of trades. assets: what moves is an asset.
    """

    amount: str
    signed: bool
    trade: dict[str, FieldSpec]
    paid: str

    @property
    def assets(self) -> bool:
        """Whether records that are no trades move a quantity of something."""
        return self.amount != self.paid


def give_kinds(look: Look, proposal: Proposal, words: Words, sources: Sources) -> None:
    """Skips first, then one kind a meaning; values that no list knows are left to be rejected, and named."""
    done = _finished(look, proposal)
    _skips(look, proposal, words, sources)
    groups = by_meaning(words.values)
    if words.told is not None:
        _told(look, proposal, words.told, sources, done)
    for name in _ORDER:
        values = [text for key, texts in groups.items() if key and key[0] == name and len(key) == 1 for text in texts]
        if values := [text for text in values if not _moves_nothing(look, words, sources, text)]:
            _give(look, proposal, words, sources, name, values, done)
    if both := groups.get(("deposit", "withdrawal")):
        _both_ways(proposal, words, sources, both, done)
    unknown = [text for text in groups.get((), []) if not _moves_nothing(look, words, sources, text)]
    if unknown:
        # Sentences may hold names and numbers of people; words do not.
        shown = f"{len(unknown):,} sentences" if words.prose else ", ".join(map(repr, unknown[:_SHOWN]))
        proposal.note("kinds", f"No list knows these words of {words.column}; their records are rejected: {shown}")


def _finished(look: Look, proposal: Proposal) -> tuple[Condition, ...]:
    """Skips what was not carried out; the condition that all other kinds have then."""
    status = look.roles.get("status")
    if status is None:
        return ()
    found = {text: completion(text) for text in look.values(status)}
    done = tuple(text for text, state in found.items() if state == "done")
    if not done:
        return ()
    if void := tuple(text for text, state in found.items() if state in ("void", "waiting")):
        when = (Condition(column=status, equals=void),)
        proposal.add(Kind("not done", when=when, skip="not completed, moves no money"))
    return (Condition(column=status, equals=done),)


def _skips(look: Look, proposal: Proposal, words: Words, sources: Sources) -> None:
    if totals := [text for text in words.values if meaning(text) == ("total",)]:
        total = (words.takes(totals),)
        proposal.add(Kind("total", when=total, skip="a total of the records beside it"))
    still = [text for text in words.values if _moves_nothing(look, words, sources, text)]
    still = [text for text in still if meaning(text) or not words.prose]
    for name, reason, texts in (
        ("shares moved", "shares change, no money moves", [text for text in still if meaning(text) == ("moved",)]),
        ("no amount", "no amount, so that no money moves", [text for text in still if meaning(text) != ("moved",)]),
    ):
        if texts:
            when = (words.takes(texts), Condition(column=sources.amount, empty=True))
            said = f"{look.rows(words.column, texts):,} records of the sample; none of them moves an amount of money"
            proposal.add(Kind(name, when=when, skip=reason), said)
    zeros = look.column(sources.amount).numbers
    proposal.add(
        Kind("nothing moved", when=(Condition(column=sources.amount, sign="zero"),), skip="moves no money"),
        f"{zeros.zero.count if zeros else 0:,} records have an amount of zero",
    )


def _moves_nothing(look: Look, words: Words, sources: Sources, text: str) -> bool:
    """Whether records of this word are corporate actions, or never have an amount of their own."""
    said = meaning(text)
    if said in (("total",), ("buy",), ("sell",), ("trade",)):
        return False
    tally = _tally(look, words, sources, text)
    nothing = not (tally.negative.count or tally.positive.count)
    return nothing or said == ("moved",)


def _tally(look: Look, words: Words, sources: Sources, *texts: str) -> NumberTally:
    return look.tally(sources.amount, within=words.column, values=texts)


def _give(
    look: Look, proposal: Proposal, words: Words, sources: Sources, name: str, values: list[str],
    done: tuple[Condition, ...],
) -> None:  # fmt: skip
    when = (words.takes(values), *done)
    tally = _tally(look, words, sources, *values)
    if name == "trade" and words.side is not None:
        for side in ("buy", "sell"):
            texts = tuple(text for text in look.values(words.side) if meaning(text) == (side,))
            both = (*when, Condition(column=words.side, equals=texts))
            _trade(proposal, sources, side, both, look.tally(sources.paid, within=words.side, values=texts))
    elif name in ("buy", "sell"):
        _trade(proposal, sources, name, when, look.tally(sources.paid, within=words.column, values=values))
    else:
        settings, why, left = _way(sources, name, values, tally)
        proposal.add(Kind(name, when=when, set={"category": name, **settings}), why)
        if left:
            proposal.open[f"kinds.{name}.set.type"] = left


def _told(look: Look, proposal: Proposal, told: TextTrades, sources: Sources, done: tuple[Condition, ...]) -> None:
    """Trades whose quantity and price stand in a text."""
    fields = {**sources.trade, **told.fields}
    own = Sources(sources.amount, sources.signed, fields, sources.paid)
    for side in told.words:
        texts = [text for text in look.profile.sample[told.column].unique() if told.takes(text)]
        tally = look.tally(
            sources.paid, within=told.column, values=[t for t in texts if meaning(t.split()[0]) == (side,)]
        )
        _trade(proposal, own, side, (told.when(side), *done), tally)
    proposal.note(f"kinds.{next(iter(told.words))}", f"`{told.example}` tells quantity and price")


def _trade(proposal: Proposal, sources: Sources, side: str, when: tuple[Condition, ...], tally: NumberTally) -> None:
    """The sign of the money says the way it moves, unless it stands against it or is not there."""
    way = "expense" if side == "buy" else "income"
    usual, unusual = (tally.negative, tally.positive) if side == "buy" else (tally.positive, tally.negative)
    own = "type" in sources.trade
    by_sign = (own or (sources.signed and not sources.assets)) and usual.count and not unusual.count
    settings = {"category": "trade", "side": side, **({} if by_sign else {"type": way})}
    note = f"the amounts of a {side} are not signed by the way the money moves: {unusual}" if unusual.count else ""
    fields = {name: spec for name, spec in sources.trade.items() if name not in settings}
    proposal.add(Kind(side, when=when, set=settings, fields=fields), note)


def _way(
    sources: Sources, name: str, values: list[str], tally: NumberTally
) -> tuple[dict[str, str], str, tuple[str, ...]]:
    """type, where the sign does not say it; why; and the readings where nothing says it."""
    if sources.signed:
        leaves = name == "withdrawal" or (name == "conversion" and sources.assets)
        if leaves and tally.positive.count and not tally.negative.count:
            return {"type": "expense"}, f"written without a minus: {tally.positive}", ()
        return {}, "", ()
    if name in _TYPES:
        return {"type": _TYPES[name]}, "amounts have no sign: the word says the way", ()
    return {}, "", ('type = "income": what comes in', 'type = "expense": what goes out', f"of {', '.join(values[:3])}")


def _both_ways(
    proposal: Proposal, words: Words, sources: Sources, values: list[str], done: tuple[Condition, ...]
) -> None:
    word = words.takes(values)
    said = f"{values[0]!r} says both; the sign tells them apart"
    for name, sign in (("deposit", _POSITIVE), ("withdrawal", _NEGATIVE)):
        when = (word, *done, Condition(column=sources.amount, sign=sign))
        proposal.add(Kind(name, when=when, set={"category": name}), said)


def by_sign(column: str, positive: str = "income", negative: str = "expense") -> FieldSpec:
    """A field that follows from the sign of a column."""
    return FieldSpec(by_sign=SignOf(column=column, positive=positive, negative=negative))
