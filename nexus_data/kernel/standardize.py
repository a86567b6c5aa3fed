"""Records in, outcomes and canonical columns out: the steps of the kernel in order. How each is done is elsewhere."""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

import polars as pl

from nexus_data.contract.columns import LEAD
from nexus_data.kernel.grouped import as_grouped
from nexus_data.kernel.identity import SEPARATOR, fingerprint, fingerprints, plain_text, raw_text
from nexus_data.kernel.model import Column, FileFacts, Group, Kernel, Reading
from nexus_data.kernel.owners import owned
from nexus_data.kernel.quick import Begun, begin
from nexus_data.kernel.revisions import MARKED, marked
from nexus_data.kernel.rows import any_of, fill, flags, merged, nulls
from nexus_data.kernel.rules import UNKNOWN_KIND, judged, reasons
from nexus_data.kernel.sums import row_sums
from nexus_data.kernel.text import PATH, none_if_empty
from nexus_data.kernel.zones import local_days, zones_of
from nexus_data.tables.model import GENERATION, Field, Table
from nexus_data.tables.polars_schema import dtype

_BY_CALLER = ("operation_id", "source", "file_id", "record_no", "row_fp", GENERATION.name)
_ELSEWHERE = ("operation_id", "record_no", "row_fp", GENERATION.name)
_RECORD = "record_no"
_OUTER_SPACE = rf"\A\s|{SEPARATOR}\s|\s{SEPARATOR}|\s\z"
_FEW = 1000
_TEXT = rf"[^\s{SEPARATOR}]"
BLANK = "no field has any text"
"""Why a record without any text is skipped."""


def standardize(records: pl.DataFrame, *, kernel: Kernel, facts: FileFacts) -> pl.DataFrame:
    """One row a record, in order.

    records: `record_no` (Int64) and one String column per source column, never null; where the contract groups records,
    also what `nexus_data.grouping` adds, and then every group stands whole in one call. The result has `record_no`,
    `row_fp` (Int64), `outcome` (accepted, rejected, skipped), `reasons` (rejected: CODE:field joined by `;`; skipped:
    the kind's reason; accepted: null), `month` (YYYY-MM of the partition column; "" where there is none), the other
    canonical columns but operation_id, `content_fp` (Int64), and for tables with operation_id `identity` (Binary, 16
    bytes) and `by_content`; where the contract has revisions, also the columns of MARKED. Columns of rejected and
    skipped records are what could be read of them. Never raises because of what the texts say.
    """
    names = [name for name in records.columns if name != _RECORD and name not in kernel.further]
    joined = records.select(raw_text(names)).to_series()
    raw = cleaned(records, kernel, facts, trimmed=[] if len(joined) <= _FEW or _has_outer_space(joined) else names)
    body = _by_kind(raw, kernel, facts)
    if LEAD in records.columns:
        body = as_grouped(body, records)
    if len(names) > 1:
        body = _without_text(body, joined)
    body = body.hstack([_all("source", facts.source, body.height), _all("file_id", facts.file_id, body.height)])
    body = marked(raw, body, kernel=kernel)
    prints = fingerprints(
        body, table=kernel.table, identity=kernel.identity, content=kernel.content, anchors=kernel.anchors
    )
    row_fp = joined.to_frame("raw").select(row_fp=fingerprint(pl.col("raw")))
    columns = [field.name for field in kernel.table.fields if field.name not in _ELSEWHERE]
    result = pl.concat([records.select(_RECORD), row_fp, body, prints], how="horizontal")
    last = [*prints.columns, *(MARKED.names() if kernel.marks is not None else [])]
    return result.select(_RECORD, "row_fp", "outcome", "reasons", _month(kernel.table), *columns, *last)


def _all(name: str, value: str | bytes, height: int) -> pl.Series:
    return pl.Series(name, [value]).new_from_index(0, height)


