"""Runs whose process was killed do not stay `started`."""

import dagster as dg

from nexus_data.settings import Settings
from pipelines.definitions import defs
from pipelines.instance import opened
from pipelines.liveness import alive, bury_dead_runs


def test_only_a_run_whose_process_is_gone_is_buried(installation: Settings) -> None:
    job = defs.resolve_job_def("ledger_run")
    with opened(installation) as instance:
        dead, living, young = (instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED) for _ in range(3))
        left_behind = installation.home / "dagster" / "alive" / dead.run_id
        with alive(installation, living.run_id):
            left_behind.touch()
            assert bury_dead_runs(installation, instance) == [dead.run_id]
            assert bury_dead_runs(installation, instance) == []
        states = {run.run_id: run.status for run in instance.get_runs()}
    assert states == {
        dead.run_id: dg.DagsterRunStatus.FAILURE,
        living.run_id: dg.DagsterRunStatus.STARTED,
        young.run_id: dg.DagsterRunStatus.STARTED,
    }
    assert not left_behind.exists()
