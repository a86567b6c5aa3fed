"""What the lake is told of snapshots once they are decided: the versions there were, and what those in force show."""

import polars as pl

from nexus_data import lake
from nexus_data.deduplicate.snapshots import Plan, Scope
from nexus_data.runs import Run
from nexus_data.tables import LAKE

_SIGHTINGS, _VERSIONS = LAKE["sightings"], LAKE["snapshot_versions"]


def remember(run: Run, found: Plan, *, rejected: pl.DataFrame) -> None:
    """Let the lake know what the versions in force show. rejected: `file_no`, `record_no` of what went no further.

    What a rejected record showed before is still there, and so stays known.
    """
    home = run.settings.home
    lasts = found.last_rows()
    out = lasts.join(rejected, on=["file_no", "record_no"], how="semi")["row_id"]
    kept = pl.concat([out, found.mentioned["row_id"]])
    news = lasts.join(rejected, on=["file_no", "record_no"], how="anti").select("scope", "row_id", "content_fp")
    old = found.before.filter(pl.col("row_id").is_in(kept.implode())).select("scope", "row_id", "content_fp")
    rows = pl.concat([news, old]).unique(["scope", "row_id"], keep="first", maintain_order=True)
    written = [_write(run, scope, rows, place) for place, scope in enumerate(found.scopes)]
    gone = [
        lake.LakeFile(path=path, month=scope.name, rows=0)
        for scope in found.scopes
        for path in lake.files(home, _SIGHTINGS.name, months=[scope.name])
    ]
    lake.append(home, _SIGHTINGS, written=[*written, *_write_replayed(run, found, rejected)], gone=gone)
    lake.add(home, _VERSIONS, rows=_versions(run, found), run_id=run.run_id)


def _write_replayed(run: Run, found: Plan, rejected: pl.DataFrame) -> list[lake.LakeFile]:
    """What the version in force shows beside what it did, now that records of it left quarantine."""
    rows = found.replayed.filter(pl.col("file_id") == pl.col("last_file_id"), pl.col("last_fp").is_null())
    rows = rows.join(rejected, on=["file_no", "record_no"], how="anti").unique(["scope", "row_id"], keep="first")
    files = []
    for place, ((name,), mine) in enumerate(rows.partition_by("scope", as_dict=True).items()):
        scope, number = str(name), len(found.scopes) + place
        path = lake.new_file(run.settings.home, _SIGHTINGS.name, run_id=run.run_id, month=scope, number=number)
        mine.select(lake.lake_schema(_SIGHTINGS).names()).write_parquet(path, compression="lz4")
        files.append(lake.LakeFile(path=str(path), month=scope, rows=mine.height))
    return files


def _write(run: Run, scope: Scope, rows: pl.DataFrame, place: int) -> lake.LakeFile:
    mine = rows.filter(pl.col("scope") == scope.name).with_columns(
        pl.lit(scope.source).alias("source"),
        pl.lit(scope.table).alias("table_name"),
        pl.lit(scope.last.file_id, dtype=pl.Binary).alias("file_id"),
    )
    path = lake.new_file(run.settings.home, _SIGHTINGS.name, run_id=run.run_id, month=scope.name, number=place)
    mine.select(lake.lake_schema(_SIGHTINGS).names()).write_parquet(path, compression="lz4")
    return lake.LakeFile(path=str(path), month=scope.name, rows=mine.height)


def _versions(run: Run, found: Plan) -> pl.DataFrame:
    rows = [
        {
            "scope": scope.name,
            "file_id": file.file_id,
            "generation": run.base.generation + 1,
            "content_fp": 0,
        }
        for scope in found.scopes
        for file in scope.versions
    ]
    return pl.DataFrame(rows, schema=lake.lake_schema(_VERSIONS), orient="row")
