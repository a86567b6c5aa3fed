"""What each duty does, as one call that says in words what came of it."""

from collections.abc import Iterator

from nexus_data.duties.calendar import Duty
from nexus_data.errors import VerifyError
from nexus_data.generation_step import republish
from nexus_data.maintenance import maintain
from nexus_data.postgres.connect import connection
from nexus_data.publish.evidence import generation
from nexus_data.report.period import Period, before
from nexus_data.report.period import period as read_period
from nexus_data.report.send import send_reports
from nexus_data.report.write import Written, write_reports
from nexus_data.runs import open_run
from nexus_data.services import running
from nexus_data.settings import Settings
from nexus_data.sql import query
from nexus_data.verify import Report, verify

_MOST_MISSED = 31
"""Periods that are caught up; an installation that was off for longer has its reports by `nexus report`."""


def refresh_marts(settings: Settings, *, run_id: str) -> str:
    """Compute the marts as of today, and publish them."""
    with open_run(settings, run_id=run_id) as run:
        republish(run)
        return f"generation {generation(run)} is published with the marts of the day"


def maintenance(settings: Settings, *, run_id: str) -> str:
    """Statistics, vacuum, lake files, sizes."""
    done = maintain(settings, run_id=run_id)
    told = f"{len(done.analyzed)} tables analyzed, {len(done.vacuumed)} vacuumed"
    return f"{told}, files of {len(done.compacted)} lake months put together, sizes noted"


def reports(settings: Settings, duty: Duty, *, period: str) -> str:
    """Write the reports of the period before, and of those that were missed since the duty was last done."""
    written: list[Written] = []
    told = ""
    for one in _missed(settings, duty, period):
        written += write_reports(settings, one)
        told = one.text if not told else f"{one.text} to {told.rpartition(' ')[2]}"
    new = sum(one.new for one in written)
    failed = send_reports(settings, written)
    unsent = f"; not sent: {'; '.join(failed)}" if failed else ""
    return f"{len(written)} reports of {told}, {new} of them new{unsent}"


def _missed(settings: Settings, duty: Duty, period: str) -> Iterator[Period]:
    """Newest first."""
    with running(settings) as services, connection(services.postgres_url) as database:
        row = database.execute(query("duties/last"), {"duty": duty.name, "period": period}).fetchone()
    last = row[0] if row else None
    one = before(read_period(period))
    yield one
    for _ in range(_MOST_MISSED):
        one = before(one)
        if last is None or one.text < last:
            return
        yield one


def verify_changes(settings: Settings) -> str:
    """Verify the files of generations that nobody has verified. VerifyError when anything differs."""
    with running(settings) as services, connection(services.postgres_url) as database:
        row = database.execute(query("duties/changed_since_verified")).fetchone()
    if row is None or row[0] is None:
        return "nothing has changed since it was verified"
    return _told(verify(settings, since=row[0]), what=f"files since generation {row[0]}")


def verify_all(settings: Settings) -> str:
    """Verify everything. VerifyError when anything differs."""
    return _told(verify(settings), what="everything")


def _told(report: Report, *, what: str) -> str:
    if not report.ok:
        first = report.differences[0]
        raise VerifyError(
            f"{sum(report.counts.values())} differences in {what}, at generation {report.generation}; the first: "
            f"{first.kind} {first.told()}. `nexus verify` names them all"
        )
    return f"nothing differs in {what}, at generation {report.generation}"
