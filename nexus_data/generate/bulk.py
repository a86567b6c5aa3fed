"""One large, messy CSV of operations for the benchmarks, with its expectation. Smaller mixed sets are `dataset`'s."""

from pathlib import Path

from nexus_data.generate import reference
from nexus_data.generate.defects import IN_CSV, Rates
from nexus_data.generate.expected import Expectation, FileLedger, combine
from nexus_data.generate.exports import Span, chunks, digest, write_csv
from nexus_data.generate.operations import Stream
from nexus_data.generate.world import build

_RATES = Rates(bad=45, duplicate=50, conflict=5)
_USERS, _SYMBOLS, _MONTHS = 10_000, 200, 12


def bulk(
    path: Path, *, rows: int, seed: int, months: int = _MONTHS, users: int = _USERS, book: str = "BX"
) -> Expectation:
    """Write `rows` records (about 110 bytes each) to `path`, and their users to `users.csv` beside it.

    0.5% are bad (a twentieth of them conflicts), 0.5% repeat an earlier record; times jump about over so many months,
    users and symbols (200) are evenly drawn. `book` begins every ExecID: other books are other operations of the same
    users. Both files are to be landed for source `nexus`. Memory is bounded.
    """
    world = build(seed=seed, users=users, projects=0, symbols=_SYMBOLS, months=months)
    stream = Stream(world, book, max(rows, 1), shuffled=True, anonymous=10)
    ledger = FileLedger(path.name, source="nexus", user="", dataset="trading_operations", table="trading_operations")
    with path.open("wb") as out:
        write_csv(out, chunks(Span(stream, 0, rows, _RATES, IN_CSV)), ledger)
    people = reference.write(reference.users(world, messy=False), path.with_name("users.csv"), "users.csv")
    return combine(seed, (ledger.close(digest(path)), people), (ledger,))
