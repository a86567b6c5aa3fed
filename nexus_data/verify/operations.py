"""Operations: what became of each accepted record over all of history. DuckDB finds identities that stand more than
once, or that a revision names; these few are decided one by one, in order of arrival, by plain loops.

By the source's own id an identity names one operation: the same id with other content is a conflict. By content it
names as many as one file shows of it: the n-th occurrence within a file has an id of its own.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

import duckdb
import pyarrow as pa

from nexus_data.sql import query
from nexus_data.verify import export_rows
from nexus_data.verify.export_rows import Sightings
from nexus_data.verify.families import Families, settle
from nexus_data.verify.full_exports import FullExports
from nexus_data.verify.identity import nth_identity
from nexus_data.verify.versions import CONFLICT, Arrival, Books, Decided

_DECISIONS = pa.schema(
    {
        "seq": pa.int64(),
        "record_no": pa.int64(),
        "operation_id": pa.binary(),
        "outcome": pa.string(),
        "reasons": pa.string(),
        "ended_generation": pa.int64(),
        "ended_reason": pa.string(),
        "ended_by_seq": pa.int64(),
        "ended_by_record_no": pa.int64(),
        "ended_by": pa.binary(),
    }
)
_ROWS = 50_000


def decide(engine: duckdb.DuckDBPyConnection, exports: FullExports) -> None:
    """Fill the table `decisions` for the records of the view `accepted`, under the tables that say what is refused.

    exports: which landings are full exports; the view `mentions` has what their rejected records would be.
    """
    _put_families(engine)
    _put_exports(engine, exports)
    engine.execute(query("verify/decide_single"))
    decided = Decided()
    arrivals = engine.cursor().execute(query("verify/repeated"))
    for _, records in groupby(_rows(arrivals), key=lambda record: record.together):
        _decide_together(list(records), exports, decided)
        if len(decided.rows) >= _ROWS:
            _write(engine, decided)
    _write(engine, decided)


def _put_families(engine: duckdb.DuckDBPyConnection) -> None:
    """The table `families`: for each id that a revision names, one id that stands for all connected ones."""
    pairs = engine.execute(query("verify/revisions")).fetchall()
    families = Families(pairs)
    rows = [(one, families.of(one)) for one in families.ids()]
    columns = list(zip(*rows, strict=True)) or [(), ()]
    arrays = [pa.array(list(column), type=pa.binary()) for column in columns]
    engine.register("families_now", pa.table(arrays, names=["identity", "family"]))
    engine.execute("CREATE OR REPLACE TABLE families AS SELECT * FROM families_now")
    engine.unregister("families_now")


def _put_exports(engine: duckdb.DuckDBPyConnection, exports: FullExports) -> None:
    """The table `full_exports`: landings of which not even a record that stands alone is published for good."""
    engine.register("exports_now", pa.table({"seq": pa.array(exports.with_successors(), pa.int64())}))
    engine.execute("CREATE OR REPLACE TABLE full_exports AS SELECT * FROM exports_now")
    engine.unregister("exports_now")


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[Arrival]:
    while rows := cursor.fetchmany(_ROWS):
        yield from map(Arrival._make, rows)


def _decide_together(records: Sequence[Arrival], exports: FullExports, decided: Decided) -> None:
    books, occurrences, sightings = Books(), Counter[tuple[int, bytes]](), Sightings(exports)
    runs = {number: list(run) for number, run in groupby(records, key=lambda record: record.generation)}
    if not any(record.seq in exports.scopes for record in records):
        for generation, came in runs.items():
            _decide_run(generation, list(_named(came, occurrences)), None, books, decided)
        return
    for generation in sightings.generations(records):
        came = runs.get(generation, [])
        rows = list(_named([record for record in came if not record.mentions], occurrences))
        said = export_rows.Run(generation, rows, [record for record in came if record.mentions], sightings)
        start = len(decided.rows)
        _decide_run(generation, rows, said, books, decided)
        said.remember({(seq, number) for seq, number, _, outcome, _ in decided.rows[start:] if outcome == "rejected"})


def _named(records: Iterable[Arrival], occurrences: Counter[tuple[int, bytes]]) -> Iterator[tuple[bytes, Arrival]]:
    """Each record with the operation_id that it is published under: by content the n-th that its file shows.

    occurrences: how often a file showed each identity so far; a replay shows it further ones.
    """
    for record in records:
        occurrences[record.first_seq, record.identity] += not record.refused
        nth = occurrences[record.first_seq, record.identity] if record.by_content else 1
        yield nth_identity(record.identity, nth or 1), record


def _decide_run(
    generation: int,
    rows: Sequence[tuple[bytes, Arrival]],
    said: export_rows.Run | None,
    books: Books,
    decided: Decided,
) -> None:
    """One run's records: revisions first, then full exports, then what neither touches. What earlier runs published is
    there before."""
    records = [record for _, record in rows]
    refused = {record.place for record in records if record.refused}
    for record in records:
        if record.refused:
            decided.add(record, None, "rejected", record.refused)
    before = dict(books.published) if said else {}
    settled = settle(generation, [record for record in records if not record.refused], books, decided)
    if said is not None:
        settled |= said.settle(books, decided, before=before, taken=settled | refused)
    first_month = {record.identity: record.month for record in reversed(records) if record.place not in settled}
    for operation_id, record in rows:
        if record.place in settled | refused:
            continue
        there = books.published.get(operation_id)
        if there is not None:
            same = there.content_fp == record.content_fp
            decided.add(record, operation_id, *(("duplicate", None) if same else ("rejected", CONFLICT)))
        elif not record.by_content and record.month != first_month[record.identity]:
            decided.add(record, operation_id, "rejected", CONFLICT)
        else:
            books.published[operation_id] = record
            decided.add(record, operation_id, "passed", None)


def _write(engine: duckdb.DuckDBPyConnection, decided: Decided) -> None:
    if not decided.rows:
        return
    ended = decided.ended
    rows = [(*row, *ended.pop((row[0], row[1]), (None,) * 5)) for row in decided.rows]
    columns = zip(*rows, strict=True)
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
    for seq, month, outcome, records, fp in engine.execute(query("verify/operation_lines")).fetchall():
        yield seq, month, outcome, records, int(fp)


def taken_back(engine: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """generation, seq, month, records and sum of fingerprints of published operations that a later run took back."""
    return engine.execute(query("verify/taken_back")).fetchall()
