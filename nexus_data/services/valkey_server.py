"""Starts the embedded Valkey (or Redis): a cache, so a damaged snapshot is thrown away rather than mourned."""

import logging
import socket
import time
from pathlib import Path

from nexus_data.errors import ServiceError
from nexus_data.services import watchdog
from nexus_data.services.layout import Layout

_log = logging.getLogger(__name__)
_PAUSE = 0.05
# Seconds to wait for a process that has its socket (it may be loading a snapshot), and for one that has none.
_PATIENCE = 10.0
_PATIENCE_WITHOUT_SOCKET = 2.0


def url(layout: Layout) -> str:
    """How clients reach it, in redis-py's form."""
    return f"unix://{_socket(layout)}?db=0"


def is_up(layout: Layout) -> bool:
    """Whether it answers PING."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(3)
            connection.connect(str(_socket(layout)))
            connection.sendall(b"PING\r\n")
            return connection.recv(5) == b"+PONG"
    except OSError:
        return False


def start(layout: Layout, program: Path) -> None:
    """Have it up, else ServiceError; the caller holds the start lock."""
    layout.account.make_folder(_folder(layout))
    if _comes_up(layout):
        return
    watchdog.end(layout.valkey_marker, uid=layout.account.uid)
    if not _launched(layout, program):
        # A snapshot cut off by a kill keeps the server from starting; what it held is made again from Postgres.
        watchdog.end(layout.valkey_marker, uid=layout.account.uid)
        layout.account.remove([_folder(layout) / "dump.rdb"])
        if not _launched(layout, program):
            raise ServiceError(f"{program} did not start: {_last_line(layout)}")
    _log.info("started %s", program)


def _comes_up(layout: Layout) -> bool:
    """Wait while a process is there that may yet answer (it loads its snapshot)."""
    began = time.monotonic()
    while not is_up(layout):
        patience = _PATIENCE if _socket(layout).exists() else _PATIENCE_WITHOUT_SOCKET
        if not _processes(layout) or time.monotonic() - began > patience:
            return False
        time.sleep(_PAUSE)
    return True


def _launched(layout: Layout, program: Path) -> bool:
    ended = layout.account.run(_command(layout, program), cwd=_folder(layout), timeout=30)
    # It has gone to the background by now, or has failed and said so.
    return ended.returncode == 0 and _comes_up(layout)


def _command(layout: Layout, program: Path) -> list[str | Path]:
    options: dict[str, str | Path] = {
        "port": "0",
        "unixsocket": _socket(layout),
        "unixsocketperm": "700",
        "daemonize": "yes",
        "dir": _folder(layout),
        "logfile": _folder(layout) / "valkey.log",
        "save": "300 1",
        "appendonly": "no",
        # A full disk must not stop the cache.
        "stop-writes-on-bgsave-error": "no",
        "maxmemory": "1gb",
        "maxmemory-policy": "allkeys-lru",
        "proc-title-template": f"{{title}} {layout.place}-{layout.valkey_marker}",
    }
    return [program, *(word for name, value in options.items() for word in (f"--{name}", value))]


def _processes(layout: Layout) -> dict[int, str]:
    return watchdog.processes(layout.valkey_marker, uid=layout.account.uid)


def _socket(layout: Layout) -> Path:
    return layout.run / "valkey.sock"


def _folder(layout: Layout) -> Path:
    return layout.servers / "valkey"


def _last_line(layout: Layout) -> str:
    try:
        return (_folder(layout) / "valkey.log").read_text(errors="replace").splitlines()[-1]
    except (OSError, IndexError):
        return "it wrote no log"
