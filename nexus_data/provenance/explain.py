"""A record and the contract that judged it in, every canonical field beside its original text out. Reads no file."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from nexus_data import kernel
from nexus_data.contract import load
from nexus_data.contract.model import Contract, FieldSpec, Kind, Variant
from nexus_data.kernel.standardize import cleaned
from nexus_data.provenance.documents import FieldTrace, RawText
from nexus_data.provenance.origins import Source, columns_read, origin_of, rules_of, zone_name
from nexus_data.provenance.texts import value_text
from nexus_data.readers.layout import Layout
from nexus_data.tables import CANONICAL
from nexus_data.tables.model import GENERATION, PROVENANCE, Field

_MADE = frozenset({"operation_id", "password_hash", GENERATION.name, *(field.name for field in PROVENANCE)})


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A kept record, judged again by its contract.

    source: that contract. record: one row as its reader gave it, with corrections put in. facts: of its file. kind: the
    one that took it. variant: the header that the file has. decided: what the kernel makes of it.
    """

    source: load.Source
    layout: Layout
    facts: kernel.FileFacts
    compiled: kernel.Kernel
    record: pl.DataFrame
    kind: Kind
    variant: Variant | None
    decided: pl.DataFrame


def judge(source: load.Source, layout: Layout, record: pl.DataFrame, facts: kernel.FileFacts) -> Judged:
    """Judge one record again; ContractError when the contract cannot be used by this release."""
    contract = source.contract
    compiled = kernel.compile_contract(contract, name=source.name)
    decided = kernel.standardize(record, kernel=compiled, facts=facts)
    kind = _kind(contract, compiled, record, facts)
    return Judged(source, layout, facts, compiled, record, kind, _variant(contract, layout), decided)


def _kind(contract: Contract, compiled: kernel.Kernel, record: pl.DataFrame, facts: kernel.FileFacts) -> Kind:
    """The kernel's own choice: it is asked to skip every kind, and the reason is the place of the one that took it."""
    kinds = contract.kinds or (Kind(name=""),)
    groups = tuple(replace(group, skip=str(place), columns=()) for place, group in enumerate(compiled.groups))
    chosen = kernel.standardize(record, kernel=replace(compiled, groups=groups), facts=facts)["reasons"].item()
    return kinds[int(chosen)] if str(chosen).isdigit() else Kind(name="none")


def _variant(contract: Contract, layout: Layout) -> Variant | None:
    """The variant whose columns, renamed, are the file's."""
    for variant in contract.variants:
        names = {variant.rename.get(name, name) for name in variant.columns}
        if set(layout.columns) <= names:
            return variant
    return None


def field_traces(judged: Judged, *, published: Mapping[str, object]) -> tuple[FieldTrace, ...]:
    """Every canonical field of the row that a source can give, in the table's order.

    published: the row as it is published, by column.
    """
    table = CANONICAL[judged.source.contract.table]
    specs = {**judged.source.contract.fields, **judged.kind.fields}
    raw = Source(judged.source.contract, cleaned(judged.record, judged.compiled, judged.facts))
    fields = [field for field in table.fields if field.name not in _MADE]
    return tuple(_field(field, specs, judged, raw, published) for field in fields)


def _field(
    field: Field, specs: Mapping[str, FieldSpec], judged: Judged, raw: Source, published: Mapping[str, object]
) -> FieldTrace:
    value = value_text(published[field.name])
    again = value_text(judged.decided[field.name].item())
    origin, texts, rules = _origin(field, specs, judged, raw, again)
    differs = again != value
    told = again if differs else None
    return FieldTrace(field.name, value, origin, texts, rules, differs=differs, recomputed=told)


def _origin(
    field: Field, specs: Mapping[str, FieldSpec], judged: Judged, raw: Source, value: str | None
) -> tuple[str, tuple[RawText, ...], tuple[str, ...]]:
    name, spec, time = field.name, specs.get(field.name), specs.get("transact_time")
    if name in judged.kind.set:
        return "constant", (), (f"{judged.kind.set[name]!r} for records of kind {judged.kind.name!r}",)
    if name == "user_id" and (spec is None or not _given(spec, raw)):
        return _owner(judged, value)
    if spec is not None:
        return _specified(field, spec, judged, raw, value)
    if name == "date" and time is not None and judged.compiled.table.partition_by == "date":
        return "day", (), (f"the day of transact_time in zone {zone_name(time, raw)}",)
    return "none", (), ()


def _specified(
    field: Field, spec: FieldSpec, judged: Judged, raw: Source, value: str | None
) -> tuple[str, tuple[RawText, ...], tuple[str, ...]]:
    rules = rules_of(spec, field, raw, value=value)
    if origin_of(spec) == "constant":
        return ("constant", (), (repr(spec.value),)) if spec.value else ("none", (), ())
    if spec.path is not None:
        found = judged.facts.path_groups.get(spec.path, "")
        return "path", (RawText(spec.path, spec.path, None, found),), rules
    texts = tuple(_raw_text(column, judged) for column in columns_read(spec, raw))
    return origin_of(spec), texts, rules


def _raw_text(column: str, judged: Judged) -> RawText:
    names = judged.layout.columns
    place = names.index(column) + 1 if column in names and judged.layout.delimiter else None
    text = judged.record[column].item() if column in judged.record.columns else ""
    old = {new: old for old, new in (judged.variant.rename if judged.variant else {}).items()}
    return RawText(column, old.get(column, column), place, text)


def _given(spec: FieldSpec, raw: Source) -> bool:
    """Whether the record itself says whose it is."""
    texts = [raw.text(column) for column in columns_read(spec, raw)]
    return any(text is not None for text in texts) or bool(spec.value) or spec.path is not None


def _owner(judged: Judged, value: str | None) -> tuple[str, tuple[RawText, ...], tuple[str, ...]]:
    """Whose a record is that does not say so itself; see nexus_data.kernel.owners."""
    facts = judged.facts
    if facts.user_id is not None:
        return "landing", (), (f"the file was landed for {facts.user_id!r}",)
    if value == facts.default_user:
        return "default", (), ("nobody claims the record or its account: the default user",)
    return "account", (), (f"its account is {value!r}'s, by user_accounts",)
