"""What a figure was measured on: processor, cores, memory and the versions of what did the work."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec
import psutil

_PACKAGES = ("nexus-data", "polars", "duckdb", "pyarrow", "deltalake", "psycopg", "pgpq", "dagster")


class Machine(msgspec.Struct, frozen=True):
    """memory in bytes; load: the load average over the last minute when the bench began, 0 on a quiet machine."""

    processor: str
    cores: int
    memory: int
    system: str
    python: str
    packages: dict[str, str]
    measured_at: str
    load: float


def machine() -> Machine:
    """This one, now."""
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory=psutil.virtual_memory().total,
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        packages={name: version(name) for name in _PACKAGES},
        measured_at=datetime.now(UTC).isoformat(timespec="seconds"),
        load=round(os.getloadavg()[0], 2),
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
