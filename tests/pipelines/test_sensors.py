"""The landing folder: every new content becomes part of one run, once."""

import os
import time
from pathlib import Path

import dagster as dg
import pytest

from nexus_data.arrivals import SETTLE_SECONDS, arrivals
from nexus_data.landing import Landing
from nexus_data.pipeline import run_all
from nexus_data.settings import Settings
from pipelines.definitions import defs
from pipelines.instance import opened
from pipelines.sensors import landing_folder
from tests.pipelines.rows import ANN, USERS


@pytest.fixture
def landing(installation: Settings) -> Path:
    """The landing folder of the installation, with a place for the platform's own files."""
    folder = installation.home / "landing" / "nexus"
    folder.mkdir(parents=True)
    return folder


def test_a_file_arrives_once_it_has_settled_and_once_only(installation: Settings, landing: Path) -> None:
    file = landing / "users.csv"
    file.write_text(f"{USERS}\n{ANN}\n")
    (landing / ".users.csv.part").write_text("half")

    assert arrivals(installation, {}, now=file.stat().st_ctime).new == ()
    first = arrivals(installation, {}, now=_later())
    assert [one.path for one in first.new] == [file]
    assert arrivals(installation, first.seen, now=_later()).new == ()

    file.write_text(f"{USERS}\n{ANN}\n{ANN.replace('ann', 'bob')}\n")
    grown = arrivals(installation, first.seen, now=_later())
    assert [one.path for one in grown.new] == [file]
    assert grown.new[0].sha256 != first.new[0].sha256

    file.unlink()
    assert arrivals(installation, grown.seen, now=_later()).seen == {}


def test_content_that_the_ledger_knows_does_not_arrive_again(installation: Settings, landing: Path) -> None:
    file = landing / "users.csv"
    file.write_text(f"{USERS}\n{ANN}\n")
    run_all(installation, [Landing(file)])

    copy = landing / "users-again.csv"
    copy.write_bytes(file.read_bytes())
    assert arrivals(installation, {}, now=_later()).new == ()

    of_ann = landing / "ann" / "users.csv"
    of_ann.parent.mkdir()
    of_ann.write_bytes(file.read_bytes())
    assert [one.user for one in arrivals(installation, {}, now=_later()).new] == ["ann"]


def test_files_that_arrive_together_are_one_run_and_its_key_is_their_content(
    installation: Settings, landing: Path
) -> None:
    (landing / "users.csv").write_text(f"{USERS}\n{ANN}\n")
    (landing / "more.csv").write_text(f"{USERS}\n{ANN.replace('ann', 'bob')}\n")
    time.sleep(SETTLE_SECONDS + 0.1)
    with opened(installation) as instance:
        first = _look(instance, cursor=None)
        again = _look(instance, cursor=None)
        assert len(first.run_requests or ()) == len(again.run_requests or ()) == 1
        request, same = (first.run_requests or [])[0], (again.run_requests or [])[0]
        assert request.run_key == same.run_key
        assert isinstance(_look(instance, cursor=first.cursor), dg.SkipReason)

        job = defs.resolve_job_def("ledger_run")
        result = job.execute_in_process(instance=instance, run_config=request.run_config)
        (event,) = result.asset_materializations_for_node("run_summary")
        assert event.metadata["published"].value == 2
        seconds = event.metadata["seconds"].value
        assert event.metadata["records_per_minute"].value == round(2 / seconds * 60)  # type: ignore[operator]
        assert isinstance(_look(instance, cursor=None), dg.SkipReason), "what has landed does not land again"


def _look(instance: dg.DagsterInstance, *, cursor: str | None) -> dg.SensorResult:
    context = dg.build_sensor_context(instance=instance, cursor=cursor, definitions=defs)
    result = landing_folder(context)
    assert isinstance(result, dg.SensorResult | dg.SkipReason)
    return result  # type: ignore[return-value]


def _later() -> float:
    return time.time() + SETTLE_SECONDS + 1


def test_the_settling_time_is_that_of_the_inode(installation: Settings, landing: Path) -> None:
    file = landing / "users.csv"
    file.write_text(f"{USERS}\n{ANN}\n")
    os.utime(file, (0, 0))
    now = file.stat().st_ctime
    assert arrivals(installation, {}, now=now).new == (), "a copy that keeps the old time may still be growing"
