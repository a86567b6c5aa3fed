"""`nexus serve`: the API alone."""

import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.output import Command, say

if TYPE_CHECKING:
    from pathlib import Path
    from types import FrameType

    from granian.server.common import AbstractServer

    from nexus_data.settings import Settings

_BACKLOG = 4096
_OTHER_FILES = 256
_WORKER_MIB = 512
_STOP_SECONDS = 30


@click.command(cls=Command, short_help="Serve the API.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that answer.")
def command(workers: int) -> None:
    """Serve the API on NEXUS_API_HOST and NEXUS_API_PORT until Ctrl-C; services run for as long.

    On SIGTERM it says for NEXUS_API_DRAIN seconds that it is not ready, so that whoever distributes requests asks
    others; then it takes no more connections, and ends when what it has taken is answered.
    """
    from nexus_data.postgres.migrate import migrate
    from nexus_data.services import running
    from nexus_data.settings import Settings
    from nexus_data.watching import fresh_folder
    from pipelines.cli.ports import demand_free

    settings = Settings.from_env()
    demand_free(settings.api_host, settings.api_port, setting="NEXUS_API_PORT")
    with running(settings) as services:
        migrate(services.postgres_url)
        watched = fresh_folder(settings)
        server = _server(settings, workers=workers)
        server.on_startup(lambda: _drain_first(server, watched, seconds=settings.api_drain))
        server.serve()


def _server(settings: "Settings", *, workers: int) -> "AbstractServer[Any]":
    from granian.constants import Interfaces
    from granian.server import Server

    # By name: workers import the API, this process does not.
    return Server(
        "nexus_data.api.app:create_server",
        factory=True,
        address=settings.api_host,
        port=settings.api_port,
        interface=Interfaces.ASGI,
        workers=workers,
        backlog=_BACKLOG,
        # What Granian calls backpressure counts open connections, idle ones too; requests are limited by the API.
        backpressure=_connections(settings.api_connections),
        respawn_failed_workers=True,
        workers_max_rss=_WORKER_MIB,
        workers_kill_timeout=_STOP_SECONDS,
    )


def _connections(wanted: int) -> int:
    """As many connections a worker as are wanted, or as its limit of open files allows; the limit is raised first."""
    if sys.platform == "win32":
        return wanted
    import resource

    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + _OTHER_FILES
    given = needed if most == resource.RLIM_INFINITY else min(needed, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(given, now), most))
    if given < needed:
        say(f"at most {given - _OTHER_FILES} connections a worker: raise the limit of open files, ulimit -Hn {needed}")
    return max(1, given - _OTHER_FILES)


def _drain_first(server: "AbstractServer[Any]", watched: "Path", *, seconds: float) -> None:
    """Let SIGTERM stop the server some seconds later, the readiness route say so meanwhile; a second one at once."""
    from nexus_data.watching import begin_draining, is_draining

    def stop(_number: int, _frame: "FrameType | None") -> None:
        at_once = not seconds or is_draining(watched)
        begin_draining(watched)
        if at_once:
            server.signal_handler_interrupt()
        else:
            timer = threading.Timer(seconds, server.signal_handler_interrupt)
            timer.daemon = True
            timer.start()

    signal.signal(signal.SIGTERM, stop)
