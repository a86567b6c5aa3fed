"""The columns of a batch read together, by three selects: the texts that each way keeps, their values, and the rules.

A text that no way keeps, or whose value breaks a rule, is left open: the column's own reader judges it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from nexus_data.kernel.identity import plain_text
from nexus_data.kernel.model import Column, Quick, Reading, Way
from nexus_data.kernel.rows import nulls
from nexus_data.tables.polars_schema import dtype

_SAMPLE = 9


@dataclass(frozen=True, slots=True, eq=False)
class Begun:
    """A column as far as it was read, and the rows that are open; None: no row is."""

    reading: Reading
    rows: pl.Series | None


@dataclass(frozen=True, slots=True, eq=False)
class _Chosen:
    column: Column
    quick: Quick
    ways: tuple[Way, ...]

    @property
    def name(self) -> str:
        return self.column.field.name


def begin(raw: pl.DataFrame, columns: Sequence[Column]) -> dict[str, Begun]:
    """The columns that are constant, empty or written as most are; the others have to be read whole."""
    texts = _texts(raw, columns)
    begun = {column.field.name: found for column in columns if (found := _same_for_all(column, texts)) is not None}
    rest = [column for column in columns if column.quick is not None and column.field.name not in begun]
    chosen = [one for column in rest if (one := _choose(column, texts)) is not None]
    if not chosen:
        return begun
    kept = texts.select([way.kept.alias(way.name) for one in chosen for way in one.ways])
    values = kept.select([expression for one in chosen for expression in _values(one)])
    sound = _sound(values, texts, chosen)
    return begun | {one.name: _begun(one, values, texts, sound=sound[one.name]) for one in chosen}


def _texts(raw: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    """The raw columns, the texts that have to be made, and the rules that these may break."""
    quick = [column for column in columns if column.quick is not None]
    made = [c.quick.text.alias(c.quick.origin) for c in quick if c.quick is not None and c.quick.text is not None]
    broken = [rows.alias(f"{c.field.name}|{code}") for c in quick for code, rows in c.broken.items()]
    return raw.with_columns(made + broken) if made or broken else raw


def _same_for_all(column: Column, texts: pl.DataFrame) -> Begun | None:
    field, height = column.field, texts.height
    if column.constant is not None:
        return Begun(Reading(column.constant.new_from_index(0, height)), None)
    if column.quick is None or _is_required(column) or column.broken:
        return None
    if texts[column.quick.origin].null_count() < height:
        return None
    return Begun(Reading(nulls(dtype(field), height)), None)


def _is_required(column: Column) -> bool:
    # Whose a record is that names nobody is decided later.
    return column.field.required and column.field.name != "user_id"


def _choose(column: Column, texts: pl.DataFrame) -> _Chosen | None:
    """The column with the ways that its first texts are written in."""
    if column.quick is None:
        return None
    text = texts[column.quick.origin]
    first = text.head(_SAMPLE) if text.head(_SAMPLE).null_count() < _SAMPLE else text.drop_nulls().head(_SAMPLE)
    seen = [one for one in first.to_list() if one is not None]
    ways = tuple(way for way in column.quick.ways if any(way.looks.match(one) for one in seen))
    return _Chosen(column, column.quick, ways) if ways else None


def _values(one: _Chosen) -> list[pl.Expr]:
    plain = [way.plain.alias(plain_text(one.name)) for way in one.ways if way.plain is not None]
    value = one.ways[0].value if len(one.ways) == 1 else pl.coalesce([way.value for way in one.ways])
    return [value.alias(one.name), *plain]


def _sound(values: pl.DataFrame, texts: pl.DataFrame, chosen: Sequence[_Chosen]) -> dict[str, bool]:
    """By column: whether every value obeys, and no rule was broken on the way to its text."""
    flags = [texts[f"{one.name}|{code}"] for one in chosen for code in one.column.broken]
    told = [one.quick.sound.all().alias(one.name) for one in chosen if one.quick.sound is not None]
    found = values.hstack(flags).select(told + [(~pl.col(flag.name)).all() for flag in flags])
    obeys = found.row(0, named=True) if found.width else {}
    return {
        one.name: all(
            obeys.get(name, True) for name in (one.name, *(f"{one.name}|{code}" for code in one.column.broken))
        )
        for one in chosen
    }


def _begun(one: _Chosen, values: pl.DataFrame, texts: pl.DataFrame, *, sound: bool) -> Begun:
    value, text = values[one.name], texts[one.quick.origin]
    plain = values[plain_text(one.name)] if plain_text(one.name) in values.columns else None
    lacking = value.null_count() > (0 if _is_required(one.column) else text.null_count())
    rows = _open(one, value, text, texts) if lacking or not sound else None
    return Begun(Reading(value, plain=plain), rows)


def _open(one: _Chosen, value: pl.Series, text: pl.Series, texts: pl.DataFrame) -> pl.Series:
    lacks = pl.col(one.name).is_null()
    rows = lacks if _is_required(one.column) else lacks & pl.col("text|").is_not_null()
    if one.quick.sound is not None:
        rows = rows | ~one.quick.sound.fill_null(value=True)
    codes = [f"{one.name}|{code}" for code in one.column.broken]
    frame = pl.DataFrame([value.alias(one.name), text.alias("text|"), *(texts[code] for code in codes)])
    return frame.select(rows=pl.any_horizontal(rows, *codes)).to_series()
