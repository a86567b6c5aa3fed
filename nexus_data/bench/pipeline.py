"""`nexus bench pipeline`: generated messy rows take the whole way on an empty home; beside it, floor and peers."""

from pathlib import Path

import msgspec

from nexus_data.bench.floor import Floor
from nexus_data.bench.machine import Machine, machine
from nexus_data.bench.peers import PeerResult, run_peers
from nexus_data.bench.scratch import measured, scratch_folder
from nexus_data.bench.whole_way import Measured
from nexus_data.errors import RunError
from nexus_data.generate.bulk import bulk
from nexus_data.settings import Settings


class PipelineBench(msgspec.Struct, frozen=True):
    """rows: records in the CSV; csv_bytes: its size. ratio: CPU seconds of the floor over those of the pipeline."""

    rows: int
    csv_bytes: int
    seed: int
    seconds: float
    records_per_minute: int
    cpu_seconds: float
    cpu_seconds_per_million: float
    run: Measured
    floor: Floor
    floor_cpu_seconds: float
    ratio: float
    peers: list[PeerResult]
    machine: Machine


def bench(
    *, rows: int, seed: int = 1, users: int = 10_000, peers: bool = False, folder: Path | None = None
) -> PipelineBench:
    """Generate `rows` records, run them, and measure the floor (and the peers) on the same rows and servers.

    folder: where the rows and the home are made (and removed again); the system's temporary folder when None.
    """
    about = machine()
    with scratch_folder(folder) as scratch:
        csv = scratch / "operations.csv"
        expected = bulk(csv, rows=rows, seed=seed, users=users)
        home = scratch / "home"
        run = measured("whole_way", [home, csv, csv.with_name("users.csv")], kind=Measured)
        if run.summary.published != expected.totals.published or not run.summary.balanced:
            raise RunError(
                f"the bench published {run.summary.published} of {expected.totals.published} records: {scratch}"
            )
        floor = measured("floor", [home, csv, scratch], kind=Floor)
        others = run_peers(Settings(home=home), csv, scratch=scratch) if peers else []
        return _report(rows, csv.stat().st_size, seed, run, floor, others, about)


def _report(
    rows: int, size: int, seed: int, run: Measured, floor: Floor, peers: list[PeerResult], about: Machine
) -> PipelineBench:
    seconds = sum(stage.seconds for stage in run.stages)
    cpu = sum(stage.cpu for stage in run.stages)
    least = sum(stage.cpu for stage in floor.stages)
    return PipelineBench(
        rows=rows,
        csv_bytes=size,
        seed=seed,
        seconds=round(seconds, 2),
        records_per_minute=round(rows / seconds * 60),
        cpu_seconds=round(cpu, 2),
        cpu_seconds_per_million=round(cpu / rows * 1_000_000, 2),
        run=run,
        floor=floor,
        floor_cpu_seconds=round(least, 2),
        ratio=round(least / cpu, 3),
        peers=peers,
        machine=about,
    )
