"""A month is built unseen, attached whole, and carries the parent's key and indexes; no reader sees half of one."""

import threading
from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

import psycopg
import pytest
from psycopg import Connection, IsolationLevel
from psycopg.pq import TransactionStatus
from psycopg.sql import SQL, Identifier

from nexus_data.errors import RunError
from nexus_data.postgres.connect import connection
from nexus_data.postgres.partitions import (
    attach_build,
    attached_months,
    build_name,
    create_build,
    drop_stale_builds,
    index_build,
    month_bounds,
    partition_name,
)
from tests.postgres.catalog import facts
from tests.postgres.rows import build_month, insert_operations
from tests.postgres.waiting import until

_COUNT = "SELECT count(*) FROM trading_operations"
_PARTITION = "trading_operations_2024_03"
_READ_LOCK = "LOCK TABLE ONLY trading_operations IN ACCESS SHARE MODE"
_OIDS = "SELECT indexrelid FROM pg_index WHERE indrelid = %s::regclass"
_IMPLIED = f'partition constraint for table "{_PARTITION}" is implied by existing constraints'


@pytest.fixture
def database(database_url: str) -> Iterator[Connection[Any]]:
    with connection(database_url) as opened:
        yield opened


@pytest.fixture
def reader(database_url: str) -> Iterator[Connection[Any]]:
    with connection(database_url) as opened:
        yield opened


def _publish(database: Connection[Any], month: str, *, rows: int, run_id: str = "run") -> None:
    attach_build(database, build_month(database, month, rows=rows, run_id=run_id), month)
    database.commit()


def _count(database: Connection[Any]) -> int:
    row = database.execute(_COUNT).fetchone()
    assert row
    return int(row[0])


@pytest.mark.parametrize(
    ("month", "first", "after"),
    [
        ("2024-02", date(2024, 2, 1), date(2024, 3, 1)),
        ("2023-12", date(2023, 12, 1), date(2024, 1, 1)),
        ("1990-01", date(1990, 1, 1), date(1990, 2, 1)),
    ],
)
def test_a_month_ends_where_the_next_begins(month: str, first: date, after: date) -> None:
    assert month_bounds(month) == (first, after)
    assert partition_name("trading_operations", month) == f"trading_operations_{first:%Y_%m}"


@pytest.mark.parametrize("month", ["2024-13", "2024-00", "2024-3", "24-03", "2024-03-01", "", "0000-01", "2024_03"])
def test_what_is_no_month_has_no_bounds(month: str) -> None:
    with pytest.raises(ValueError, match=r"is not a month|month must be|year 0 is"):
        month_bounds(month)


def test_a_build_is_unseen_until_it_is_attached_and_committed(
    database: Connection[Any], reader: Connection[Any]
) -> None:
    reader.autocommit = True
    build = build_month(database, "2024-03", rows=500)
    database.commit()
    assert (_count(reader), attached_months(reader)) == (0, ())
    attach_build(database, build, "2024-03")
    database.commit()
    assert (_count(reader), attached_months(reader)) == (500, ("2024-03",))


def test_a_partition_differs_from_the_parent_in_names_only(database: Connection[Any]) -> None:
    _publish(database, "2024-03", rows=50)
    parent = {_renamed(fact) for fact in facts(database) if fact[0] == "trading_operations"}
    partition = {_renamed(fact) for fact in facts(database) if fact[0] == _PARTITION}
    assert len(parent) == len(partition) > 30
    assert parent == partition


def _renamed(fact: tuple[object, ...]) -> tuple[object, ...]:
    """The fact as it would be of a plain table named P; comments and partitioning are the parent's alone."""
    if fact[1] in ("r", "p"):
        return ("P",)
    texts = tuple(part.replace(_PARTITION, "P") if isinstance(part, str) else part for part in fact)
    texts = tuple(part.replace("trading_operations", "P") if isinstance(part, str) else part for part in texts)
    return tuple(part.replace(" ON ONLY ", " ON ") if isinstance(part, str) else part for part in texts)


def test_attaching_reads_no_row_and_makes_no_index(database: Connection[Any]) -> None:
    said: list[str] = []
    database.add_notice_handler(lambda notice: said.append(notice.message_primary or ""))
    build = build_month(database, "2024-03", rows=50)
    before = database.execute(_OIDS, (build,)).fetchall()
    database.execute("SET client_min_messages = debug1")
    attach_build(database, build, "2024-03")
    assert _IMPLIED in said
    assert sorted(database.execute(_OIDS, (_PARTITION,)).fetchall()) == sorted(before)
    row = database.execute("SELECT count(*) FROM pg_constraint WHERE conname = 'build_range'").fetchone()
    assert row == (0,)


def test_an_attached_month_is_replaced_whole(database: Connection[Any]) -> None:
    _publish(database, "2024-02", rows=10)
    _publish(database, "2024-03", rows=500)
    _publish(database, "2024-03", rows=20, run_id="another run")
    assert attached_months(database) == ("2024-02", "2024-03")
    assert _count(database) == 30
    assert drop_stale_builds(database) == ()


def test_the_same_run_may_build_its_month_again(database: Connection[Any]) -> None:
    _publish(database, "2024-03", rows=500)
    _publish(database, "2024-03", rows=30)
    assert _count(database) == 30


