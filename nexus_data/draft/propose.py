"""A profile becomes a draft: the table is chosen, the proposal of that table made, and all that is open collected."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import msgspec

from nexus_data.contract.model import Contract, Format, Identity, Variant
from nexus_data.draft.above import facts_above, give_facts
from nexus_data.draft.look import Look, Proposal, columns_read
from nexus_data.draft.money import find_money
from nexus_data.draft.number_style import NumberStyles, number_styles
from nexus_data.draft.numbers import NumberTally
from nexus_data.draft.operations import propose
from nexus_data.draft.profile import Profile
from nexus_data.draft.projects import own_table, propose_milestones, propose_own, propose_projects, propose_users
from nexus_data.draft.roles import Roles, find_roles
from nexus_data.draft.shape import Shape
from nexus_data.draft.time_forms import TimeStyle, time_style, with_order
from nexus_data.draft.times import ORDERS, Order, TimeTally
from nexus_data.errors import ContractError

_PROPOSALS = {
    "users": propose_users,
    "projects": propose_projects,
    "project_milestones": propose_milestones,
    "trading_operations": propose,
}
_MOSTLY = 0.8
_SURE = 80
_TOLD = 4
_BY_VALUES = 45
"""The likeness of a column of days whose name does not say what they are."""
_OF_TRADES = ("quantity", "price", "isin", "debit", "balance", "fee", "side")
_SPENT = {"debit", "fee"}
"""What work costs may be called like this, too."""
_OF_TASKS = ("item", "title", "due", "closed", "created", "updated", "start", "priority", "status", "project")
_USUAL: Order = "dmy"
TABLES = tuple(_PROPOSALS)


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person has decided of what files leave open. None: nothing."""

    order: Order | None = None
    decimal: Literal[".", ","] | None = None
    currency: str | None = None
    timezone: str | None = None
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A contract with the evidence for its keys. order: of day and month, in days that are numbers."""

    contract: Contract
    notes: dict[str, tuple[str, ...]]
    order: Order


def propose_contract(
    shape: Shape, profile: Profile, path: Path, *, source: str, title: str, table: str | None, decided: Decided
) -> Draft:
    """The whole contract. table: chosen by the caller, or by the columns. ContractError for a table without drafts."""
    roles = find_roles(profile)
    times = time_styles(profile, order=decided.order)
    numbers = _numbers(profile, roles, decided)
    look = Look(source, profile, roles, times, numbers, decided.currency, path, shape.format.header)
    proposal, why = _proposal(look, table)
    return _draft(shape, look, proposal, title=title, why=why, zone=decided.timezone)


def time_styles(profile: Profile, *, order: Order | None) -> dict[str, TimeStyle]:
    """The style of each column of times; an order that one column proves is taken over by those that prove none.

    order: what a person has decided, where the file leaves it open.
    """
    tallies = {name: column.times for name, column in profile.columns.items() if column.times is not None}
    styles = {name: time_style(tally) for name, tally in tallies.items()}
    proven = {style.orders[0]: name for name, style in styles.items() if len(style.orders) == 1}
    settled: dict[str, TimeStyle] = {}
    for name, style in styles.items():
        shared = [one for one in proven if one in style.orders]
        if len(style.orders) > 1 and not style.contradiction and len(proven) == 1 and shared:
            said = f"{ORDERS[shared[0]]}, as {proven[shared[0]]} proves: this column alone does not"
            settled[name] = _settled(style, tallies[name], shared[0], said)
        elif style.ambiguous and order is not None and order in style.orders:
            settled[name] = _settled(style, tallies[name], order, f"{ORDERS[order]}: decided")
        else:
            settled[name] = style
    return settled


def _settled(style: TimeStyle, tally: TimeTally, order: Order, said: str) -> TimeStyle:
    return replace(with_order(style, tally, order), proof=said, contradiction="")


def _numbers(profile: Profile, roles: Roles, decided: Decided) -> NumberStyles:
    """The style of the number columns that may be read; ids that are digits have none."""
    ids = {roles.get(role) for role in ("id", "order_id", "account", "project", "item")}
    found: dict[str, NumberTally] = {
        name: column.numbers
        for name, column in profile.columns.items()
        if column.numbers is not None and name not in ids and not column.time_share
    }
    money = {name for role, name in roles.by.items() if role in ("amount", "gross", "debit", "credit")}
    return number_styles(found, money=money, decided=decided.decimal)


def _proposal(look: Look, table: str | None) -> tuple[Proposal, str]:
    if table is not None and table not in _PROPOSALS:
        raise ContractError(f"table {table!r}: a draft can be made for {', '.join(_PROPOSALS)}")
    if (own := own_table(look)) is not None and table in (None, own):
        return propose_own(look, own), "its columns have this table's names"
    chosen, why = (table, "as asked for") if table is not None else choose_table(look)
    return _PROPOSALS[chosen](look), why


def choose_table(look: Look) -> tuple[str, str]:
    """By what the file has: prices and money to and fro are operations, keys of issues and budgets are projects."""
    roles = look.roles
    traded = [role for role in _OF_TRADES if role in roles]
    if set(traded) <= _SPENT and "credit" not in roles and (planned := _planned(look)):
        return planned
    if "email" in roles and not traded and look.column(roles.by["email"]).repeats is None:
        return "users", f"{roles.by['email']} holds e-mail addresses"
    named = _named(look)
    if named and (not traded or "budget" in roles) and "price" not in roles:
        return "projects", f"{roles.by[named[0]]} names projects"
    money = find_money(look)
    what = [name for name in (money.amount, money.quantity, money.price, roles.get("debit")) if name is not None]
    return "trading_operations", f"{', '.join(what)}: money moves" if what else "nothing says that it is anything else"


def _named(look: Look) -> list[str]:
    return [role for role in ("project", "project_name") if role in look.roles]


def _planned(look: Look) -> tuple[str, str] | None:
    """The table of a file of work, of which some may have been paid; None where nothing says that it is one."""
    roles, named = look.roles, _named(look)
    issues = [role for role in ("item", "due", "closed", "spent") if role in roles and roles.likeness[role] >= _SURE]
    told = [role for role in _OF_TASKS if role in roles]
    if issues and (named or _has_keys(look) or len(issues) > 1 or len(told) >= _TOLD):
        return "project_milestones", f"{roles.by[issues[0]]} is a column of tasks or milestones"
    if part := _parts(look, named):
        return "project_milestones", f"{part} stands in several records, so that each is a part of a project"
    if named:
        return None
    if {"status", "priority"} <= set(told) and not {"amount", "debit"} & set(roles.by):
        return "project_milestones", f"{roles.by['status']} and {roles.by['priority']} are columns of tasks"
    if {"start", "end"} <= set(roles.by) and roles.likeness.get("date", 0) <= _BY_VALUES:
        chosen = "projects" if {"budget", "amount"} & set(roles.by) else "project_milestones"
        return chosen, f"{roles.by['start']} and {roles.by['end']}: work that is planned"
    return None


def _parts(look: Look, named: list[str]) -> str | None:
    """The column that names projects, where records of one project are many and have names or clocks of their own."""
    repeated = [name for role in named if look.column(name := look.roles.by[role]).repeats is not None]
    told = {"title", "item", "due", "start", "description"} & set(look.roles.by)
    return repeated[0] if len(repeated) == len(named) > 0 and told else None


def _has_keys(look: Look) -> bool:
    return any(column.share(r"^[A-Za-z][A-Za-z0-9_]*-[0-9]+$") >= _MOSTLY for column in look.profile.columns.values())


def _draft(shape: Shape, look: Look, proposal: Proposal, *, title: str, why: str, zone: str | None) -> Draft:
    above = give_facts(proposal, facts_above(shape.before))
    notes: dict[str, list[str]] = {key: list(texts) for key, texts in proposal.notes.items()}
    notes["table"] = [why]
    notes["timezone"] = ["as decided" if zone else _zone_note(look, proposal)]
    for key, texts in shape.notes.items():
        notes[f"format.{key}"] = list(texts)
    for key, texts in look.numbers.notes.items():
        notes.setdefault(f"numbers.{key}", []).extend(texts)
    opened = (
        {f"format.{key}": texts for key, texts in shape.open.items()} | _open_numbers(look, proposal) | proposal.open
    )
    contract = Contract(
        title=title,
        table=proposal.table,  # type: ignore[arg-type]
        timezone=zone or "UTC",
        variants=(Variant(columns=shape.names),),
        fields=proposal.fields,
        format=msgspec.structs.replace(shape.format, above=above) if above else shape.format,
        numbers=look.numbers.numbers,
        kinds=tuple(proposal.kinds),
        identity=Identity(columns=proposal.identity),
        implied_parents=proposal.implied_parents,
        path=proposal.path,
        undecided=opened,
    )
    if shape.format.header is False and shape.format.preamble:
        contract = _without_preamble(contract)
    if opened:
        notes["undecided"] = ["What the file does not say. Decide, write it into the key, and take each line away."]
    orders = [style.orders[0] for style in look.times.values() if style.orders]
    return Draft(contract, {key: tuple(texts) for key, texts in notes.items() if texts}, (*orders, _USUAL)[0])


def _without_preamble(contract: Contract) -> Contract:
    form = {name: getattr(contract.format, name) for name in Format.__struct_fields__}
    values = {name: getattr(contract, name) for name in Contract.__struct_fields__}
    return Contract(**{**values, "format": Format(**{**form, "preamble": 0})})


def _open_numbers(look: Look, proposal: Proposal) -> dict[str, tuple[str, ...]]:
    """What is open of columns that the proposal reads."""
    used = _columns_read(proposal)
    unclear = {name: texts for name, texts in look.numbers.open.items() if name in used}
    return {f"numbers.{name}": texts for name, texts in unclear.items()}


def _columns_read(proposal: Proposal) -> set[str]:
    specs = [*proposal.fields.values(), *(spec for kind in proposal.kinds for spec in kind.fields.values())]
    return {name for spec in specs for name in columns_read(spec)}


def _zone_note(look: Look, proposal: Proposal) -> str:
    """A file never says where its clocks hang; what it says about its times is told instead."""
    times = [look.times[spec.column] for spec in proposal.fields.values() if spec.column in look.times]
    if "transact_time" in proposal.fields and proposal.fields["transact_time"].zone_column:
        return f"each record names its own in {proposal.fields['transact_time'].zone_column}"
    if times and all(style.instant or style.zone for style in times):
        return "the times name their offset; days are those of this zone, which the file cannot say: UTC is taken"
    return "NOT KNOWN: no file says where its clock hangs. Write the source's own for UTC, such as Europe/Amsterdam"
