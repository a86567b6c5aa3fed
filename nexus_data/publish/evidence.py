"""The run's rows of the evidence tables, in their declared shapes: ledger, files, quarantine."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import psycopg
from psycopg.rows import dict_row

from nexus_data.landing import LandedFile
from nexus_data.ledger import Line
from nexus_data.quarantine.fates import changes_nothing, unmoved
from nexus_data.runs import Run
from nexus_data.sql import query
from nexus_data.staging import read_rejected
from nexus_data.tables import EVIDENCE
from nexus_data.tables.ledger import OUTCOMES
from nexus_data.tables.polars_schema import schema


def generation(run: Run) -> int:
    """The generation that this run will make: the run is the only writer, so nobody takes the number before it.

    A replay that changes nothing makes none: then the one that there is.
    """
    return run.base.generation + (0 if changes_nothing(run) else 1)


def ledger_rows(run: Run, lines: Sequence[Line], *, files: Mapping[int, LandedFile]) -> pl.DataFrame:
    """Ledger rows from lines; those of the hop `supersede` have negative file numbers and come from taken_back_rows."""
    return _frame("ledger", [_ledger_row(run, line, files[line.file_no]) for line in lines])


def _ledger_row(run: Run, line: Line, file: LandedFile) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "file_no": line.file_no,
        "generation": generation(run),
        "file_id": file.file_id,
        "source": file.source,
        "user_id": file.owner,
        "table_name": file.table,
        "hop": line.hop,
        "partition": line.partition,
        "records_in": line.records_in,
        "fp_in": line.fp_in,
        **line.records,
        **{f"fp_{outcome}": line.fingerprints[outcome] for outcome in OUTCOMES},
    }


def taken_back_rows(run: Run, *, published: pl.DataFrame) -> pl.DataFrame:
    """Ledger rows of the hop `supersede`: published rows of earlier files that this run's rows replaced.

    published: the files already published (columns of the table files).
    """
    taken = pl.read_parquet(run.staging / "taken-back.parquet", glob=False)
    sums = taken.group_by("source", "table_name", "file_id", "partition").agg(
        pl.len().cast(pl.Int64).alias("n"), pl.col("row_fp").cast(pl.Int128).sum().alias("fp")
    )
    owners = published.select("file_id", "source", "user_id").unique(["file_id", "source"], keep="first")
    whose = sums.join(owners, on=["file_id", "source"], how="left").sort("source", "table_name", "file_id", "partition")
    return _frame(
        "ledger", [_taken_back(run, number, row) for number, row in enumerate(whose.iter_rows(named=True), 1)]
    )


def _taken_back(run: Run, number: int, row: dict[str, Any]) -> dict[str, Any]:
    zeros = dict.fromkeys(OUTCOMES, 0)
    return {
        "run_id": run.run_id,
        "file_no": -number,
        "generation": generation(run),
        "file_id": row["file_id"],
        "source": row["source"],
        "user_id": row["user_id"] or "",
        "table_name": row["table_name"],
        "hop": "supersede",
        "partition": row["partition"],
        "records_in": row["n"],
        "fp_in": str(row["fp"]),
        **zeros,
        "superseded": row["n"],
        **{f"fp_{outcome}": "0" for outcome in OUTCOMES},
        "fp_superseded": str(row["fp"]),
    }


def files_rows(run: Run, lines: Sequence[Line], *, files: Sequence[LandedFile]) -> pl.DataFrame:
    """One row per file that came in or is held; duplicates of known files add none."""
    came = {line.file_no: line.records_in for line in lines if line.hop == "read"}
    kept = {(f.file_id, f.source, f.owner): f for f in files if f.status in ("new", "held") and not f.replayed}
    return _frame("files", [_files_row(run, file, came.get(file.file_no, 0)) for file in kept.values()])


def files_after(run: Run, lines: Sequence[Line], *, files: Sequence[LandedFile], known: pl.DataFrame) -> pl.DataFrame:
    """The table files as this run leaves it: a file that was held and now goes in is held no more."""
    news = files_rows(run, lines, files=files)
    freed = news.filter(pl.col("status") == "published").select("file_id", "user_id", status=pl.lit("held"))
    kept = known.join(freed, on=["file_id", "user_id", "status"], how="anti")
    return pl.concat([kept, news.join(kept, on=list(EVIDENCE["files"].key), how="anti")])


def _files_row(run: Run, file: LandedFile, records: int) -> dict[str, Any]:
    return {
        "file_id": file.file_id,
        "source": file.source,
        "user_id": file.owner,
        "sha256": file.sha256,
        "name": file.name,
        "size": file.size,
        "status": "published" if file.status == "new" else "held",
        "dataset": file.dataset or None,
        "contract_version": file.contract_version or None,
        "table_name": file.table,
        "reason": file.reason or None,
        "records": records,
        "generation": generation(run),
        "landed_at": file.landed_at,
        "landed_as": file.landed_as,
        "landed_for": file.user,
    }


def quarantine_rows(run: Run, *, files: Mapping[int, LandedFile]) -> pl.DataFrame:
    """The run's rejected records, with what is known of their files; those that are in quarantine for it add no row."""
    live = {number: file for number, file in files.items() if file.status == "new"}
    rejected = pl.concat(
        [read_rejected(run.staging, files=list(live)), read_rejected(run.staging / "late", files=list(live))]
    )
    about = pl.DataFrame(
        [
            {
                "file_no": number,
                "file_id": file.file_id,
                "user_id": file.owner,
                "source": file.source,
                "table_name": file.table,
                "contract_version": file.contract_version,
                "generation": generation(run),
            }
            for number, file in live.items()
        ],
        schema={
            "file_no": pl.Int64(),
            **{name: schema(EVIDENCE["quarantine"])[name] for name in _ABOUT},
        },
    )
    joined = rejected.join(about, on="file_no", how="inner", maintain_order="left")
    joined = joined.join(unmoved(run), on=["file_no", "record_no"], how="anti", maintain_order="left")
    declared = schema(EVIDENCE["quarantine"])
    still_open = [pl.lit(None, dtype=declared[name]).alias(name) for name in _RESOLVED]
    texts = pl.col("raw").str.replace_all("\x00", "\\x00", literal=True)
    return joined.with_columns(texts, *still_open).select(declared.names())


_ABOUT = ("file_id", "user_id", "source", "table_name", "contract_version", "generation")
_RESOLVED = ("resolved_generation", "resolved_run_id", "resolved_contract_version", "resolution")


def present(database: psycopg.Connection, name: str) -> pl.DataFrame:
    """The rows of `ledger` or `files` that are committed already."""
    with database.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(query(f"ledger/{name}_rows")).fetchall()
    return _frame(name, [{column: _plain(value) for column, value in row.items()} for row in rows])


def _plain(value: Any) -> Any:
    return value.bytes if hasattr(value, "bytes_le") else value


def _frame(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    columns = schema(EVIDENCE[name])
    loose = {key: pl.String() if isinstance(dtype, pl.Decimal) else dtype for key, dtype in columns.items()}
    texts = [{k: str(v) if isinstance(columns[k], pl.Decimal) else v for k, v in row.items()} for row in rows]
    return pl.DataFrame(texts, schema=loose, orient="row").cast(columns)
