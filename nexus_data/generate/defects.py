"""What goes wrong with records of operations, and what must become of each: the rules are written down here by hand.

A record is spoilt in its fields before it is written, or in its written line (`damage`, applied by `text`).
"""

from dataclasses import dataclass, field

import polars as pl

from nexus_data.generate.draws import column
from nexus_data.generate.operations import FIELDS, Stream, operations, timestamps

READ, STANDARDIZE, DEDUPLICATE = "read", "standardize", "deduplicate"

BAD_BYTE = "\ue000"
"""Stands for a byte that is no UTF-8 until the text is turned into bytes."""

_OWNED = ("exec_id", "user_id", "account_id")  # an id is its owner's: the same of another user is another operation
_EARLY = 100
_HEAD = 8  # the first records of a file stay good, as a person would look at them before sending it


@dataclass(frozen=True, slots=True)
class Defect:
    """fields: what is written into columns. damage: what is done to the written line; nothing for most.

    late: never among a file's first records. JSON has no header line; the names in its first 100 records are its
    header, and an unknown one there holds the whole file.
    """

    rules: str
    hop: str = STANDARDIZE
    fields: dict[str, str] = field(default_factory=dict)
    damage: str = ""
    late: bool = False


# The trade date is the day of transact_time: a time that cannot be read is one broken rule, not two.
IN_FIELDS = (
    Defect("UNPARSABLE:amount", fields={"amount": "twelve"}),
    Defect("MISSING:currency", fields={"currency": ""}),
    Defect("UNKNOWN_VALUE:category", fields={"category": "gambling"}),
    Defect("TOO_PRECISE:amount", fields={"amount": "0.1234567890123456789"}),
    Defect("UNKNOWN_MILESTONE:milestone_id", hop=DEDUPLICATE, fields={"milestone_id": "ms-9999-9"}),
    Defect("NEGATIVE:amount", fields={"amount": "-12.50"}),
    Defect("UNPARSABLE:transact_time", fields={"transact_time": "2024-02-30T10:00:00Z"}),
    Defect("UNKNOWN_CURRENCY:currency", fields={"currency": "US dollar"}),
    Defect("UNKNOWN_VALUE:side;UNPARSABLE:amount", fields={"amount": "1e5", "side": "hold"}),
    Defect("TOO_LARGE:amount", fields={"amount": "123456789012345678901.5"}),
    Defect("UNKNOWN_USER:user_id", hop=DEDUPLICATE, fields={"user_id": "u-99999"}),
    Defect("MISSING:date", fields={"transact_time": ""}),
    Defect("UNPARSABLE:last_px", fields={"last_px": "1.2.3"}),
)

IN_CSV = (
    *IN_FIELDS,
    Defect("TOO_FEW_FIELDS", hop=READ, damage="short"),
    Defect("TOO_MANY_FIELDS", hop=READ, damage="grouped"),
    Defect("BAD_QUOTE", hop=READ, damage="quote"),
    Defect("TOO_MANY_FIELDS", hop=READ, damage="long"),
    Defect("BAD_ENCODING", hop=READ, damage="byte"),
    Defect("NUL", hop=READ, damage="nul"),
)

IN_JSON = (
    Defect("BAD_JSON", hop=READ, damage="cut"),
    Defect("BAD_ENCODING", hop=READ, damage="byte"),
    *IN_FIELDS[:3],
    Defect("UNKNOWN_COLUMN", hop=READ, damage="extra", late=True),
    *IN_FIELDS[3:],
)


@dataclass(frozen=True, slots=True)
class Rates:
    """How many of 10,000 records are spoilt, repeat an earlier one, or conflict with one.

    A duplicate has an earlier record's exec_id and content, a conflict its exec_id and owner with another content.
    """

    bad: int = 0
    duplicate: int = 0
    conflict: int = 0


@dataclass(frozen=True, slots=True)
class Published:
    """How often (`times`) the operation of each `index` of a stream is published by earlier files already."""

    counts: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={"index": pl.Int64, "times": pl.UInt32}))


def listed(stream: Stream, index: pl.Series, *, earlier: Published | None = None) -> pl.DataFrame:
    """Good records of the operations at `index` (Int64, may repeat): their text, and `fate`, `hop`, `rules`, `damage`.

    The n-th record of an operation is a duplicate if earlier files published it n times or more.
    """
    seen = (earlier or Published()).counts.select("index", "times")
    form = column(stream.world.seed, f"{stream.name}:form", pl.int_range(pl.len()) + int(index[0] or 0))
    rows = operations(stream, index).with_columns(index=index, form=form, damage=pl.lit(""), hop=pl.lit(""))
    rows = rows.join(seen, on="index", how="left", maintain_order="left")
    again = pl.int_range(1, pl.len() + 1).over("index") <= pl.col("times").fill_null(0)
    fate = pl.when(again).then(pl.lit("duplicate")).otherwise(pl.lit("published"))
    return rows.with_columns(timestamps(rows["at"], rows["form"]).alias("transact_time"), fate=fate, rules=pl.lit(""))