def _without_text(body: pl.DataFrame, joined: pl.Series) -> pl.DataFrame:
    """Records that no kind wants and that hold nothing (spreadsheets write such rows) are skipped, not rejected."""
    rejected = (body["outcome"] == "rejected").arg_true()
    blank = rejected.filter(~joined.gather(rejected).str.contains(_TEXT))
    if blank.is_empty():
        return body
    rows = pl.Series(range(body.height), dtype=pl.UInt32).is_in(blank.implode())
    skipped = (pl.lit("skipped"), pl.lit(BLANK))
    return body.with_columns(
        pl.when(rows).then(value).otherwise(pl.col(name)).alias(name)
        for name, value in zip(("outcome", "reasons"), skipped, strict=True)
    )


def _month(table: Table) -> pl.Expr:
    if table.partition_by is None:
        return pl.lit("").alias("month")
    return pl.col(table.partition_by).dt.strftime("%Y-%m").fill_null("").alias("month")


def _has_outer_space(joined: pl.Series) -> bool:
    """Whether any field may begin or end with white space, of texts joined by SEPARATOR: one look is cheaper than to
    strip each. Where such fields are usual the first records tell."""
    return any(texts.str.contains(_OUTER_SPACE).any() for texts in (joined.head(_FEW), joined))


def cleaned(records: pl.DataFrame, kernel: Kernel, facts: FileFacts, *, trimmed: Collection[str] = ()) -> pl.DataFrame:
    """The raw columns that the contract reads; another variant's columns are empty. trimmed: those without white space
    around their texts."""
    there = set(records.columns)
    missing = [pl.lit(None, dtype=pl.String).alias(name) for name in kernel.raw if name not in there]
    paths = [pl.lit(facts.path_groups.get(name) or None, dtype=pl.String).alias(PATH + name) for name in kernel.paths]
    texts = [_text(name, strip=name not in trimmed) for name in kernel.raw if name in there]
    raw = records.select(pl.col(_RECORD).alias("record|"), *texts, *missing, *paths)
    sums = [row_sums(raw, columns=one.columns, style=one.style).alias(name) for name, one in kernel.sums.items()]
    return raw.with_columns(sums) if sums else raw


@lru_cache(maxsize=4096)
def _text(name: str, *, strip: bool) -> pl.Expr:
    text = pl.col(name)
    return none_if_empty(text.str.strip_chars() if strip else text).alias(name)


def _by_kind(raw: pl.DataFrame, kernel: Kernel, facts: FileFacts) -> pl.DataFrame:
    """Each kind's records read its way, and all put back in order."""
    if len(kernel.groups) == 1 and kernel.groups[0].always:
        return _group(raw, 0, kernel, facts)
    chosen = pl.coalesce([pl.when(group.when).then(pl.lit(place)) for place, group in enumerate(kernel.groups)])
    kinds = raw.select(kind=chosen.fill_null(-1))["kind"] if raw.height else pl.Series("kind", [0], dtype=pl.Int32)
    places = sorted(kinds.unique())
    if len(places) == 1:
        return _group(raw, places[0], kernel, facts)
    taken = [(kinds == place).arg_true() for place in places]
    parts = [_group(raw[rows], place, kernel, facts) for rows, place in zip(taken, places, strict=True)]
    return pl.concat(parts, how="diagonal").select(pl.all().gather(pl.concat(taken).arg_sort()))


def _group(raw: pl.DataFrame, place: int, kernel: Kernel, facts: FileFacts) -> pl.DataFrame:
    if place < 0:
        return _unread(raw.height, kernel.table, "rejected", UNKNOWN_KIND)
    group = kernel.groups[place]
    if group.skip is not None:
        return _unread(raw.height, kernel.table, "skipped", group.skip)
    return _read(raw, group, kernel.table, facts)


def _unread(length: int, table: Table, outcome: str, reason: str) -> pl.DataFrame:
    values = [nulls(dtype(field), length).alias(field.name) for field in table.fields if field.name not in _BY_CALLER]
    return pl.DataFrame(values).with_columns(outcome=pl.lit(outcome), reasons=pl.lit(reason))


