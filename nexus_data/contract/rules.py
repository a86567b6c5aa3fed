"""What a contract must keep beyond its shape: names that exist, patterns that compile, required fields with an origin.

Rules for single field specifications are in `field_rules`; nothing here looks at data.
"""

import codecs
import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nexus_data.contract.columns import further, known, not_a_pattern, renamed
from nexus_data.contract.condition_rules import condition_problems
from nexus_data.contract.field_rules import Scope, field_problems, value_problems
from nexus_data.contract.group_rules import grouping_problems
from nexus_data.contract.model import Contract, FieldSpec, Format, Kind, Variant
from nexus_data.contract.problem import Problem, key_of
from nexus_data.contract.version_rules import revisions_problems, snapshot_problems
from nexus_data.tables import CANONICAL
from nexus_data.tables.model import GENERATION, PROVENANCE, Table

_MADE = frozenset({field.name for field in PROVENANCE} | {"operation_id", "password_hash", GENERATION.name})
"""Columns that no file gives."""

_NUMBER = "record_no"
"""The column that readers add to the records; a column of a file under the same name would take its place."""

_MARK = "one ASCII character that ends no line: text is cut at bytes"

_OWNED = frozenset({"projects", "trading_operations", "frenly_ai_tasks"})
"""Tables whose user_id comes from where the file was landed when the contract does not say."""


def problems(contract: Contract) -> Iterator[Problem]:
    """Everything that is wrong with a contract of the right shape; nothing when it can be used."""
    scope = Scope(
        table=CANONICAL[contract.table],
        made=_MADE,
        columns=frozenset(known(contract)) | further(contract),
        groups=_groups(contract.path),
        fields=contract.fields,
    )
    yield from zone_problems(contract.timezone, "timezone")
    yield from _pattern_problems("path", contract.path or "")
    yield from _format_problems(contract.format)
    yield from _thousands_problems(contract)
    yield from _variants_problems(contract)
    for name, spec in contract.fields.items():
        yield from field_problems(name, spec, scope=scope, at=("fields", name))
    yield from grouping_problems(contract)
    yield from _kinds_problems(contract, scope)
    yield from _identity_problems(contract, scope.table)
    yield from revisions_problems(contract, scope)
    yield from snapshot_problems(contract)
    yield from _missing(contract, scope.table)
    for key, readings in contract.undecided.items():
        yield Problem(
            key_of("undecided", key), f"decide, write it into {key}, and take this away: {'; '.join(readings)}"
        )


