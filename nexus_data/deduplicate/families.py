"""Finds the operations that revisions touch, staged and published, and has them decided before all others."""

from dataclasses import dataclass, replace
from typing import Any

import duckdb
import polars as pl

from nexus_data import lake
from nexus_data.deduplicate.revisions import SETTLED_SCHEMA, TAKEN_SCHEMA, Id, Known, Version, settle
from nexus_data.deduplicate.views import lake_view
from nexus_data.runs import Run
from nexus_data.sql import query
from nexus_data.staging import read_marks
from nexus_data.tables import LAKE

REVISIONS = LAKE["operation_revisions"]


@dataclass(frozen=True, slots=True)
class Decisions:
    """rows: SETTLED_SCHEMA. taken: TAKEN_SCHEMA. revisions: those that are new, as the lake keeps them."""

    rows: pl.DataFrame
    taken: pl.DataFrame
    revisions: pl.DataFrame


def settle_revisions(run: Run, engine: duckdb.DuckDBPyConnection) -> Decisions:
    """Decide the staged records of every family. The engine has the view `checked` over all that is staged."""
    marks = read_marks(run.staging)
    stored = lake.snapshot(run.settings.home, REVISIONS)
    staged = _staged(run, engine, marks, stored) if marks.height or stored.height else []
    before = [_stored(row) for row in stored.iter_rows(named=True)] if staged else []
    found = settle(staged, stored=before, look_up=lambda ids: _known(run, engine, ids, before))
    return Decisions(
        rows=pl.DataFrame(found.rows, schema=SETTLED_SCHEMA, orient="row"),
        taken=pl.DataFrame(found.taken, schema=TAKEN_SCHEMA, orient="row"),
        revisions=pl.DataFrame(
            [_as_stored(one) for one in found.news], schema=lake.lake_schema(REVISIONS), orient="row"
        ),
    )


def _staged(run: Run, engine: duckdb.DuckDBPyConnection, marks: pl.DataFrame, stored: pl.DataFrame) -> list[Version]:
    named = (stored["operation_id"], stored["refers_to"], marks["refers_to"])
    ids = pl.concat([series.rename("operation_id") for series in named]).unique()
    engine.register("marks", marks.to_arrow())
    engine.register("families", ids.to_frame().to_arrow())
    arrived = run.base.generation + 1
    return [
        Version(**row, arrival=(arrived, row["file_no"], row["record_no"]))
        for row in engine.sql(query("deduplicate/family_operations")).pl().iter_rows(named=True)
    ]


def _known(run: Run, engine: duckdb.DuckDBPyConnection, ids: set[Id], stored: list[Version]) -> Known:
    if not ids:
        return Known((), ())
    engine.register("wanted", pl.DataFrame({"operation_id": list(ids)}, schema={"operation_id": pl.Binary}).to_arrow())
    home = run.settings.home
    lake_view(engine, "lake_operations", LAKE["trading_operations"], lake.files(home, "trading_operations"))
    lake_view(engine, "lake_superseded", LAKE["superseded_operations"], lake.files(home, "superseded_operations"))
    published = engine.sql(query("deduplicate/known_operations")).pl()
    originals = engine.sql(query("deduplicate/known_originals")).pl()
    revised = {(one.operation_id, one.content_fp): one for one in stored if one.action == "correct"}
    return Known([_published(row, revised) for row in published.iter_rows(named=True)], set(originals.iter_rows()))


def _published(row: dict[str, Any], revised: dict[tuple[Id, int], Version]) -> Version:
    generation = row.pop("generation")
    plain = Version(**row, arrival=(generation, 0, row["record_no"]))
    said = revised.get((plain.operation_id, plain.content_fp))
    if said is None:
        return plain
    return replace(plain, action=said.action, refers_to=said.refers_to, version=said.version)


def _stored(row: dict[str, Any]) -> Version:
    generation = row.pop("generation")
    return Version(**row, arrival=(generation, 0, row["record_no"]))


def _as_stored(one: Version) -> dict[str, object]:
    return {
        "operation_id": one.operation_id,
        "refers_to": one.refers_to,
        "action": one.action,
        "version": one.version,
        "generation": one.arrival[0],
        "file_id": one.file_id,
        "record_no": one.record_no,
        "content_fp": one.content_fp,
    }
