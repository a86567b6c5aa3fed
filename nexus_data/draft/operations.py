"""A file of trades, a statement or ticks as trading_operations: its columns put together, by what the file has."""

from nexus_data.contract.model import Condition, FieldSpec, Kind
from nexus_data.draft.kinds import Sources, Words, by_sign, give_kinds
from nexus_data.draft.look import Look, Proposal
from nexus_data.draft.money import (
    Money,
    currency_column,
    currency_field,
    find_money,
    give_currency,
    in_hundredths,
    number_field,
    number_notes,
    replace_spec,
)
from nexus_data.draft.roles import described
from nexus_data.draft.texts import TextTrades, find_text_trades
from nexus_data.draft.time_fields import give_footers, give_times
from nexus_data.draft.unnamed import unnamed_money
from nexus_data.draft.values import knows, meaning, sides
from nexus_data.draft.words import best

_KNOWN = 0.4
_MOSTLY = 0.8
_FEW = 120
_HALF = 0.5
_AT_VENUE = r"^([^:]+):[a-z]{4}$"
_ISIN = r"^([A-Z]{2}[A-Z0-9]{9}[0-9])$"
_NO_ISIN = r"^([A-Z0-9._-]{1,11})$"


def propose(look: Look) -> Proposal:
    """Every field that the file gives, and kinds by its words or its signs."""
    proposal = Proposal("trading_operations")
    give_times(look, proposal)
    give_footers(look, proposal)
    _give_names(look, proposal)
    money = find_money(look)
    if not look.header and not money.trades and money.amount is None:
        money = unnamed_money(look, proposal) or money
    words = find_words(look)
    debit, credit = look.roles.get("debit"), look.roles.get("credit")
    if debit and credit and money.amount is None:
        _of_two_columns(look, proposal, debit, credit, words)
    elif words is not None and money.amount is not None:
        _by_words(look, proposal, money, words)
    elif money.amount is None and words is not None:
        _by_words_without_amount(look, proposal, money, words)
    else:
        _by_sign(look, proposal, money)
    return proposal


def find_words(look: Look) -> Words | None:
    """The column whose distinct words say what a record is: the one of which the lists know most."""
    told = find_text_trades(look)
    known = {name: knows(values) for name in look.profile.columns if (values := _words(look, name, told))}
    named = {role: look.roles.get(role) for role in ("kind", "side", "description")}
    weight = {name: share + _weight(name, named, look) for name, share in known.items() if share >= _KNOWN}
    called = {named["kind"], named["side"]}
    weight |= {name: share + _HALF for name, share in known.items() if share and name in called}
    telling = {name: one for name, one in weight.items() if name in named.values() or sides(look.values(name))}
    if told is not None and told.column in known and not (telling.keys() - {told.column}):
        telling[told.column] = 1
    if not telling:
        return None
    column = max(telling, key=lambda name: telling[name])
    other = [name for name in telling if name != column and sides(look.values(name))]
    kind = named["kind"]
    if kind in weight and kind != column and len(look.values(kind)) > len(look.values(column)):
        column, other = str(kind), [column]
    return Words(column, _words(look, column, told), other[0] if other else None, told)


def _weight(name: str, named: dict[str, str | None], look: Look) -> float:
    """A column that is called a type says more than one that tells sides, and that more than a description."""
    called = 2 * (name == named["kind"]) + (name == named["side"])
    return called / 5 + sides(look.values(name))


def _words(look: Look, name: str, told: TextTrades | None) -> dict[str, int]:
    """The values of a column but for those that tell a whole trade."""
    column = look.column(name)
    texts = look.values(name) if column.number_share < _HALF and column.time_share < _HALF else {}
    if told is not None and name == told.column:
        texts = {text: count for text, count in texts.items() if not told.takes(text)}
    return texts if 0 < len(texts) <= _FEW else {}


def _give_names(look: Look, proposal: Proposal) -> None:
    for role, name in (("isin", "security_id"), ("venue", "venue"), ("account", "account_id")):
        if (column := look.roles.get(role)) is not None:
            proposal.give(name, FieldSpec(column=column))
    if (symbol := look.roles.get("symbol")) is not None:
        _give_symbol(look, proposal, symbol)
    _give_id(look, proposal)
    texts = described(look.roles, ("kind", "side", "security_name", "description"))
    if len(texts) > 1:
        proposal.give("description", FieldSpec(columns=tuple(texts)))
    elif texts:
        proposal.give("description", FieldSpec(column=texts[0]))


