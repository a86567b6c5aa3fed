"""What one worker measures of itself, under the names that Prometheus reads. `watching` knows where figures are kept.

Labels are names of routes, statements and layers alone: nothing that a request or a user brought.
"""

import os
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values

from nexus_data.watching import QUERY, REQUEST, exposition

if TYPE_CHECKING:
    from nexus_data.api.near import Count
    from nexus_data.api.stores import Stores

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 10.0)
_POOL_NOW = ("pool_max", "pool_size", "pool_available", "requests_waiting")
_POOL_EVENTS = ("requests_num", "requests_queued", "requests_errors", "connections_num", "connections_errors")


class Measures:
    """folder: where the workers of one server keep their figures together; None: this process keeps its own."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        _keep_values(folder)
        self._registry = own = CollectorRegistry()
        self._counted: dict[tuple[str, str], float] = {}
        self._routes: dict[tuple[str, str], Histogram] = {}
        self._answers: dict[tuple[str, str, int], Counter] = {}
        self._queries: dict[str, Histogram] = {}
        route = ("method", "route")
        self._seconds = Histogram(REQUEST, "Seconds until an answer begins", route, buckets=_SECONDS, registry=own)
        self._requests = Counter("nexus_http_requests", "Answers by status", (*route, "status"), registry=own)
        self._query = Histogram(QUERY, "Seconds of a statement, by file", ("query",), buckets=_SECONDS, registry=own)
        self._layers = Counter("nexus_cache_lookups", "Answers looked for", ("layer", "found"), registry=own)
        self._pool_events = Counter("nexus_pool_events", "What the pool has done", ("pool", "event"), registry=own)
        self._pool = Gauge(
            "nexus_pool", "Connections to Postgres", ("pool", "what"), registry=own, multiprocess_mode="livesum"
        )
        self._memory = Gauge(
            "nexus_worker_memory_bytes", "Resident memory of each worker", registry=own, multiprocess_mode="liveall"
        )
        self._flying = Gauge(
            "nexus_http_requests_in_flight", "Taken, not answered yet", registry=own, multiprocess_mode="livesum"
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request has been answered: seconds until its answer began."""
        histogram = self._routes.get((method, route))
        if histogram is None:
            histogram = self._routes[method, route] = self._seconds.labels(method, route)
        histogram.observe(seconds)
        counter = self._answers.get((method, route, status))
        if counter is None:
            counter = self._answers[method, route, status] = self._requests.labels(method, route, str(status))
        counter.inc()

    def asked(self, query: str, seconds: float) -> None:
        """Postgres has answered a statement, or refused it."""
        histogram = self._queries.get(query)
        if histogram is None:
            histogram = self._queries[query] = self._query.labels(query)
        histogram.observe(seconds)

    def sample(self, stores: "Stores", *, in_flight: int) -> None:
        """Take what others count: the pool, memory, requests that are being answered now."""
        self._flying.set(in_flight)
        self._memory.set(psutil.Process().memory_info().rss)
        for layer in fields(stores.near.counts):
            count: Count = getattr(stores.near.counts, layer.name)
            self._advance(self._layers, (layer.name, "yes"), count.hits)
            self._advance(self._layers, (layer.name, "no"), count.misses)
        for pool in stores.pools():
            now = pool.get_stats()
            for what in _POOL_NOW:
                self._pool.labels(pool.name, what).set(now.get(what, 0))
            for event in _POOL_EVENTS:
                self._advance(self._pool_events, (pool.name, event), now.get(event, 0))

    def exposition(self) -> bytes:
        """The figures of all workers of this server, in Prometheus' text format."""
        return generate_latest(self._registry) if self._folder is None else exposition(self._folder)

    def _advance(self, counter: Counter, labels: tuple[str, str], total: float) -> None:
        counter.labels(*labels).inc(total - self._counted.get(labels, 0))
        self._counted[labels] = total


def _keep_values(folder: Path | None) -> None:
    """Where the library keeps values; it would decide that by the environment as it is imported."""
    if folder is None:
        values.ValueClass = values.MutexValue
        return
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    values.ValueClass = values.MultiProcessValue()
