"""The draft of one file: its shape found, every record counted, a contract proposed, tried and told."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from nexus_data.contract.check import FileCheck
from nexus_data.contract.model import Format
from nexus_data.draft.profile import Profile, Profiler
from nexus_data.draft.propose import Decided, Draft, propose_contract
from nexus_data.draft.render import render
from nexus_data.draft.shape import Shape, find_shape
from nexus_data.draft.trial import try_contract
from nexus_data.draft.words import plain
from nexus_data.readers.read import read
from nexus_data.settings import Settings

_BATCH_BYTES = 4 << 20
_RAGGED = ("TOO_FEW_FIELDS", "TOO_MANY_FIELDS")


@dataclass(frozen=True, slots=True)
class Drafted:
    """source, dataset: what the contract would be called. text: its TOML. check: what it makes of the whole file."""

    path: Path
    source: str
    dataset: str
    shape: Shape
    draft: Draft
    text: str
    check: FileCheck

    @property
    def undecided(self) -> dict[str, tuple[str, ...]]:
        """What a person must decide, by key, with the readings."""
        return self.draft.contract.undecided


def draft_contract(
    path: Path,
    *,
    settings: Settings,
    source: str | None = None,
    dataset: str | None = None,
    table: str | None = None,
    decided: Decided | None = None,
) -> Drafted:
    """FileError when the file is no table that could be read; ContractError for a table that has no drafts."""
    source, dataset = _named(source, path.parent.name, "source"), _named(dataset, path.name.split(".")[0], "dataset")
    decided = decided or Decided()
    shape = find_shape(path, encoding=decided.encoding, max_expanded_bytes=settings.max_expanded_bytes)
    shape, profile = _profiled(path, shape, settings)
    title = f"{source}: {dataset}, drafted from one file of {profile.records:,} records"
    draft = propose_contract(shape, profile, path, source=source, title=title, table=table, decided=decided)
    check = try_contract(draft.contract, path, name=f"{source}/{dataset}", settings=settings).check
    text = render(draft.contract, notes=draft.notes)
    return Drafted(path, source, dataset, shape, draft, text, check)


def _named(given: str | None, otherwise: str, last: str) -> str:
    """A name that a contract's path may have."""
    if given is not None:
        return given
    return re.sub(r"\W+", "_", plain(otherwise)).strip("_") or last


def _profiled(path: Path, shape: Shape, settings: Settings) -> tuple[Shape, Profile]:
    """The profile of all records; with `pad` where that takes records that `reject` would lose."""
    profile = _profile(path, shape, settings)
    ragged = sum(profile.broken[code] for code in _RAGGED)
    if not ragged or shape.format.kind != "csv":
        return shape, profile
    padded = _padded(shape)
    other = _profile(path, padded, settings)
    left = sum(other.broken[code] for code in _RAGGED)
    if left >= ragged:
        return shape, profile
    note = f"{ragged:,} records have more or fewer fields than the header; padding takes all but {left:,} of them"
    return replace(padded, notes={**padded.notes, "ragged": (note,)}), other


def _padded(shape: Shape) -> Shape:
    values = {name: getattr(shape.format, name) for name in Format.__struct_fields__}
    return replace(shape, format=Format(**{**values, "ragged": "pad"}), layout=replace(shape.layout, ragged="pad"))


def _profile(path: Path, shape: Shape, settings: Settings) -> Profile:
    profiler = Profiler(shape.names)
    batches = read(path, shape.layout, batch_bytes=_BATCH_BYTES, max_expanded_bytes=settings.max_expanded_bytes)
    for batch in batches:
        profiler.add(batch.records)
        profiler.broken.update(batch.broken["code"].to_list())
    return profiler.profile()
