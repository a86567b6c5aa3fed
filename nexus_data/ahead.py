"""Work on one item in another thread while the next one is being made: both cores for a step that reads and computes.

What is read and what is computed is the caller's; order is kept, and so is memory: `depth` items wait at most.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


def ahead(items: Iterable[Item], work: Callable[[Item], Made], *, depth: int = 1) -> Iterator[tuple[Item, Made]]:
    """Every item with what `work` made of it, in order. An error of `work` comes where its item would have.

    An error of `items` comes at once.
    """
    waiting: deque[tuple[Item, Future[Made]]] = deque()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead") as worker:
        for item in items:
            waiting.append((item, worker.submit(work, item)))
            if len(waiting) > depth:
                yield _first(waiting)
        while waiting:
            yield _first(waiting)


def _first(waiting: deque[tuple[Item, Future[Made]]]) -> tuple[Item, Made]:
    item, future = waiting.popleft()
    return item, future.result()
