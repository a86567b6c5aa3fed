"""The raw columns that a contract knows, under the names that its fields use. Matching a header is in `match`."""

import re
from collections.abc import Iterable, Iterator

from nexus_data.contract.model import Condition, Contract, FieldSpec, Sections, Variant

SECTION, ROW = "section", "row"
FORM = "group:form"
WHOLE = "whole:"
"""Prefix of a column that a continuation was joined to."""

SHEET = "sheet:name"

ABOVE, HEADER = "above:", "header:"
"""Prefixes of columns that hold what a file says once: in the lines above its header, and in the header's own names."""

LEAD, PART, CODE = "group:lead", "group:part", "group:code"
"""What grouping decided: the record that a record is part of, the reason to skip it, the code to reject it for."""


def renamed(variant: Variant, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names as the contract's fields call them."""
    return tuple(variant.rename.get(name, name) for name in names)


def known(contract: Contract) -> tuple[str, ...]:
    """Every column of every variant, once each, in the order of the variants; of sections, those by place."""
    if contract.sections is not None:
        return (SECTION, ROW, *(f"field_{place}" for place in range(3, contract.sections.fields + 1)))
    own = (n for v in contract.variants for n in (*renamed(v, v.columns), *v.constants, *_groups(HEADER, v.named)))
    return tuple(dict.fromkeys((*own, *_groups(ABOVE, contract.format.above))))


def _groups(prefix: str, patterns: Iterable[str]) -> Iterator[str]:
    """The columns that the named groups of expressions make."""
    sound = (re.compile(pattern) for pattern in patterns if not_a_pattern(pattern) is None)
    return (prefix + name for pattern in sound for name in pattern.groupindex)


def not_a_pattern(text: str) -> str | None:
    """Why a text is no regular expression; None: it is one."""
    try:
        re.compile(text)
    except re.error as error:
        return f"not a regular expression: {error}"
    return None


def further(contract: Contract) -> frozenset[str]:
    """Every column that a contract may use beside those of the file: see `[group]` and `[continuation]`."""
    named = tuple(section_names(contract.sections)) if contract.sections else ()
    if contract.format.sheets:
        named = (*named, SHEET)
    own = (*known(contract), *named)
    whole = tuple(WHOLE + name for name in contract.continuation.columns) if contract.continuation else ()
    if contract.group is None:
        return frozenset([*named, *whole])
    legs = {leg.name for form in contract.group.forms for leg in form.legs}
    return frozenset([*named, *whole, FORM, *(f"{leg}:{name}" for leg in legs for name in (*own, *whole))])


def section_names(sections: Sections) -> Iterator[str]:
    """The columns that the tables of a file in sections have, as the contract's fields call them."""
    for table in sections.tables:
        yield from (table.rename.get(name, name) for name in table.columns)
        yield from table.constants


def used(contract: Contract) -> frozenset[str]:
    """Every raw column that the contract refers to."""
    return frozenset(_used(contract))


def _used(contract: Contract) -> Iterator[str]:
    for spec in [*contract.fields.values(), *(spec for kind in contract.kinds for spec in kind.fields.values())]:
        yield from raw_columns(spec)
    for kind in contract.kinds:
        yield from _of(kind.when)
    if contract.continuation:
        yield from (*contract.continuation.columns, *_of(contract.continuation.when), *_of(contract.continuation.of))
    if contract.group:
        yield from (*contract.group.key, *_of(contract.group.when))
        for leg in (leg for form in contract.group.forms for leg in form.legs):
            yield from (*_of(leg.when), *leg.same, *leg.sum, *(leg.like.columns if leg.like else ()))


def _of(conditions: tuple[Condition, ...]) -> Iterator[str]:
    return (condition.column for condition in conditions)


def candidates(column: str) -> tuple[str, ...]:
    """The raw columns that `A | B` names."""
    return tuple(part.strip() for part in column.split(" | ")) if " | " in column else (column,)


def raw_columns(spec: FieldSpec) -> tuple[str, ...]:
    """Every raw column that the specification reads."""
    sign = spec.by_sign
    single = [spec.zone_column, spec.day_ms, sign.column if sign and sign.column else None]
    single.append(spec.factor_by.column if spec.factor_by else None)
    several = candidates(spec.column) if spec.column is not None else ()
    summed = tuple(name.removeprefix("-") for name in (*spec.sum, *(sign.sum if sign else ())))
    return (*several, *spec.columns, *summed, *(name for name in single if name is not None))
