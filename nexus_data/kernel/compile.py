"""From a contract to what the kernel runs: expressions and readers, one set for each kind. Knows no data."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial

import polars as pl

from nexus_data.contract.columns import CODE, LEAD, PART, further, raw_columns
from nexus_data.contract.columns import known as known_columns
from nexus_data.contract.model import Contract, FactorBy, FieldSpec, Kind, Numbers
from nexus_data.errors import ContractError
from nexus_data.kernel.amounts import Amounts, amounts_of, read_amount, read_product, style_of
from nexus_data.kernel.currencies import is_currency, read_currency
from nexus_data.kernel.documents import read_json
from nexus_data.kernel.formats import form_of
from nexus_data.kernel.identity import content_columns
from nexus_data.kernel.ids import read_id
from nexus_data.kernel.kinds import holds
from nexus_data.kernel.model import Column, Group, Kernel, Read, Reading, Sum, Zone
from nexus_data.kernel.numbers import check_style
from nexus_data.kernel.revisions import compile_marks, marking_columns
from nexus_data.kernel.rules import judged
from nexus_data.kernel.text import field_text, sum_name
from nexus_data.kernel.times import TimeStyle, read_day_times, read_days, read_instants
from nexus_data.kernel.ways import quick_of
from nexus_data.kernel.zones import known
from nexus_data.tables import CANONICAL
from nexus_data.tables.model import GENERATION, PROVENANCE, Field, Table
from nexus_data.tables.model import Kind as Value
from nexus_data.tables.polars_schema import MONEY_SCALE, PRICE_SCALE

_SCALES = {Value.MONEY: MONEY_SCALE, Value.PRICE: PRICE_SCALE}
_CANONICAL_NUMBERS = Numbers()
_NOT_READ = {"operation_id", "password_hash", GENERATION.name, *(field.name for field in PROVENANCE)}


def compile_contract(contract: Contract, *, name: str) -> Kernel:
    """The kernel of a contract; ContractError, beginning with `name`, on what cannot work."""
    try:
        return _compiled(contract, name)
    except ContractError as error:
        raise ContractError(f"{name}: {error}") from None


def _compiled(contract: Contract, name: str) -> Kernel:
    table = CANONICAL[contract.table]
    if not known(contract.timezone):
        raise ContractError(f"timezone: {contract.timezone!r} is no time zone")
    check_style(contract.numbers)
    kinds = contract.kinds or (Kind(name="record"),)
    specs = [_specs_of(contract, kind) for kind in kinds]
    groups = tuple(_group(contract, table, kind, spec) for kind, spec in zip(kinds, specs, strict=True))
    raw = _raw(contract, specs)
    return Kernel(
        name=name,
        table=table,
        groups=groups,
        raw=raw,
        paths=tuple(sorted({spec.path for found in specs for spec in found.values() if spec.path is not None})),
        identity=_named(contract.identity.columns, table, "identity.columns"),
        content=_named(contract.identity.content, table, "identity.content") or content_columns(table),
        anchors=_named(contract.identity.anchors, table, "identity.anchors"),
        marks=compile_marks(contract),
        further=further(contract) | {LEAD, PART, CODE},
        sums=_sums(contract, specs),
    )


def _sums(contract: Contract, specs: list[dict[str, FieldSpec]]) -> dict[str, Sum]:
    found: dict[str, Sum] = {}
    for spec in (spec for kind in specs for spec in kind.values()):
        style = style_of(spec, numbers=contract.numbers)
        for columns in filter(None, (spec.sum, spec.by_sign.sum if spec.by_sign else ())):
            check_style(style)
            found[sum_name(columns, style)] = Sum(columns, style)
    return found


def _specs_of(contract: Contract, kind: Kind) -> dict[str, FieldSpec]:
    """What `[fields]` says, with what the kind says instead. Constants of `set` are canonical, whatever the style."""
    if kind.skip is not None:
        return {}
    if both := sorted(set(kind.set) & set(kind.fields)):
        raise ContractError(f"kinds.{kind.name}: {both[0]} is in both set and fields")
    constants = {
        name: FieldSpec(value=value, decimal=".", thousands="", accounting=False, signs=False, crypto=True)
        for name, value in kind.set.items()
    }
    return {**contract.fields, **kind.fields, **constants}


def _raw(contract: Contract, specs: list[dict[str, FieldSpec]]) -> tuple[str, ...]:
    wanted = {column for found in specs for spec in found.values() for column in raw_columns(spec)}
    wanted |= {condition.column for kind in contract.kinds for condition in kind.when}
    wanted |= set(marking_columns(contract))
    there = {*known_columns(contract), *further(contract)}
    if missing := sorted(wanted - there):
        raise ContractError(f"no variant has a column {missing[0]!r}")
    return tuple(sorted(wanted))


def _named(names: Collection[str], table: Table, key: str) -> tuple[str, ...]:
    """The columns in the table's order."""
    allowed = content_columns(table)
    if strange := [name for name in names if name not in allowed]:
        raise ContractError(f"{key}: {table.name} has no column {strange[0]!r} that a source can give")
    return tuple(name for name in allowed if name in set(names))


