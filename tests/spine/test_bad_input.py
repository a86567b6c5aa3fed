"""Files that cannot be taken, or not yet: each is named with its reason, and the others go through."""

import gzip
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nexus_data.errors import FileError, NexusError, RunError, ServiceError, SettingError
from nexus_data.landing import Landing, discover
from nexus_data.pipeline import run_all
from nexus_data.results import RunSummary
from nexus_data.runs import open_run
from nexus_data.settings import Settings
from tests.spine.conftest import Ask, Land, RunFiles, operation


def _only(summary: RunSummary) -> tuple[str, str]:
    (outcome,) = summary.outcomes
    assert summary.balanced
    return outcome.status, outcome.reason


def test_an_empty_file_is_held(run: RunFiles, home: Path) -> None:
    file = home / "empty.csv"
    file.touch()
    status, reason = _only(run(file))
    assert status == "held"
    assert "empty" in reason


def test_binary_rubbish_is_held(run: RunFiles, home: Path) -> None:
    file = home / "rubbish.bin"
    file.write_bytes(bytes(range(256)) * 40)
    status, reason = _only(run(file))
    assert status == "held"
    assert "binary" in reason


def test_an_unknown_header_is_held_with_what_differs(run: RunFiles, land: Land, ask: Ask) -> None:
    row = {("quantity" if key == "last_qty" else key): value for key, value in operation(1).items()}
    summary = run(land("renamed.csv", [row, row]))
    status, reason = _only(summary)
    assert status == "held"
    assert summary.held > 0
    assert "quantity" in reason
    assert "nexus/trading_operations" in reason
    assert ask("SELECT name, status FROM files") == [("renamed.csv", "held")]


def test_a_held_file_goes_in_once_its_contract_is_there(run: RunFiles, land: Land, ask: Ask) -> None:
    file = land("a.csv", [operation(1)])
    held = run(file, source="coinbase")
    assert held.held > 0
    later = run(file, source="nexus", user="u1")
    assert later.published == 1
    assert ask("SELECT count(*) FROM files WHERE user_id = 'u1'") == [(1,)]


