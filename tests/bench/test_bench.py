"""The benches run and account for what they measured; how fast it was is no test's business."""

from nexus_data.bench.daily import daily
from nexus_data.bench.pipeline import bench


def test_the_whole_way_is_measured_stage_by_stage_beside_the_floor() -> None:
    done = bench(rows=3_000, seed=3, users=50)
    assert [stage.stage for stage in done.run.stages] == [
        "land",
        "standardize",
        "deduplicate",
        "refresh_marts",
        "publish",
        "refresh_cache",
    ]
    assert done.run.summary.balanced
    assert done.run.summary.records == done.rows + 50 + done.run.summary.held
    assert [stage.stage for stage in done.floor.stages] == ["read", "copy", "index"]
    assert done.floor.rows == done.run.summary.published - 50
    publish = next(stage for stage in done.run.stages if stage.stage == "publish")
    assert publish.postgres_cpu
    assert publish.cpu > publish.client_cpu
    assert 0 < done.ratio < 1
    assert done.run.peak_client > 100 * 1024**2
    assert done.run.peak_postgres > 0


def test_a_day_is_measured_into_a_full_month_and_again() -> None:
    done = daily(base=2_000, rows=500, users=50)
    assert done.full.summary.published == done.empty.summary.published - 50
    assert done.replay.summary.published == 0
    assert done.replay.summary.duplicate == done.full.summary.records
    assert done.ratio > 0
