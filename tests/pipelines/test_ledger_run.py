"""The whole way through Dagster, against real services and a persistent instance."""

from decimal import Decimal

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from nexus_data.errors import RunError
from nexus_data.postgres.connect import connection
from nexus_data.settings import Settings
from pipelines.definitions import defs
from pipelines.execution import Request, run_ledger
from pipelines.instance import dagster_home, opened
from tests.pipelines.rows import ANN, OPERATIONS, USERS, Write, months, operation

LAKE = dg.AssetKey(["lake", "trading_operations"])
TABLE = dg.AssetKey("trading_operations")
RANGE = {"dagster/asset_partition_range_start": "2024-03", "dagster/asset_partition_range_end": "2024-04"}


def test_a_run_shows_months_rows_checks_and_summary(installation: Settings, write: Write) -> None:
    users = write("users.csv", USERS, [ANN])
    first = write(
        "first.csv",
        OPERATIONS,
        [
            operation("a", "2024-03-01T10:00:00Z"),
            operation("b", "2024-03-02T10:00:00Z"),
            operation("c", "2024-05-02T10:00:00Z"),
            operation("d", "2024-05-02T10:00:00Z", amount="ten"),
        ],
    )
    summary = run_ledger(installation, Request(paths=(users, first)))

    assert (summary.records, summary.published, summary.rejected, summary.balanced) == (5, 4, 1, True)
    with opened(installation) as instance:
        assert [run.status for run in instance.get_runs()] == [dg.DagsterRunStatus.SUCCESS]
        assert months(instance, LAKE) == months(instance, TABLE) == {"2024-03": 2, "2024-05": 1}
        (event,) = instance.fetch_materializations(dg.AssetKey("quarantine"), limit=10).records
        assert event.asset_materialization is not None
        assert event.asset_materialization.metadata["dagster/row_count"].value == 1
        assert _checks(instance) == {
            "ledger_balances": True,
            "published_rows_equal_ledger": True,
            "published_fingerprints_equal_ledger": True,
            "quarantine_equals_ledger": True,
            "rejected_share": False,
            "cache_current": True,
        }

    second = write("second.csv", OPERATIONS, [operation("e", "2024-03-09T10:00:00Z")])
    assert run_ledger(installation, Request(paths=(second, first))).published == 1
    with opened(installation) as instance:
        assert months(instance, LAKE) == months(instance, TABLE) == {"2024-03": 3, "2024-05": 1}
        assert type(instance.event_log_storage) is not SqliteEventLogStorage
    assert not list((installation.home / "dagster" / "history").rglob("*-wal")), "connections are closed"
    with dg.DagsterInstance.from_config(str(dagster_home(installation))) as plain:
        assert type(plain.event_log_storage) is SqliteEventLogStorage
        assert months(plain, TABLE) == {"2024-03": 3, "2024-05": 1}
        assert [run.status for run in plain.get_runs()] == [dg.DagsterRunStatus.SUCCESS] * 2


def test_events_that_are_stored_together_are_those_that_dagster_stores(installation: Settings, write: Write) -> None:
    files = (write("users.csv", USERS, [ANN]), write("o.csv", OPERATIONS, [operation("a", "2024-03-01T10:00:00Z")]))
    run_id = run_ledger(installation, Request(paths=files)).run_id
    with dg.DagsterInstance.from_config(str(dagster_home(installation))) as plain:
        events = [event.dagster_event for event in plain.all_logs(run_id) if event.dagster_event]
        kinds = [event.event_type for event in events]
        planned = {e.asset_key for e in events if e.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED}
        assert kinds.index(dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED) < kinds.index(
            dg.DagsterEventType.PIPELINE_START
        )
        for step in {event.step_key for event in events if event.event_type == dg.DagsterEventType.STEP_SUCCESS}:
            of_step = [event.event_type for event in events if event.step_key == step]
            of_step = of_step[of_step.index(dg.DagsterEventType.STEP_START) :]
            assert of_step[-1] == dg.DagsterEventType.STEP_SUCCESS, (step, of_step)
        assert {None}.isdisjoint(planned)
        latest = plain.get_latest_materialization_events(list(planned))
        assert {event.run_id if event else None for event in latest.values()} == {run_id}