def _give_symbol(look: Look, proposal: Proposal, name: str) -> None:
    """Symbols alone, with the venue behind a colon, or among ISINs."""
    column = look.column(name)
    if column.share(_AT_VENUE) >= _MOSTLY:
        proposal.give("symbol", FieldSpec(column=name, extract=_AT_VENUE), "the venue stands behind a colon")
    elif "security_id" not in proposal.fields and column.share(_ISIN):
        said = f"{column.share(_ISIN):.0%} of the values are ISINs"
        proposal.give("security_id", FieldSpec(column=name, extract=_ISIN), said)
        proposal.give("symbol", FieldSpec(column=name, extract=_NO_ISIN))
    else:
        proposal.give("symbol", FieldSpec(column=name))


def _give_id(look: Look, proposal: Proposal) -> None:
    """The source's own id, and whether it is one: measured, never assumed."""
    name = look.roles.get("id") or look.roles.get("order_id")
    if name is None:
        return
    column = look.column(name)
    proposal.give("exec_id", FieldSpec(column=name))
    if column.repeats is None:
        proposal.identity = ("exec_id",)
        proposal.note("identity", f"all {column.filled:,} values of {name} differ, in {column.records:,} records")
    else:
        proposal.note("fields.exec_id", f"no identity: a value stands there again by record {column.repeats:,}")


def _by_words(look: Look, proposal: Proposal, money: Money, words: Words) -> None:
    amount = str(money.amount)
    own = _asset_amounts(look, money, words)
    moved = own or amount
    tally = look.column(moved).numbers
    signed = bool(tally and tally.negative.count)
    proposal.give("amount", number_field(look, moved, sign="absolute"), money.note if not own else "",
                  *number_notes(look, moved))  # fmt: skip
    trade = _trade_fields(look, money)
    if own is None:
        give_currency(look, proposal, amount)
    else:
        asset = str(_asset(look))
        proposal.give("symbol", FieldSpec(column=asset))
        proposal.give("currency", replace_spec(currency_column(look, asset), crypto=True))
        proposal.note("fields.amount", f"what moves is the asset; only trades have {amount}")
        trade |= _paid(look, amount)
    if signed:
        proposal.fields["type"] = by_sign(moved)
    give_kinds(look, proposal, words, Sources(moved, signed, trade, amount))


def _asset_amounts(look: Look, money: Money, words: Words) -> str | None:
    """The quantity column of a ledger of assets: every record has a quantity of something, and not all are trades."""
    asset = _asset(look)
    if money.quantity is None or asset is None or "isin" in look.roles:
        return None
    counted, named = look.column(money.quantity), look.column(asset)
    whole = counted.filled == counted.records == named.filled
    trades = all(meaning(text) in (("buy",), ("sell",), ("trade",)) for text in words.values)
    return money.quantity if whole and not trades and named.share(r"^[A-Za-z0-9]{2,10}$") == 1 else None


def _asset(look: Look) -> str | None:
    """The column that names what moves: a symbol, or the currency that goes with the quantity."""
    return look.roles.get("symbol") or look.roles.get("currency")


def _paid(look: Look, amount: str) -> dict[str, FieldSpec]:
    """What a trade was paid with, where the other records are of an asset."""
    tally = look.column(amount).numbers
    spec, _ = currency_field(look, amount)
    fields = {"amount": number_field(look, amount, sign="absolute")}
    if spec is not None:
        fields["currency"] = replace_spec(spec, crypto=True) if spec.column else spec
    return fields | ({"type": by_sign(amount)} if tally and tally.negative.count else {})


def _trade_fields(look: Look, money: Money) -> dict[str, FieldSpec]:
    fields: dict[str, FieldSpec] = {}
    if money.quantity is not None:
        fields["last_qty"] = number_field(look, money.quantity, sign="absolute")
    if money.price is not None:
        currency, _ = currency_field(look, money.price)
        fields["last_px"] = in_hundredths(number_field(look, money.price), currency)
        if look.roles.currency_of.get(money.price) and currency is not None:
            fields["last_px_currency"] = currency
    fee = look.roles.get("fee")
    if fee is not None:
        fields["commission"] = number_field(look, fee, sign="absolute")
        currency, _ = currency_field(look, fee)
        if currency is not None and currency.column != look.roles.get("currency"):
            fields["commission_currency"] = currency
    return fields