def zone_problems(zone: str, *at: str | int) -> Iterator[Problem]:
    """Whether `zone` is an IANA time zone."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Problem(key_of(*at), f"{zone!r} is no IANA time zone; one would be Europe/Amsterdam")


def _groups(path: str | None) -> frozenset[str]:
    return frozenset(re.compile(path).groupindex) if path and not_a_pattern(path) is None else frozenset()


def _pattern_problems(key: str, pattern: str) -> Iterator[Problem]:
    if reason := not_a_pattern(pattern):
        yield Problem(key, reason)


def _format_problems(form: Format) -> Iterator[Problem]:
    yield from _text_format_problems(form)
    if form.preamble < 0:
        yield Problem("format.preamble", "must be zero or more lines")
    if not form.header and (form.kind not in ("csv", "xlsx") or form.preamble):
        yield Problem("format.header", "only csv and xlsx go without a header, and then without a preamble")
    if form.records and form.kind != "json":
        yield Problem("format.records", "only json has one")
    if form.prefix and form.kind != "jsonl":
        yield Problem("format.prefix", "only jsonl has one")
    if form.above and not (form.kind in ("csv", "xlsx") and form.preamble):
        yield Problem("format.above", "only csv and xlsx with a preamble have lines above the header")
    for i, pattern in enumerate(form.above):
        yield from _groups_problems(pattern, "format", "above", i)
    yield from _pattern_problems("format.prefix", form.prefix)
    if (form.sheet is not None or form.sheets) and form.kind != "xlsx":
        yield Problem("format.sheet", "only xlsx has one")
    if form.sheet is not None and form.sheets:
        yield Problem("format.sheets", "one sheet is named by sheet already")
    yield from _pattern_problems("format.sheets", form.sheets)


def _groups_problems(pattern: str, *at: str | int) -> Iterator[Problem]:
    """Whether an expression names what it finds."""
    if reason := not_a_pattern(pattern):
        yield Problem(key_of(*at), reason)
    elif not re.compile(pattern).groupindex:
        yield Problem(key_of(*at), "it needs a named group, (?P<account>...), which becomes a column")


def _text_format_problems(form: Format) -> Iterator[Problem]:
    for i, encoding in enumerate(form.encodings):
        if not _is_encoding(encoding):
            yield Problem(key_of("format", "encodings", i), f"{encoding!r} is no encoding that Python knows")
    for i, delimiter in enumerate(form.delimiters):
        if not _is_mark(delimiter):
            yield Problem(key_of("format", "delimiters", i), f"{delimiter!r} must be {_MARK}")
    if form.quote and not _is_mark(form.quote):
        yield Problem("format.quote", f"{form.quote!r} must be {_MARK}, or empty for none")
    if form.quote in form.delimiters:
        yield Problem("format.quote", f"{form.quote!r} is a delimiter, too")
    if form.kind == "csv" and not (form.delimiters and form.encodings):
        yield Problem("format", "csv needs at least one delimiter and one encoding")


def _is_mark(text: str) -> bool:
    return len(text) == 1 and text.isascii() and text not in "\r\n\0"


def _is_encoding(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def _thousands_problems(contract: Contract) -> Iterator[Problem]:
    if contract.numbers.decimal in contract.numbers.thousands:
        yield Problem("numbers.thousands", "holds the decimal mark")


def _variants_problems(contract: Contract) -> Iterator[Problem]:
    if not contract.variants and contract.sections is None:
        yield Problem("variants", "there must be at least one")
    for i, variant in enumerate(contract.variants):
        yield from _variant_problems(variant, contract.format.header, i)


def _variant_problems(variant: Variant, header: bool, i: int) -> Iterator[Problem]:
    names = renamed(variant, variant.columns)
    for name in sorted({n for n in names if names.count(n) > 1}):
        yield Problem(key_of("variants", i, "columns"), f"{name!r} stands twice; a second one is {name + '_2'!r}")
    if _NUMBER in names:
        yield Problem(key_of("variants", i, "columns"), f"{_NUMBER!r} is the record's number; rename the column")
    for name in variant.columns:
        if not name or name != name.strip():
            yield Problem(key_of("variants", i, "columns"), f"{name!r} is empty or has outer spaces; empty is column_i")
    yield from _named_problems(variant, names, i)
    if not variant.columns or set(variant.columns) <= set(variant.optional):
        yield Problem(key_of("variants", i, "columns"), "at least one column must be there and not optional")
    if variant.optional and not header:
        yield Problem(key_of("variants", i, "optional"), "without a header no column can be left out")


def _named_problems(variant: Variant, names: tuple[str, ...], i: int) -> Iterator[Problem]:
    for key, given in (("optional", variant.optional), ("rename", tuple(variant.rename))):
        for name in (n for n in given if n not in variant.columns):
            yield Problem(key_of("variants", i, key), f"{name!r} is not among the variant's columns")
    for number, pattern in enumerate(variant.others):
        if reason := not_a_pattern(pattern):
            yield Problem(key_of("variants", i, "others", number), reason)
    for pattern, name in variant.named.items():
        if reason := not_a_pattern(pattern):
            yield Problem(key_of("variants", i, "named", pattern), reason)
        if name not in variant.columns:
            yield Problem(key_of("variants", i, "named", pattern), f"{name!r} is not among the variant's columns")
    for name in (n for n in variant.constants if n in names or n == _NUMBER):
        yield Problem(key_of("variants", i, "constants", name), "is a column of the file, too")


def _kinds_problems(contract: Contract, scope: Scope) -> Iterator[Problem]:
    names = [kind.name for kind in contract.kinds]
    for i, kind in enumerate(contract.kinds):
        at = ("kinds", i)
        if names.index(kind.name) != i:
            yield Problem(key_of(*at, "name"), f"{kind.name!r} is the name of an earlier kind")
        if not kind.when and i + 1 < len(names):
            yield Problem(key_of(*at, "when"), f"{kind.name!r} takes every record, so that the kinds after it get none")
        yield from condition_problems(kind.when, scope.columns, *at, "when")
        yield from _kind_problems(kind, scope, *at)


def _kind_problems(kind: Kind, scope: Scope, *at: str | int) -> Iterator[Problem]:
    if kind.skip is not None and (kind.set or kind.fields or not kind.skip.strip()):
        yield Problem(key_of(*at, "skip"), "a skipped kind has a reason, and neither set nor fields")
    for name, value in kind.set.items():
        yield from value_problems(name, value, scope=scope, at=(*at, "set", name))
        if name in kind.fields:
            yield Problem(key_of(*at, "set", name), f"{name} is among the kind's fields, too")
    inner = Scope(scope.table, scope.made, scope.columns, scope.groups, {**scope.fields, **kind.fields})
    for name, spec in kind.fields.items():
        yield from field_problems(name, spec, scope=inner, at=(*at, "fields", name))


def _identity_problems(contract: Contract, table: Table) -> Iterator[Problem]:
    identity = contract.identity
    if (identity.columns or identity.content) and "operation_id" not in table.key:
        yield Problem("identity", f"records of {table.name} are known by their key ({', '.join(table.key)})")
    names = {field.name for field in table.fields} - _MADE
    for key, given in (("columns", identity.columns), ("content", identity.content)):
        for name in (n for n in given if n not in names):
            yield Problem(key_of("identity", key), f"{table.name} has no field {name!r} that a file could give")
    for name in (n for n in identity.anchors if n not in identity.content):
        yield Problem(key_of("identity", "anchors"), f"{name!r} is not among identity.content")


def _missing(contract: Contract, table: Table) -> Iterator[Problem]:
    made = _MADE | ({"user_id"} if table.name in _OWNED else set())
    required = [field.name for field in table.fields if field.required and field.name not in made]
    for name in required:
        for at, given in _givens(contract):
            if name not in given:
                yield Problem(key_of(*at), f"nothing gives {name}, which {table.name} requires")


def _givens(contract: Contract) -> Iterator[tuple[tuple[str | int, ...], set[str]]]:
    if not contract.kinds:
        yield ("fields",), _filled(contract.fields)
    for i, kind in enumerate(contract.kinds):
        if kind.skip is None:
            yield ("kinds", i), _filled({**contract.fields, **kind.fields}) | set(kind.set)


def _filled(fields: dict[str, FieldSpec]) -> set[str]:
    return {name for name, spec in fields.items() if spec.value != ""}