def mess(
    records: pl.DataFrame, stream: Stream, *, rates: Rates, defects: tuple[Defect, ...], head: bool
) -> pl.DataFrame:
    """Spoil, repeat and contradict some of the good records in place; their number and order stay.

    head: the first records are a file's first, which stay good.
    """
    roles = _roles(records, stream, rates, head=head)
    return _spoilt(_repeated(roles), defects).select(*records.columns, "own")


def published(records: pl.DataFrame) -> pl.DataFrame:
    """The operations that stand as themselves among messed records: `index`, `times`."""
    return records.filter("own").group_by("index", maintain_order=True).agg(pl.len().alias("times"))


def _roles(records: pl.DataFrame, stream: Stream, rates: Rates, *, head: bool) -> pl.DataFrame:
    """`role` of every record, and `of`: the place of the record that it repeats."""
    place = pl.int_range(pl.len())
    draw = column(stream.world.seed, f"{stream.name}:fate", pl.col("index"))
    bounds = _bounds(rates)
    role = pl.lit("good")
    for name, low, high in bounds:
        role = (
            pl.when((pl.col("draw") % 10_000).is_between(low, high, closed="left")).then(pl.lit(name)).otherwise(role)
        )
    rows = records.with_columns(draw=draw, place=place).with_columns(
        pl.when(pl.col("place") < (_HEAD if head else 0)).then(pl.lit("good")).otherwise(role).alias("role"),
        (pl.col("place") - 1 - (pl.col("draw") // 10_000 % 500).cast(pl.Int64)).alias("of"),
    )
    return _only_of_good(rows)


def _bounds(rates: Rates) -> list[tuple[str, int, int]]:
    low, bounds = 0, []
    for name in ("bad", "duplicate", "conflict"):
        high = low + getattr(rates, name)
        bounds.append((name, low, high))
        low = high
    return bounds


def _only_of_good(rows: pl.DataFrame) -> pl.DataFrame:
    """Records that would repeat what is not there, not good, or without an exec_id, stay good themselves."""
    source = rows["of"].clip(0).cast(pl.UInt32)
    sound = (rows["of"] >= 0) & (rows["role"].gather(source) == "good") & (rows["fate"].gather(source) == "published")
    named = rows["exec_id"].gather(source) != ""
    return rows.with_columns(sound.alias("sound"), named.alias("named")).with_columns(
        pl.when(pl.col("role").is_in(["good", "bad"]))
        .then("role")
        .when(pl.col("sound") & pl.col("named"))
        .then("role")
        .otherwise(pl.lit("good"))
        .alias("role")
    )


def _repeated(rows: pl.DataFrame) -> pl.DataFrame:
    """Duplicates take their source's content (the time is written anew), conflicts its id and owner only."""
    place = pl.int_range(rows.height, eager=True)
    copied = rows["role"] == "duplicate"
    source = pl.select(pl.when(copied).then(rows["of"]).otherwise(place)).to_series().cast(pl.UInt32)
    conflict = rows["role"] == "conflict"
    owner_source = pl.select(pl.when(copied | conflict).then(rows["of"]).otherwise(place)).to_series().cast(pl.UInt32)
    content = [rows[name].gather(source) for name in (*FIELDS, "units", "month", "at")]
    rows = rows.with_columns(content).with_columns(rows[name].gather(owner_source) for name in _OWNED)
    return rows.with_columns(
        timestamps(rows["at"], rows["form"]).alias("transact_time"),
        pl.when(pl.col("role") == "duplicate").then(pl.lit("duplicate"))
        .when(conflict).then(pl.lit("rejected"))
        .otherwise("fate").alias("fate"),
        pl.when(conflict).then(pl.lit("ID_CONFLICT:exec_id")).otherwise("rules").alias("rules"),
        pl.when(conflict).then(pl.lit(DEDUPLICATE)).otherwise("hop").alias("hop"),
        own=(pl.col("role") == "good") & (pl.col("fate") == "published"),
    )  # fmt: skip


def _spoilt(rows: pl.DataFrame, defects: tuple[Defect, ...]) -> pl.DataFrame:
    """Every bad record gets the next of the defects, so that each kind is there as often as the others."""
    bad = pl.col("role") == "bad"
    late = [number for number, one in enumerate(defects) if one.late]
    turn = (bad.cast(pl.Int64).cum_sum() - 1) % len(defects)
    early = turn.is_in(late) & (pl.col("place") < _EARLY)
    rows = rows.with_columns(pl.when(bad).then((turn + early.cast(pl.Int64)) % len(defects)).alias("defect"))
    texts = {name: _by_defect(name, [one.fields.get(name) for one in defects]) for name in FIELDS}
    changed = [text for name, text in texts.items() if any(name in one.fields for one in defects)]
    return rows.with_columns(
        *changed,
        _by_defect("rules", [one.rules for one in defects]),
        _by_defect("hop", [one.hop for one in defects]),
        _by_defect("damage", [one.damage for one in defects]),
        pl.when(bad).then(pl.lit("rejected")).otherwise("fate").alias("fate"),
    )


def _by_defect(name: str, values: list[str | None]) -> pl.Expr:
    """The column with the value of each record's defect, where that has one."""
    text = pl.col("defect").replace_strict(range(len(values)), values, default=None, return_dtype=pl.String)
    return pl.coalesce(text, name).alias(name)
