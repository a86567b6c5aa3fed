"""The question behind the dashboard: one user's document of the current generation. HTTP is elsewhere."""

from dataclasses import dataclass
from typing import Literal

import msgspec
import psycopg

from nexus_data.api.documents import Dashboard
from nexus_data.api.stores import Stores
from nexus_data.cache import dashboard_key
from nexus_data.sql import query

_KEPT_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Answer:
    """A document (JSON), the generation that it shows, and the store that it came from."""

    document: bytes
    generation: int
    served_from: Literal["redis", "postgres"]


async def dashboard(stores: Stores, *, user_id: str) -> Answer:
    """The user's dashboard; an empty one when the user has no data, or nothing has been published yet.

    Postgres says which generation is current, so that Redis cannot answer with a replaced one. Raises
    psycopg.OperationalError when Postgres does not answer.
    """
    current = await current_generation(stores)
    if current is None:
        return Answer(msgspec.json.encode(Dashboard(user_id=user_id)), 0, "postgres")
    generation, run_id = current
    kept = await stores.cache.get(dashboard_key(user_id, generation=generation, run_id=run_id))
    if kept is not None:
        return Answer(kept, generation, "redis")
    return await _from_postgres(stores, user_id)


async def current_generation(stores: Stores) -> tuple[int, str] | None:
    """The number of the current generation and the run that made it; None before the first publish."""
    async with stores.database.connection() as database:
        try:
            row = await (await database.execute(query("current_generation"))).fetchone()
        except psycopg.errors.UndefinedTable:
            return None
    return (row[0], row[1]) if row else None


async def _from_postgres(stores: Stores, user_id: str) -> Answer:
    """From one statement, so one snapshot: the document says itself which generation it shows."""
    async with stores.database.connection() as database:
        row = await (await database.execute(query("project_dashboard"), {"user_ids": [user_id]})).fetchone()
    if row is None:
        raise psycopg.OperationalError("the generations were deleted meanwhile")
    _, generation, run_id, text = row
    document = text.encode()
    key = dashboard_key(user_id, generation=generation, run_id=run_id)
    await stores.cache.put(key, document, seconds=_KEPT_SECONDS)
    return Answer(document, generation, "postgres")