def test_a_truncated_gz_is_held_whole(run: RunFiles, land: Land, home: Path, ask: Ask) -> None:
    whole = gzip.compress(land("a.csv", [operation(n) for n in range(5000)]).read_bytes())
    file = home / "half.csv.gz"
    file.write_bytes(whole[: len(whole) // 2])
    status, reason = _only(run(file))
    assert status == "held"
    assert "half.csv.gz" in reason
    assert ask("SELECT count(*) FROM trading_operations") == [(0,)]


def test_a_zip_bomb_is_held_by_a_limit(settings: Settings, home: Path) -> None:
    file = home / "bomb.zip"
    header = ",".join(operation(1)) + "\n"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", header + "x" * 5_000_000)
    small = replace(settings, max_expanded_bytes=1_000_000)
    status, reason = _only(run_all(small, discover(small, [file])))
    assert status == "held"
    assert "NEXUS_MAX_EXPANDED_BYTES" in reason


def test_a_file_of_only_bad_records_publishes_nothing(run: RunFiles, land: Land, ask: Ask) -> None:
    summary = run(land("bad.csv", [operation(n, amount="many") for n in range(4)]), user="u1")
    assert (summary.records, summary.published, summary.rejected, summary.balanced) == (4, 0, 4, True)
    assert ask("SELECT DISTINCT rules FROM quarantine") == [("UNPARSABLE:amount",)]


def test_a_file_that_vanishes_fails_alone(settings: Settings, land: Land) -> None:
    there = land("a.csv", [operation(1)])
    landings = [Landing(path=there, user="u1"), Landing(path=there.with_name("gone.csv"))]
    summary = run_all(settings, landings)
    assert summary.published == 1
    assert [(o.status, "gone.csv" in o.reason) for o in summary.outcomes] == [("published", False), ("failed", True)]


def test_a_folder_is_walked_and_a_device_is_refused(run: RunFiles, land: Land) -> None:
    folder = land("a.csv", [operation(1)]).parent
    assert run(folder, user="u1").published == 1
    status, reason = _only(run(Path("/dev/null")))
    assert (status, "/dev/null" in reason) == ("failed", True)


@pytest.fixture
def ordinary_user() -> Iterator[None]:
    """Root may read everything, so it acts as nobody for the time of the test."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    yield
    os.seteuid(before)


@pytest.mark.usefixtures("ordinary_user")
def test_a_folder_that_cannot_be_read_is_named() -> None:
    with tempfile.TemporaryDirectory() as folder:
        closed = Path(folder) / "closed"
        closed.mkdir(mode=0)
        with pytest.raises(FileError, match="closed: this folder cannot be read"):
            discover(Settings(), [Path(folder)])


def test_a_home_that_cannot_be_written_names_its_setting(settings: Settings, home: Path) -> None:
    (home / "file").touch()
    with pytest.raises(SettingError, match=r"NEXUS_HOME=.*/file/home cannot be written"):
        run_all(replace(settings, home=home / "file" / "home"), [])


def test_a_postgres_that_is_down_is_named(settings: Settings) -> None:
    with pytest.raises(ServiceError, match="NEXUS_POSTGRES_URL"):
        run_all(replace(settings, postgres_url="postgresql://u:secret@127.0.0.1:1/nexus"), [])


def test_a_redis_that_is_down_leaves_the_cache_behind(settings: Settings, land: Land) -> None:
    without = replace(settings, redis_url="redis://127.0.0.1:1/0")
    summary = run_all(without, [Landing(path=land("a.csv", [operation(1)]), user="u1")])
    assert (summary.published, summary.balanced) == (1, True)
    assert summary.cache.startswith("behind: ")


def test_two_runs_at_once_take_turns_or_say_why_not(settings: Settings) -> None:
    impatient = replace(settings, lock_timeout=0.3)
    with open_run(settings, run_id="first"), pytest.raises(RunError, match="another run holds"):
        run_all(impatient, [])


@pytest.fixture
def full_disk(home: Path) -> Iterator[Path]:
    """A home on a file system of six megabytes."""
    small = home / "small"
    small.mkdir()
    mount = shutil.which("mount")
    done = subprocess.run([mount or "mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", small], capture_output=True)
    if done.returncode:
        pytest.skip("only a user who may mount can make a small disk")
    yield small
    subprocess.run(["umount", "-l", small], check=True)


def test_a_full_disk_is_said_and_loses_nothing(full_disk: Path, settings: Settings, land: Land, ask: Ask) -> None:
    file = land("a.csv", [operation(n, description=secrets.token_hex(200)) for n in range(9000)])
    with pytest.raises(NexusError, match=r"no space left .*small"):
        run_all(replace(settings, home=full_disk), [Landing(path=file, user="u1")])
    assert ask("SELECT count(*) FROM generations") == [(0,)]
    (full_disk / "home").unlink(missing_ok=True)
    assert run_all(settings, [Landing(path=file, user="u1")]).published == 9000


def test_a_stopped_process_frees_the_lock(settings: Settings) -> None:
    code = (
        "import os,sys;from pathlib import Path;from nexus_data.settings import Settings;"
        "from nexus_data.runs import open_run;"
        "s=Settings(home=Path(sys.argv[1]),postgres_url=sys.argv[2],redis_url=sys.argv[3]);"
        "c=open_run(s,run_id='killed');c.__enter__();os.kill(os.getpid(),9)"
    )
    arguments = [str(settings.home), str(settings.postgres_url), str(settings.redis_url)]
    killed = subprocess.run([sys.executable, "-c", code, *arguments], check=False)
    assert killed.returncode == -9
    with open_run(replace(settings, lock_timeout=120), run_id="next") as run:
        assert run.base.generation == 0
