"""What went wrong in Dagster becomes an alert by the sensor, and is over once it goes well."""

from uuid import uuid4

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationPlanned
from dagster._core.events import DagsterEvent, DagsterEventType

from nexus_data.alerts.look import known
from nexus_data.settings import Settings
from pipelines.assets.raw import Landed, Replayed
from pipelines.attention import conditions
from pipelines.checks import CHECKS
from pipelines.definitions import defs
from pipelines.execution import Request, run_ledger
from pipelines.instance import opened
from pipelines.sensors import alerts
from tests.pipelines.rows import ANN, USERS, Write

_LEDGER_BALANCES = next(key for check in CHECKS for key in check.check_keys if key.name == "ledger_balances")


def test_a_failed_run_is_an_alert_until_one_succeeds(installation: Settings, write: Write) -> None:
    _fail(installation)
    assert _look(installation) == [("run_failed", "ledger_run")]
    run_ledger(installation, Request(paths=(write("users.csv", USERS, [ANN]),)))
    assert _look(installation) == []


def test_a_job_that_runs_seldom_stays_failed_however_often_others_run() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        seldom, often = (_job(passes=False, name=name) for name in ("seldom", "often"))
        assert not seldom.execute_in_process(instance=instance, raise_on_error=False).success
        for _ in range(250):
            run = dg.DagsterRun(job_name=often.name, run_id=str(uuid4()), status=dg.DagsterRunStatus.SUCCESS)
            instance.add_run(run)
        assert [one.subject for one in conditions(instance) if one.kind == "run_failed"] == ["seldom"]
        instance.create_run_for_job(seldom, status=dg.DagsterRunStatus.SUCCESS)
        assert [one for one in conditions(instance) if one.kind == "run_failed"] == []


def _fail(installation: Settings) -> None:
    wanted = Replayed(corrections="/nowhere/at-all.csv")
    config = dg.RunConfig(ops={"raw_files": Landed(replay=wanted)})
    with opened(installation) as instance:
        job = defs.resolve_job_def("ledger_run")
        assert not job.execute_in_process(instance=instance, run_config=config, raise_on_error=False).success


def test_a_failed_check_is_a_condition_until_it_passes() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert conditions(instance) == []
        _job(passes=False).execute_in_process(instance=instance, raise_on_error=False)
        (found,) = [condition for condition in conditions(instance) if condition.kind == "check_failed"]
        assert found.subject == "ledger: ledger_balances"
        assert found.message.endswith(": 3 hops do not balance")
        _job(passes=True).execute_in_process(instance=instance)
        assert conditions(instance) == []


def test_a_check_of_a_run_that_succeeded_without_it_is_missing() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        job = _job(passes=True)
        run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
        planned = AssetCheckEvaluationPlanned(
            asset_key=_LEDGER_BALANCES.asset_key, check_name=_LEDGER_BALANCES.name, partitions_subset=None
        )
        event = DagsterEvent(
            DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED.value, job.name, event_specific_data=planned
        )
        instance.report_dagster_event(event, run_id=run.run_id)
        assert conditions(instance) == [], "it may come yet"
        instance.report_dagster_event(DagsterEvent(DagsterEventType.RUN_SUCCESS.value, job.name), run_id=run.run_id)
        assert [(found.kind, found.subject) for found in conditions(instance)] == [
            ("check_missing", "ledger: ledger_balances")
        ]


def _job(*, passes: bool, name: str = "stands_in") -> dg.JobDefinition:
    """A check of the very name that the product's has, as a job of its own."""

    @dg.asset_check(asset=_LEDGER_BALANCES.asset_key, name=_LEDGER_BALANCES.name, blocking=name != "stands_in")
    def stands_in() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=passes, description="3 hops do not balance")

    selection = dg.AssetSelection.checks(stands_in)
    return dg.Definitions(asset_checks=[stands_in], jobs=[dg.define_asset_job(name, selection)]).resolve_job_def(name)


def _look(installation: Settings) -> list[tuple[str, str]]:
    with opened(installation) as instance:
        alerts(dg.build_sensor_context(instance=instance))
    return [(alert.kind, alert.subject) for alert in known(installation)]
