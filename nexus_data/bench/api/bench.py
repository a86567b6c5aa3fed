"""`nexus bench api`: published data, a server of its own, and one load after another on it."""

import resource
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import redis

from nexus_data.bench.api.data import Readers, publish_data
from nexus_data.bench.api.scene import COLD, ENDPOINTS, LOGIN, Scene, open_connections
from nexus_data.bench.api.served import Served, remembered, served
from nexus_data.bench.api.wrk import Load, Seen, demand_wrk, run
from nexus_data.bench.machine import Machine, machine
from nexus_data.bench.meter import Servers
from nexus_data.bench.scratch import scratch_folder
from nexus_data.cache import refresh
from nexus_data.services import Services, running
from nexus_data.settings import Settings

_MIB = 1024**2
_MOST_ROUNDS = 20


class Measure(msgspec.Struct, frozen=True):
    """One load. rate: answers a second; p50, p95, p99: milliseconds; failed: answers and connections that no reader may
    see (a 429 or 503 with Retry-After is no failure); CPU seconds of the API, Postgres, Valkey and of wrk itself.

    memory: MiB of the largest worker at its peak; memory_slope: MiB a minute by which it grew at the end.
    met: whether what is demanded (demanded_rate, demanded_p95, nothing failed) was reached on this machine now.
    """

    name: str
    connections: int
    requests: int
    seconds: float
    rate: int
    p50: float
    p95: float
    p99: float
    statuses: dict[str, int]
    failed: int
    api_cpu: float
    postgres_cpu: float | None
    valkey_cpu: float | None
    wrk_cpu: float
    api_cpu_microseconds: int
    memory: int
    memory_slope: float
    demanded_rate: int | None
    demanded_p95: int | None
    met: bool


class ApiBench(msgspec.Struct, frozen=True):
    """rows: operations published; users: readers. The load ran on the same machine; load_after: its load average."""

    rows: int
    users: int
    workers: int
    measures: list[Measure]
    machine: Machine
    load_after: float


@dataclass(frozen=True, slots=True)
class _Bench:
    program: str
    services: Services
    servers: Servers
    readers: Readers
    users: int
    seconds: int


def bench(
    *,
    rows: int,
    users: int = 10_000,
    workers: int = 2,
    seconds: int = 15,
    connections: int = 10_000,
    soak: int = 60,
    folder: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> ApiBench:
    """Publish `rows` operations of `users` users, serve them, and load each endpoint for so many seconds.

    soak: seconds of the last load, by which the growth of memory is told. RunError when wrk is not there.
    """
    program = demand_wrk(connections=connections)
    about = machine()
    with scratch_folder(folder) as scratch:
        settings = Settings(home=scratch / "home")
        tell(f"publishing {rows:,} operations of {users:,} users")
        readers = publish_data(settings, scratch, rows=rows, users=users)
        with running(settings) as services:
            plan = _Bench(program, services, Servers.of(services), readers, users, seconds)
            measures = list(_measures(plan, scratch, workers=workers, connections=connections, soak=soak, tell=tell))
    return ApiBench(rows, users, workers, measures, about, round(machine().load, 2))


def _measures(
    plan: _Bench, scratch: Path, *, workers: int, connections: int, soak: int, tell: Callable[[str], None]
) -> Iterator[Measure]:
    with redis.Redis.from_url(plan.services.redis_url) as cache:
        cache.flushall()
    with served(scratch / "home", workers=workers, log=scratch / "serve.log") as server:
        for scene in (COLD, *ENDPOINTS, LOGIN, open_connections(connections)):
            tell(scene.name)
            if scene in ENDPOINTS:
                _warm(plan, server, scene)
            yield _measured(plan, server, scene, seconds=plan.seconds)
            if scene is COLD:
                # As a publish leaves it.
                refresh(database_url=plan.services.postgres_url, redis_url=plan.services.redis_url, generation=0)
        tell(f"{soak} seconds at full rate")
        yield _measured(plan, server, replace(ENDPOINTS[0], name="soak"), seconds=soak)


def _warm(plan: _Bench, server: Served, scene: Scene) -> None:
    """Until each user has been answered twice by some worker, and each worker has loaded what it needs for this."""
    wanted, asked = (2 * plan.users if scene.asks == "tokens" else 1), 0
    for _ in range(_MOST_ROUNDS):
        asked += run(plan.program, server.url, _load(plan, scene, seconds=plan.seconds)).requests
        if asked >= wanted:
            return


def _load(plan: _Bench, scene: Scene, *, seconds: int) -> Load:
    return Load(
        scene.path,
        method=scene.method,
        tokens=plan.readers.tokens if scene.asks != "credentials" else None,
        bodies={"records": plan.readers.records, "credentials": plan.readers.credentials}.get(scene.asks),
        connections=scene.connections,
        seconds=seconds,
        pause=scene.pause,
    )


def _measured(plan: _Bench, server: Served, scene: Scene, *, seconds: int) -> Measure:
    api, before, others = server.cpu(), _children_cpu(), plan.servers.now()
    with remembered(server) as memory:
        seen = run(plan.program, server.url, _load(plan, scene, seconds=seconds))
    cost = plan.servers.cost(scene.name, others)
    return _measure(
        scene,
        seen,
        api_cpu=server.cpu() - api,
        wrk_cpu=_children_cpu() - before,
        postgres_cpu=cost.postgres_cpu,
        valkey_cpu=cost.valkey_cpu,
        memory=memory.peak // _MIB,
        memory_slope=round(memory.slope() * 60 / _MIB, 2),
    )


def _measure(
    scene: Scene,
    seen: Seen,
    *,
    api_cpu: float,
    wrk_cpu: float,
    postgres_cpu: float | None,
    valkey_cpu: float | None,
    memory: int,
    memory_slope: float,
) -> Measure:
    rate, p95 = round(seen.requests / seen.microseconds * 1e6), seen.p95 / 1000
    fast = rate >= (scene.rate or 0) and (scene.p95 is None or p95 <= scene.p95)
    return Measure(
        name=scene.name,
        connections=scene.connections,
        requests=seen.requests,
        seconds=round(seen.microseconds / 1e6, 2),
        rate=rate,
        p50=round(seen.p50 / 1000, 2),
        p95=round(p95, 2),
        p99=round(seen.p99 / 1000, 2),
        statuses=seen.statuses,
        failed=seen.failed,
        api_cpu=round(api_cpu, 2),
        postgres_cpu=_rounded(postgres_cpu),
        valkey_cpu=_rounded(valkey_cpu),
        wrk_cpu=round(wrk_cpu, 2),
        api_cpu_microseconds=round(api_cpu / max(seen.requests, 1) * 1e6),
        memory=memory,
        memory_slope=memory_slope,
        demanded_rate=scene.rate,
        demanded_p95=scene.p95,
        met=fast and not seen.failed and seen.statuses.get("200", 0) > 0,
    )


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
