"""Where a bench works: a folder and a home that are gone afterwards, and child processes that measure themselves."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from nexus_data.errors import RunError
from nexus_data.services import stop
from nexus_data.settings import Settings

T = TypeVar("T")


@contextmanager
def scratch_folder(folder: Path | None) -> Iterator[Path]:
    """A folder of its own in `folder` (the system's temporary one when None).

    Homes in it are called `home` and are at most one folder deep: their servers are stopped at the end.
    """
    scratch = Path(tempfile.mkdtemp(prefix="nexus-bench-", dir=folder))
    scratch.chmod(0o755)  # the servers' own account must reach the home when root runs this
    try:
        yield scratch
    finally:
        for home in (*scratch.glob("home"), *scratch.glob("*/home")):
            stop(Settings(home=home))
        shutil.rmtree(scratch, ignore_errors=True)


def measured(module: str, arguments: Sequence[Path], *, kind: type[T]) -> T:
    """What `python -m nexus_data.bench.<module> ARGUMENTS` prints; RunError when it fails."""
    command = [sys.executable, "-m", f"nexus_data.bench.{module}", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)  # noqa: S603 - our own module
    if done.returncode != 0:
        raise RunError(f"the bench's {module} ended with status {done.returncode}; what it said is above")
    return msgspec.json.decode(done.stdout, type=kind)