def _read(raw: pl.DataFrame, group: Group, table: Table, facts: FileFacts) -> pl.DataFrame:
    readings = _readings(raw, group, table, facts)
    values = [reading.value.alias(name) for name, reading in readings.items()]
    plain = [one.plain.alias(plain_text(name)) for name, one in readings.items() if one.plain is not None]
    told = reasons(readings, length=raw.height)
    outcome = pl.when(pl.col("reasons").is_null()).then(pl.lit("accepted")).otherwise(pl.lit("rejected"))
    return pl.DataFrame([*values, *plain, told]).with_columns(outcome.alias("outcome"))


def _readings(raw: pl.DataFrame, group: Group, table: Table, facts: FileFacts) -> dict[str, Reading]:
    """Every column of the table that is not the caller's, judged, in the table's order."""
    begun = begin(raw, group.columns)
    texts = _texts(raw, [column for column in group.columns if column.field.name not in begun])
    read = {
        name: _finished(one, raw, column) for column in group.columns if (one := begun.get(name := column.field.name))
    }
    done = {name for name in read if name != "user_id" or not (read[name].broken or read[name].value.null_count())}
    excused: dict[str, pl.Series] = {}
    for column in group.columns:
        if column.field.name in read:
            continue
        inputs = [read[name] for name in column.product]
        read[column.field.name] = _column(column, texts, inputs)
        if inputs:
            excused[column.field.name] = any_of(merged(*[part.broken for part in inputs]), like=inputs[0].value)
    if group.derived_date is not None:
        time = read["transact_time"]
        read["date"] = Reading(local_days(time.value, zones_of(texts, group.derived_date)))
        if read["date"].value.null_count():
            excused["date"] = any_of(time.broken, like=time.value)
    if "user_id" in {field.name for field in table.fields}:
        read.setdefault("user_id", Reading(nulls(pl.String(), raw.height)))
        read["user_id"] = owned(read, table=table, facts=facts)
    return {
        field.name: _judged(field, read, raw.height, excused, done)
        for field in table.fields
        if field.name not in _BY_CALLER
    }


def _judged(
    field: Field, read: Mapping[str, Reading], height: int, excused: Mapping[str, pl.Series], done: Collection[str]
) -> Reading:
    reading = read.get(field.name)
    if reading is None:
        reading = Reading(nulls(dtype(field), height))
        return judged(reading, field=field, excused=excused.get(field.name)) if field.required else reading
    return reading if field.name in done else judged(reading, field=field, excused=excused.get(field.name))


def _finished(begun: Begun, raw: pl.DataFrame, column: Column) -> Reading:
    """The reading whose open rows are judged, too."""
    if begun.rows is None or not begun.rows.any():
        return begun.reading
    part = raw.select("record|", *column.needs).filter(begun.rows)
    told = judged(_column(column, _texts(part, [column]), []), field=column.field, excused=None)
    broken = {code: flags(found, rows=begun.rows) for code, found in told.broken.items()}
    value, plain = fill(begun.reading.value, told.value, rows=begun.rows), begun.reading.plain
    if plain is not None:
        plain = fill(plain, nulls(pl.String(), part.height) if told.plain is None else told.plain, rows=begun.rows)
    return Reading(value, broken, plain)


def _texts(raw: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    texts = [text.alias(name) for column in columns for name, text in column.texts.items()]
    broken = [rows.alias(f"{column.field.name}|{code}") for column in columns for code, rows in column.broken.items()]
    return raw.select("record|", *texts, *broken)


def _column(column: Column, texts: pl.DataFrame, inputs: list[Reading]) -> Reading:
    values: Mapping[str, pl.Series] = dict(zip(column.product, (part.value for part in inputs), strict=True))
    reading = column.read(texts.with_columns(**values) if values else texts)
    early = {code: texts[f"{column.field.name}|{code}"] for code in column.broken}
    return Reading(reading.value, merged(reading.broken, early), reading.plain)
