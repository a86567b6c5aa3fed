"""`nexus up`: everything, until Ctrl-C."""

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.output import Command, say

if TYPE_CHECKING:
    from types import FrameType

    from nexus_data.settings import Settings
    from pipelines.cli.children import Child

_ENDS = (signal.SIGINT, signal.SIGTERM)
_UI_HOST = "127.0.0.1"
_START_SECONDS = 180.0
_WORKSPACE = """\
# Written by `nexus up`.
load_from:
  - python_module:
      module_name: pipelines.definitions
      location_name: nexus_data
"""


@click.command(cls=Command, short_help="Services, Dagster UI and daemon, and the API, until Ctrl-C.")
def command() -> None:
    """Run Postgres and Valkey (unless URLs are set), the Dagster UI and daemon, and the API, until Ctrl-C.

    New files under NEXUS_HOME/landing/<source>/<user>/ are then taken in by themselves. A taken port is replaced by the
    next free one. When one of the programs ends by itself, all are stopped and the exit status is 1.
    """
    from nexus_data.postgres.migrate import migrate
    from nexus_data.services import running
    from nexus_data.settings import Settings
    from pipelines.cli.children import children, watch

    settings = Settings.from_env()
    ports = _ports(settings)
    for number in _ENDS:
        # A shell has what it starts in the background ignore Ctrl-C.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)
    with running(settings) as services:
        migrate(services.postgres_url)
        landing = settings.home / "landing"
        landing.mkdir(parents=True, exist_ok=True)
        home = _prepare_dagster(settings)
        commands = _commands(home, ports)
        try:
            with children(commands, env=_environment(settings, home, ports), logs=settings.home / "logs") as started:
                _announce(settings, ports, started)
                watch(started)
        except KeyboardInterrupt:
            say("stopped")


def _ports(settings: "Settings") -> dict[str, int]:
    from pipelines.cli.ports import free_port

    ports = {"ui": free_port(_UI_HOST, settings.ui_port), "api": free_port(settings.api_host, settings.api_port)}
    for name, wanted in (("ui", settings.ui_port), ("api", settings.api_port)):
        if ports[name] != wanted:
            say(f"port {wanted} (NEXUS_{name.upper()}_PORT) is taken: using {ports[name]}")
    return ports


def _interrupt(_number: int, _frame: "FrameType | None") -> None:
    # A second one, of an impatient user or passed on by the program that started this, would leave children behind.
    for number in _ENDS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _prepare_dagster(settings: "Settings") -> Path:
    from pipelines.instance import dagster_home, opened
    from pipelines.liveness import bury_dead_runs

    home = dagster_home(settings)
    (home / "workspace.yaml").write_text(_WORKSPACE, encoding="utf-8")
    with opened(settings) as instance:
        bury_dead_runs(settings, instance)
    return home


def _commands(home: Path, ports: dict[str, int]) -> dict[str, list[str]]:
    python, workspace = sys.executable, str(home / "workspace.yaml")
    ui = [python, "-m", "dagster_webserver", "-h", _UI_HOST, "-p", str(ports["ui"]), "-w", workspace]
    return {
        "dagster-webserver": ui,
        "dagster-daemon": [python, "-m", "dagster._daemon", "run", "-w", workspace],
        "api": [python, "-m", "pipelines.cli", "serve"],
    }


def _environment(settings: "Settings", home: Path, ports: dict[str, int]) -> dict[str, str]:
    # As this process keeps its bytecode (see `__main__`), though it may write none beside the modules.
    given = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    kept = given | {"PYTHONPYCACHEPREFIX": sys.pycache_prefix} if sys.pycache_prefix else dict(os.environ)
    return {
        **kept,
        "NEXUS_HOME": str(settings.home),
        "NEXUS_API_PORT": str(ports["api"]),
        "DAGSTER_HOME": str(home),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        # The sensor hashes what has landed, however large.
        "DAGSTER_SENSOR_GRPC_TIMEOUT_SECONDS": "1800",
    }


def _announce(settings: "Settings", ports: dict[str, int], started: "list[Child]") -> None:
    from pipelines.cli.children import wait_until_served

    say("starting the Dagster UI, its daemon and the API ...")
    for name, host, path in (("ui", _UI_HOST, "/server_info"), ("api", settings.api_host, "/health/live")):
        wait_until_served(started, host=host, port=ports[name], path=path, timeout=_START_SECONDS)
    say(f"Dagster UI  http://{_UI_HOST}:{ports['ui']}")
    say(f"API         http://{settings.api_host}:{ports['api']}/api/docs")
    say(f"landing     {settings.home / 'landing'}/<source>/<user>/ (new files are taken in by themselves)")
    say(f"logs        {settings.home / 'logs'}; Ctrl-C stops everything")