def test_a_row_of_another_month_is_refused(database: Connection[Any]) -> None:
    build = create_build(database, "2024-03", run_id="run")
    with pytest.raises(psycopg.errors.CheckViolation, match="build_range"):
        insert_operations(database, build, "2024-04", rows=1)


def test_a_build_keeps_the_checks_of_its_parent(database: Connection[Any]) -> None:
    build = create_build(database, "2024-03", run_id="run")
    insert_operations(database, build, "2024-03", rows=1)
    with pytest.raises(psycopg.errors.CheckViolation, match="trading_operations_amount_non_negative"):
        database.execute(SQL("UPDATE {} SET amount = -1").format(Identifier(build)))


def test_an_operation_that_stands_twice_is_refused(database: Connection[Any]) -> None:
    build = create_build(database, "2024-03", run_id="run")
    insert_operations(database, build, "2024-03", rows=3)
    insert_operations(database, build, "2024-03", rows=1)
    with pytest.raises(psycopg.errors.UniqueViolation, match=f"{build}_pkey"):
        index_build(database, build)


def test_builds_of_dead_runs_are_dropped_and_nothing_else(database: Connection[Any]) -> None:
    _publish(database, "2024-03", rows=10)
    left = {build_month(database, "2024-03", rows=5, run_id="dead"), build_month(database, "2024-04", rows=5)}
    left.add(build_name("positions", run_id="dead"))
    database.execute(SQL("CREATE TABLE {} (i int)").format(Identifier("marts", build_name("positions", run_id="dead"))))
    database.commit()
    before = facts(database)
    assert set(drop_stale_builds(database)) == left
    assert facts(database) == {fact for fact in before if fact[0] not in left}
    assert _count(database) == 10


def test_a_builder_that_dies_leaves_nothing(database_url: str, database: Connection[Any]) -> None:
    dying = psycopg.connect(database_url)
    build_month(dying, "2024-03", rows=50)
    dying.close()
    _publish(database, "2024-03", rows=20)
    assert _count(database) == 20


def test_a_reader_of_several_statements_keeps_its_generation(
    database: Connection[Any], reader: Connection[Any]
) -> None:
    _publish(database, "2024-03", rows=50)
    reader.isolation_level = IsolationLevel.REPEATABLE_READ
    reader.execute(_READ_LOCK)
    build = build_month(database, "2024-03", rows=20, run_id="another run")
    new = build_month(database, "2024-04", rows=20)
    attaching = threading.Thread(target=_attach_both, args=(database, build, new))
    attaching.start()
    until(lambda: database.info.transaction_status == TransactionStatus.ACTIVE)
    assert [_count(reader), _count(reader)] == [50, 50]
    reader.commit()
    attaching.join(timeout=180)
    assert _count(reader) == 40


def _attach_both(database: Connection[Any], march: str, april: str) -> None:
    attach_build(database, march, "2024-03")
    attach_build(database, april, "2024-04")
    database.commit()


def test_a_new_month_waits_for_the_statement_that_was_planned_without_it(
    database: Connection[Any], reader: Connection[Any]
) -> None:
    _publish(database, "2024-03", rows=50)
    assert _count(reader) == 50
    build = build_month(database, "2024-04", rows=20)
    with pytest.raises(RunError, match="in use"):
        attach_build(database, build, "2024-04", patience=0)
    reader.commit()
    attach_build(database, build, "2024-04")
    database.commit()
    assert _count(reader) == 70


def test_a_reader_who_never_ends_is_named(database: Connection[Any], reader: Connection[Any]) -> None:
    _publish(database, "2024-03", rows=5)
    build = build_month(database, "2024-03", rows=5)
    reader.execute(_COUNT)
    with pytest.raises(RunError, match=rf"process {reader.info.backend_pid} \(nexus\)"):
        attach_build(database, build, "2024-03", patience=0)


def test_no_reader_ever_sees_half_a_publish(database: Connection[Any], database_url: str) -> None:
    """Each publish writes as many rows as its generation's number, in two months, one replaced and one by turns new."""
    seen: list[tuple[int, int]] = []
    over = threading.Event()
    watching = threading.Thread(target=_watch, args=(database_url, seen, over))
    watching.start()
    for generation in range(1, 16):
        builds = [build_month(database, m, rows=generation, run_id=f"{generation}") for m in ("2024-03", "2024-04")]
        database.commit()
        for build, month in zip(builds, ("2024-03", "2024-04"), strict=True):
            attach_build(database, build, month)
        insert = "INSERT INTO generations VALUES (%s, %s, now(), '{}')"
        database.execute(insert, (generation, str(generation)))
        database.commit()
        # Its next answer but one was begun after this publish, however slowly it reads.
        until(partial(_has, seen, len(seen) + 2))
    over.set()
    watching.join(timeout=180)
    assert {generation for generation, _ in seen} >= set(range(1, 16))
    assert [(generation, rows) for generation, rows in seen if rows != 2 * generation] == []


def _has(seen: list[tuple[int, int]], answers: int) -> bool:
    return len(seen) >= answers


def _watch(url: str, seen: list[tuple[int, int]], over: threading.Event) -> None:
    both = "SELECT (SELECT coalesce(max(generation), 0) FROM generations), (SELECT count(*) FROM trading_operations)"
    with connection(url) as reader:
        reader.autocommit = True
        while not over.is_set():
            seen.extend(reader.execute(both).fetchall())
