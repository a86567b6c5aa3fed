"""The keyed tables, each decided in the order in which they depend on each other, with the parents that rows imply."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from nexus_data import lake
from nexus_data.deduplicate import keyed, parents
from nexus_data.deduplicate.outcome import Outcome, ledger_facts
from nexus_data.deduplicate.snapshot_rows import outdated_rows, vanished_rows
from nexus_data.deduplicate.snapshots import Plan
from nexus_data.kernel.identity import row_key
from nexus_data.landing import LandedFile
from nexus_data.runs import Run
from nexus_data.staging import units
from nexus_data.tables import CANONICAL, HISTORY
from nexus_data.tables.model import PROVENANCE, Table


@dataclass(frozen=True, slots=True)
class Tables:
    """Every keyed table as it will be; `file_no` is PUBLISHED for rows that this run left as they were.

    vanished: rows that are no more, by table.
    """

    now: dict[str, pl.DataFrame] = field(default_factory=dict)
    vanished: dict[str, pl.DataFrame] = field(default_factory=dict)


def keyed_tables(
    run: Run, files: Mapping[int, LandedFile], *, implied: Mapping[int, bool], plan: Plan, outcome: Outcome
) -> Tables:
    """Decide what is staged for every keyed table."""
    tables = Tables()
    for name, table in CANONICAL.items():
        if table.partition_by is not None:
            continue
        current = lake.snapshot(run.settings.home, table)
        staged = _staged(run.staging, name, files)
        old = outdated_rows(plan, staged, table=table)
        _take(outcome, staged.filter(old), table=name, became="superseded")
        staged = staged.filter(~old)
        refused = _refused(name, staged, tables.now, implied, files)
        decision = keyed.decide(current, staged=staged.filter(~refused), table=table)
        outcome.take(decision.decided, table=name, by_month=False)
        _take(outcome, staged.filter(refused), table=name, became="rejected", reasons=_unknown_parent(name))
        _take_back(run, outcome, decision.taken_back, table=table, reason="restated")
        tables.now[name] = _without_vanished(run, decision.snapshot, tables, table=table, plan=plan, outcome=outcome)
        _imply(name, staged.filter(~refused), files, tables.now)
    return tables


def _take(outcome: Outcome, rows: pl.DataFrame, *, table: str, became: str, reasons: str | None = None) -> None:
    if rows.height:
        told = (pl.lit(became).alias("outcome"), pl.lit(reasons, dtype=pl.String).alias("reasons"))
        outcome.take(rows.select("file_no", "record_no", "row_fp", *told), table=table, by_month=False)


def _take_back(run: Run, outcome: Outcome, rows: pl.DataFrame, *, table: Table, reason: str) -> None:
    taken = _without_implied(rows)
    outcome.taken_back.append(ledger_facts(taken, table=table.name))
    outcome.superseded_rows.append(_as_history(run, taken, table=table, reason=reason))


def _as_history(run: Run, rows: pl.DataFrame, *, table: Table, reason: str) -> pl.DataFrame:
    """Rows of the table superseded_rows."""
    outside = {"password_hash", *(one.name for one in PROVENANCE)}
    names = [one.name for one in table.fields if one.name not in outside]
    return rows.select(
        pl.lit(table.name).alias("table_name"),
        row_key(table),
        pl.struct(pl.col(names).cast(pl.String)).struct.json_encode().alias("row"),
        pl.lit(run.base.generation + 1, dtype=pl.Int64).alias("superseded_generation"),
        pl.lit(reason).alias("superseded_reason"),
        *(one.name for one in PROVENANCE),
    ).select([one.name for one in HISTORY["superseded_rows"].fields])


def _without_vanished(
    run: Run, snapshot: pl.DataFrame, tables: Tables, *, table: Table, plan: Plan, outcome: Outcome
) -> pl.DataFrame:
    before = _without_implied(snapshot.filter(pl.col("file_no") == keyed.PUBLISHED))
    gone = vanished_rows(plan, before, table=table)
    tables.vanished[table.name] = gone.drop("scope")
    _take_back(run, outcome, gone.drop("scope"), table=table, reason="vanished")
    for scope, count in gone.group_by("scope").len().iter_rows():
        outcome.vanished[plan.lasts[scope].file_no] += count
    return snapshot.join(gone, on=list(table.key), how="anti", maintain_order="left")


def keep_named(run: Run, tables: Tables) -> None:
    """Users and projects that vanished, and that other rows still name, stay as implied ones."""
    _keep(tables, "projects", parents.implied_projects, named=[tables.now["project_milestones"]["project_id"]])
    # Only now: a project that stays names its owner.
    users = [tables.now[name]["user_id"] for name in ("user_accounts", "projects", "frenly_ai_tasks")]
    if tables.vanished["users"].height:
        users.append(_users_of_operations(run, tables.vanished["users"]["user_id"]))
    _keep(tables, "users", parents.implied_users, named=users)


def _keep(tables: Tables, name: str, make: Callable[..., pl.DataFrame], *, named: Sequence[pl.Series]) -> None:
    key = CANONICAL[name].key[0]
    still = tables.vanished[name].filter(pl.col(key).is_in(pl.concat(named).implode()))
    tables.now[name] = pl.concat([tables.now[name], _new(make(still, known=tables.now[name]))])


def _users_of_operations(run: Run, users: pl.Series) -> pl.Series:
    files = lake.files(run.settings.home, "trading_operations")
    if not files:
        return users.clear()
    rows = pl.scan_parquet(files, glob=False).select("user_id").filter(pl.col("user_id").is_in(users.implode()))
    return rows.unique().collect()["user_id"]


def _staged(staging: Path, name: str, files: Mapping[int, LandedFile]) -> pl.DataFrame:
    found = [file for group in units(staging, name) for file in group]
    if not found:
        return pl.Schema({**lake.lake_schema(CANONICAL[name]), "file_no": pl.Int64()}).to_frame()
    return pl.read_parquet(found, glob=False).filter(pl.col("file_no").is_in(list(files))).sort("file_no", "record_no")


_PARENT = {
    "user_accounts": ("users", "user_id"),
    "projects": ("users", "user_id"),
    "project_milestones": ("projects", "project_id"),
    "frenly_ai_tasks": ("users", "user_id"),
}


_UNKNOWN = {"users": "UNKNOWN_USER", "projects": "UNKNOWN_PROJECT"}


def _refused(
    name: str,
    staged: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    implied: Mapping[int, bool],
    files: Mapping[int, LandedFile],
) -> pl.Series:
    if name not in _PARENT:
        return pl.Series([False] * staged.height, dtype=pl.Boolean)
    parent, column = _PARENT[name]
    refused = parents.unknown_parents(staged, known=tables[parent], allowed=implied, column=column)
    return refused & ~_is_owner(staged, files) if column == "user_id" else refused


def _is_owner(rows: pl.DataFrame, files: Mapping[int, LandedFile]) -> pl.Series:
    """Whether a row's user is the one whom its file was landed for."""
    owners = pl.DataFrame(
        {"file_no": list(files), "owner": [file.owner for file in files.values()]},
        schema={"file_no": pl.Int64(), "owner": pl.String()},
    )
    joined = rows.select("file_no", "user_id").join(owners, on="file_no", how="left", maintain_order="left")
    return joined.select((pl.col("user_id") == pl.col("owner")).alias("own"))["own"]


