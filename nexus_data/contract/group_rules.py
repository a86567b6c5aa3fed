"""What `[group]` and `[continuation]` must keep: columns that exist, legs that mean something. No data here."""

from collections.abc import Iterator

from nexus_data.contract.columns import WHOLE, known, section_names
from nexus_data.contract.condition_rules import condition_problems
from nexus_data.contract.model import Contract, GroupForm, Grouping, Sections
from nexus_data.contract.problem import Problem, key_of

_MIN_REACH = 10
_MIN_FIELDS = 3
_LEADING = ("one", "some")


def grouping_problems(contract: Contract) -> Iterator[Problem]:
    """Everything that is wrong with how a contract puts records together."""
    own = frozenset(known(contract))
    if contract.sections is not None:
        yield from _sections_problems(contract, contract.sections)
        own |= set(section_names(contract.sections))
    for name in sorted(name for name in own if ":" in name and name.partition(":")[0] in _prefixes(contract)):
        yield Problem("group", f"the file has a column {name!r}, which would be taken for one that grouping adds")
    if contract.continuation is not None:
        yield from _columns(contract.continuation.columns, own, "continuation", "columns")
        yield from condition_problems(contract.continuation.when, own, "continuation", "when")
        yield from condition_problems(contract.continuation.of, own, "continuation", "of")
        if not contract.continuation.when:
            yield Problem("continuation.when", "needs at least one condition")
        own |= {WHOLE + name for name in contract.continuation.columns}
    if contract.group is not None:
        yield from _group_problems(contract.group, own)


def _sections_problems(contract: Contract, sections: Sections) -> Iterator[Problem]:
    form = contract.format
    if form.kind != "csv" or form.header or form.ragged != "pad" or form.preamble:
        yield Problem("format", 'sections need csv with header = false, ragged = "pad" and no preamble')
    if contract.variants:
        yield Problem("variants", "a file of sections has tables instead")
    if not sections.opening or not sections.tables or sections.fields < _MIN_FIELDS:
        yield Problem("sections", f"needs opening, tables, and at least {_MIN_FIELDS} fields")
    for i, table in enumerate(sections.tables):
        for name in sorted({*table.optional, *table.rename} - set(table.columns)):
            yield Problem(key_of("sections", "tables", i), f"{name!r} is not among the table's columns")
        for name in sorted(set(known(contract)) & {table.rename.get(n, n) for n in table.columns}):
            yield Problem(key_of("sections", "tables", i), f"{name!r} is the name of a raw column; rename it")


def _prefixes(contract: Contract) -> set[str]:
    legs = {leg.name for form in contract.group.forms for leg in form.legs} if contract.group else set[str]()
    return legs | {"group", "whole"}


def _group_problems(group: Grouping, columns: frozenset[str]) -> Iterator[Problem]:
    yield from _columns(group.key, columns, "group", "key")
    yield from condition_problems(group.when, columns, "group", "when")
    if not group.key:
        yield Problem("group.key", "needs at least one column")
    if group.reach < _MIN_REACH:
        yield Problem("group.reach", f"must be {_MIN_REACH} records or more")
    if not group.forms:
        yield Problem("group.forms", "there must be at least one")
    names = [form.name for form in group.forms]
    for i, form in enumerate(group.forms):
        if names.index(form.name) != i:
            yield Problem(key_of("group", "forms", i, "name"), f"{form.name!r} is the name of an earlier form")
        yield from _form_problems(form, columns, "group", "forms", i)


def _form_problems(form: GroupForm, columns: frozenset[str], *at: str | int) -> Iterator[Problem]:
    lead = next((leg for leg in form.legs if leg.name == form.lead), None)
    if lead is None or lead.records not in _LEADING or lead.stands:
        yield Problem(key_of(*at, "lead"), f"{form.lead!r} is no leg of the form that one record or some must play")
    earlier: set[str] = set()
    for i, leg in enumerate(form.legs):
        here = (*at, "legs", i)
        if leg.name in earlier or leg.name in ("group", "whole") or not leg.name.isidentifier():
            yield Problem(key_of(*here, "name"), f"{leg.name!r} is taken, or no name of letters, digits and _")
        yield from condition_problems(leg.when, columns, *here, "when")
        yield from _columns((*leg.same, *leg.sum), columns, *here)
        if leg.like is not None:
            yield from _columns(leg.like.columns, columns, *here, "like", "columns")
            if leg.like.leg not in earlier:
                yield Problem(key_of(*here, "like", "leg"), f"{leg.like.leg!r} is no earlier leg of the form")
        earlier.add(leg.name)


def _columns(names: tuple[str, ...], columns: frozenset[str], *at: str | int) -> Iterator[Problem]:
    for name in (n for n in names if n not in columns):
        yield Problem(key_of(*at), f"no variant has a column {name!r}")
