"""What the library declares and reports, as Dagster metadata. Nothing is computed here."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    from nexus_data.checks import Finding
from nexus_data.results import FileOutcome, RunSummary, StepResult, Tally
from nexus_data.tables.model import Field, Kind, Table
from pipelines.partitions import known_months

Metadata = dict[str, Any]
Rows = Mapping[str, int]

SUMMARY = "summary"
"""Under this name the asset run_summary carries the whole RunSummary as JSON."""

_REASON_SHOWN = 200
_TYPES = {
    Kind.MONEY: "decimal(38, 18)",
    Kind.PRICE: "decimal(38, 20)",
    Kind.SUM: "decimal(38, 0)",
    Kind.INTEGER: "bigint",
    Kind.TIMESTAMP: "timestamp, UTC",
}
_COUNTS = ("records", "published", "rejected", "duplicate", "superseded", "skipped", "held")
_LANDED = dg.TableSchema(
    [
        *(dg.TableColumn(name, "text") for name in ("file", "status", "dataset")),
        *(dg.TableColumn(name, "integer") for name in _COUNTS),
        dg.TableColumn("reason", "text"),
    ]
)


def table_metadata(table: Table, *, name: str) -> Metadata:
    """Of an asset that is a declared table: its columns and the name by which it is queried."""
    return {"dagster/column_schema": column_schema(table), "dagster/table_name": name}


def column_schema(table: Table) -> dg.TableSchema:
    """The declared columns with their docs and constraints."""
    constraints = [f"primary key ({', '.join(table.key)})", *table.checks]
    return dg.TableSchema(
        columns=[_column(field) for field in table.fields],
        constraints=dg.TableConstraints(other=constraints),
    )


def _column(field: Field) -> dg.TableColumn:
    other = [f"one of {', '.join(field.values)}"] if field.values else []
    if field.non_negative:
        other.append("not negative")
    constraints = dg.TableColumnConstraints(nullable=not field.required, other=other)
    return dg.TableColumn(field.name, _TYPES.get(field.kind, field.kind.value), field.doc, constraints=constraints)


def step_metadata(result: StepResult) -> Metadata:
    """What every step reports: each outcome's count, its seconds, its rate (the UI draws both over runs), its notes."""
    return {
        **tally_metadata(result.tally),
        "seconds": round(result.seconds, 3),
        "records_per_minute": result.records_per_minute,
        **({"notes": dg.MetadataValue.md(_bullets(result.notes))} if result.notes else {}),
    }


def tally_metadata(tally: Tally) -> Metadata:
    """Records in, and what became of them, one number each, so that the UI draws them over time."""
    return {
        "records_in": tally.records_in,
        "passed": tally.passed,
        "rejected": tally.rejected,
        "duplicate": tally.duplicate,
        "superseded": tally.superseded,
        "skipped": tally.skipped,
        "held": tally.held,
        "balanced": tally.balanced,
    }


def log_months(context: dg.AssetExecutionContext, key: dg.AssetKey, *, new: Rows, rows: Rows) -> None:
    """Tell Dagster which months of a partitioned asset this step wrote: its new rows, and all that it has now."""
    for month in known_months(new):
        metadata = {"dagster/partition_row_count": rows[month], "new_rows": new[month]}
        context.log_event(dg.AssetMaterialization(key, partition=month, metadata=metadata))


def summary_metadata(summary: RunSummary) -> Metadata:
    """The whole summary as JSON, and its files as a table for people."""
    totals = {name: value for name, value in asdict(summary).items() if name != "outcomes"}
    return {
        **totals,
        "records_per_minute": summary.records_per_minute,
        "landed": dg.MetadataValue.table([_landed(file) for file in summary.outcomes], schema=_LANDED),
        SUMMARY: dg.MetadataValue.json(asdict(summary)),
    }


def _landed(file: FileOutcome) -> dg.TableRecord:
    tally = file.tally
    return dg.TableRecord(
        {
            "file": file.name.rsplit("/", 1)[-1],
            "status": file.status,
            "dataset": f"{file.source}/{file.dataset}" if file.dataset else file.source,
            "records": tally.records_in,
            "published": tally.passed,
            "rejected": tally.rejected,
            "duplicate": tally.duplicate,
            "superseded": tally.superseded,
            "skipped": tally.skipped,
            "held": tally.held,
            "reason": file.reason[:_REASON_SHOWN],
        }
    )


def rows_table(rows: Rows, *, of: str) -> dg.TableMetadataValue:
    """A small table of counts by name."""
    records = [dg.TableRecord({of: name, "rows": count}) for name, count in sorted(rows.items())]
    schema = dg.TableSchema([dg.TableColumn(of, "text"), dg.TableColumn("rows", "integer")])
    return dg.MetadataValue.table(records, schema)


def _bullets(notes: tuple[str, ...]) -> str:
    return "\n".join(f"- {note}" for note in notes)


def finding_result(
    name: str,
    finding: "Finding",
    *,
    asset: dg.AssetKey,
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR,
) -> dg.AssetCheckResult:
    """What a check of the library found, as the outcome of the asset check of that name."""
    faults = [dg.TableRecord(dict(fault)) for fault in finding.faults]
    columns = [dg.TableColumn(name, "text") for name in (finding.faults[0] if finding.faults else ())]
    table = {"faults": dg.MetadataValue.table(faults, dg.TableSchema(columns))} if faults else {}
    return dg.AssetCheckResult(
        passed=finding.passed,
        asset_key=asset,
        check_name=name,
        severity=severity,
        description=finding.summary,
        metadata={**finding.numbers, **table},
    )
