"""The first step: files are kept as they are, and each finds its contract or is held with the reason.

Nothing is read here beyond headers; records are the next step's.
"""

import logging
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn
from uuid import UUID

import msgspec

from nexus_data import ledger
from nexus_data.contract import archive
from nexus_data.contract.load import Source, load_of
from nexus_data.contract.match import Match, match
from nexus_data.errors import FileError
from nexus_data.postgres.connect import connection
from nexus_data.raw_files import keep, printable
from nexus_data.readers.layout import Layout
from nexus_data.readers.probe import count_lines
from nexus_data.results import FileOutcome, StepResult, Tally
from nexus_data.runs import Run
from nexus_data.settings import Settings
from nexus_data.sql import query

log = logging.getLogger(__name__)

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Landing:
    """A file to take in; source and user where the one who landed it said so.

    landed_as: the path that it first landed under, where its bytes lie elsewhere by now. confirm_shrink: it is right
    that this version of a snapshot lacks rows of the one before.
    """

    path: Path
    source: str | None = None
    user: str | None = None
    landed_as: Path | None = None
    confirm_shrink: bool = False


@dataclass(frozen=True, slots=True)
class LandedFile:
    """A file of this run. status: new (to be read), duplicate (in already), held (kept, not read) or failed (not kept).

    kept: where its bytes are. user: whom it was landed for, or None. owner: that, or the default user. records and fp:
    of duplicates and held files (fp 0: a held file has no records yet, only lines). same_as: the file of this run that
    it repeats, whose records it has. replayed: it is in already, and only its records in quarantine are read again.
    landed_at: when it was taken in (UTC); None of a replayed one. shrink_confirmed: as said at landing. vanished: how
    many rows of its earlier version (it is a snapshot) it does not show.
    """

    file_no: int
    name: str
    landed_as: str
    sha256: str
    size: int
    kept: str
    user: str | None
    owner: str
    status: str
    source: str = UNKNOWN
    dataset: str = ""
    table: str = UNKNOWN
    contract_version: str = ""
    layout: Layout | None = None
    path_groups: dict[str, str] = field(default_factory=dict)
    reason: str = ""
    records: int = 0
    fp: str = "0"
    same_as: int | None = None
    replayed: bool = False
    shrink_confirmed: bool = False
    vanished: int = 0
    landed_at: datetime | None = None

    @property
    def file_id(self) -> bytes:
        """First 128 bits of the SHA-256."""
        return bytes.fromhex(self.sha256)[:16]


def discover(
    settings: Settings,
    paths: Sequence[Path] = (),
    *,
    source: str | None = None,
    user: str | None = None,
    confirm_shrink: bool = False,
) -> tuple[Landing, ...]:
    """The files to take in: the given ones, folders walked; without paths, those of `<home>/landing`.

    Under the landing folder `<source>/<user>/...` says source and user, unless they are given. Hidden files are left.
    confirm_shrink: those that are snapshots may lack whatever they lack.
    Raises FileError for a folder that cannot be read: its files must not be missed in silence.
    """
    root = settings.home / "landing"
    found: list[Landing] = []
    for path in paths or (root,):
        for one in _walk(path) if path.is_dir() else (path,):
            said = said_by_path(one, root)
            whose = user or said[1]
            found.append(Landing(path=one, source=source or said[0], user=whose, confirm_shrink=confirm_shrink))
    return tuple(found)


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, onerror=_refuse_folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(parent) / name


def _refuse_folder(error: OSError) -> NoReturn:
    raise FileError(f"{error.filename}: this folder cannot be read: {error.strerror}; nothing was taken in") from error


def said_by_path(path: Path, root: Path) -> tuple[str | None, str | None]:
    """Source and user that a path under the landing folder says."""
    try:
        parts = path.absolute().relative_to(root.absolute()).parts
    except ValueError:
        return None, None
    return (parts[0] if len(parts) > 1 else None), (parts[1] if len(parts) > 2 else None)


def land(run: Run, landings: Iterable[Landing]) -> StepResult:
    """Keep every file, find its contract, and write the run's list of files. One bad file costs only itself."""
    started = time.monotonic()
    todo = list(landings)
    contracts = load_of(one.source for one in todo)
    landed = [_take(run.settings, one, number, contracts) for number, one in enumerate(todo)]
    landed = _mark_known(run, landed)
    save_files(run, landed)
    held = [f for f in landed if f.status in ("held", "duplicate")]
    counts = Tally(
        records_in=sum(f.records for f in held),
        held=sum(f.records for f in held if f.status == "held"),
        duplicate=sum(f.records for f in held if f.status == "duplicate"),
    )
    notes = tuple(f"{f.name}: {f.reason}" for f in landed if f.reason)
    rows = {status: sum(f.status == status for f in landed) for status in ("new", "duplicate", "held", "failed")}
    return StepResult(tally=counts, seconds=time.monotonic() - started, rows=rows, notes=notes)


