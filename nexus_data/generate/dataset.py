"""A whole landing folder of mixed, messy files with the expected ledger beside it."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from nexus_data.generate import brokers, reference
from nexus_data.generate.defects import IN_CSV, IN_JSON, READ, Published, Rates, listed, published
from nexus_data.generate.expected import Expectation, FileExpectation, FileLedger, combine, save
from nexus_data.generate.exports import Span, Watch, chunks, digest, gzipped, write_csv, write_lines, write_zip
from nexus_data.generate.operations import Stream
from nexus_data.generate.text import json_bytes
from nexus_data.generate.world import World, build

_RATES = Rates(bad=280, duplicate=200, conflict=60)
_MONTHS, _SYMBOLS, _MOST_OVERLAP = 18, 28, 20_000
_UNKNOWN = "Ticket,Open Time,Type,Size,Item,Price,S / L,T / P,Close Time,Price,Commission,Swap,Profit\n"


@dataclass(slots=True)
class _Folder:
    """The landing folder while it is being filled."""

    root: Path
    world: World
    files: list[FileExpectation] = field(default_factory=list)
    ledgers: list[FileLedger] = field(default_factory=list)

    @property
    def records(self) -> int:
        return sum(file.records for file in self.files)

    def operations(self, name: str, dataset: str, write: Callable[[Path, FileLedger], None]) -> FileExpectation:
        """Write one file of operations in a plain format."""
        ledger = FileLedger(name, source="nexus", user="", dataset=dataset, table="trading_operations")
        write(self.root / name, ledger)
        self.ledgers.append(ledger)
        self.files.append(ledger.close(digest(self.root / name)))
        return self.files[-1]


def generate(directory: Path, *, rows: int, seed: int) -> Expectation:
    """Write `directory/landing/<source>/[<user>/]...` and `directory/expected.json`; same arguments, same bytes.

    About `rows` records in all (never less than about 900: every kind of file and of defect is always there), in files
    for `nexus run` with this directory as its home. The expectation is that of one run over the whole folder into an
    empty home. Memory is bounded. FileExistsError if the landing folder is there already.
    """
    users = min(max(8, rows // 200), 10_000)
    world = build(seed=seed, users=users, projects=min(users + 4, 5_000), symbols=_SYMBOLS, months=_MONTHS)
    folder = _Folder(directory / "landing", world)
    folder.root.mkdir(parents=True)
    (folder.root / "nexus").mkdir()
    _reference(folder)
    _brokers(folder)
    _unknown(folder)
    _operations(folder, max(rows - folder.records, 600))
    expectation = combine(seed, folder.files, folder.ledgers)
    save(expectation, directory / "expected.json")
    return expectation


def _reference(folder: _Folder) -> None:
    world = folder.world
    accounts = {"rabobank": brokers.RABOBANK_ACCOUNT}
    for name, content in (
        ("nexus/users.csv", reference.users(world)),
        ("nexus/accounts.csv", reference.user_accounts(world, accounts)),
        ("nexus/projects-2024-03.csv", reference.projects(world)),
        ("nexus/projects-2024-09.csv", reference.later_projects(world)),
        ("nexus/milestones.csv", reference.milestones(world)),
        ("nexus/tasks.csv", reference.tasks(world)),
    ):
        folder.files.append(reference.write(content, folder.root / name, name))


def _brokers(folder: _Folder) -> None:
    """The bank's year as two exports that overlap from May to July, and the exchange."""
    owner, trader = folder.world.users[0].user_id, folder.world.users[2].user_id
    year = brokers.rabobank(folder.world)
    early = [line for line in year if line.month <= "2024-07"]
    late = [line for line in year if line.month >= "2024-05"]
    old = brokers.rabobank_statement("transactions", user=owner, encoding="cp1252")
    new = replace(old, encoding="utf-16-le")
    coins = brokers.bitvavo_statement("transactions", user=trader)
    place, trades = f"rabobank/{owner}", brokers.bitvavo(folder.world)
    for file, ledger in (
        brokers.write(early, folder.root, f"{place}/2024-january-july.csv", form=old),
        brokers.write(late, folder.root, f"{place}/2024-may-december.csv", form=new, earlier=early),
        brokers.write(trades, folder.root, f"bitvavo/{trader}/transactions.csv", form=coins),
    ):
        folder.files.append(file)
        folder.ledgers.append(ledger)


