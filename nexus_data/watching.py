"""What the workers of one API server leave for whoever watches it: measures in files, and whether it is draining.

A server's folder is `<home>/metrics/<port>`. The API measures; its route /metrics and `nexus status` ask.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.samples import Sample

from nexus_data.settings import Settings

SLOW_REQUEST_SECONDS = 1.0
SLOW_QUERY_SECONDS = 0.5
REQUEST = "nexus_http_request_seconds"
QUERY = "nexus_query_seconds"


@dataclass(frozen=True, slots=True)
class Slow:
    """How many requests of a route (kind request, over 1 s) or statements (kind query, over 0.5 s) were slow.

    of: of how many, since the server at `port` started.
    """

    port: int
    kind: str
    name: str
    slow: int
    of: int


def folder(settings: Settings) -> Path:
    """Where the server of these settings measures."""
    return settings.home / "metrics" / str(settings.api_port)


def fresh_folder(settings: Settings) -> Path:
    """That folder without what an earlier server left there."""
    place = folder(settings)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    (place / "server.pid").write_text(str(os.getpid()), encoding="ascii")
    return place


def begin_draining(place: Path) -> None:
    """Let every worker's readiness route say from now on that it is not ready."""
    (place / "draining").touch()


def is_draining(place: Path | None) -> bool:
    """Whether the server is about to stop."""
    return place is not None and (place / "draining").exists()


def exposition(place: Path) -> bytes:
    """The measures of all workers together, as Prometheus reads them (text format)."""
    forget_dead(place)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(place))
    return generate_latest(registry)


def forget_dead(place: Path) -> None:
    """Drop what ended workers said of themselves; what they counted stays."""
    for pid in {int(path.stem.rpartition("_")[2]) for path in place.glob("gauge_live*_*.db")}:
        if not psutil.pid_exists(pid):
            mark_process_dead(pid, path=str(place))


def slow(settings: Settings) -> tuple[Slow, ...]:
    """What was slow in the servers that run on this home now, most first."""
    return tuple(
        sorted(
            (one for place in sorted((settings.home / "metrics").glob("*")) if _runs(place) for one in _slow(place)),
            key=lambda one: (-one.slow, one.kind, one.name),
        )
    )


def _runs(place: Path) -> bool:
    try:
        return bool(psutil.pid_exists(int((place / "server.pid").read_text(encoding="ascii"))))
    except (OSError, ValueError):
        return False


def _slow(place: Path) -> Iterator[Slow]:
    for family in MultiProcessCollector(CollectorRegistry(), path=str(place)).collect():
        for metric, kind, label, limit in (
            (REQUEST, "request", "route", SLOW_REQUEST_SECONDS),
            (QUERY, "query", "query", SLOW_QUERY_SECONDS),
        ):
            if family.name == metric:
                yield from _over(family.samples, int(place.name), kind, label, limit)


def _over(samples: Iterable[Sample], port: int, kind: str, label: str, limit: float) -> Iterator[Slow]:
    of: dict[str, int] = {}
    within: dict[str, int] = {}
    for sample in samples:
        name = sample.labels.get(label, "")
        if sample.name.endswith("_count"):
            of[name] = of.get(name, 0) + int(sample.value)
        elif sample.name.endswith("_bucket") and float(sample.labels["le"]) == limit:
            within[name] = within.get(name, 0) + int(sample.value)
    for name, count in of.items():
        if count > within[name]:
            yield Slow(port=port, kind=kind, name=name, slow=count - within[name], of=count)
