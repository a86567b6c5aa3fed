"""Writes reports to `<home>/reports` and notes them in the table `reports`.

A report of a generation is written once: asked for again, it is found, by its id and its bytes. What one says is not
decided here.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from psycopg.rows import dict_row

from nexus_data.errors import ReportError
from nexus_data.postgres.connect import connection
from nexus_data.postgres.migrate import migrate
from nexus_data.provenance.asking import ask, generation
from nexus_data.report.facts import Facts, Subject, facts
from nexus_data.report.period import Period
from nexus_data.report.render import render
from nexus_data.report.subjects import named
from nexus_data.services import running
from nexus_data.settings import Settings
from nexus_data.sql import query
from nexus_data.tables.reports import FORMATS

FOLDER = "reports"
_LONGEST_NAME = 120
_AT_ONCE = 2
"""Subjects whose reports are made at a time: one's PDF is set, by some 200 MB, while the other's page is made."""

Told = Callable[["Written"], None]


@dataclass(frozen=True, slots=True)
class Written:
    """A report that is there. path: absolute. new: whether this call wrote it; else it was there, byte for byte."""

    report_id: UUID
    subject: Subject
    period: str
    format: str
    generation: int
    path: Path
    sha256: str
    size: int
    new: bool


def write_reports(
    settings: Settings,
    period: Period,
    *,
    subjects: Sequence[Subject] | None = None,
    formats: Sequence[str] | None = None,
    told: Told = lambda _: None,
) -> tuple[Written, ...]:
    """Reports of one period, each in these formats.

    subjects: None: those that NEXUS_REPORT_SUBJECTS says. formats: None: those that NEXUS_REPORT_FORMATS says. told: is
    called with each as it is there. The reports of one subject are all of one generation; another subject's may be of
    the next. Doing it again writes nothing that is there already. Raises ReportError for a user, a role or a format
    that there is not, TraceError before the first publish, ServiceError as `connection`.
    """
    wanted = settings.report_formats if formats is None else formats
    if unknown := [name for name in wanted if name not in FORMATS]:
        raise ReportError(f"{unknown[0]!r} is no format of a report; the formats are {', '.join(FORMATS)}")
    with running(settings) as services:
        url = services.postgres_url
        migrate(url)
        whose = named(settings, url, period) if subjects is None else subjects
        written: list[Written] = []
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as workers:
            for made in workers.map(lambda one: _of_one(settings, url, one, period, wanted), whose):
                written += made
                for one in made:
                    told(one)
    return tuple(written)


def _of_one(
    settings: Settings, url: str, subject: Subject, period: Period, formats: Sequence[str]
) -> tuple[Written, ...]:
    current = ask(url, generation())
    known = [_known(settings, url, subject, period, name, current) for name in formats]
    if all(known):
        return tuple(one for one in known if one)
    found = ask(url, facts(subject, period))
    rendered = render(found, formats=formats, api=settings.reachable_api)
    return tuple(_write(settings, url, found, name, made) for name, made in rendered.items())


def report_id(subject: Subject, *, period: str, format_: str, generation: int) -> UUID:
    """The id of a report, from what it is of."""
    identity = "\x1f".join((*subject.folder, period, format_, str(generation)))
    return UUID(bytes=hashlib.sha256(identity.encode()).digest()[:16])


def _known(
    settings: Settings, url: str, subject: Subject, period: Period, format_: str, current: int
) -> Written | None:
    """The report as it was written before, if its file still bears it out."""
    number = report_id(subject, period=period.text, format_=format_, generation=current)
    with connection(url) as database, database.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query("report/by_id"), {"report_id": number}).fetchone()
    path = settings.home / row["path"] if row else None
    if row is None or path is None or not path.exists() or _sha256(path.read_bytes()) != row["sha256"]:
        return None
    return Written(number, subject, period.text, format_, current, path, row["sha256"], row["size"], new=False)


def _write(settings: Settings, url: str, found: Facts, format_: str, made: bytes) -> Written:
    kind, name = found.subject.folder
    place = Path(FOLDER, kind, _file_name(name), found.period.text, f"generation-{found.generation}.{format_}")
    written = Written(
        report_id(found.subject, period=found.period.text, format_=format_, generation=found.generation),
        found.subject,
        found.period.text,
        format_,
        found.generation,
        settings.home / place,
        _sha256(made),
        len(made),
        new=True,
    )
    _replace(written.path, made)
    row = {**asdict(written), **asdict(found.subject), "path": place.as_posix()}
    with connection(url) as database:
        database.execute(query("report/note"), row)
    return written


def _replace(path: Path, made: bytes) -> None:
    """In one step, and on the disk before the table tells of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(made)
            out.flush()
            os.fsync(out.fileno())
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def _file_name(name: str) -> str:
    """Ids may be anything, file names may not: neither a way to another folder, nor longer than a disk takes."""
    safe = quote(name, safe=" @+").replace(".", "%2E") if name.startswith(".") else quote(name, safe=" @+")
    return safe if len(safe) <= _LONGEST_NAME else hashlib.sha256(name.encode()).hexdigest()


def _sha256(made: bytes) -> str:
    return hashlib.sha256(made).hexdigest()
