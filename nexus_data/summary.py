"""What a run comes to, in one value, from the ledger lines of its hops."""

import time

from nexus_data import ledger
from nexus_data.landing import load_files, outcome
from nexus_data.publish.evidence import generation
from nexus_data.results import RunSummary
from nexus_data.runs import Run

_HOPS = ("read", "standardize", "deduplicate", "publish")


def summarize(run: Run) -> RunSummary:
    """The run's files and counts. A record that went nowhere makes `balanced` false; seconds count from the opening."""
    files = load_files(run)
    lines = ledger.load(run.staging, *_HOPS)
    outcomes = tuple(outcome(file, lines) for file in files)
    tallies = [one.tally for one in outcomes]
    return RunSummary(
        run_id=run.run_id,
        files=len(files),
        records=sum(t.records_in for t in tallies),
        published=sum(t.passed for t in tallies),
        rejected=sum(t.rejected for t in tallies),
        duplicate=sum(t.duplicate for t in tallies),
        superseded=sum(t.superseded for t in tallies),
        skipped=sum(t.skipped for t in tallies),
        held=sum(t.held for t in tallies),
        balanced=all(t.balanced for t in tallies),
        generation=generation(run),
        seconds=round(time.monotonic() - run.started, 3),
        cache=(run.staging / "cache.txt").read_text(encoding="utf-8"),
        outcomes=outcomes,
    )