def _unknown_parent(name: str) -> str | None:
    if name not in _PARENT:
        return None
    parent, column = _PARENT[name]
    return f"{_UNKNOWN[parent]}:{column}"


def _imply(name: str, staged: pl.DataFrame, files: Mapping[int, LandedFile], tables: dict[str, pl.DataFrame]) -> None:
    """Add the parents that a keyed table's new rows name and nobody has."""
    if _PARENT.get(name, ("", ""))[1] == "user_id":
        add_users(staged, tables)
    if name == "project_milestones":
        owners = {number: file.owner for number, file in files.items()}
        rows = staged.with_columns(pl.col("file_no").replace_strict(owners, return_dtype=pl.String).alias("user_id"))
        news = parents.implied_projects(rows, known=tables["projects"])
        tables["projects"] = pl.concat([tables["projects"], _new(news)])
        add_users(news, tables)


def add_users(rows: pl.DataFrame, tables: dict[str, pl.DataFrame]) -> None:
    """Add the users that new rows name and nobody has."""
    news = parents.implied_users(rows, known=tables["users"])
    tables["users"] = pl.concat([tables["users"], _new(news)])


def _new(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.lit(0, dtype=pl.Int64).alias("file_no"))


def _without_implied(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("status") != parents.IMPLIED) if "status" in rows.columns else rows
