"""Operations: what became of each accepted record over all of history. DuckDB finds identities that stand more than
once; these few are decided one by one, in order of arrival, by plain loops.

By the source's own id an identity names one operation: the same id with other content is a conflict. By content it
names as many as one file shows of it: the n-th occurrence within a file has an id of its own.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from nexus_data.sql import query
from nexus_data.verify.identity import nth_identity

_DECISIONS = pa.schema(
    {
        "seq": pa.int64(),
        "record_no": pa.int64(),
        "operation_id": pa.binary(),
        "outcome": pa.string(),
        "reasons": pa.string(),
    }
)
_ROWS = 50_000
_CONFLICT = "ID_CONFLICT:exec_id"


class Arrival(NamedTuple):
    """A record of an identity that stands more than once. refused: why it cannot be published whatever else is."""

    identity: bytes
    seq: int
    generation: int
    record_no: int
    content_fp: int
    month: str
    by_content: bool
    refused: str | None


@dataclass(slots=True)
class _Decided:
    rows: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, record: Arrival, operation_id: bytes | None, outcome: str, reasons: str | None) -> None:
        self.rows.append((record.seq, record.record_no, operation_id, outcome, reasons))


def decide(engine: duckdb.DuckDBPyConnection) -> None:
    """Fill the table `decisions` for the records of the view `accepted`, under the tables that say what is refused."""
    engine.execute(query("verify_decide_single"))
    waiting = _Decided()
    arrivals = engine.cursor().execute(query("verify_repeated"))
    for _, records in groupby(_rows(arrivals), key=lambda record: record.identity):
        _decide_identity(list(records), waiting)
        if len(waiting.rows) >= _ROWS:
            _write(engine, waiting)
    _write(engine, waiting)


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[Arrival]:
    while rows := cursor.fetchmany(_ROWS):
        yield from map(Arrival._make, rows)


def _decide_identity(records: Sequence[Arrival], decided: _Decided) -> None:
    published: dict[bytes, tuple[int, str]] = {}
    for _, run in groupby(records, key=lambda record: record.generation):
        _decide_run(list(run), published, decided)


def _decide_run(records: Sequence[Arrival], published: dict[bytes, tuple[int, str]], decided: _Decided) -> None:
    """One run's records of one identity: what earlier runs published is there before all of them."""
    first_month = records[0].month
    before = dict(published)
    occurrences: Counter[int] = Counter()
    for record in records:
        if record.refused:
            decided.add(record, None, "rejected", record.refused)
            continue
        occurrences[record.seq] += 1
        operation_id = nth_identity(record.identity, occurrences[record.seq] if record.by_content else 1)
        there = published.get(operation_id)
        if there is not None:
            same = there[0] == record.content_fp
            decided.add(record, operation_id, *(("duplicate", None) if same else ("rejected", _CONFLICT)))
        elif not record.by_content and record.month != first_month and operation_id not in before:
            decided.add(record, operation_id, "rejected", _CONFLICT)
        else:
            published[operation_id] = (record.content_fp, record.month)
            decided.add(record, operation_id, "passed", None)


def _write(engine: duckdb.DuckDBPyConnection, decided: _Decided) -> None:
    if not decided.rows:
        return
    columns = zip(*decided.rows, strict=True)
    arrays = [pa.array(list(column), type=kind) for column, kind in zip(columns, _DECISIONS.types, strict=True)]
    engine.register("decided_now", pa.table(arrays, schema=_DECISIONS))
    engine.execute("INSERT INTO decisions SELECT * FROM decided_now")
    engine.unregister("decided_now")
    decided.rows = []


def refuse(
    engine: duckdb.DuckDBPyConnection, *, users: Iterable[tuple[int, str]], milestones: Iterable[tuple[int, str]]
) -> None:
    """Keep which users and milestones nobody knew when a landing named them."""
    for table, pairs in (("refused_users", users), ("refused_milestones", milestones)):
        rows = list(pairs)
        engine.register("refused_now", _pairs(rows))
        engine.execute(f"INSERT INTO {table} SELECT * FROM refused_now")  # noqa: S608 - one of two names above
        engine.unregister("refused_now")


def _pairs(rows: Sequence[tuple[int, str]]) -> pa.Table:
    schema = pa.schema({"seq": pa.int64(), "name": pa.string()})
    return pa.table([[row[0] for row in rows], [row[1] for row in rows]], schema=schema)


def lines(engine: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, str, str, int, int]]:
    """seq, month, outcome, records and sum of fingerprints of the hop `deduplicate`."""
    cursor = engine.cursor().execute(query("verify_operation_lines"))
    for seq, month, outcome, records, fp in cursor.fetchall():
        yield seq, month, outcome, records, int(fp)
