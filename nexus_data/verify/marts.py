"""The marts beside what Postgres itself makes of the published rows, by statements of the verifier's own."""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from nexus_data.sql import query
from nexus_data.verify.history import History
from nexus_data.verify.report import MOST_OF_A_KIND, Findings

KNOWN = ("daily_totals", "data_quality", "data_quality_daily", "milestones", "positions", "project_dashboard")
"""The marts that have a statement `verify_mart_<name>`; another one is told as not verified."""


def check(database: psycopg.Connection[Any], history: History, findings: Findings) -> None:
    """Compare every mart, row by row and cell by cell."""
    with database.cursor(row_factory=dict_row) as cursor:
        there = {row["mart"]: row for row in cursor.execute(query("verify/marts")).fetchall()}
    if history.current is None:
        return
    for name in sorted({*KNOWN, *there}):
        if name not in KNOWN:
            with findings.check(f"mart {name}", "not verified: there is no second statement of it"):
                continue
        with findings.check(f"mart {name}", "rows") as counted:
            if name not in there:
                findings.add("mart_missing", mart=name)
                continue
            counted["rows"] = _compare(database, there[name], findings)
    _check_day(database, history, there, findings)


def _compare(database: psycopg.Connection[Any], mart: Mapping[str, Any], findings: Findings) -> int:
    key, columns = list(mart["key"] or mart["columns"]), list(mart["columns"])
    rest = [name for name in columns if name not in key]
    statement = sql.SQL(
        "WITH ours AS MATERIALIZED ({ours}) SELECT {keys}, ours.{first} IS NULL AS extra, "
        "theirs.{first} IS NULL AS gone, {both} FROM ours FULL JOIN marts.{mart} AS theirs ON ({same}) "
        "WHERE ours.{first} IS NULL OR theirs.{first} IS NULL OR {differ}"
    ).format(
        ours=sql.SQL(query(f"verify/marts/{mart['mart']}")),
        keys=_each("coalesce(ours.{0}, theirs.{0})", key, ", "),
        first=sql.Identifier(key[0]),
        both=_each("ours.{0}::text, theirs.{0}::text", rest, ", "),
        mart=sql.Identifier(mart["mart"]),
        same=_each("ours.{0} = theirs.{0}", key, " AND "),
        differ=_each("ours.{0} IS DISTINCT FROM theirs.{0}", rest, " OR "),
    )
    with database.cursor() as cursor:
        for row in cursor.execute(statement).fetchall():
            _tell(mart["mart"], dict(zip(key, row, strict=False)), rest, row[len(key) :], findings)
        counted = sql.SQL("SELECT count(*) FROM marts.{}").format(sql.Identifier(mart["mart"]))
        rows = cursor.execute(counted).fetchone()
    return int(rows[0]) if rows else 0


def _each(text: str, names: list[str], between: str) -> sql.Composed:
    return sql.SQL(between).join(sql.SQL(text).format(sql.Identifier(name)) for name in names)


def _tell(mart: str, place: Mapping[str, Any], rest: list[str], row: tuple[Any, ...], findings: Findings) -> None:
    extra, gone, *cells = row
    if extra or gone:
        findings.add("mart_row_unexpected" if extra else "mart_row_missing", mart=mart, **place)
        return
    for name, ours, theirs in zip(rest, cells[::2], cells[1::2], strict=True):
        if not _same(ours, theirs):
            findings.add("mart_cell", mart=mart, **place, column=name, expected=ours, found=theirs)


def _same(ours: str | None, theirs: str | None) -> bool:
    """Numbers in another scale are the same numbers."""
    if ours == theirs or ours is None or theirs is None:
        return ours == theirs
    return _trimmed(ours) == _trimmed(theirs)


def _trimmed(text: str) -> str:
    plain = text.lstrip("-").replace(".", "", 1)
    return text.rstrip("0").rstrip(".") if "." in text and plain.isdigit() else text


def _check_day(
    database: psycopg.Connection[Any], history: History, there: Mapping[str, Any], findings: Findings
) -> None:
    """Lateness was judged on the day of the publish, or the day before if that was at midnight."""
    committed = history.current["committed_at"].date() if history.current else None
    for name in ("milestones", "project_dashboard"):
        if name not in there or committed is None:
            continue
        statement = sql.SQL("SELECT DISTINCT as_of FROM marts.{}").format(sql.Identifier(name))
        for (day,) in database.execute(statement).fetchmany(MOST_OF_A_KIND):
            if not 0 <= (committed - day).days <= 1:
                findings.add("mart_cell", mart=name, column="as_of", expected=committed, found=day)
