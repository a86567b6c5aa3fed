"""What Postgres holds after a run, in the shape in which a generated data set says what it must come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nexus_data.generate.expected import OperationsCell, Rejection
from nexus_data.postgres.connect import connection
from nexus_data.sql import query


@dataclass(frozen=True, slots=True)
class Observation:
    """Published facts: rows by canonical table (implied ones left out), operations by cell, quarantine by SHA-256."""

    rows: Mapping[str, int]
    operations: tuple[OperationsCell, ...]
    rejections: Mapping[str, tuple[Rejection, ...]]


def observe(url: str) -> Observation:
    """Read the facts from a database that holds one generated data set alone; ServiceError when it is down."""
    with connection(url) as database:
        tables = database.execute(query("observe/tables")).fetchall()
        cells = database.execute(query("observe/operations")).fetchall()
        rejected = database.execute(query("observe/rejections")).fetchall()
    return Observation(
        rows={row[0]: row[1] for row in tables},
        operations=tuple(OperationsCell(*row) for row in cells),
        rejections=_by_file(rejected),
    )


def _by_file(rows: list[tuple[Any, ...]]) -> dict[str, tuple[Rejection, ...]]:
    found: dict[str, tuple[Rejection, ...]] = {}
    for sha256, hop, rules, records in rows:
        one = Rejection(hop, ";".join(sorted(rules.split(";"))), tuple(records))
        found[sha256] = (*found.get(sha256, ()), one)
    return found
