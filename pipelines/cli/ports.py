"""Which TCP ports are free. Who listens on them is the commands' business."""

import socket
from contextlib import closing

from nexus_data.errors import SettingError


def demand_free(host: str, port: int, *, setting: str) -> None:
    """Raise SettingError, naming the setting, when something listens there already."""
    if not _is_free(host, port):
        raise SettingError(f"{host}:{port} is taken by another program: set {setting} to a free port")


def free_port(host: str, wanted: int) -> int:
    """The wanted port, or the next free one above it."""
    for port in range(wanted, min(wanted + 50, 65536)):
        if _is_free(host, port):
            return port
    raise SettingError(f"no port of {host} from {wanted} up is free")


def _is_free(host: str, port: int) -> bool:
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