def test_a_range_of_months_is_rebuilt_from_the_lake(installation: Settings, write: Write) -> None:
    lines = [operation(f"n{month}", f"2024-0{month}-05T10:00:00Z", amount=f"{month}.5") for month in (3, 4, 5)]
    run_ledger(installation, Request(paths=(write("users.csv", USERS, [ANN]), write("o.csv", OPERATIONS, lines))))
    assert installation.postgres_url is not None
    with connection(installation.postgres_url) as database:
        database.execute("UPDATE trading_operations SET amount = 0, row_fp = 0 WHERE date < '2024-05-01'")
        database.commit()

    job = defs.resolve_job_def("rebuild_operations")
    with opened(installation) as instance:
        result = job.execute_in_process(instance=instance, tags=RANGE)
        assert result.success
        rebuilt = result.asset_materializations_for_node("trading_operations")
        assert [(one.partition, one.metadata["dagster/partition_row_count"].value) for one in rebuilt] == [
            ("2024-03", 1),
            ("2024-04", 1),
        ]
    with connection(installation.postgres_url) as database:
        amounts = database.execute("SELECT amount FROM trading_operations ORDER BY date").fetchall()
    assert amounts == [(Decimal("3.5"),), (Decimal("4.5"),), (Decimal("5.5"),)]


def test_rows_that_the_ledger_does_not_know_of_stop_the_run(installation: Settings, write: Write) -> None:
    first = write(
        "first.csv", OPERATIONS, [operation("a", "2024-03-01T10:00:00Z"), operation("b", "2024-04-01T10:00:00Z")]
    )
    run_ledger(installation, Request(paths=(write("users.csv", USERS, [ANN]), first)))
    assert installation.postgres_url is not None
    with connection(installation.postgres_url) as database:
        database.execute("UPDATE trading_operations SET row_fp = row_fp + 1 WHERE exec_id = 'a'")
        database.commit()

    second = write("second.csv", OPERATIONS, [operation("c", "2024-03-02T10:00:00Z")])
    with pytest.raises(RunError, match="published_fingerprints_equal_ledger"):
        run_ledger(installation, Request(paths=(second,)))

    with opened(installation) as instance:
        assert instance.get_runs(limit=1)[0].status is dg.DagsterRunStatus.FAILURE
        assert _checks(instance)["published_fingerprints_equal_ledger"] is False
        assert _checks(instance)["published_rows_equal_ledger"] is True
        cached = instance.fetch_materializations(dg.AssetKey("dashboard_cache"), limit=10).records
        assert len(cached) == 1, "what follows a blocking check must not run"


def test_a_ledger_that_was_tampered_with_stops_the_run(installation: Settings, write: Write) -> None:
    first = write("a.csv", OPERATIONS, [operation("a", "2024-03-01T10:00:00Z")])
    run_ledger(installation, Request(paths=(write("users.csv", USERS, [ANN]), first)))
    assert installation.postgres_url is not None
    with connection(installation.postgres_url) as database:
        database.execute(
            "UPDATE ledger SET passed = 0, fp_passed = 0, rejected = passed, fp_rejected = fp_passed "
            "WHERE hop = 'publish'"
        )
        database.commit()

    second = write("b.csv", OPERATIONS, [operation("b", "2024-03-02T10:00:00Z")])
    with pytest.raises(RunError, match="published_rows_equal_ledger"):
        run_ledger(installation, Request(paths=(second,)))


def _checks(instance: dg.DagsterInstance) -> dict[str, bool]:
    """The newest outcome of each check."""
    run = instance.get_runs(limit=1)[0]
    entries = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    events = [entry.dagster_event for entry in entries]
    data = [event.asset_check_evaluation_data for event in events if event]
    return {one.check_name: one.passed for one in data}