def _by_words_without_amount(look: Look, proposal: Proposal, money: Money, words: Words) -> None:
    """Trades that say quantity and price: the amount is their product."""
    if money.quantity is None or money.price is None:
        _no_amount(look, proposal)
        return
    proposal.fields |= _trade_fields(look, money)
    proposal.give(
        "amount", FieldSpec(product=("last_qty", "last_px")), "no column holds an amount: quantity times price"
    )
    give_currency(look, proposal, money.price)
    give_kinds(look, proposal, words, Sources(money.quantity, signed=False, trade={}, paid=money.quantity))


def _by_sign(look: Look, proposal: Proposal, money: Money) -> None:
    """Records that are all of one kind; signs tell which way they go."""
    if (money.amount is None and not money.trades) or (money.amount is None and money.price is None):
        _no_amount(look, proposal)
        return
    proposal.fields |= _trade_fields(look, money) if money.trades else {}
    if money.amount is not None:
        proposal.give("amount", number_field(look, money.amount, sign="absolute"), money.note,
                      *number_notes(look, money.amount))  # fmt: skip
    else:
        proposal.give("amount", FieldSpec(product=("last_qty", "last_px")), "no column holds an amount")
    give_currency(look, proposal, money.amount or money.price)
    proposal.give("category", FieldSpec(value="trade" if money.trades else "other"),
                  "" if money.trades else "no column says what a record is")  # fmt: skip
    _signs(look, proposal, money)
    moved = money.amount or money.quantity
    if moved is not None:
        when = (Condition(column=moved, sign="zero"),)
        proposal.add(Kind("nothing moved", when=when, skip="moves no money"))
        proposal.add(Kind("trade" if money.trades else "operation"))


def _signs(look: Look, proposal: Proposal, money: Money) -> None:
    amounts = look.column(money.amount).numbers if money.amount else None
    counts = look.column(money.quantity).numbers if money.quantity else None
    signed, counted = bool(amounts and amounts.negative.count), bool(counts and counts.negative.count)
    direction = _direction(look)
    if signed and money.amount:
        proposal.give("type", by_sign(money.amount), f"negative: {amounts.negative}" if amounts else "")
    elif direction is not None:
        proposal.give("type", direction, "the words for money in and out")
    elif counted and money.quantity:
        proposal.give("type", by_sign(money.quantity, "expense", "income"), "what is bought costs money")
    elif money.trades:
        proposal.give("side", FieldSpec(value="undisclosed"), "no side, no sign, no owner: prints of a market")
    else:
        proposal.open["fields.type"] = ('value = "income"', 'value = "expense"', "no amount has a sign")
    if money.trades and counted and money.quantity:
        proposal.give("side", by_sign(money.quantity, "buy", "sell"), f"negative: {counts.negative}" if counts else "")
    elif money.trades and signed and money.amount:
        proposal.give("side", by_sign(money.amount, "sell", "buy"), "money that goes out buys")


def _direction(look: Look) -> FieldSpec | None:
    """The way the money moves, where a column says debit or credit in any of the languages."""
    for name in look.profile.columns:
        values = _words(look, name, None)
        ways = {text: way for text in values for role, way in _WAYS if best(text, role) == 100}
        if 0 < len(values) <= len(ways) and len(set(ways.values())) == 2:
            return FieldSpec(column=name, map=ways)
    return None


_WAYS = (("debit", "expense"), ("credit", "income"))


def _of_two_columns(look: Look, proposal: Proposal, debit: str, credit: str, words: Words | None) -> None:
    """A column for money that goes out and one for money that comes in."""
    give_currency(look, proposal, credit)
    if words is not None and knows(words.values) == 1:
        proposal.note("kinds", f"{words.column} also says what a record is")
    proposal.give("category", FieldSpec(value="other"), "a statement does not say what a record is")
    for name, column, way in (("money in", credit, "income"), ("money out", debit, "expense")):
        when = (Condition(column=column, matches="[1-9]"),)
        fields = {"amount": number_field(look, column, sign="absolute")}
        filled = look.column(column).filled
        proposal.add(Kind(name, when=when, set={"type": way}, fields=fields), f"{filled:,} records have {column}")
    proposal.add(Kind("nothing moved", when=(Condition(column=debit, matches="^[^1-9]*$"),), skip="moves no money"))


def _no_amount(look: Look, proposal: Proposal) -> None:
    proposal.give("amount", FieldSpec(value="0"))
    proposal.open["fields.amount"] = ("no column holds an amount, or quantity and price: name the one that does",)
    proposal.give("category", FieldSpec(value="other"))
    give_currency(look, proposal, None)
