"""Whether Postgres' own catalogue is sound: indexes valid, constraints validated, partitions with their bounds."""

from typing import Any

import psycopg

from nexus_data.sql import query
from nexus_data.tables import CANONICAL, EVIDENCE
from nexus_data.verify.report import Findings


def check(database: psycopg.Connection[Any], findings: Findings) -> None:
    """Name what the catalogue says is not sound."""
    tables = [*CANONICAL, *EVIDENCE]
    with findings.check("catalogue", "tables") as counted:
        counted["tables"] = len(tables)
        for kind, name, expected, found in database.execute(query("verify/catalog"), {"tables": tables}):
            findings.add(kind, name=name, expected=expected, found=found)
