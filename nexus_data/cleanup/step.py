"""The cleanup itself, in two phases: what is to go is written down and committed, then removed, then noted as gone.

Whatever interrupts it, the next one finishes what was begun, and forgets what was not.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg

from nexus_data.cleanup.generations import Generations
from nexus_data.cleanup.kinds import Candidate, Removal, StaysError, Work
from nexus_data.cleanup.months import OperationMonths
from nexus_data.cleanup.outgoing import Changes, OldReports
from nexus_data.cleanup.quarantined import QuarantineTexts
from nexus_data.cleanup.raw_files import RawFiles
from nexus_data.cleanup.regenerable import CacheKeys, FinishedTasks, LakeHistory, LandedCopies, Measurements, Staging
from nexus_data.generation_step import republish
from nexus_data.postgres.connect import connection
from nexus_data.postgres.migrate import migrate
from nexus_data.publish.evidence import generation
from nexus_data.runs import Run, open_run
from nexus_data.services import running
from nexus_data.settings import Settings
from nexus_data.sql import query

log = logging.getLogger(__name__)

_KINDS: tuple[type[Removal], ...] = (
    OperationMonths,
    LakeHistory,
    CacheKeys,
    Staging,
    LandedCopies,
    FinishedTasks,
    Measurements,
    Changes,
    OldReports,
    QuarantineTexts,
    RawFiles,
    Generations,
)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What a cleanup came to. finished: what an interrupted one had begun. generation: made of it; 0: none was needed.

    dry_run: nothing was done, and `removed` is what would have been.
    """

    cleanup_id: str
    dry_run: bool
    removed: tuple[Candidate, ...]
    refused: tuple[Candidate, ...]
    finished: tuple[Candidate, ...]
    generation: int


def plan(settings: Settings, *, also: Sequence[Removal] = (), now: datetime | None = None) -> Cleaned:
    """What `clean` would do now. Changes nothing, and waits for no run."""
    with running(settings) as services:
        migrate(services.postgres_url)
        work = Work(settings, services, now or datetime.now(UTC))
        found = [one for kind in _kinds(also) for one in kind.find(work)]
        with connection(services.postgres_url) as database:
            unfinished = tuple(one for _, one in _unfinished(database))
    return _cleaned("", found, unfinished, dry_run=True, made=0)


def clean(
    settings: Settings, *, run_id: str | None = None, also: Sequence[Removal] = (), now: datetime | None = None
) -> Cleaned:
    """Remove what retention lets go and nothing stands in the way of; `also` are kinds that the caller brings.

    Raises RunError when another run holds the lock, or a reader keeps a month in use: what was begun then is finished
    by the next cleanup.
    """
    cleanup_id = run_id or str(uuid4())
    with running(settings) as services:
        dead = list(Staging().find(Work(settings, services, now or datetime.now(UTC))))
        with open_run(settings, run_id=cleanup_id) as run:
            return _clean(run, _kinds(also), dead, now=now or datetime.now(UTC))


def _clean(run: Run, kinds: Sequence[Removal], dead: Sequence[Candidate], *, now: datetime) -> Cleaned:
    work = Work(run.settings, run.services, now)
    begun = _take_up(work, kinds)
    # Opening the run has cleared the folders of dead ones; they are noted all the same.
    found = [*dead, *(one for kind in kinds if kind.name != Staging.name for one in kind.find(work))]
    removed = [one for one in found if not one.refused]
    _intend(work, run.run_id, removed)
    todo = [*begun, *((run.run_id, one) for one in removed)]
    made = _hide(run, work, kinds, todo)
    by_name = {kind.name: kind for kind in kinds}
    stayed = {one: why for number, one in todo if (why := _drop(work, by_name[one.kind], number, one, made=made))}
    found = [replace(one, refused=stayed.get(one, one.refused)) for one in found]
    finished = [one for _, one in begun if one not in stayed]
    return _cleaned(run.run_id, found, finished, dry_run=False, made=made)


def _drop(work: Work, kind: Removal, cleanup_id: str, one: Candidate, *, made: int) -> str:
    """Remove it and note that; why it stays after all, else nothing."""
    try:
        kind.drop(work, one.item)
    except StaysError as error:
        _withdraw(work, cleanup_id, one)
        return str(error)
    _note_done(work, cleanup_id, one, generation=made if kind.publishes else None)
    log.info("removed %s %s: %d records, %d bytes (%s)", one.kind, one.item, one.records, one.bytes, one.reason)
    return ""


def _kinds(also: Sequence[Removal]) -> list[Removal]:
    return [*also, *(kind() for kind in _KINDS)]


def _take_up(work: Work, kinds: Sequence[Removal]) -> list[tuple[str, Candidate]]:
    """What an interrupted cleanup has begun; what it only meant to do is forgotten, and judged afresh."""
    by_name = {kind.name: kind for kind in kinds}
    begun = []
    with connection(work.services.postgres_url) as database:
        unfinished = tuple(_unfinished(database))
    for cleanup_id, one in unfinished:
        if one.kind in by_name and by_name[one.kind].begun(work, one.item):
            begun.append((cleanup_id, one))
        else:
            _withdraw(work, cleanup_id, one)
    return begun


def _withdraw(work: Work, cleanup_id: str, one: Candidate) -> None:
    about = {"cleanup_id": cleanup_id, "kind": one.kind, "item": one.item}
    with connection(work.services.postgres_url) as database:
        database.execute(query("cleanup/withdraw"), about)


def _unfinished(database: psycopg.Connection[Any]) -> Iterable[tuple[str, Candidate]]:
    for cleanup_id, kind, item, records, size, fp, reason in database.execute(query("cleanup/unfinished")).fetchall():
        yield cleanup_id, Candidate(kind, item, records, size, reason, fp=None if fp is None else int(fp))


def _intend(work: Work, cleanup_id: str, removed: Sequence[Candidate]) -> None:
    with connection(work.services.postgres_url) as database:
        for one in removed:
            about = {
                "cleanup_id": cleanup_id,
                "kind": one.kind,
                "item": one.item,
                "records": one.records,
                "bytes": one.bytes,
                "fp": one.fp,
                "reason": one.reason,
            }
            database.execute(query("cleanup/intend"), about)


def _hide(run: Run, work: Work, kinds: Sequence[Removal], todo: Sequence[tuple[str, Candidate]]) -> int:
    """Take published rows out of sight and commit the generation without them; its number, 0 when there are none."""
    items = {kind: [one.item for _, one in todo if one.kind == kind.name] for kind in kinds if kind.publishes}
    if not any(items.values()):
        return 0

    def hide() -> None:
        for kind, names in items.items():
            kind.hide(work, names)

    republish(run, just_before=hide)
    return generation(run)


def _note_done(work: Work, cleanup_id: str, one: Candidate, *, generation: int | None) -> None:
    about = {"cleanup_id": cleanup_id, "kind": one.kind, "item": one.item, "generation": generation}
    with connection(work.services.postgres_url) as database:
        database.execute(query("cleanup/done"), about)


def _cleaned(
    cleanup_id: str,
    found: Sequence[Candidate],
    finished: Sequence[Candidate],
    *,
    dry_run: bool,
    made: int,
) -> Cleaned:
    return Cleaned(
        cleanup_id=cleanup_id,
        dry_run=dry_run,
        removed=tuple(one for one in found if not one.refused),
        refused=tuple(one for one in found if one.refused),
        finished=tuple(finished),
        generation=made,
    )