def _unknown(folder: _Folder) -> None:
    """A statement of a platform that no contract knows: held, every line that is not blank."""
    user = folder.world.users[1].user_id
    trade = "{0},2024.02.{1:02d} 09:31,buy,0.10,eurusd,1.0{0},0,0,2024.02.{1:02d} 15:02,1.08421,-0.70,0.00,4.20\n"
    data = (_UNKNOWN + "".join(trade.format(8000 + day, day) for day in range(1, 25)) + "\n").encode()
    ledger = FileLedger(f"metatrader/{user}/statement.csv", source="unknown", user=user, dataset="", table="unknown")
    for _ in range(25):
        ledger.one("held")
    path = folder.root / ledger.path
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    folder.files.append(ledger.close(hashlib.sha256(data).hexdigest(), status="held"))


def _operations(folder: _Folder, rows: int) -> None:
    """The platform's own exports of 18 months: a year as CSV, then quarters and months in other wrappings."""
    book = min(max(rows // 20, 60), 100_000)
    size = max((rows - 2 * book) * 100 // 116, 400)
    stream = Stream(folder.world, "NX", size, anonymous=30)
    marks = [size * month // _MONTHS for month in (12, 15, 17)]
    half = (marks[2] + size) // 2
    since = max(marks[0] - min(size // 20, _MOST_OVERLAP), 0)

    def span(first: int, last: int) -> Span:
        return Span(stream, first, last, _RATES, IN_CSV)

    watch = Watch(since, [])
    _year(folder, span(0, marks[0]), watch)
    quarter = Span(stream, since, marks[1], _RATES, IN_JSON, watch.published)
    _json_lines(folder, quarter)
    _packed(folder, span(marks[1], marks[2]))
    members = [("operations-2025-06-a.csv", span(marks[2], half)), ("operations-2025-06-b.csv", span(half, size))]
    folder.operations(
        "nexus/operations-2025-06.zip",
        "trading_operations",
        lambda path, ledger: write_zip(path, [(name, chunks(part)) for name, part in members], ledger),
    )
    _cash_books(folder, book)


def _year(folder: _Folder, span: Span, watch: Watch) -> None:
    """Two exports pasted together: the header stands again in the middle."""

    def write(path: Path, ledger: FileLedger) -> None:
        with path.open("wb") as out:
            write_csv(out, watch.over(chunks(span)), ledger, header_again=min(span.last // 2, 50_000))

    folder.operations("nexus/operations-2024.csv", "trading_operations", write)


def _json_lines(folder: _Folder, span: Span) -> None:
    """Begins before the year's export ends: what that published is a duplicate, what it rejected comes in."""

    def write(path: Path, ledger: FileLedger) -> None:
        with path.open("wb") as out:
            write_lines(out, chunks(span), ledger, render=json_bytes)

    folder.operations("nexus/operations-2025-q1.jsonl", "trading_operations_jsonl", write)


def _packed(folder: _Folder, span: Span) -> None:
    """A gzip, landed a second time under another name."""

    def write(path: Path, ledger: FileLedger) -> None:
        with gzipped(path) as out:
            write_csv(out, chunks(span), ledger)

    first = folder.operations("nexus/operations-2025-q2.csv.gz", "trading_operations", write)
    again = "nexus/operations-2025-q2_resent.csv.gz"
    shutil.copyfile(folder.root / first.path, folder.root / again)
    ledger = FileLedger(again, source=first.source, user=first.user, dataset=first.dataset, table=first.table)
    for _ in range(first.records):
        ledger.one("duplicate")
    folder.files.append(ledger.close(first.sha256, status="duplicate"))


def _cash_books(folder: _Folder, size: int) -> None:
    """Operations without ids in two exports that overlap; some stand twice because they happened twice."""
    stream = Stream(folder.world, "CB", size, anonymous=1000)
    first = _twins(0, size * 3 // 4, every=9)
    later = pl.concat([_twins(size // 2, size, every=9), pl.Series([size * 2 // 3 + at for at in range(3)])]).sort()
    book = listed(stream, first).with_columns(own=pl.lit(value=True))
    second = listed(stream, later, earlier=Published(published(book)))

    def write_first(path: Path, ledger: FileLedger) -> None:
        with path.open("wb") as out:
            write_csv(out, iter([book]), ledger)
            out.write(b"\n   \n")

    def write_second(path: Path, ledger: FileLedger) -> None:
        with path.open("wb") as out:
            write_csv(out, iter([second]), ledger)
            out.write(b',2025-05-02T10:00:00Z,u-00001,,expense,fee,3.10,EUR,,,,,,,,,,"card fee\n')
            ledger.one("rejected", rules="UNCLOSED_QUOTE", hop=READ)

    folder.operations("nexus/cashbook-1.csv", "trading_operations", write_first)
    folder.operations("nexus/cashbook-2.csv", "trading_operations", write_second)


def _twins(first: int, last: int, *, every: int) -> pl.Series:
    """The numbers from first to last, every so-manieth twice."""
    return pl.Series([at for at in range(first, last) for _ in range(1 + (at % every == 0))], dtype=pl.Int64)