def _group(contract: Contract, table: Table, kind: Kind, specs: Mapping[str, FieldSpec]) -> Group:
    derived_date = _derived_date(contract, table, specs)
    columns = [
        _column(name, spec, contract, table, specs)
        for name, spec in specs.items()
        if derived_date is None or name != "date"
    ]
    ordered = tuple(sorted(columns, key=lambda column: bool(column.product)))
    return Group(
        when=_holds(kind, contract), always=not kind.when, skip=kind.skip, columns=ordered, derived_date=derived_date
    )


def _holds(kind: Kind, contract: Contract) -> pl.Expr:
    for condition in kind.when:
        if condition.matches is not None:
            _groups(condition.matches, f"kinds.{kind.name}.when.{condition.column}.matches")
    return holds(kind.when, numbers=contract.numbers)


def _groups(pattern: str, key: str) -> int:
    """How many groups a regular expression has; ContractError when it is none."""
    try:
        found = pl.Series(["x"]).str.extract_groups(pattern)
        return len(found.struct.fields)
    except pl.exceptions.ComputeError as error:
        raise ContractError(f"{key}: {error}") from None


def _derived_date(contract: Contract, table: Table, specs: Mapping[str, FieldSpec]) -> Zone | None:
    """The zone in which `date` is the day of transact_time: it has no origin of its own, or reads the same text."""
    time, date = specs.get("transact_time"), specs.get("date")
    if table.partition_by != "date" or time is None or time.day_ms is not None:
        return None
    return _zone(time, contract, "transact_time") if date is None or date == time else None


def _column(name: str, spec: FieldSpec, contract: Contract, table: Table, specs: Mapping[str, FieldSpec]) -> Column:
    try:
        field = table.field(name)
    except KeyError:
        raise ContractError(f"fields.{name}: {table.name} has no such column") from None
    if name in _NOT_READ:
        raise ContractError(f"fields.{name}: no source can give this column")
    try:
        column = _product(field, spec, contract, table, specs) if spec.product else _read(field, spec, contract)
        return _checked(column, spec)
    except ContractError as error:
        raise ContractError(f"fields.{name}: {error}") from None


def _read(field: Field, spec: FieldSpec, contract: Contract) -> Column:
    _one_origin(spec)
    if spec.extract is not None and not _groups(spec.extract, "extract"):
        raise ContractError(f"extract: {spec.extract!r} has no group")
    text, broken = field_text(spec, numbers=style_of(spec, numbers=contract.numbers))
    extra, read = _reader(field, spec, contract)
    quick = None if extra else quick_of(field, spec, contract, text=text, is_id=_is_id(field, contract))
    return Column(field, {field.name: text, **extra}, broken, read, quick=quick)


def _one_origin(spec: FieldSpec) -> None:
    several = (spec.columns or None, spec.product or None, spec.sum or None)
    origins = (spec.column, spec.value, spec.path, spec.by_sign, *several)
    if sum(origin is not None for origin in origins) != 1:
        raise ContractError("exactly one of column, columns, value, path, product, by_sign and sum is needed")


