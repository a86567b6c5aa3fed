"""What a proposed contract makes of its file: run through the same matching, readers and kernel as a real run."""

from dataclasses import dataclass
from pathlib import Path

from nexus_data import kernel
from nexus_data.contract.check import FileCheck, check_file
from nexus_data.contract.load import Source, parse
from nexus_data.contract.model import Contract
from nexus_data.draft.render import render
from nexus_data.settings import Settings


@dataclass(frozen=True, slots=True)
class Trial:
    """check: what became of the records, with what is undecided read as it stands."""

    check: FileCheck


def try_contract(contract: Contract, path: Path, *, name: str, settings: Settings) -> Trial:
    """ContractError when the proposal itself cannot be used, which is a fault of the draft."""
    source = loaded(contract, name=name)
    kernel.compile_contract(source.contract, name=name)
    return Trial(check_file(path, (source,), settings=settings))


def loaded(contract: Contract, *, name: str) -> Source:
    """The contract as it is loaded from its text, with everything decided as it stands."""
    values = {key: getattr(contract, key) for key in Contract.__struct_fields__}
    decided = Contract(**{**values, "undecided": {}})
    return parse(render(decided, notes={}).encode(), path=Path(f"{name}.toml"))
