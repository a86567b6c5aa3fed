"""Processes that read files side by side, and end with the program that started them."""

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread

from nexus_data.verify.history import History
from nexus_data.verify.keptfiles import place

_ALONE_BYTES = 4 << 20
"""Less than this is not worth starting processes for."""


@contextmanager
def workers(history: History, home: Path) -> Iterator[Executor | None]:
    """Processes that read kept files, where there is enough to read; None where there is not."""
    size = sum(path.stat().st_size for row in history.files.values() if (path := place(home, row["sha256"])).exists())
    if size < _ALONE_BYTES:
        yield None
        return
    with ProcessPoolExecutor(min(4, os.cpu_count() or 1), mp_context=get_context("spawn"), initializer=_follow) as pool:
        yield pool


def _follow() -> None:
    """Have a worker end with the program that started it, however that ends."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
