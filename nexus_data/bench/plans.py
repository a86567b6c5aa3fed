"""What Postgres did to answer a statement: which of the larger tables it read from end to end. It judges no speed."""

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
from psycopg.rows import tuple_row
from psycopg.sql import SQL

from nexus_data.sql import query

Node = Mapping[str, Any]
_SMALL_ROWS = 1000


def plan(database: psycopg.Connection[Any], statement: str, values: Mapping[str, Any]) -> Node:
    """The plan of a statement of `sql/queries`, carried out once."""
    explain = SQL("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {}").format(SQL(query(statement)))
    with database.cursor(row_factory=tuple_row) as cursor:
        (documents,) = cursor.execute(explain, values, prepare=False).fetchone() or ([{}],)
    found: Node = documents[0]["Plan"]
    return found


def sequential(database: psycopg.Connection[Any], top: Node) -> list[str]:
    """The tables of more than a thousand rows that were scanned in sequence, in alphabetical order."""
    scanned = {
        node["Relation Name"] for node in nodes(top) if node["Node Type"] == "Seq Scan" and node["Actual Loops"] > 0
    }
    with database.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(query("bench/large_tables"), {"rows": _SMALL_ROWS, "names": sorted(scanned)})
        return sorted(name for (name,) in cursor)


def nodes(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    for child in node.get("Plans", ()):
        yield from nodes(child)


def outline(top: Node, *, depth: int = 0) -> list[str]:
    """One line a node that was carried out: what it did, on what, how many rows came of it."""
    if not top["Actual Loops"]:
        return []
    on = " ".join(str(top[name]) for name in ("Index Name", "Relation Name", "CTE Name") if name in top)
    line = f"{'  ' * depth}{top['Node Type']} {on} rows={top['Actual Rows']:g} loops={top['Actual Loops']:g}"
    return [line, *(below for child in top.get("Plans", ()) for below in outline(child, depth=depth + 1))]
