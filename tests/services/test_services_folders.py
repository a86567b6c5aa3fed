"""Long paths, foreign folders, data of another version: used safely or refused with what to do."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from nexus_data.errors import ServiceError
from nexus_data.services import running, stop
from nexus_data.services.layout import prepare
from nexus_data.settings import Settings

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")


@pytest.fixture
def unfit_home(bare_home: Path) -> Iterator[Path]:
    """A home whose path is too long for a socket, and of characters that URLs and shells read otherwise."""
    home = bare_home / ("x" * 100) / "a space, a comma, $(false) & ünïcode"
    yield home
    if home.exists():
        run = prepare(home).run
        assert stop(Settings(home=home))
        for left in run.iterdir():
            left.unlink()
        run.rmdir()


def test_a_home_unfit_for_sockets_gets_them_in_a_short_closed_folder(unfit_home: Path) -> None:
    with running(Settings(home=unfit_home, redis_url="redis://cache.example/0")) as services:
        assert f"host=/tmp/nexus-{os.geteuid()}-" in services.postgres_url
        with psycopg.connect(services.postgres_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_short_folder_that_others_may_enter_is_refused(bare_home: Path) -> None:
    home = bare_home / ("x" * 100)
    run = prepare(home).run
    run.chmod(0o755)
    with pytest.raises(ServiceError, match=f"{run} is open to other users"), running(Settings(home=home)):
        pass
    run.rmdir()


@needs_root
def test_a_short_folder_of_another_user_is_refused(bare_home: Path) -> None:
    home = bare_home / ("x" * 100)
    run = prepare(home).run
    os.chown(run, 1, 1)
    with pytest.raises(ServiceError, match=f"{run} is not a folder of user id"), running(Settings(home=home)):
        pass
    run.rmdir()


def test_a_link_in_place_of_the_servers_folder_is_refused(bare_home: Path, tmp_path: Path) -> None:
    bare_home.mkdir()
    (bare_home / "servers").symlink_to(tmp_path)
    with pytest.raises(ServiceError, match="servers is not a folder"), running(Settings(home=bare_home)):
        pass
    (bare_home / "servers").unlink()


def test_data_of_another_major_version_are_refused(bare_home: Path) -> None:
    data = prepare(bare_home).data
    data.mkdir()
    (data / "PG_VERSION").write_text("13\n")
    said = pytest.raises(ServiceError, match=r"made by Postgres 13, .* is Postgres 18.*NEXUS_POSTGRES_BIN")
    with said, running(Settings(home=bare_home)):
        pass


def test_a_file_in_place_of_home_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(ServiceError, match="NEXUS_HOME"), running(Settings(home=tmp_path / "home")):
        pass
