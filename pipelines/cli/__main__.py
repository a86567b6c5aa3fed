"""The program `nexus`, also as `python -m pipelines.cli`: how one command starts another with the same interpreter."""

import atexit
import gc
import os
import sys
from contextlib import suppress
from pathlib import Path

from pipelines.cli import main

_OBJECTS = 50_000


def nexus() -> None:
    """Run the command line in a process of its own.

    Python looks for garbage after every 700 new objects, which while half a million are being imported finds none and
    takes a fifth of the time; and at the end it takes down every module by itself, for another second, which the
    system does at once.
    """
    _keep_compiled()
    gc.set_threshold(_OBJECTS, 20, 100)
    status: list[int] = []
    atexit.register(_leave, status)
    try:
        main(prog_name="nexus")
    except SystemExit as end:
        if isinstance(end.code, int):
            status.append(end.code)
        raise


def _keep_compiled() -> None:
    """Where Python is told to leave no bytecode beside its modules, as in many images of containers, keep it elsewhere.

    To compile two thousand modules again costs every command that needs Dagster three seconds.
    """
    if sys.dont_write_bytecode and sys.pycache_prefix is None:
        with suppress(RuntimeError):  # of a user without a home
            sys.pycache_prefix = str(Path.home() / ".cache" / "nexus-data" / "bytecode")
            sys.dont_write_bytecode = False


def _leave(status: list[int]) -> None:
    """End the process after all else that wants to be done at its end; not one that a defect ends."""
    if status:
        # Where the rest of the output cannot be written, Python's own end says so.
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status[0])


if __name__ == "__main__":
    nexus()
