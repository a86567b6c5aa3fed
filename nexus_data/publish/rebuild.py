"""A backfill: month partitions of Postgres made again from the lake, all swapped in by one transaction."""

import time
from collections.abc import Sequence

from nexus_data import lake
from nexus_data.deduplicate.operations import TABLE
from nexus_data.postgres.connect import connection
from nexus_data.publish.building import builders
from nexus_data.publish.cold import cold_months, note_restored
from nexus_data.publish.evidence import generation
from nexus_data.publish.operations import adopt, build_months
from nexus_data.results import StepResult, Tally
from nexus_data.runs import Run


def rebuild(run: Run, months: Sequence[str]) -> StepResult:
    """Build the partitions of these months (YYYY-MM) again; a month without rows in the lake is left alone.

    What readers see does not change, so no generation is made, unless cleanup had taken one of them out of Postgres: it
    is back then. Raises RunError when Postgres and lake then differ.
    """
    from nexus_data.generation_step import republish  # which publishes, and so is beyond this package

    started = time.monotonic()
    url = run.services.postgres_url
    files = {month: lake.files(run.settings.home, TABLE.name, months=[month]) for month in months}
    todo = {month: found for month, found in files.items() if found}
    with builders() as workers:
        builds = build_months(url, todo, run_id=run.run_id, workers=workers, whole=True)
    with connection(url) as database:
        cold = cold_months(database)

    def bring_back() -> None:
        with connection(url) as database:
            note_restored(database, files, cold=cold, generation=generation(run))
            adopt(database, builds)

    if cold & set(files):
        republish(run, just_before=bring_back)
    else:
        bring_back()
    rows = {month: count for build in builds for month, count in build.months.items()}
    return StepResult(
        tally=Tally(),
        seconds=time.monotonic() - started,
        rows={TABLE.name: sum(rows.values())},
        partitions=rows,
    )
