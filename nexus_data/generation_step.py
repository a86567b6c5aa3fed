"""A generation of what is there already: marts of today, and nothing taken in."""

from collections.abc import Callable

from nexus_data.cache_step import refresh_cache
from nexus_data.deduplicate import deduplicate
from nexus_data.landing import land
from nexus_data.marts_step import refresh_marts
from nexus_data.publish import publish
from nexus_data.runs import Run
from nexus_data.standardize import standardize


def republish(run: Run, *, just_before: Callable[[], None] | None = None) -> None:
    """Go the whole way without a file. just_before: called after all that takes long, right before the commit."""
    land(run, ())
    for step in (standardize, deduplicate, refresh_marts):
        step(run)
    if just_before:
        just_before()
    publish(run)
    refresh_cache(run)
