"""One statement of `sql/queries` asked of Postgres: one snapshot, so one generation. What it asks is not known here."""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.rows import TupleRow

from nexus_data.api.stores import Stores
from nexus_data.sql import query


async def rows(
    stores: Stores, statement: str, values: Mapping[str, Any], *, prepare: bool | None = None
) -> list[TupleRow]:
    """All its rows; none before the first publish, when there may be no tables yet.

    prepare: False where the values decide the plan. psycopg.OperationalError when Postgres does not answer.
    """
    async with stores.reading().connection() as database:
        try:
            return await (await database.execute(query(statement), values, prepare=prepare)).fetchall()
        except psycopg.errors.UndefinedTable:
            return []
