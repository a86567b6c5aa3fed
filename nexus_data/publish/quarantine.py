"""The end of a replay, in the publisher's transaction: what left quarantine is marked, what was corrected is kept."""

import polars as pl
import psycopg
from psycopg import sql

from nexus_data.errors import RunError
from nexus_data.landing import load_files
from nexus_data.publish.copy import copy_frame
from nexus_data.quarantine import fates
from nexus_data.runs import Run
from nexus_data.sql import query
from nexus_data.tables.polars_schema import schema
from nexus_data.tables.quarantine import CORRECTIONS

_TEMPORARY = "resolved_quarantine"


def settle_quarantine(run: Run, database: psycopg.Connection, *, generation: int) -> None:
    """Mark the rows that this run resolves, and keep its corrections. RunError when a row is not open any more."""
    resolved = fates.resolved(run)
    if not resolved.height:
        return
    about = _about(run)
    rows = resolved.join(about, on="file_no", how="inner").select(
        "file_id", "source", "user_id", "record_no", "generation", "resolution", "contract_version"
    )
    database.execute(query("publish/create_resolved_quarantine"))
    with database.cursor() as cursor:
        copy_frame(cursor, rows, table=sql.Identifier(_TEMPORARY))
        corrections = fates.corrections(run)
        if corrections.height:
            kept = corrections.join(about, on="file_no", how="inner").with_columns(
                run_id=pl.lit(run.run_id), generation=pl.lit(generation, dtype=pl.Int64)
            )
            columns = schema(CORRECTIONS)
            copy_frame(cursor, kept.select(columns.names()).cast(columns), table=sql.Identifier(CORRECTIONS.name))
        marked = cursor.execute(
            query("publish/resolve_quarantine"), {"generation": generation, "run_id": run.run_id}
        ).rowcount
    if marked != rows.height:
        raise RunError(f"{rows.height} records leave quarantine, but {marked} are in it; nothing was committed")


def demand_quarantine(database: psycopg.Connection, *, generation: int) -> None:
    """Raise RunError unless quarantine holds, of the files of this generation, what the ledger says."""
    broken = database.execute(query("ledger/unbalanced_quarantine"), {"generation": generation}).fetchall()
    if broken:
        file_id, source, user_id, expected, records, *_ = broken[0]
        raise RunError(
            f"file {file_id} ({source}, {user_id}): quarantine holds {records} records where the ledger says "
            f"{expected} (or their fingerprints differ); nothing was committed"
        )


def _about(run: Run) -> pl.DataFrame:
    files = [file for file in load_files(run) if file.replayed]
    return pl.DataFrame(
        {
            "file_no": [file.file_no for file in files],
            "file_id": [file.file_id for file in files],
            "source": [file.source for file in files],
            "user_id": [file.owner for file in files],
            "contract_version": [file.contract_version for file in files],
        },
        schema={
            "file_no": pl.Int64(),
            "file_id": pl.Binary(),
            "source": pl.String(),
            "user_id": pl.String(),
            "contract_version": pl.String(),
        },
    )
