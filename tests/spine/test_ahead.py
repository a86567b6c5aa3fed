"""Items worked on ahead of their turn: order, errors and how many are made too early."""

import threading
from collections.abc import Iterator

import pytest

from nexus_data.ahead import ahead


def test_every_item_comes_with_its_work_in_order() -> None:
    assert list(ahead(range(20), lambda number: number * number)) == [(n, n * n) for n in range(20)]
    assert list(ahead(range(3), str, depth=10)) == [(0, "0"), (1, "1"), (2, "2")]
    assert list(ahead([], str)) == []


def test_the_work_is_done_in_another_thread() -> None:
    threads = {thread for _, thread in ahead(range(3), lambda _: threading.current_thread().name)}
    assert threads.isdisjoint({threading.current_thread().name})


def test_no_more_items_are_made_than_may_wait() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            yield number

    for number, _ in ahead(items(), str, depth=2):
        assert len(made) <= number + 3


def test_an_error_of_the_work_comes_where_its_item_would_have() -> None:
    pairs = ahead(range(5), lambda number: 6 // (3 - number))
    assert [next(pairs) for _ in range(3)] == [(0, 2), (1, 3), (2, 6)]
    with pytest.raises(ZeroDivisionError):
        next(pairs)


def test_an_error_of_the_source_comes_out() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        list(ahead(items(), str))
