"""Cleanup with what only Dagster's side knows: its own storage. What else is removed is the library's business."""

from typing import TYPE_CHECKING

from dagster._time import get_current_datetime

from nexus_data.settings import Settings
from pipelines.history import RunHistory
from pipelines.instance import opened

if TYPE_CHECKING:
    from nexus_data.cleanup.step import Cleaned


def plan(settings: Settings) -> "Cleaned":
    """What `clean` would do now."""
    from nexus_data import cleanup

    with opened(settings) as instance:
        return cleanup.plan(settings, also=[RunHistory(instance)], now=get_current_datetime())


def clean(settings: Settings, *, run_id: str | None = None) -> "Cleaned":
    """Remove what retention lets go, of the library's things and of Dagster's history."""
    from nexus_data import cleanup

    with opened(settings) as instance:
        return cleanup.clean(settings, run_id=run_id, also=[RunHistory(instance)], now=get_current_datetime())
