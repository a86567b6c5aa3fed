"""Arrivals of files as the evidence tables keep them, without the files."""

from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Identifier

from nexus_data.tables.ledger import OUTCOMES
from tests.canonical_rows import row

_numbers = count(1)


def arrive(
    database: psycopg.Connection[Any],
    at: datetime,
    *,
    source: str = "bank",
    records: int = 100,
    rejected: int = 0,
    status: str = "published",
) -> None:
    """A generation of one file that came at that time."""
    number = next(_numbers)
    file_id = UUID(int=number)
    about = {"source": source, "file_id": file_id, "user_id": "ann", "generation": number}
    insert(database, "generations", generation=number, run_id=f"run-{number}", committed_at=at)
    insert(
        database, "files", **about, status=status, dataset="all", records=records, landed_at=at, name=f"{number}.csv"
    )
    for hop, into, out in (("read", records, 0), ("standardize", records, rejected)):
        counts = {**dict.fromkeys(OUTCOMES, 0), "records_in": into, "rejected": out, "passed": into - out}
        insert(database, "ledger", **about, **counts, run_id=f"run-{number}", hop=hop, partition="")


def insert(database: psycopg.Connection[Any], table: str, **given: Any) -> None:
    """A row of an evidence table; what is not given gets a plain value."""
    whole = row(table, **given)
    columns = SQL(", ").join(map(Identifier, whole))
    values = SQL(", ").join(SQL("%s") for _ in whole)
    statement = SQL("INSERT INTO {} ({}) VALUES ({})").format(Identifier(table), columns, values)
    database.execute(statement, [*whole.values()])
