"""Values of a hypothesis strategy collected, so that one whole run serves hundreds of them.

They are not shrunk: each record stands for itself, and the one that is not kept as it should be is named.
"""

from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")


def drawn(strategy: SearchStrategy[T], *, number: int) -> list[T]:
    """At least `number` values, the same in every session."""
    found: list[T] = []

    @settings(
        max_examples=number,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: T) -> None:
        found.append(value)

    collect()
    return found
