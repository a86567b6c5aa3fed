"""One measured run of the whole way, step by step; a process of its own, so that its peak of memory is its own.

`python -m nexus_data.bench.whole_way HOME PATH...` prints one JSON object. The services are up and the database is
migrated before the clock starts.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import uuid4

import msgspec

from nexus_data.bench.meter import Cost, Servers, watched
from nexus_data.cache_step import refresh_cache
from nexus_data.deduplicate import deduplicate
from nexus_data.landing import discover, land
from nexus_data.marts_step import refresh_marts
from nexus_data.publish import publish
from nexus_data.results import RunSummary, StepResult
from nexus_data.runs import Run, open_run
from nexus_data.settings import Settings
from nexus_data.standardize import standardize
from nexus_data.summary import summarize

_STEPS: dict[str, Callable[[Run], StepResult]] = {
    step.__name__: step for step in (standardize, deduplicate, refresh_marts, publish, refresh_cache)
}


class Measured(msgspec.Struct, frozen=True):
    """What the run came to and what each stage cost; peaks in bytes."""

    stages: list[Cost]
    summary: RunSummary
    peak_client: int
    peak_postgres: int


def measure(settings: Settings, paths: list[Path]) -> Measured:
    """Run the steps in this process."""
    landings = discover(settings, paths, source="nexus")
    stages: list[Cost] = []
    with open_run(settings, run_id=str(uuid4())) as run:
        servers = Servers.of(run.services)
        with watched(servers) as peaks:
            first: dict[str, Callable[[Run], StepResult]] = {"land": partial(land, landings=landings)}
            for name, step in (first | _STEPS).items():
                since, peaks.client_now = servers.now(), 0
                step(run)
                stages.append(replace(servers.cost(name, since), peak_client=peaks.client_now))
        summary = summarize(run)
    return Measured(stages=stages, summary=summary, peak_client=peaks.client, peak_postgres=peaks.postgres)


def main(home: str, *paths: str) -> None:
    """Measure and print."""
    measured = measure(Settings.from_env({"NEXUS_HOME": home}), [Path(path) for path in paths])
    sys.stdout.buffer.write(msgspec.json.encode(measured) + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
