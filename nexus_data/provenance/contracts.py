"""The contract that judged a record, as it was then, beside the one that is installed now."""

from dataclasses import dataclass, replace
from pathlib import Path

from nexus_data.contract import archive
from nexus_data.contract.load import CONTRACTS, Source, load
from nexus_data.errors import ContractError


@dataclass(frozen=True, slots=True)
class Judging:
    """source: the contract of that version, None where it cannot be had; note says why, or that another is installed.

    installed_version: of the contract that has its name now, None: there is none.
    """

    source: Source | None
    installed_version: str | None
    note: str


def judging(home: Path, *, source: str, dataset: str, version: str) -> Judging:
    """The contract `source/dataset` of that version: the installed one if it is that, else what the home has kept."""
    installed = _installed(source, dataset)
    if installed is not None and installed.version == version:
        return Judging(installed, version, "")
    now = installed.version if installed else None
    other = f"the installed contract is version {now}" if now else "no such contract is installed any more"
    try:
        kept = load(archive.kept(home, version=version))
    except ContractError as error:
        return Judging(None, now, f"{other}, and version {version}, which judged the record, cannot be read: {error}")
    said = f"{other}; what is shown is by version {version}, which judged the record"
    return Judging(replace(kept, source=source, dataset=dataset), now, said)


def _installed(source: str, dataset: str) -> Source | None:
    path = CONTRACTS / source / f"{dataset}.toml"
    try:
        return load(path) if path.exists() else None
    except ContractError:
        return None
