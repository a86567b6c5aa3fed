"""How far a run has come, as another process reads it."""

from pathlib import Path

from nexus_data.progress import Progress, current, meter


def test_a_home_without_a_run_has_no_progress(tmp_path: Path) -> None:
    assert current(tmp_path) is None


def test_what_a_step_has_come_to_is_read_from_its_folder(tmp_path: Path) -> None:
    staging = tmp_path / "staging" / "a run"
    staging.mkdir(parents=True)
    come = meter(staging, "standardize", unit="bytes", total=100, pause=0.0)
    first = current(tmp_path)
    come.advance(done=40, records=8, rejected=1)
    now = current(tmp_path)
    assert first
    assert (first.done, first.total, first.records) == (0, 100, 0)
    assert now
    assert (now.stage, now.done, now.records, now.rejected) == ("standardize", 40, 8, 1)


def test_time_left_is_said_only_where_the_end_is_known() -> None:
    half = Progress("publish", "records", done=50, total=100, records=50, rejected=0, seconds=5.0)
    assert (half.rate, half.seconds_left) == (10.0, 5.0)
    assert Progress("publish", "records", 0, 100, 0, 0, 5.0).seconds_left is None
    assert Progress("standardize", "bytes", 50, 0, 7, 0, 5.0).seconds_left is None
    assert Progress("standardize", "bytes", 120, 100, 7, 0, 5.0).seconds_left is None
