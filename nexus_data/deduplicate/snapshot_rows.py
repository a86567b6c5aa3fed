"""What becomes of the rows of snapshots: unchanged, restated, vanished, or outdated within the same run.

A row that its predecessor did not show goes the way of any other record; those that it did are decided here.
"""

import duckdb
import polars as pl

from nexus_data import lake
from nexus_data.deduplicate.revisions import SETTLED_SCHEMA, TAKEN_SCHEMA
from nexus_data.deduplicate.snapshots import Plan
from nexus_data.deduplicate.views import lake_view
from nexus_data.kernel.identity import row_id
from nexus_data.runs import Run
from nexus_data.sql import query
from nexus_data.tables import LAKE
from nexus_data.tables.model import Table

_OPERATIONS = LAKE["trading_operations"]
_RECORD = ["file_no", "record_no"]
_DUPLICATE, _PASSED, _SUPERSEDED, _REJECTED = map(pl.lit, ("duplicate", "passed", "superseded", "rejected"))


def settle_snapshots(
    run: Run, engine: duckdb.DuckDBPyConnection, plan: Plan, *, settled: pl.DataFrame, taken: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Decide operations that an earlier version of their file showed: SETTLED_SCHEMA and TAKEN_SCHEMA.

    settled, taken: what revisions have decided, which is left alone. The engine has the view `checked` over all that
    is staged.
    """
    mine = _operations(engine, plan).join(settled, on=_RECORD, how="anti")
    vanished = plan.vanished(_OPERATIONS.name)
    late = _late(engine, plan).join(settled, on=_RECORD, how="anti")
    if mine.height == 0 and vanished.height == 0:
        return _as(SETTLED_SCHEMA, late), TAKEN_SCHEMA.to_frame()
    published = _published(run, engine, pl.concat([mine["row_id"], vanished["row_id"]]))
    last = _last(plan, mine, published)
    rows = pl.concat([last, _outdated(plan, mine), _as(SETTLED_SCHEMA, late)])
    gone = pl.concat([_restated(plan, last, published), _gone(plan, vanished, published)])
    return rows, gone.join(taken, on="operation_id", how="anti")


def _late(engine: duckdb.DuckDBPyConnection, plan: Plan) -> pl.DataFrame:
    """Records that leave quarantine after a newer version of their file came in: it says what is there now."""
    late = _overtaken(plan).filter(pl.col("table_name") == _OPERATIONS.name)
    if late.height == 0:
        return late.with_columns(outcome=pl.lit(""))
    good = engine.sql("SELECT file_no, record_no FROM checked WHERE reasons = ''").pl()
    there = pl.col("last_fp").is_not_null()
    return late.join(good, on=_RECORD, how="semi").with_columns(
        pl.when(pl.col("content_fp").eq_missing(pl.col("last_fp")))
        .then(_DUPLICATE)
        .otherwise(_SUPERSEDED)
        .alias("outcome"),
        pl.when(there).then(pl.lit("restated")).otherwise(pl.lit("vanished")).alias("superseded_reason"),
        pl.when(there).then("row_id").alias("superseded_by"),
        operation_id="row_id",
        superseded_by_file_id="last_file_id",
    )


def _overtaken(plan: Plan) -> pl.DataFrame:
    return plan.replayed.filter(pl.col("last_file_id") != pl.col("file_id"))


def _operations(engine: duckdb.DuckDBPyConnection, plan: Plan) -> pl.DataFrame:
    """What the run's versions show of operations that break no rule."""
    numbers = [file.file_no for scope in plan.scopes if scope.table == _OPERATIONS.name for file in scope.versions]
    good = engine.sql("SELECT file_no, record_no FROM checked WHERE reasons = ''").pl() if numbers else None
    if good is None:
        return plan.shows.clear()
    return plan.shows.filter(pl.col("file_no").is_in(numbers)).join(good, on=_RECORD, how="semi")


def _published(run: Run, engine: duckdb.DuckDBPyConnection, ids: pl.Series) -> pl.DataFrame:
    engine.register("wanted", ids.unique().to_frame("operation_id").to_arrow())
    lake_view(engine, "lake_operations", _OPERATIONS, lake.files(run.settings.home, _OPERATIONS.name))
    found: pl.DataFrame = engine.sql(query("deduplicate/known_operations")).pl()
    return found.select(
        pl.col("operation_id").alias("row_id"), pl.col("content_fp").alias("published_fp"), "month", "file_id"
    )


def _last(plan: Plan, mine: pl.DataFrame, published: pl.DataFrame) -> pl.DataFrame:
    """Rows of the versions in force that the one before showed, decided; SETTLED_SCHEMA without who superseded."""
    lasts = mine.filter(pl.col("file_no").is_in([file.file_no for file in plan.lasts.values()]))
    before = plan.before.select("scope", "row_id", before_fp="content_fp")
    seen = lasts.join(before, on=["scope", "row_id"], how="inner", maintain_order="left")
    seen = seen.join(published.select("row_id", "published_fp"), on="row_id", how="left", maintain_order="left")
    first = pl.col("content_fp").first().over("file_no", "row_id")
    again = ~pl.struct("file_no", "row_id").is_first_distinct()
    same = (pl.col("content_fp") == pl.col("before_fp")) | pl.col("content_fp").eq_missing(pl.col("published_fp"))
    outcome = (
        pl.when(again & (pl.col("content_fp") == first))
        .then(_DUPLICATE)
        .when(again)
        .then(_REJECTED)
        .when(same)
        .then(_DUPLICATE)
        .when(pl.col("published_fp").is_not_null())
        .then(_PASSED)
    )
    decided = seen.with_columns(outcome.alias("outcome")).filter(pl.col("outcome").is_not_null())
    reasons = pl.when(pl.col("outcome") == "rejected").then(pl.lit("ID_CONFLICT:exec_id")).alias("reasons")
    return _as(SETTLED_SCHEMA, decided.with_columns(reasons, operation_id="row_id"))


def _outdated(plan: Plan, mine: pl.DataFrame) -> pl.DataFrame:
    """Rows of versions that another one of this run took the place of."""
    files = {file.file_no: file for file in plan.lasts.values()}
    old = mine.filter(~pl.col("file_no").is_in(list(files)))
    news = mine.filter(pl.col("file_no").is_in(list(files))).unique(["scope", "row_id"], keep="first")
    news = news.select("scope", "row_id", new_fp="content_fp", superseded_by_record_no="record_no")
    both = old.join(news, on=["scope", "row_id"], how="left", maintain_order="left")
    ids = {scope: file.file_id for scope, file in plan.lasts.items()}
    there = pl.col("new_fp").is_not_null()
    equal = pl.col("content_fp").eq_missing(pl.col("new_fp"))
    return _as(
        SETTLED_SCHEMA,
        both.with_columns(
            pl.when(equal).then(_DUPLICATE).otherwise(_SUPERSEDED).alias("outcome"),
            pl.when(there).then(pl.lit("restated")).otherwise(pl.lit("vanished")).alias("superseded_reason"),
            pl.col("scope").replace_strict(ids, return_dtype=pl.Binary).alias("superseded_by_file_id"),
            pl.when(there).then("row_id").alias("superseded_by"),
            operation_id="row_id",
        ),
    )


def _restated(plan: Plan, last: pl.DataFrame, published: pl.DataFrame) -> pl.DataFrame:
    """What is published of rows that the version in force shows with other content."""
    files = {file.file_no: file.file_id for file in plan.lasts.values()}
    passed = last.filter(pl.col("outcome") == "passed").select("file_no", "record_no", "operation_id")
    old = passed.join(published, left_on="operation_id", right_on="row_id", how="inner")
    return _as(
        TAKEN_SCHEMA,
        old.with_columns(
            superseded_reason=pl.lit("restated"),
            superseded_by_file_id=pl.col("file_no").replace_strict(files, return_dtype=pl.Binary),
            superseded_by_record_no="record_no",
            superseded_by="operation_id",
        ),
    )


def _gone(plan: Plan, vanished: pl.DataFrame, published: pl.DataFrame) -> pl.DataFrame:
    """What is published of rows that no snapshot shows any more, if a snapshot it was that published them."""
    ids = {scope: file.file_id for scope, file in plan.lasts.items()}
    old = vanished.select("scope", "row_id").join(published, on="row_id", how="inner")
    own = old.filter(pl.col("file_id").is_in(list(plan.files)))
    return _as(
        TAKEN_SCHEMA,
        own.with_columns(
            operation_id="row_id",
            superseded_reason=pl.lit("vanished"),
            superseded_by_file_id=pl.col("scope").replace_strict(ids, return_dtype=pl.Binary),
        ),
    )


def _as(columns: pl.Schema, rows: pl.DataFrame) -> pl.DataFrame:
    there = set(rows.columns)
    return rows.select(
        (pl.col(name) if name in there else pl.lit(None).alias(name)).cast(dtype) for name, dtype in columns.items()
    )


def outdated_rows(plan: Plan, staged: pl.DataFrame, *, table: Table) -> pl.Series:
    """Which staged rows of a keyed table a newer version, of this run or before it, does not show so any more."""
    mine = [scope for scope in plan.scopes if scope.table == table.name and len(scope.versions) > 1]
    old = [file.file_no for scope in mine for file in scope.versions[:-1]]
    still = plan.shown(table.name)
    marked = staged.select(pl.col("file_no").is_in(old) & ~row_id(table).is_in(still.implode())).to_series()
    late = _overtaken(plan).filter(pl.col("content_fp").ne_missing(pl.col("last_fp"))).select(_RECORD)
    overtaken = staged.select(_RECORD).join(late.with_columns(late=True), on=_RECORD, how="left", maintain_order="left")
    return marked | overtaken["late"].fill_null(value=False)


def vanished_rows(plan: Plan, rows: pl.DataFrame, *, table: Table) -> pl.DataFrame:
    """Rows of a keyed table, published by a snapshot, that no snapshot shows any more; `scope` says which it was."""
    gone = plan.vanished(table.name).select("row_id", "scope")
    own = rows.filter(pl.col("file_id").is_in(list(plan.files)))
    return own.with_columns(row_id(table)).join(gone, on="row_id", how="inner").drop("row_id")
