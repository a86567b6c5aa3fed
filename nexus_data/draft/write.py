"""A draft becomes files of a checkout: the contract, and a golden folder with an invented input of the same shape."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from nexus_data.contract.load import CONTRACTS
from nexus_data.draft.draft import Drafted
from nexus_data.draft.golden import file_scrubber, golden_input
from nexus_data.draft.render import render
from nexus_data.draft.scrub import Scrubber
from nexus_data.draft.times import times_in
from nexus_data.draft.trial import loaded
from nexus_data.errors import ContractError
from nexus_data.settings import Settings

CHECKOUT = CONTRACTS.parent.parent
"""Where the contracts that come with the package have the tests beside them."""

_CASE = "drafted"
_EXAMPLE = re.compile("`([^`]*)`")
_NUMBER = re.compile(r"^[^A-Za-z]{0,4}[A-Z]{0,3}[^A-Za-z]*\d[^A-Za-z]*[A-Z]{0,3}$")


@dataclass(frozen=True, slots=True)
class Written:
    """The files: the contract, and the golden folder with its input."""

    contract: Path
    golden: Path
    input: Path


def write_draft(drafted: Drafted, *, settings: Settings, checkout: Path = CHECKOUT) -> Written:
    """ContractError when something is undecided, the contract is there already, or this is no checkout."""
    names = Path(drafted.source, drafted.dataset)
    contract = checkout / "nexus_data" / "contracts" / names.with_suffix(".toml")
    golden = checkout / "tests" / "contracts" / "golden" / names / _CASE
    if drafted.undecided:
        raise ContractError(f"nothing is written: {', '.join(drafted.undecided)} must be decided first")
    if drafted.draft.contract.path is not None:
        raise ContractError(
            "nothing is written: the contract reads the file's path, so its golden folder is made by hand"
        )
    if contract.exists():
        raise ContractError(f"{contract} is there already: name another --source or --dataset")
    if not golden.parents[2].is_dir():
        raise ContractError(f"{golden.parents[2]} is not there: drafts are written in a checkout of the repository")
    source = loaded(drafted.draft.contract, name=f"{drafted.source}/{drafted.dataset}")
    scrubber = file_scrubber(drafted.path, order=drafted.draft.order, settings=settings)
    name, data = golden_input(drafted.path, source, drafted.shape, scrubber=scrubber, settings=settings)
    _put(golden / name, data)
    _put(contract, render(drafted.draft.contract, notes=_invented(drafted.draft.notes, scrubber)).encode())
    return Written(contract, golden, golden / name)


def _invented(notes: Mapping[str, Sequence[str]], scrubber: Scrubber) -> dict[str, tuple[str, ...]]:
    """The evidence with other examples; days stay, because they prove."""
    return {
        key: tuple(_EXAMPLE.sub(partial(_example, scrubber), text) for text in texts) for key, texts in notes.items()
    }


def _example(scrubber: Scrubber, found: re.Match[str]) -> str:
    text = found[1]
    if times_in(pl.Series([text])):
        return f"`{text}`"
    return f"`{scrubber.number(text) if _NUMBER.search(text) else scrubber.text(text)}`"


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
