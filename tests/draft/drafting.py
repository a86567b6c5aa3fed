"""Drafts of texts, for the tests of this room."""

from pathlib import Path

import polars as pl

from nexus_data import kernel
from nexus_data.contract.match import Match, match
from nexus_data.draft.draft import Drafted, draft_contract
from nexus_data.draft.propose import Decided
from nexus_data.draft.trial import loaded
from nexus_data.readers.read import read
from nexus_data.settings import Settings

SETTINGS = Settings()


def draft(folder: Path, data: bytes | str, *, name: str = "export.csv", **decided: str) -> Drafted:
    """The draft of a file with this content."""
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return draft_contract(path, settings=SETTINGS, source="acme", dataset="export", decided=Decided(**decided))  # type: ignore[arg-type]


def records(found: Drafted) -> pl.DataFrame:
    """What the drafted contract makes of its file, with what is undecided read as it stands."""
    source = loaded(found.draft.contract, name="acme/export")
    matched = match(found.path, (source,), landed_as="export.csv", source=None, max_expanded_bytes=1 << 30)
    assert isinstance(matched, Match), matched.reason
    compiled = kernel.compile_contract(source.contract, name=source.name)
    accounts = pl.DataFrame(schema={"account_id": pl.String(), "user_id": pl.String()})
    facts = kernel.FileFacts(bytes(16), "acme", None, "unassigned", matched.path_groups, accounts)
    batches = read(found.path, matched.layout, batch_bytes=1 << 20, max_expanded_bytes=1 << 30)
    return pl.concat([kernel.standardize(batch.records, kernel=compiled, facts=facts) for batch in batches])
