"""Parents that records name and nobody else has: users of operations, projects of milestones. They become rows with
status `implied`, which are no records and give way to the first record of their key."""

from collections.abc import Mapping

import polars as pl

from nexus_data.lake import lake_schema
from nexus_data.tables import CANONICAL

IMPLIED = "implied"


def unknown_parents(
    staged: pl.DataFrame, *, known: pl.DataFrame, allowed: Mapping[int, bool], column: str
) -> pl.Series:
    """Which staged rows name a parent that is not known and that their contract does not let stand."""
    free = pl.Series([number for number, implied in allowed.items() if implied], dtype=pl.Int64)
    unknown = ~pl.col(column).is_in(known[column].implode()) & ~pl.col("file_no").is_in(free.implode())
    return staged.select(unknown.alias("unknown"))["unknown"]


def implied_users(rows: pl.DataFrame, *, known: pl.DataFrame) -> pl.DataFrame:
    """A row of `users` for every `user_id` among the rows that is not known yet."""
    return _implied(rows, "users", key="user_id", known=known, values={"display_name": pl.col("user_id")})


def implied_projects(rows: pl.DataFrame, *, known: pl.DataFrame) -> pl.DataFrame:
    """A row of `projects` for every `project_id` among the rows (which have `user_id`) that is not known yet."""
    values = {"user_id": pl.col("user_id"), "name": pl.col("project_id"), "status_category": pl.lit("in_progress")}
    return _implied(rows, "projects", key="project_id", known=known, values=values)


def _implied(
    rows: pl.DataFrame, table: str, *, key: str, known: pl.DataFrame, values: Mapping[str, pl.Expr]
) -> pl.DataFrame:
    columns = lake_schema(CANONICAL[table])
    first = rows.filter(~pl.col(key).is_in(known[key].implode())).unique(key, keep="first", maintain_order=True)
    provenance = {name: pl.col(name) for name in (key, "source", "file_id", "record_no", "row_fp")}
    given = {**provenance, "status": pl.lit(IMPLIED), "content_fp": pl.lit(0), **values}
    return first.select(given.get(name, pl.lit(None)).cast(dtype).alias(name) for name, dtype in columns.items())
