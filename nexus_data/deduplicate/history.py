"""Takes published operations back: their rows leave the lake's table for the history, with who did it and why."""

from dataclasses import dataclass, field

import polars as pl

from nexus_data import lake
from nexus_data.errors import RunError
from nexus_data.runs import Run
from nexus_data.tables import CANONICAL, HISTORY
from nexus_data.tables.model import GENERATION

OPERATIONS = CANONICAL["trading_operations"]
SUPERSEDED = HISTORY["superseded_operations"]


@dataclass(slots=True)
class Rewritten:
    """gone: lake files that held what is taken back. written: those that hold the rest. rows: what is taken back."""

    gone: list[lake.LakeFile] = field(default_factory=list)
    written: list[lake.LakeFile] = field(default_factory=list)
    rows: list[pl.DataFrame] = field(default_factory=list)


def take_back(run: Run, taken: pl.DataFrame) -> Rewritten:
    """Write the lake files without the operations of TAKEN_SCHEMA, not yet committed; a month at a time."""
    done = Rewritten()
    for (month,), ids in taken.partition_by("month", as_dict=True).items():
        for path in lake.files(run.settings.home, OPERATIONS.name, months=[str(month)]):
            _without(run, path, str(month), ids, done)
    if (found := sum(frame.height for frame in done.rows)) != taken.height:
        raise RunError(
            f"{found} of the {taken.height} operations to be superseded are in the lake; nothing was published"
        )
    return done


def _without(run: Run, path: str, month: str, ids: pl.DataFrame, done: Rewritten) -> None:
    wanted = ids["operation_id"].implode()
    if not pl.scan_parquet(path, glob=False).select(pl.col("operation_id").is_in(wanted).any()).collect().item():
        return
    rows = pl.read_parquet(path, glob=False)
    hit = rows["operation_id"].is_in(wanted)
    done.gone.append(lake.LakeFile(path=path, month=month, rows=rows.height))
    done.rows.append(superseded(run, rows.filter(hit).join(ids.drop("month"), on="operation_id")))
    rest = rows.filter(~hit)
    if rest.height:
        done.written.append(_write(run, rest, month, len(done.gone)))


def _write(run: Run, rest: pl.DataFrame, month: str, number: int) -> lake.LakeFile:
    # Numbers of the run's own new files begin at 1; these must not meet them.
    path = lake.new_file(run.settings.home, OPERATIONS.name, run_id=run.run_id, month=month, number=-number)
    rest.write_parquet(path, compression="lz4")
    return lake.LakeFile(path=str(path), month=month, rows=rest.height)


def superseded(run: Run, rows: pl.DataFrame) -> pl.DataFrame:
    """Operations with the columns of TAKEN_SCHEMA as rows of the history; those never published get this generation."""
    now = pl.lit(run.base.generation + 1, dtype=pl.Int64)
    published = pl.col(GENERATION.name) if GENERATION.name in rows.columns else now
    return rows.with_columns(published.alias(GENERATION.name), now.alias("superseded_generation")).select(
        lake.lake_schema(SUPERSEDED).names()
    )
