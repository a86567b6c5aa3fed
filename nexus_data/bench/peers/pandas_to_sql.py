"""Peer: pandas reads and cleans chunk by chunk, `to_sql` writes by COPY, then key and indexes.

The callable for COPY is the one that pandas documents as to_sql's fastest way into Postgres ("Insertion method").
"""

import csv
import io
import json
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import pandas as pd
import sqlalchemy as sa

_NUMBERS = ("amount", "last_qty", "last_px", "commission")
_LARGEST = Decimal(10) ** 18
_INDEXES = (
    "CREATE UNIQUE INDEX ON operations (date, exec_id)",
    "CREATE INDEX ON operations (user_id, date)",
    "CREATE INDEX ON operations (milestone_id) WHERE milestone_id IS NOT NULL",
)


def main(where: str, source: str) -> None:
    """Load, index; print the rows."""
    server = json.loads(where)
    url = sa.URL.create("postgresql+psycopg2", server["user"], server.get("password"), database=server["dbname"])
    engine = sa.create_engine(url, connect_args={"host": server["host"], "port": server.get("port", 5432)})
    seen: set[str] = set()
    rows = 0
    with engine.begin() as database:
        for chunk in pd.read_csv(source, dtype=str, keep_default_na=False, chunksize=100_000):
            clean = _clean(chunk, seen)
            rows += len(clean)
            types = {name: sa.Numeric(38, 18) for name in _NUMBERS}
            clean.to_sql("operations", database, dtype=types, if_exists="append", index=False, method=_copy)
        for statement in _INDEXES:
            database.execute(sa.text(statement))
    sys.stdout.write(f"{rows}\n")


def _copy(table: Any, database: sa.Connection, names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with database.connection.cursor() as cursor:
        buffer = io.StringIO()
        csv.writer(buffer).writerows(rows)
        buffer.seek(0)
        columns = ", ".join(f'"{name}"' for name in names)
        cursor.copy_expert(f"COPY {table.name} ({columns}) FROM STDIN WITH CSV", buffer)


def _clean(chunk: pd.DataFrame, seen: set[str]) -> pd.DataFrame:
    chunk = chunk.replace("", None)
    epoch = chunk["transact_time"].str.fullmatch(r"\d{13}").fillna(False).astype(bool)
    times = pd.to_datetime(chunk["transact_time"].where(~epoch), errors="coerce", utc=True, format="ISO8601")
    stamps = pd.to_datetime(pd.to_numeric(chunk["transact_time"].where(epoch)), unit="ms", utc=True, errors="coerce")
    chunk["transact_time"] = times.fillna(stamps)
    chunk["date"] = chunk["transact_time"].dt.date
    for name in _NUMBERS:
        chunk[name] = chunk[name].map(_decimal, na_action="ignore")
    good = chunk["transact_time"].notna() & chunk["user_id"].notna() & chunk["amount"].notna()
    good &= chunk["type"].isin(["income", "expense"]) & chunk["currency"].str.fullmatch("[A-Z]{3}").fillna(
        False
    ).astype(bool)
    good &= ~chunk["exec_id"].duplicated() & ~chunk["exec_id"].isin(seen)
    chunk = chunk[good]
    seen.update(chunk["exec_id"])
    return chunk


def _decimal(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) < _LARGEST else None


if __name__ == "__main__":
    main(*sys.argv[1:])
