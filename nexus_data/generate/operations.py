"""Clean operations by their index: any set of indexes gives the same operations, so exports may overlap at will.

Defects, duplicates and file formats come later (`defects`, `text`); everything here is right and unique.
"""

from dataclasses import dataclass

import polars as pl

from nexus_data.generate.draws import column
from nexus_data.generate.names import SUPPLIERS
from nexus_data.generate.world import World

FIELDS = (
    "exec_id",
    "transact_time",
    "user_id",
    "account_id",
    "type",
    "category",
    "amount",
    "currency",
    "side",
    "symbol",
    "security_id",
    "last_qty",
    "last_px",
    "commission",
    "commission_currency",
    "venue",
    "milestone_id",
    "description",
)
"""The columns of the plain format, in order."""

_UNITS = 100_000_000  # amounts are whole 1e-8 units while they are computed: exact, and 92 billion fit in 64 bits

_CATEGORIES: tuple[tuple[str, str, int, int, int], ...] = (
    # category, type, share of 1000, lowest and highest amount in cents; trades come from quantity and price
    ("trade", "", 640, 0, 0),
    ("dividend", "income", 70, 150, 48_000),
    ("fee", "expense", 55, 95, 4_500),
    ("purchase", "expense", 80, 2_000, 350_000),
    ("deposit", "income", 45, 10_000, 2_500_000),
    ("withdrawal", "expense", 20, 10_000, 900_000),
    ("interest", "income", 30, 5, 9_000),
    ("tax", "expense", 20, 300, 60_000),
    ("salary", "income", 20, 180_000, 720_000),
    ("transfer", "expense", 10, 5_000, 1_500_000),
    ("conversion", "expense", 5, 5_000, 600_000),
    ("other", "income", 5, 100, 20_000),
)
_NAMES = [row[0] for row in _CATEGORIES]
_WHEEL = pl.Series([place for place, row in enumerate(_CATEGORIES) for _ in range(row[2])], dtype=pl.UInt32)
_TRADE, _DIVIDEND, _PURCHASE = (_NAMES.index(name) for name in ("trade", "dividend", "purchase"))

_SUFFIXES = pl.Series(["", "Z", "+01:00", "-05:00"])  # the first form is epoch milliseconds
_OFFSETS = pl.Series([0, 0, 3_600_000, -18_000_000], dtype=pl.Int64)
_FORMS = pl.Series([0, 0, 0, 0, 1, 1, 1, 2, 2, 3], dtype=pl.UInt32)


@dataclass(frozen=True, slots=True)
class Stream:
    """A sequence of `size` operations over the whole period of `world`.

    name: makes its draws its own, and is the head of its exec_ids. shuffled: times jump about over the period instead
    of rising with the index. anonymous: the share (of 1000) of operations without exec_id.
    """

    world: World
    name: str
    size: int
    shuffled: bool = False
    anonymous: int = 0


def operations(stream: Stream, index: pl.Series) -> pl.DataFrame:
    """The operations at `index`: FIELDS as text, and `units` (amount in 1e-8), `month` (YYYY-MM, UTC), `at` (ms).

    transact_time is left empty: `timestamps` writes `at` in one of several ways. No two operations of a stream have the
    same time, so none is like another.
    """
    draws = _draws(stream, index)
    frame = _parties(stream, draws).with_columns(*_instrument_columns(stream, draws), at=_times(stream, index))
    frame = frame.with_columns(units=_units())
    return frame.with_columns(*_texts(), _descriptions()).select(*FIELDS, "units", "month", "at")


def timestamps(at: pl.Series, draw: pl.Series) -> pl.Series:
    """Write instants (ms since 1970) as epoch milliseconds or ISO 8601 with one of several offsets, by `draw`."""
    form = _FORMS.gather(draw % _FORMS.len())
    local = (at + _OFFSETS.gather(form)).cast(pl.Datetime("ms")).dt.to_string("%Y-%m-%dT%H:%M:%S%.3f")
    iso = local + _SUFFIXES.gather(form)
    return pl.select(pl.when(form == 0).then(at.cast(pl.String)).otherwise(iso)).to_series()


def _draws(stream: Stream, index: pl.Series) -> pl.DataFrame:
    purposes = ("kind", "who", "what", "size", "more")
    drawn = [column(stream.world.seed, f"{stream.name}:{name}", pl.col("index")).alias(name) for name in purposes]
    return pl.DataFrame({"index": index}).with_columns(drawn)


