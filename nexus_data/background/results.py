"""What a task's asker is told of a run's outcome: counts and files, and nothing of where things lie on the server."""

from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any

import msgspec

from nexus_data.report.write import Written
from nexus_data.results import FileOutcome, RunSummary

_TOTALS = (
    "records",
    "published",
    "rejected",
    "duplicate",
    "superseded",
    "skipped",
    "held",
    "balanced",
    "generation",
    "seconds",
)


def dataset_result(summary: Any) -> dict[str, Any]:
    """A run's summary, as JSON values, for the user whose files it took in."""
    told = msgspec.convert(summary, RunSummary)
    totals: Mapping[str, Any] = msgspec.to_builtins(told)
    return {name: totals[name] for name in _TOTALS} | {"files": [_file(one) for one in told.outcomes]}


def _file(one: FileOutcome) -> dict[str, Any]:
    name = PurePath(one.name).name
    counts = msgspec.to_builtins(one.tally)
    published = counts.pop("passed")
    return {
        "name": name,
        "sha256": one.sha256,
        "source": one.source,
        "dataset": one.dataset,
        "status": one.status,
        "reason": one.reason.replace(one.name, name),
        "published": published,
        **counts,
    }


def reports_result(written: "Iterable[Written]") -> dict[str, Any]:
    """The reports that were written or there already: by which id each is to be had."""
    return {"reports": [_report(one) for one in written]}


def _report(one: "Written") -> dict[str, Any]:
    return {
        "report_id": str(one.report_id),
        "user_id": one.subject.user_id,
        "role": one.subject.role,
        "period": one.period,
        "format": one.format,
        "generation": one.generation,
        "sha256": one.sha256,
        "size": one.size,
    }
