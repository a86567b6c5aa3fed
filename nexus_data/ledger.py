"""The ledger: what came into each hop of a run and what became of it, in count and in order-free fingerprint."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import polars as pl
import psycopg

from nexus_data.errors import RunError
from nexus_data.results import Tally
from nexus_data.sql import query
from nexus_data.tables.ledger import OUTCOMES


@dataclass(frozen=True, slots=True)
class Generation:
    """A committed publish: its number (0 before the first) and the Delta version of each lake table then."""

    generation: int = 0
    run_id: str = ""
    lake: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One ledger row in the making. What came in is measured on the way in, what became of it on the way out.

    fingerprints are sums of row_fp, as decimal text because they outgrow 64 bits.
    """

    file_no: int
    hop: str
    records_in: int
    fp_in: str
    records: dict[str, int]
    fingerprints: dict[str, str]
    partition: str = ""


def current_generation(database: psycopg.Connection) -> Generation:
    """The newest generation, or generation 0 of an empty database."""
    row = database.execute(query("ledger/current_generation")).fetchone()
    return Generation(*row) if row else Generation()


def measure(frame: pl.DataFrame) -> tuple[int, int]:
    """Rows of a frame and the exact sum of their `row_fp`."""
    return frame.height, int(frame.select(pl.col("row_fp").cast(pl.Int128).sum()).item() or 0)


def line(
    file_no: int, *, hop: str, came: tuple[int, int], became: dict[str, tuple[int, int]], partition: str = ""
) -> Line:
    """A ledger line from measurements: `came` of the input, `became` by outcome."""
    return Line(
        file_no=file_no,
        hop=hop,
        partition=partition,
        records_in=came[0],
        fp_in=str(came[1]),
        records={outcome: became.get(outcome, (0, 0))[0] for outcome in OUTCOMES},
        fingerprints={outcome: str(became.get(outcome, (0, 0))[1]) for outcome in OUTCOMES},
    )


def lines_by_outcome(frame: pl.DataFrame, *, hop: str, keys: Sequence[str] = ("file_no",)) -> list[Line]:
    """Lines of a decided frame (`file_no`, `row_fp`, `outcome`, and `month` where it is among the keys)."""
    cells = frame.group_by(*keys, "outcome").agg(
        pl.len().alias("n"), pl.col("row_fp").cast(pl.Int128).sum().alias("fp")
    )
    whole = cells.group_by(*keys).agg(pl.col("n", "fp").sum()).sort(*keys)
    out = []
    for row in whole.iter_rows(named=True):
        same = cells.filter(*(pl.col(key) == row[key] for key in keys))
        became = {outcome: (n, total) for outcome, n, total in same.select("outcome", "n", "fp").iter_rows()}
        came = (row["n"], row["fp"])
        out.append(line(row["file_no"], hop=hop, came=came, became=became, partition=row.get("month", "")))
    return out


def add(lines: Iterable[Line]) -> list[Line]:
    """The lines of the same file, hop and partition added up (a file is read in many batches)."""
    sums: dict[tuple[int, str, str], Line] = {}
    for one in lines:
        key = (one.file_no, one.hop, one.partition)
        sums[key] = _plus(sums[key], one) if key in sums else one
    return list(sums.values())


def _plus(a: Line, b: Line) -> Line:
    return Line(
        file_no=a.file_no,
        hop=a.hop,
        partition=a.partition,
        records_in=a.records_in + b.records_in,
        fp_in=str(int(a.fp_in) + int(b.fp_in)),
        records={o: a.records[o] + b.records[o] for o in OUTCOMES},
        fingerprints={o: str(int(a.fingerprints[o]) + int(b.fingerprints[o])) for o in OUTCOMES},
    )


def tally(lines: Iterable[Line]) -> Tally:
    """The counts of several lines in one."""
    total = dict.fromkeys(("records_in", *OUTCOMES), 0)
    for one in lines:
        total["records_in"] += one.records_in
        for outcome in OUTCOMES:
            total[outcome] += one.records[outcome]
    return Tally(**total)


def save(staging: Path, hop: str, lines: Sequence[Line]) -> None:
    """Keep the lines of a hop in the run's staging folder."""
    (staging / f"ledger-{hop}.json").write_bytes(msgspec.json.encode(lines))


def load(staging: Path, *hops: str) -> list[Line]:
    """The lines kept so far for these hops; a hop that has not run yet is an error."""
    found: list[Line] = []
    for hop in hops:
        path = staging / f"ledger-{hop}.json"
        if not path.exists():
            raise RunError(f"the step '{hop}' of this run has left nothing in {staging}: launch the whole run again")
        found += msgspec.json.decode(path.read_bytes(), type=list[Line])
    return found


def demand_balance(database: psycopg.Connection, *, run_id: str) -> None:
    """Raise RunError, naming file and hop, unless each hop of the run received what the hop before passed on."""
    broken = database.execute(query("ledger/unbalanced_hops"), {"run_id": run_id}).fetchall()
    if broken:
        file_id, _, hop, records_in, passed, *_ = broken[0]
        raise RunError(
            f"run {run_id} does not balance and was not committed: file {file_id}, {hop}: "
            f"{records_in} records came in where {passed} were passed on (or their fingerprints differ)"
        )
