"""The questions behind written reports: which there are, and the bytes of one. Nothing is written here."""

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg.rows import dict_row

from nexus_data.api.answer import Answer
from nexus_data.api.layers import current_generation
from nexus_data.api.stores import Stores
from nexus_data.errors import NotThereError
from nexus_data.sql import query

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST = 1000


class Report(msgspec.Struct, forbid_unknown_fields=True):
    """A written report. user_id or role: whose. sha256: of its bytes, which `url` gives until cleanup removed them."""

    report_id: str
    user_id: str | None
    role: str | None
    period: str
    format: str
    generation: int
    sha256: str
    size: int
    created_at: str
    removed_at: str | None
    url: str


class Reports(msgspec.Struct, forbid_unknown_fields=True):
    """Written reports, the newest first. generation: the current one, of which there may be newer ones to write."""

    generation: int
    reports: list[Report]


REPORTS_EXAMPLE = Reports(
    generation=7,
    reports=[
        Report(
            report_id="6dd4374c-259f-70a7-29df-a7a5031ce8f1",
            user_id="u-1",
            role=None,
            period="2026-02",
            format="pdf",
            generation=7,
            sha256="e7d60bd3c48d56c7cd28c38790cb59f041121687053675c89814ce9dfd20f9f0",
            size=240181,
            created_at="2026-03-02T06:00:00.000000Z",
            removed_at=None,
            url="/api/v3/reports/6dd4374c-259f-70a7-29df-a7a5031ce8f1",
        )
    ],
)


async def reports(
    stores: Stores, *, user_id: str | None, role: str | None, period: str | None, format_: str | None, limit: int
) -> Answer:
    """The reports of a user, or of a role, as Reports in JSON."""
    values = {"user_id": user_id, "role": role, "period": period, "format": format_, "limit": limit}
    current = await current_generation(stores)
    rows = await _rows(stores, "api/reports", values) if current else []
    number = current.number if current else 0
    document = msgspec.json.encode(Reports(number, [_told(row) for row in rows]))
    return Answer(document, number, "postgres")


async def report(stores: Stores, *, report_id: UUID) -> dict[str, Any]:
    """The row of a report. NotThereError when there is none of that id."""
    rows = await _rows(stores, "report/by_id", {"report_id": report_id})
    if not rows:
        raise unknown()
    return rows[0]


def unknown() -> NotThereError:
    """What to say of a report that is not there, or not the asker's to see."""
    return NotThereError("there is no such report that you may see")


async def content(row: dict[str, Any], home: Path) -> Answer:
    """Its bytes, as they were written: NotThereError when the file is gone, or is not what was written."""
    if row["removed_at"] is not None:
        gone = f"this report's file was removed by cleanup on {row['removed_at']:%Y-%m-%d}"
        raise NotThereError(f"{gone}: of the current generation `nexus report` writes it again")
    made = await asyncio.to_thread(_read, home / row["path"])
    if made is None or hashlib.sha256(made).hexdigest() != row["sha256"]:
        raise NotThereError("this report's file was removed or altered: write it again with `nexus report`")
    return Answer(made, row["generation"], "postgres", MEDIA_TYPES[row["format"]], f'"{row["sha256"]}"')


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


async def _rows(stores: Stores, name: str, values: Mapping[str, object]) -> list[dict[str, Any]]:
    async with stores.database.connection() as database, database.cursor(row_factory=dict_row) as cursor:
        try:
            await cursor.execute(query(name), values)
        except psycopg.errors.UndefinedTable:
            return []
        return await cursor.fetchall()


def _told(row: dict[str, Any]) -> Report:
    shown = {name: row[name] for name in ("user_id", "role", "period", "format", "generation", "sha256", "size")}
    number = str(row["report_id"])
    created, removed = _instant(row["created_at"]), _instant(row["removed_at"]) if row["removed_at"] else None
    url = f"/api/v3/reports/{number}"
    return Report(report_id=number, created_at=created, removed_at=removed, url=url, **shown)


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"
