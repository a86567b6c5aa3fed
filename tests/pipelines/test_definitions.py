"""The shape of the code location: what a data engineer finds before anything has run."""

import subprocess
import sys

import dagster as dg
import pytest

from nexus_data.sql import ROOT
from nexus_data.tables import CANONICAL
from pipelines.definitions import defs

ENGINES = ("polars", "duckdb", "deltalake", "pyarrow", "psycopg", "redis", "nexus_data.services", "nexus_data.kernel")


def test_definitions_load() -> None:
    dg.Definitions.validate_loadable(defs)


def test_loading_the_code_location_loads_no_engine() -> None:
    program = f"import sys, pipelines.definitions; print([name for name in {ENGINES!r} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_every_mart_file_is_an_asset() -> None:
    keys = defs.resolve_asset_graph().get_all_asset_keys()
    marts = {key.path[1] for key in keys if key.path[0] == "marts"}
    assert marts == {path.stem for path in (ROOT / "marts").glob("*.sql")}
    assert marts


def test_links_between_assets_are_the_lineage() -> None:
    graph = defs.resolve_asset_graph()

    def parents(*path: str) -> set[str]:
        return {key.to_user_string() for key in graph.get(dg.AssetKey(path)).parent_keys}

    assert parents("standardized_records") == {"raw_files"}
    assert parents("lake", "trading_operations") == {"standardized_records"}
    assert parents("trading_operations") == {"lake/trading_operations"}
    assert parents("users") == {"lake/users"}
    assert parents("marts", "positions") == {"lake/trading_operations"}
    assert parents("marts", "milestones") == {"lake/projects", "lake/project_milestones", "lake/trading_operations"}
    assert {"ledger", "marts/project_dashboard"} <= parents("dashboard_cache")


@pytest.mark.parametrize("name", sorted(CANONICAL))
def test_assets_show_the_declared_columns(name: str) -> None:
    shown = defs.resolve_asset_graph().get(dg.AssetKey(name)).metadata["dagster/column_schema"]
    assert [column.name for column in shown.columns] == [field.name for field in CANONICAL[name].fields]
    assert [column.constraints.nullable for column in shown.columns] == [not f.required for f in CANONICAL[name].fields]
    assert all(column.description for column in shown.columns)


def test_every_asset_says_what_it_is() -> None:
    graph = defs.resolve_asset_graph()
    nodes = [graph.get(key) for key in graph.get_all_asset_keys()]
    assert [node.key for node in nodes if not node.description or not node.kinds or node.group_name == "default"] == []


def test_the_whole_way_is_one_job_without_partitions_and_in_one_process() -> None:
    job = defs.resolve_job_def("ledger_run")
    assert job.partitions_def is None
    assert job.executor_def.name == "in_process"
    steps = [node.name for node in job.nodes_in_topological_order]
    ways = ["raw_files", "standardized_records", "deduplicate", "refresh_marts", "publish", "prove_the_commit"]
    assert [step for step in steps if step in ways] == ways
    assert steps.index("prove_the_commit") < steps.index("dashboard_cache") < steps.index("run_summary")


def test_a_range_of_months_is_rebuilt_in_one_run() -> None:
    job = defs.resolve_job_def("rebuild_operations")
    assert job.partitions_def is not None
    node = defs.resolve_asset_graph().get(dg.AssetKey("trading_operations"))
    assert node.backfill_policy == dg.BackfillPolicy.single_run()
