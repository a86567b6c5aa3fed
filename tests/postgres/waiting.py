"""Waits for something that another thread or process is about to do."""

import time
from collections.abc import Callable


def until(true: Callable[[], bool], seconds: float = 180.0) -> None:
    """Return as soon as `true()` holds; AssertionError when it never does."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
