"""Statements in the shapes of real sources, with rows of our own: a Dutch bank's portfolio and a crypto exchange.

The same rows are written as overlapping exports, in several encodings.
"""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from nexus_data.generate.draws import number
from nexus_data.generate.expected import UNITS, FileExpectation, FileLedger
from nexus_data.generate.world import World


@dataclass(frozen=True, slots=True)
class Line:
    """One record. values: as written. fate as in `expected.FATES`; cents and category of what is published.

    units: the amount in 1e-8. month: of the trade date.
    """

    values: tuple[str, ...]
    month: str
    units: int = 0
    currency: str = "EUR"
    category: str = ""
    fate: str = "published"
    rules: str = ""


_RABOBANK = (
    "Portefeuille",
    "Naam",
    "Datum",
    "Type mutatie",
    "Valuta mutatie",
    "Volume",
    "Koers",
    "Valuta koers",
    "Valuta kosten €",
    "Waarde",
    "Bedrag",
    "Isin code",
    "Tijd",
    "Beurs",
)

RABOBANK_ACCOUNT = "30114477"

_FUNDS = (
    ("Meridiaan Wereld Indexfonds", "NL0014065450", 1_316_444),
    ("Meridiaan Euro Obligaties", "NL0014857104", 842_637),
)
"""Name, ISIN and price in 1e-4 EUR."""


def rabobank(world: World) -> tuple[Line, ...]:
    """The year 2024 of a portfolio, newest first; same-day costs that look the same are two costs."""
    lines: list[Line] = []
    for month in range(1, 13):
        lines += _rabobank_month(world, month)
    gap = _trade(world, 3, 900, day="31-03-2024", time="02:30:00.000")
    overlap = _trade(world, 10, 901, day="27-10-2024", time="02:15:00.000")
    volume = _trade(world, 11, 902)
    merger = _cash("15-11-2024", "Fusie uitkering", 1250, "other")
    lines += [
        _rejected(gap, "DST_GAP:transact_time"),
        _rejected(overlap, "DST_OVERLAP:transact_time"),
        _rejected(volume, "UNPARSABLE:last_qty", place=5, text="1,2,3"),
        _rejected(merger, "UNKNOWN_KIND"),
    ]
    return tuple(sorted(lines, key=_day, reverse=True))


def _rabobank_month(world: World, month: int) -> Iterator[Line]:
    yield _cash(f"02-{month:02d}-2024", "Storting / opname", 50_000, "deposit")
    yield _trade(world, month, 2 * month)
    yield _trade(world, month, 2 * month + 1)
    costs = _cash(f"06-{month:02d}-2024", "Tarieven en services", -250, "fee")
    yield from (costs, costs) if month % 2 else (costs,)
    if month % 3 == 0:
        yield _cash(f"28-{month:02d}-2024", "Contant dividend", 6_854 + month, "dividend")
        yield _cash(f"30-{month:02d}-2024", "Rente beleggersrekening", 163, "interest")
        # A corporate notice without money.
        notice = _cash(f"29-{month:02d}-2024", "Contant dividend", 0, "dividend")
        yield Line(notice.values, notice.month, fate="skipped")


