"""The disk is full: of the home, of Postgres, at any place. The run says so, and the next makes it good."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from psycopg.sql import SQL, Identifier

from nexus_data.services.layout import prepare
from nexus_data.settings import Settings
from tests.crash.conftest import execute
from tests.crash.installations import Installation, Installations
from tests.crash.readers import asking
from tests.crash.scenes import FIRST, SECOND
from tests.crash.test_kill import problems_of
from tests.crash.zygote import Ended

_OPENED = "nexus_data.landing.land call 1"


@pytest.fixture
def disk(folder: Path) -> Iterator[Path]:
    """A small disk of its own. Only root may mount one; others have the limit on a file's size below."""
    place = folder / f"disk-{uuid4().hex[:8]}"
    place.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "nexus", place]).returncode != 0:
        pytest.skip("a small disk takes the right to mount one")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


@contextmanager
def _filled(disk: Path, *, left: int) -> Iterator[None]:
    """Nothing left but so many KiB."""
    ballast, spare = disk / "ballast", disk / "spare"
    spare.write_bytes(b"\0" * left * 1024)
    _write_until_full(ballast)
    spare.unlink()
    try:
        yield
    finally:
        ballast.unlink()


def _write_until_full(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError as error:
            assert error.errno == errno.ENOSPC  # noqa: PT017 - that it comes is certain


def _run(installations: Installations, here: Installation, disk: Path, go: Path, *, left: int) -> Ended:
    """The step, on a disk that gets full once the run is open."""
    full = _filled(disk, left=left)

    def fill(_process: int) -> None:
        full.__enter__()
        go.touch()

    ended = installations.zygote.carry_out(here.job(SECOND, moment=_OPENED, act="wait", go=str(go)), meanwhile=fill)
    full.__exit__(None, None, None)
    return ended


@pytest.mark.parametrize("left", [0, 60])
def test_the_disk_of_the_home_is_full(left: int, disk: Path, installations: Installations, tmp_path: Path) -> None:
    with installations.at(FIRST, folder=disk) as here:
        with asking(here.services) as answers:
            ended = _run(installations, here, disk, tmp_path / "go", left=left)
            again = installations.zygote.carry_out(here.job(SECOND))
        # Where a writer did not notice, the reader of its half file does, and says so in its own words.
        assert ended.error is not None
        assert left or ended.error.startswith("RunError: no space left")
        assert again.error is None
        assert problems_of(installations, here, (FIRST, SECOND), answers) == []


@pytest.fixture
def tablespace(disk: Path, installations: Installations, server_settings: Settings) -> Iterator[str]:
    """A tablespace on the small disk."""
    place, name = disk / "tablespace", f"small_{uuid4().hex[:8]}"
    place.mkdir()
    account = prepare(server_settings.home).account
    os.chown(place, account.uid, account.gid)
    server = installations.services.postgres_url
    execute(server, SQL("CREATE TABLESPACE {} LOCATION {}").format(Identifier(name), str(place)))
    yield name
    execute(server, SQL("DROP TABLESPACE {}").format(Identifier(name)))
    execute(server, SQL("CHECKPOINT"))  # or a later recovery would look for the place


@pytest.mark.parametrize("left", [0])
def test_the_disk_of_postgres_is_full(
    left: int, disk: Path, tablespace: str, installations: Installations, tmp_path: Path
) -> None:
    with installations.at(FIRST, tablespace=tablespace) as here:
        with asking(here.services) as answers:
            ended = _run(installations, here, disk, tmp_path / "go", left=left)
            again = installations.zygote.carry_out(here.job(SECOND))
        assert str(ended.error).startswith("ServiceError")
        assert "the server's disk is full" in str(ended.error)
        assert again.error is None
        assert problems_of(installations, here, (FIRST, SECOND), answers) == []


@pytest.mark.parametrize("limit", [4_000])
def test_no_file_may_grow(limit: int, installations: Installations) -> None:
    with installations.at(FIRST) as here:
        with asking(here.services) as answers:
            ended = installations.zygote.carry_out(here.job(SECOND, limit=limit))
            again = installations.zygote.carry_out(here.job(SECOND))
        assert str(ended.error).startswith("RunError: no space left")
        assert again.error is None
        assert problems_of(installations, here, (FIRST, SECOND), answers) == []
