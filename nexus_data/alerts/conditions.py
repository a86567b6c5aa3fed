"""What can be wrong, a function a kind: each looks at the installation as it is and names what it finds.

Nothing here remembers or tells; a condition that is not named any more is over.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from nexus_data.alerts.model import Condition
from nexus_data.checks import cache_current
from nexus_data.services import Services
from nexus_data.settings import Settings
from nexus_data.sql import query

_GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Scene:
    """What the looks look at. now: an instant, UTC, that lateness is judged by."""

    settings: Settings
    services: Services
    database: psycopg.Connection
    now: datetime

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        """The rows of `sql/queries/<name>.sql`."""
        cursor = self.database.execute(query(name), parameters)
        columns = [column.name for column in cursor.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in cursor]


def source_late(scene: Scene) -> list[Condition]:
    """A source from which nothing came for longer than its own rhythm explains."""
    return [
        Condition(
            "source_late",
            row["source"],
            "warning",
            f"nothing from {row['source']} since {row['last_day']}; it used to come every {_days(row['usual_days'])}, "
            f"after {_days(row['longest_days'], one='1 day')} at the latest: ask who sends it; what comes late is "
            f"taken in from {scene.settings.home / 'landing' / row['source']}",
        )
        for row in scene.rows("alerts/source_late", now=scene.now)
    ]


def _days(count: int, *, one: str = "day") -> str:
    return one if count == 1 else f"{count} days"


def rejected_share(scene: Scene) -> list[Condition]:
    """A source of whose last files more records were rejected than NEXUS_ALERT_REJECTED_SHARE."""
    limit = scene.settings.alert_rejected_share
    return [
        Condition(
            "rejected_share",
            row["source"],
            "warning",
            f"{row['rejected']:,} of {row['records']:,} records of {row['source']} were rejected in generation "
            f"{row['generation']}: `nexus quarantine list --source {row['source']}`",
        )
        for row in scene.rows("alerts/rejected_share", share=limit)
    ]


def volume(scene: Scene) -> list[Condition]:
    """A source whose last file is far larger or smaller than those before it."""
    return [
        Condition(
            "volume",
            f"{row['source']}/{row['dataset']}",
            "warning",
            f"{row['name']} has {row['records']:,} records; the {row['files']} files before it had "
            f"{row['usual']:,} at the median: see whether it is whole, and of the period that it should be of; "
            "if not, land the right one: records that are in already count as duplicates",
        )
        for row in scene.rows("alerts/volume", times=scene.settings.alert_volume_times)
    ]


def quarantine_growing(scene: Scene) -> list[Condition]:
    """More records wait in quarantine than a week ago, by a fifth and by more than a few."""
    return [
        Condition(
            "quarantine_growing",
            "quarantine",
            "warning",
            f"{row['records_now']:,} records wait in quarantine, {row['records_then']:,} did a week ago: "
            "`nexus quarantine list`",
        )
        for row in scene.rows("alerts/quarantine_growing", now=scene.now)
    ]


def files_held(scene: Scene) -> list[Condition]:
    """Files that no contract reads wait for somebody."""
    return [
        Condition(
            "files_held",
            row["user_id"],
            "warning",
            f"held for {row['user_id']}: {row['files']:,}, the last one {row['name']}: {row['reason']}. When a "
            "contract reads it (`nexus contract draft FILE` proposes one): `nexus quarantine replay --held`",
        )
        for row in scene.rows("alerts/files_held")
    ]


def disk(scene: Scene) -> list[Condition]:
    """Less of the home's disk is free than NEXUS_ALERT_DISK_FREE."""
    usage = shutil.disk_usage(scene.settings.home)
    if usage.free >= usage.total * scene.settings.alert_disk_free:
        return []
    seen = f"{usage.free / _GIB:.1f} of {usage.total / _GIB:.1f} GiB are free where {scene.settings.home} lies"
    return [Condition("disk", str(scene.settings.home), "critical", f"{seen}: `nexus cleanup --dry-run`")]


def cache_behind(scene: Scene) -> list[Condition]:
    """Redis does not have the newest generation: readers get it from Postgres, more slowly."""
    found = cache_current(scene.services.postgres_url, redis_url=scene.services.redis_url)
    return [] if found.passed else [Condition("cache_behind", "redis", "warning", found.summary)]


LOOKS: tuple[Callable[[Scene], list[Condition]], ...] = (
    source_late,
    rejected_share,
    volume,
    quarantine_growing,
    files_held,
    disk,
    cache_behind,
)