def save_files(run: Run, landed: Sequence[LandedFile]) -> None:
    """Write the run's list of files into its staging folder."""
    (run.staging / "files.json").write_bytes(msgspec.json.encode(landed))


def load_files(run: Run) -> list[LandedFile]:
    """The run's list of files."""
    return msgspec.json.decode((run.staging / "files.json").read_bytes(), type=list[LandedFile])


def outcome(file: LandedFile, lines: Sequence[ledger.Line]) -> FileOutcome:
    """What became of one file, from its ledger lines: in at the first hop, out wherever each record went."""
    mine = [line for line in lines if line.file_no == file.file_no]
    whole = ledger.tally(mine)
    counts = replace(
        whole,
        records_in=sum(line.records_in for line in mine if line.hop in ("read", "replay")),
        passed=sum(line.records["passed"] for line in mine if line.hop == "publish"),
    )
    taken = "replayed" if file.replayed else "published"
    status = taken if file.status == "new" else file.status
    return FileOutcome(
        name=file.landed_as,
        sha256=file.sha256,
        source=file.source,
        dataset=file.dataset,
        table=file.table,
        status=status,
        tally=counts,
        reason=file.reason,
        vanished=file.vanished,
    )


def _take(settings: Settings, landing: Landing, number: int, contracts: Sequence[Source]) -> LandedFile:
    owner = landing.user or settings.default_user
    landed_as = landing.landed_as or landing.path
    base = LandedFile(
        file_no=number,
        name=printable(Path(landed_as.name)),
        landed_as=printable(landed_as),
        sha256="",
        size=0,
        kept="",
        user=landing.user,
        owner=owner,
        status="failed",
        landed_at=datetime.now(UTC),
        shrink_confirmed=landing.confirm_shrink,
    )
    try:
        kept, sha256, size = keep(settings.home, landing.path)
    except FileError as error:
        log.error("%s", error)
        return replace(base, reason=str(error))
    return _recognise(settings, landing, replace(base, kept=str(kept), sha256=sha256, size=size), contracts)


def _recognise(settings: Settings, landing: Landing, file: LandedFile, contracts: Sequence[Source]) -> LandedFile:
    limit = settings.max_expanded_bytes
    kept = Path(file.kept)
    try:
        found = match(kept, contracts, landed_as=file.landed_as, source=landing.source, max_expanded_bytes=limit)
    except FileError as error:
        return hold(file, _for_people(error, file), records=1)
    if not isinstance(found, Match):
        return hold(file, found.reason, records=_lines(kept, limit))
    archive.keep(settings.home, version=found.source.version, text=found.source.path.read_bytes())
    return replace(
        file,
        status="new",
        source=found.source.source,
        dataset=found.source.dataset,
        table=found.source.contract.table,
        contract_version=found.source.version,
        layout=found.layout,
        path_groups=found.path_groups,
    )


def hold(file: LandedFile, reason: str, *, records: int) -> LandedFile:
    """The file, held: it is kept, nothing of it is published, and the reason says what would have to change."""
    log.warning("held %s: %s", file.landed_as, reason)
    return replace(file, status="held", reason=reason, records=records)


def _for_people(error: FileError, file: LandedFile) -> str:
    return str(error).replace(file.kept, file.landed_as)


def _lines(kept: Path, limit: int) -> int:
    try:
        return count_lines(kept, max_expanded_bytes=limit)
    except FileError:
        return 1


def _mark_known(run: Run, landed: Sequence[LandedFile]) -> list[LandedFile]:
    ids = [str(UUID(bytes=f.file_id)) for f in landed if f.status == "new"]
    with connection(run.services.postgres_url) as database:
        rows = database.execute(query("ledger/known_files"), {"file_ids": ids}).fetchall()
    known = {(row[0].bytes, row[1], row[2]): (row[3], row[4]) for row in rows}
    seen: dict[tuple[bytes, str, str], int] = {}
    return [_mark(file, known, seen) for file in landed]


def _mark(
    file: LandedFile, known: dict[tuple[bytes, str, str], tuple[int, str]], seen: dict[tuple[bytes, str, str], int]
) -> LandedFile:
    key = (file.file_id, file.source, file.owner)
    if file.status != "new":
        return file
    if key in known:
        records, fp = known[key]
        return replace(file, status="duplicate", reason="the very file is in already", records=records, fp=fp)
    if key in seen:
        return replace(file, status="duplicate", reason="the very file is in this run twice", same_as=seen[key])
    seen[key] = file.file_no
    return file