def _times(stream: Stream, index: pl.Series) -> pl.Series:
    begin, end = (int(moment.timestamp()) * 1000 for moment in (stream.world.begin, stream.world.end))
    step = (end - begin) // stream.size
    slot = (index * _stride(stream.size)) % stream.size if stream.shuffled else index
    jitter = pl.DataFrame({"slot": slot}).select(column(stream.world.seed, f"{stream.name}:at", pl.col("slot")) % step)
    return begin + slot * step + jitter.to_series().cast(pl.Int64)


def _stride(size: int) -> int:
    """A step prime to the size (so that index * step visits every slot once), near its golden section."""
    stride = max(1, int(size * 0.618))
    while _gcd(stride, size) != 1:
        stride += 1
    return stride


def _gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


def _parties(stream: Stream, draws: pl.DataFrame) -> pl.DataFrame:
    """Who, in which category, for which milestone. A purchase for a milestone is its owner's and in its currency."""
    world, kind = stream.world, _WHEEL.gather(draws["kind"] % 1000)
    user = draws["who"] % len(world.users)
    payable = [step for step in world.milestones if step.status in ("done", "in_progress")]
    columns = {"index": draws["index"], "kind": kind, "draw": draws["more"], "who": draws["who"]}
    if not payable:
        empty = pl.lit("")
        frame = pl.DataFrame({**columns, "user": user}).with_columns(
            milestone_id=empty, home=_home(), planned=pl.lit(0)
        )
        return _named(frame, stream)
    owners = pl.DataFrame(
        [(step.owner, step.milestone_id, step.currency, step.planned) for step in payable],
        schema={"user": pl.UInt64, "milestone_id": pl.String, "home": pl.String, "planned": pl.Int64},
        orient="row",
    )
    place = (draws["what"] // 8) % len(payable)
    linked = owners.select(pl.all().gather(place.cast(pl.UInt32)).name.suffix("_of"))
    return _named(pl.DataFrame({**columns, "user": user}).hstack(linked).with_columns(*_link()), stream)


def _home() -> pl.Expr:
    return pl.when(pl.col("user") % 3 == 0).then(pl.lit("USD")).otherwise(pl.lit("EUR"))


def _link() -> list[pl.Expr]:
    linked = (pl.col("kind") == _PURCHASE) & (pl.col("draw") % 8 != 0)
    return [
        pl.when(linked).then("user_of").otherwise("user").alias("user"),
        pl.when(linked).then("milestone_id_of").otherwise(pl.lit("")).alias("milestone_id"),
        pl.when(linked).then("home_of").otherwise(_home()).alias("home"),
        pl.when(linked).then("planned_of").otherwise(0).alias("planned"),
    ]


def _named(frame: pl.DataFrame, stream: Stream) -> pl.DataFrame:
    user, world = frame["user"].cast(pl.UInt32), stream.world
    return frame.with_columns(
        pl.Series([person.user_id for person in world.users]).gather(user).alias("user_id"),
        pl.Series([person.account_id for person in world.users]).gather(user).alias("account_id"),
        pl.Series(_NAMES).gather(frame["kind"]).alias("category"),
        pl.Series([row[1] for row in _CATEGORIES]).gather(frame["kind"]).alias("type"),
        pl.Series([row[3] for row in _CATEGORIES]).gather(frame["kind"]).alias("low"),
        pl.Series([row[4] - row[3] + 1 for row in _CATEGORIES]).gather(frame["kind"]).alias("span"),
        pl.Series(SUPPLIERS).gather(frame["draw"] % len(SUPPLIERS)).alias("supplier"),
        _exec_id(stream),
    )


def _exec_id(stream: Stream) -> pl.Expr:
    given = pl.concat_str(pl.lit(stream.name), pl.col("index").cast(pl.String).str.zfill(9))
    return pl.when(pl.col("draw") // 128 % 1000 < stream.anonymous).then(pl.lit("")).otherwise(given).alias("exec_id")


def _instrument_columns(stream: Stream, draws: pl.DataFrame) -> list[pl.Series]:
    """Of every row, used or not: what is traded, how much of it (in 1e-4) and at which price (cents)."""
    listed = stream.world.instruments
    place = (draws["what"] % listed.height).cast(pl.UInt32)
    drift = 900 + draws["size"] % 251  # prices move between -10% and +15%
    price = (listed["price"].gather(place) * drift.cast(pl.Int64)) // 1000
    whole = (1 + draws["size"] // 251 % 180).cast(pl.Int64) * 10_000
    fraction = (draws["size"] // 65_536 % 10_000).cast(pl.Int64)
    some = draws["more"] % 11 == 0
    return [
        *(listed[name].gather(place).alias(f"listed_{name}") for name in ("symbol", "isin", "venue", "currency")),
        price.alias("price"),
        (whole + fraction * some.cast(pl.Int64)).alias("quantity"),
        draws["size"].alias("size"),
    ]


def _units() -> pl.Expr:
    traded = pl.col("quantity") * pl.col("price") * 100  # 1e-4 times cents is 1e-6
    paid = pl.col("planned") * (10 + (pl.col("size") % 36).cast(pl.Int64)) * (_UNITS // 100)
    other = (pl.col("low") + (pl.col("size") % pl.col("span").cast(pl.UInt64)).cast(pl.Int64)) * (_UNITS // 100)
    kind = pl.col("kind")
    return pl.when(kind == _TRADE).then(traded).when(pl.col("planned") > 0).then(paid).otherwise(other)


def decimal(units: pl.Expr, places: int) -> pl.Expr:
    """Whole 10**-places units as decimal text with all its places; units are not negative."""
    scale = 10**places
    return pl.concat_str(
        (units // scale).cast(pl.String), pl.lit("."), (units % scale).cast(pl.String).str.zfill(places)
    )


def trimmed(text: pl.Expr) -> pl.Expr:
    """Decimal text without trailing zeros."""
    return text.str.strip_chars_end("0").str.strip_chars_end(".")


def _texts() -> list[pl.Expr]:
    trade, listed = pl.col("kind") == _TRADE, pl.col("kind").is_in([_TRADE, _DIVIDEND])
    buy = pl.col("draw") // 16 % 10 < 7
    cents = pl.when(trade).then("listed_currency").when(listed).then("listed_currency").otherwise("home")
    amount = pl.col("units")
    plain = (pl.col("draw") % 2 == 0) & (amount % 1_000_000 == 0)
    commission = pl.max_horizontal(amount // (1000 * 1_000_000), pl.lit(100))
    none = pl.lit("")
    return [
        pl.lit("").alias("transact_time"),
        pl.when(trade & buy).then(pl.lit("expense")).when(trade).then(pl.lit("income")).otherwise("type").alias("type"),
        pl.when(plain).then(decimal(amount // 1_000_000, 2)).otherwise(trimmed(decimal(amount, 8))).alias("amount"),
        cents.alias("currency"),
        pl.when(trade & buy).then(pl.lit("buy")).when(trade).then(pl.lit("sell")).otherwise(none).alias("side"),
        *(
            pl.when(listed).then(f"listed_{old}").otherwise(none).alias(new)
            for old, new in (("symbol", "symbol"), ("isin", "security_id"))
        ),
        pl.when(trade).then("listed_venue").otherwise(none).alias("venue"),
        pl.when(trade).then(trimmed(decimal(pl.col("quantity"), 4))).otherwise(none).alias("last_qty"),
        pl.when(trade).then(decimal(pl.col("price"), 2)).otherwise(none).alias("last_px"),
        pl.when(trade).then(decimal(commission, 2)).otherwise(none).alias("commission"),
        pl.when(trade & (pl.col("draw") % 3 == 0)).then(cents).otherwise(none).alias("commission_currency"),
        pl.col("at").cast(pl.Datetime("ms")).dt.to_string("%Y-%m").alias("month"),
    ]


def _descriptions() -> pl.Expr:
    """Texts with commas, quotes and line ends, as people write them."""
    number = (pl.col("draw") // 1024 % 9000 + 1000).cast(pl.String)
    linked = pl.col("milestone_id") != ""
    category = pl.col("category")
    return (
        pl.when(linked)
        .then(pl.concat_str(pl.lit("Invoice "), number, pl.lit(", "), pl.col("supplier")))
        .when(category == "dividend")
        .then(pl.concat_str(pl.lit("Dividend "), pl.col("listed_symbol")))
        .when(category == "transfer")
        .then(pl.concat_str(pl.lit('To "house account" '), number))
        .when(category == "deposit")
        .then(pl.concat_str(pl.lit("Wire received\nreference "), number))
        .when(category == "salary")
        .then(pl.lit("Salary"))
        .otherwise(pl.lit(""))
        .alias("description")
    )