def _reader(field: Field, spec: FieldSpec, contract: Contract) -> tuple[dict[str, pl.Expr], Read]:
    if field.kind in _SCALES:
        return _amount_reader(field, spec, amounts_of(spec, numbers=contract.numbers))
    if field.kind in (Value.DATE, Value.TIMESTAMP):
        return _time_reader(field, spec, contract)
    if field.kind is Value.JSON:
        return {}, _of_text(field.name, read_json)
    if is_currency(field.name):
        return {}, _of_text(field.name, partial(read_currency, crypto=spec.crypto))
    if _is_id(field, contract):
        return {}, _of_text(field.name, read_id)
    return {}, _of_text(field.name, Reading)


def _is_id(field: Field, contract: Contract) -> bool:
    """Whether a record is known by the column: the source's own id, or the key of a table that has one."""
    table = CANONICAL[contract.table]
    names = contract.identity.columns if table.partition_by is not None else table.key
    return field.name in names and field.name.endswith("_id") and field.kind is Value.TEXT


def _of_text(name: str, read: Callable[[pl.Series], Reading]) -> Read:
    return lambda texts: read(texts[name])


def _amount_reader(field: Field, spec: FieldSpec, amounts: Amounts) -> tuple[dict[str, pl.Expr], Read]:
    name, scale = field.name, _SCALES[field.kind]
    if spec.factor_by is None:
        return {}, lambda texts: read_amount(texts[name], amounts=amounts, scale=scale, factor_text=None)
    by = f"{name}|factor"
    extra = {by: _factor_text(spec.factor_by)}
    return extra, lambda texts: read_amount(texts[name], amounts=amounts, scale=scale, factor_text=texts[by])


def _factor_text(by: FactorBy) -> pl.Expr:
    column = pl.col(by.column)
    return column if by.extract is None else column.str.extract(by.extract, 1).str.strip_chars()


def _time_reader(field: Field, spec: FieldSpec, contract: Contract) -> tuple[dict[str, pl.Expr], Read]:
    name, zone = field.name, _zone(spec, contract, field.name)
    style = TimeStyle(tuple(form_of(text) for text in spec.formats or ("iso",)), zone)
    extra = {zone.column: pl.col(spec.zone_column)} if zone.column and spec.zone_column else {}
    if spec.day_ms is not None:
        if field.kind is Value.DATE:
            raise ContractError("day_ms makes a time of a day: a date column cannot have it")
        millis = f"{name}|day_ms"
        extra[millis] = pl.col(spec.day_ms)
        return extra, lambda texts: read_day_times(texts[name], texts=texts, style=style, millis=millis)
    read = read_days if field.kind is Value.DATE else read_instants
    return extra, lambda texts: read(texts[name], texts=texts, style=style)


def _zone(spec: FieldSpec, contract: Contract, name: str) -> Zone:
    zone = spec.zone or contract.timezone
    if not known(zone):
        raise ContractError(f"zone: {zone!r} is no time zone")
    return Zone(zone, f"{name}|zone" if spec.zone_column else None)


def _product(field: Field, spec: FieldSpec, contract: Contract, table: Table, specs: Mapping[str, FieldSpec]) -> Column:
    _one_origin(spec)
    if field.kind not in _SCALES or len(spec.product) != 2:
        raise ContractError("product: two number columns make a number column")
    for name in spec.product:
        if name not in specs or specs[name].product or table.field(name).kind not in _SCALES:
            raise ContractError(f"product: {name!r} is no number column that is read from the file")
    scale, (left, right) = _SCALES[field.kind], spec.product
    amounts, by = amounts_of(spec, numbers=contract.numbers), f"{field.name}|factor"
    extra = {by: _factor_text(spec.factor_by)} if spec.factor_by else {}

    def read(values: pl.DataFrame) -> Reading:
        factor_text = values[by] if extra else None
        return read_product(values[left], values[right], amounts=amounts, scale=scale, factor_text=factor_text)

    return Column(field, extra, {}, read, product=spec.product)


def _checked(column: Column, spec: FieldSpec) -> Column:
    """A constant that breaks a rule would reject every record: the contract is wrong, not the records."""
    if not spec.value or len(column.texts) != 1:
        return column
    texts = pl.DataFrame({"": [None]}).select(**column.texts)
    found = judged(column.read(texts), field=column.field, excused=None)
    for code, rows in found.broken.items():
        if rows.any():
            raise ContractError(f"the constant {spec.value!r} is {code}")
    # Column by column, a map may still say of a constant that it is unknown.
    return column if column.broken else replace(column, constant=found.value)
