"""Files with records in quarantine, and the contract that reads each of them now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from nexus_data.contract.load import Source
from nexus_data.contract.match import Match, match
from nexus_data.errors import FileError
from nexus_data.landing import LandedFile
from nexus_data.raw_files import kept_path
from nexus_data.settings import Settings
from nexus_data.sql import query

Key = tuple[UUID, str, str]
"""file_id, source, user_id: how quarantine names a file of an owner."""


@dataclass(frozen=True, slots=True)
class QuarantinedFile:
    """A published file, as the table files has it. landed_for: the user named at landing, if one was."""

    file_id: UUID
    source: str
    user_id: str
    sha256: str
    name: str
    size: int
    dataset: str | None
    landed_as: str | None
    landed_for: str | None

    @property
    def key(self) -> Key:
        """By what quarantine names it."""
        return self.file_id, self.source, self.user_id


def quarantined_files(database: psycopg.Connection, **filters: Any) -> list[QuarantinedFile]:
    """Files that have ever had a record in quarantine, by source, user_id and file (name, or start of the SHA-256)."""
    parameters = {"source": None, "user_id": None, "file": None, **filters}
    return [QuarantinedFile(*row) for row in database.execute(query("quarantine/files"), parameters)]


def recognised(settings: Settings, file: QuarantinedFile, contracts: Sequence[Source], *, number: int) -> LandedFile:
    """The file as a run takes it, with the contract that reads it now; status `failed`, with a reason, when none does.

    Its user is the one it was landed for, so that its records stay whose they are.
    """
    kept = kept_path(settings.home, file.sha256)
    landed = LandedFile(
        file_no=number,
        name=file.name,
        landed_as=file.landed_as or file.name,
        sha256=file.sha256,
        size=file.size,
        kept=str(kept),
        user=file.landed_for,
        owner=file.user_id,
        status="failed",
        source=file.source,
        replayed=True,
    )
    try:
        found = _contract(kept, landed, contracts, settings)
    except FileError as error:
        return replace(landed, reason=str(error).replace(str(kept), landed.landed_as))
    return replace(
        landed,
        status="new",
        dataset=found.source.dataset,
        table=found.source.contract.table,
        contract_version=found.source.version,
        layout=found.layout,
        path_groups=found.path_groups,
    )


def _contract(kept: Path, file: LandedFile, contracts: Sequence[Source], settings: Settings) -> Match:
    if not kept.exists():
        raise FileError(f"{file.landed_as}: its kept bytes are gone: {kept} is not there; its records stay as they are")
    limit = settings.max_expanded_bytes
    found = match(kept, contracts, landed_as=file.landed_as, source=file.source, max_expanded_bytes=limit)
    if not isinstance(found, Match):
        raise FileError(f"{file.landed_as}: its records stay in quarantine: no contract reads it now: {found.reason}")
    return found