def _trade(world: World, month: int, place: int, *, day: str = "", time: str = "") -> Line:
    draw = number(world.seed, "rabobank", place)
    name, isin, price = _FUNDS[draw % 2]
    volume = 5_000 + draw // 2 % 60_000  # in 1e-4
    cents = (volume * price + 500_000) // 1_000_000
    buy = draw // 65_536 % 4 != 0
    values = (
        RABOBANK_ACCOUNT,
        name,
        day or f"{8 + draw // 131_072 % 12:02d}-{month:02d}-2024",
        "Koop Fondsen" if buy else "Verkoop Fondsen",
        "EUR",
        _comma(volume if buy else -volume, 4),
        _comma(price, 4) + " ",
        "EUR",
        "0",
        _comma(cents, 2, group="."),
        _comma(-cents if buy else cents, 2, group="."),
        isin,
        time or f"11:{draw // 1024 % 60:02d}:{draw // 64 % 60:02d}.{place:03d}",
        "Clearstream - Vestima",
    )
    return Line(values, f"2024-{month:02d}", units=cents * UNITS // 100, category="trade")


def _cash(day: str, kind: str, cents: int, category: str) -> Line:
    amount = _comma(cents, 2, group=".")
    values = (RABOBANK_ACCOUNT, "", day, kind, "EUR", "0", "0,00 ", "EUR", "0", "0,00", amount, "", "", "")
    return Line(values, f"2024-{day[3:5]}", units=abs(cents) * UNITS // 100, category=category)


def _rejected(line: Line, rules: str, *, place: int | None = None, text: str = "") -> Line:
    values = tuple(text if at == place else value for at, value in enumerate(line.values))
    return Line(values, line.month, fate="rejected", rules=rules)


def _day(line: Line) -> tuple[str, str]:
    day, month, year = line.values[2].split("-")
    return f"{year}-{month}-{day}", line.values[12]


def _comma(value: int, places: int, *, group: str = "") -> str:
    whole, fraction = divmod(abs(value), 10**places)
    text = f"{whole:,}".replace(",", group)
    return f"{'-' if value < 0 else ''}{text},{fraction:0{places}d}"


_BITVAVO = (
    "Timezone",
    "Date",
    "Time",
    "Type",
    "Currency",
    "Amount",
    "Quote Currency",
    "Quote Price",
    "Received / Paid Currency",
    "Received / Paid Amount",
    "Fee currency",
    "Fee amount",
    "Status",
    "Transaction ID",
    "Address",
)


def bitvavo(world: World) -> tuple[Line, ...]:
    """Eighteen months at an exchange: money in euro and in coins; one order not filled, one record twice."""
    lines = [line for place in range(36) for line in _bitvavo_fortnight(world, place)]
    lost = lines[4].values
    lines.append(Line(lines[0].values, lines[0].month, fate="duplicate"))
    lines.append(
        Line(("Mars/Olympus", *lost[1:13], "lost-1", ""), "", fate="rejected", rules="UNKNOWN_ZONE:transact_time")
    )
    lines.append(Line((*lost[:3], "airdrop", *lost[4:13], "lost-2", ""), "", fate="rejected", rules="UNKNOWN_KIND"))
    return tuple(lines)


def _bitvavo_fortnight(world: World, place: int) -> Iterator[Line]:
    draw = number(world.seed, "bitvavo", place)
    at = datetime(2024, 1, 4, 9, 12) + timedelta(days=15 * place, minutes=draw % 600)
    coin, price = (("BTC", 58_000), ("ETH", 2_900))[place % 2]
    price += draw // 8 % 4_000 * (1 if coin == "BTC" else 0)
    size = 1_000_000 + draw // 64 % 900_000  # in 1e-8 coins
    paid = (size * price * 100 + UNITS // 2) // UNITS  # cents
    ident = f"{draw:016x}"
    yield _bitvavo(at, "deposit", ("EUR", paid * UNITS // 100), ident + "-d", category="deposit")
    trade = (coin, size, price, paid)
    bought = at + timedelta(minutes=7)
    status = "Canceled" if place == 7 else "Completed"
    yield _bitvavo_buy(bought, trade, ident + "-b", status)
    if place % 4 == 1:
        stake = (coin, 1_234 + draw % 5_000)
        yield _bitvavo(at + timedelta(days=2), "staking", stake, ident + "-s", category="interest")
    if place % 6 == 4:
        moved = (coin, -size // 2)
        yield _bitvavo(at + timedelta(days=3), "withdrawal", moved, ident + "-w", category="withdrawal")


def _bitvavo(at: datetime, kind: str, moved: tuple[str, int], ident: str, *, category: str) -> Line:
    code, units = moved
    sign = "-" if units < 0 else ""
    text = f"{sign}{abs(units) // UNITS}.{abs(units) % UNITS:08d}"
    values = (*_clock(at), kind, code, text, "", "", "", "", code, "0", "Completed", ident, "")
    currency = code if code == "EUR" else f"crypto:{code}"
    return Line(values, f"{at:%Y-%m}", units=abs(units), currency=currency, category=category)


def _bitvavo_buy(at: datetime, trade: tuple[str, int, int, int], ident: str, status: str) -> Line:
    coin, size, price, paid = trade
    euro = f"-{paid // 100}.{paid % 100:02d}"
    fee = f"{paid // 40_000}.{paid // 400 % 100:02d}"
    bought = f"{size // UNITS}.{size % UNITS:08d}"
    values = (*_clock(at), "buy", coin, bought, "EUR", str(price), "EUR", euro, "EUR", fee, status, ident, "")
    if status != "Completed":
        return Line(values, f"{at:%Y-%m}", fate="skipped")
    return Line(values, f"{at:%Y-%m}", units=paid * UNITS // 100, category="trade")


def _clock(at: datetime) -> tuple[str, str, str]:
    return "Europe/Amsterdam", f"{at:%Y-%m-%d}", f"{at:%H:%M:%S}"


@dataclass(frozen=True, slots=True)
class Statement:
    """How an export is written: its columns, delimiter and encoding, and whose it is."""

    source: str
    dataset: str
    user: str
    columns: tuple[str, ...]
    delimiter: str
    encoding: str


def rabobank_statement(dataset: str, *, user: str, encoding: str) -> Statement:
    """Semicolons and decimal commas."""
    return Statement("rabobank", dataset, user, _RABOBANK, ";", encoding)


def bitvavo_statement(dataset: str, *, user: str) -> Statement:
    """Plain commas."""
    return Statement("bitvavo", dataset, user, _BITVAVO, ",", "utf-8")


def write(
    lines: Sequence[Line], landing: Path, name: str, *, form: Statement, earlier: Sequence[Line] = ()
) -> tuple[FileExpectation, FileLedger]:
    """Write one export to `landing / name`. earlier: the lines of the exports landed before it.

    Two lines that look the same are two records; as many of them as an earlier export has are duplicates.
    """
    ledger = FileLedger(name, source=form.source, user=form.user, dataset=form.dataset, table="trading_operations")
    left = Counter(line.values for line in earlier if line.fate == "published")
    for line in lines:
        _count(line, left, ledger)
    data = _encoded(lines, form)
    path = landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return ledger.close(hashlib.sha256(data).hexdigest()), ledger


def _count(line: Line, left: Counter[tuple[str, ...]], ledger: FileLedger) -> None:
    if line.fate != "published":
        ledger.one(line.fate, rules=line.rules, hop="standardize" if line.fate == "rejected" else "")
    elif left[line.values]:
        left[line.values] -= 1
        ledger.one("duplicate")
    else:
        ledger.one("published")
        ledger.operation((line.month, line.currency, line.category), units=line.units)


def _encoded(lines: Sequence[Line], form: Statement) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=form.delimiter, lineterminator="\r\n")
    writer.writerow(form.columns)
    writer.writerows(line.values for line in lines)
    mark = b"\xff\xfe" if form.encoding == "utf-16-le" else b""
    return mark + text.getvalue().encode(form.encoding)
