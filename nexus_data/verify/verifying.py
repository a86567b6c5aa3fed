"""Verifying from raw files to the API's answers: the order of the checks. Each check is in a module of its own."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from nexus_data.postgres.connect import connection
from nexus_data.postgres.kept_files import keep_all
from nexus_data.services import running
from nexus_data.settings import Settings
from nexus_data.sql import query
from nexus_data.tables import CANONICAL
from nexus_data.tables.history import SUPERSEDED_OPERATIONS
from nexus_data.tables.model import Table
from nexus_data.tables.trading_operations import TRADING_OPERATIONS
from nexus_data.verify import (
    cache,
    catalog,
    keptfiles,
    ledger,
    let_go,
    marts,
    operations,
    quarantine,
    raw,
    removed,
    replays,
    restated,
    stores,
)
from nexus_data.verify import engine as engines
from nexus_data.verify import history as histories
from nexus_data.verify.chosen import Chosen, check_operations, choose
from nexus_data.verify.compare import Side, Subject, compare
from nexus_data.verify.history import FileKey, History
from nexus_data.verify.let_go import LetGo
from nexus_data.verify.raw import Outcomes
from nexus_data.verify.replays import Replays
from nexus_data.verify.report import Findings, Report
from nexus_data.verify.spill import accepted_path, mentions_path

_ROWS_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class _Work:
    """What every check has at hand."""

    home: Path
    folder: Path
    database: psycopg.Connection[Any]
    redis_url: str
    history: History
    replays: Replays
    findings: Findings
    removed: tuple[str, ...]


def verify(settings: Settings, *, files: Sequence[str] = (), since: int | None = None) -> Report:
    """Recompute everything that is published from the kept files, and name what differs.

    files: only these, by name or start of the SHA-256; since: only those of this generation or a later one; what then
    depends on all files (de-duplication, marts, answers) is left out. Reads one snapshot of Postgres and changes
    nothing; that it was done, and with what outcome, is noted in `verifications`. Raises ServiceError when Postgres
    cannot be used, RunError for a file that nobody knows.
    """
    findings = Findings()
    with running(settings) as services, connection(services.postgres_url) as database:
        with tempfile.TemporaryDirectory(prefix="nexus-verify-") as folder:
            if not _is_published(database):
                return findings.report(generation=0)
            keep_all(database)
            removed.prepare(database)
            history = _snapshot(database)
            work = _work(settings.home, Path(folder), database, services.redis_url, history, findings)
            chosen = choose(history, files=files, since=since)
            _checks(work) if chosen is None else _checks_of(chosen, work)
        database.rollback()
        current = history.current
        report = findings.report(generation=int(current["generation"]) if current else 0)
        _note(database, report, whole=chosen is None, since=since)
    return report


def _work(
    home: Path,
    folder: Path,
    database: psycopg.Connection[Any],
    redis_url: str,
    history: History,
    findings: Findings,
) -> _Work:
    version = (history.current or {}).get("lake", {}).get(TRADING_OPERATIONS.name)
    gone = removed.lay_beside(database, home=home, version=version, folder=folder, findings=findings)
    return _Work(home, folder, database, redis_url, history, replays.read(database), findings, gone)


def _note(database: psycopg.Connection[Any], report: Report, *, whole: bool, since: int | None) -> None:
    if database.execute("SELECT to_regclass('public.verifications') IS NULL").fetchone() == (True,):
        return  # of an earlier release
    database.execute(
        query("verify/note"),
        {
            "generation": report.generation,
            "scope": "everything" if whole else "files",
            "since": since,
            "differences": sum(report.counts.values()),
            "unchecked": "; ".join(report.unchecked) or None,
        },
    )


def _is_published(database: psycopg.Connection[Any]) -> bool:
    row = database.execute("SELECT to_regclass('public.generations') IS NOT NULL").fetchone()
    database.rollback()
    return bool(row and row[0])


def _snapshot(database: psycopg.Connection[Any]) -> History:
    database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    # Before the snapshot: what a statement finds of the partitions is planned before its snapshot is taken.
    database.execute("LOCK TABLE ONLY public.trading_operations IN ACCESS SHARE MODE")
    database.execute("SET LOCAL TimeZone = 'UTC'")
    return histories.read(database)


def _checks(work: _Work) -> None:
    histories.check_generations(work.history, work.findings)
    histories.check_lines(work.history, work.findings)
    gone = let_go.days(work.database, work.history, work.home)
    bad = keptfiles.check(work.history, work.home, work.findings, let_go=gone)
    stand = let_go.stand_in(
        work.history, gone, work.replays, home=work.home, folder=work.folder, findings=work.findings
    )
    outcomes = _read_again(work, bad, None, stand)
    with _decided(work, outcomes) as engine:
        ledger.check(work.history, outcomes, engine, work.home, work.findings)
        replays.check(work.history, outcomes, work.replays, engine, work.findings)
        quarantine.check(work.database, engine, work.history, outcomes, work.folder, work.findings)
        _check_rows(work, outcomes, engine)
    restated.check(work.database, work.history, outcomes, work.findings)
    marts.check(work.database, work.history, work.findings)
    catalog.check(work.database, work.findings)
    if removed.is_unfinished(work.database, work.removed):
        work.findings.unchecked.append("API answers: a cleanup was interrupted, and `nexus cleanup` finishes it")
    else:
        cache.check(work.database, work.redis_url, work.history, work.findings)


def _read_again(work: _Work, bad: set[FileKey], only: frozenset[FileKey] | None, stand: LetGo) -> Outcomes:
    return raw.read_again(
        work.history,
        work.home,
        work.folder,
        bad=bad,
        only=only,
        replays=work.replays,
        findings=work.findings,
        let_go=stand,
    )


def _checks_of(chosen: Chosen, work: _Work) -> None:
    """Those that some files can be asked alone."""
    gone = let_go.days(work.database, work.history, work.home)
    bad = keptfiles.check(work.history, work.home, work.findings, only=chosen.keys, let_go=gone)
    if told := let_go.told(work.history, {key: day for key, day in gone.items() if key in chosen.keys}):
        work.findings.unchecked.append(told)
    chosen = Chosen(chosen.keys - set(gone))
    outcomes = _read_again(work, bad | set(gone), chosen.keys, LetGo())
    ledger.check(work.history, outcomes, None, work.home, work.findings)
    if not chosen.keys:
        return
    with engines.opened(work.folder) as engine:
        engines.put_landings(engine, work.history.landings)
        engines.accepted_view(engine, _accepted(work, outcomes))
        check_operations(
            work.database,
            engine,
            chosen,
            home=work.home,
            folder=work.folder,
            version=(work.history.current or {}).get("lake", {}).get(TRADING_OPERATIONS.name),
            names=_names(work),
            findings=work.findings,
        )


def _names(work: _Work) -> dict[bytes, str]:
    return {file[0]: str(row["name"]) for file, row in work.history.files.items()}


@contextmanager
def _decided(work: _Work, outcomes: Outcomes) -> Iterator[duckdb.DuckDBPyConnection]:
    with engines.opened(work.folder) as engine:
        with work.findings.check("de-duplication", "operations decided") as counted:
            engines.put_landings(engine, work.history.landings)
            operations.refuse(engine, users=outcomes.refused_users, milestones=outcomes.refused_milestones)
            engines.accepted_view(engine, _accepted(work, outcomes))
            engines.mentions_view(engine, _mentioned(work, outcomes))
            operations.decide(engine, outcomes.exports)
            counted["operations"] = engine.execute("SELECT count(*) FROM decisions").fetchall()[0][0]
        yield engine


def _accepted(work: _Work, outcomes: Outcomes) -> list[Path]:
    read = {*outcomes.recomputed, *outcomes.let_go.standing}
    seqs = [one.seq for one in work.history.landings if one.seq in read]
    name = TRADING_OPERATIONS.name
    return [path for seq in seqs if (path := accepted_path(work.folder, name, seq)).exists()]


def _mentioned(work: _Work, outcomes: Outcomes) -> list[Path]:
    paths = [mentions_path(work.folder, TRADING_OPERATIONS.name, seq) for seq in outcomes.recomputed]
    return [path for path in paths if path.exists()]


def _check_rows(work: _Work, outcomes: Outcomes, engine: duckdb.DuckDBPyConnection) -> None:
    unverified = sorted({key[0] for key in outcomes.without_rows})
    for table in CANONICAL.values():
        if table.partition_by is None:
            records = list(outcomes.tables.rows[table.name].values())
            expected = stores.expected_keyed(engine, table, records, unverified=unverified)
            _check_table(work, engine, table, expected, key=table.key, unverified=unverified)
        else:
            expected = stores.expected_operations(engine, unverified=unverified)
            _check_table(work, engine, table, expected, key=("operation_id",), unverified=unverified)
    expected = stores.expected_superseded(engine, unverified=unverified)
    _check_table(work, engine, SUPERSEDED_OPERATIONS, expected, key=SUPERSEDED_OPERATIONS.key, unverified=unverified)


def _check_table(
    work: _Work,
    engine: duckdb.DuckDBPyConnection,
    table: Table,
    expected: Side,
    *,
    key: tuple[str, ...],
    unverified: Sequence[bytes],
) -> None:
    """Lake and Postgres beside what should be there."""
    names = _names(work)
    versions = (work.history.current or {}).get("lake", {})
    with work.findings.check(f"lake {table.name}", "rows") as counted:
        side = stores.lake_side(engine, work.home, table, versions.get(table.name), unverified=unverified)
        side = stores.without_implied(side, table, engine)
        ours = stores.without_implied(Side(expected.relation, side.columns), table, engine)
        subject = Subject(table.name, "lake", key, names)
        counted["rows"] = compare(engine, ours, side, subject=subject, findings=work.findings)
    with work.findings.check(f"postgres {table.name}", "rows") as counted:
        subject = Subject(table.name, "postgres", key, names)
        ours = stores.without_implied(_still_there(work, engine, table, expected), table, engine)
        for span in _spans(engine, expected.relation) if table.partition_by else [(None, None)]:
            part = _within(engine, ours, span)
            with stores.postgres_side(
                engine, work.database, table, work.folder, unverified=unverified, span=span
            ) as found:
                side = stores.without_implied(found, table, engine)
                counted["rows"] += compare(engine, part, side, subject=subject, findings=work.findings)


def _still_there(work: _Work, engine: duckdb.DuckDBPyConnection, table: Table, expected: Side) -> Side:
    """Without the months that cleanup took out of Postgres."""
    if not table.partition_by or not work.removed:
        return expected
    listed = ", ".join(f"'{month}'" for month in work.removed)
    where = f'"partition" NOT IN ({listed})'
    engine.execute(f"CREATE OR REPLACE VIEW still_there AS SELECT * FROM {expected.relation} WHERE {where}")  # noqa: S608
    return Side("still_there", expected.columns)


def _spans(engine: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[date | None, date | None]]:
    """Spans of days with about so many rows each, whole months, open at both ends."""
    months = engine.execute(f'SELECT "partition", count(*) FROM {relation} GROUP BY 1 ORDER BY 1').fetchall()  # noqa: S608
    cuts: list[date | None] = [None]
    rows = 0
    for month, count in months:
        if rows and rows + count > _ROWS_AT_ONCE:
            cuts.append(date.fromisoformat(f"{month}-01"))
            rows = 0
        rows += count
    cuts.append(None)
    return list(pairwise(cuts))


def _within(engine: duckdb.DuckDBPyConnection, side: Side, span: tuple[date | None, date | None]) -> Side:
    first, after = span
    if first is None and after is None:
        return side
    where = " AND ".join(f"date {sign} DATE '{day}'" for sign, day in ((">=", first), ("<", after)) if day is not None)
    engine.execute(f"CREATE OR REPLACE VIEW within_span AS SELECT * FROM {side.relation} WHERE {where}")  # noqa: S608
    return Side("within_span", side.columns)
