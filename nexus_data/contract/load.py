"""Reading contract files. `nexus_data.contract.model` has their shape, `nexus_data.contract.rules` what makes sense."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec

from nexus_data.contract.model import Contract, FieldSpec
from nexus_data.contract.problem import Problem, key_of
from nexus_data.contract.rules import problems
from nexus_data.errors import ContractError

CONTRACTS = Path(__file__).parent.parent / "contracts"
"""The contracts that come with the package."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_]*")
_WHERE = re.compile(r"^(?P<reason>.*?)(?: - at `\$(?P<where>.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.(?P<name>\w+)|\[(?P<index>\d+)\]|(?P<some>\[\.\.\.\])")
_MEMBER = re.compile(r"^Object (?P<what>contains unknown|missing required) field `(?P<name>.*)`$", re.DOTALL)
_MEMBER_REASON = {"contains unknown": "there is no such key", "missing required": "this key must be given"}


@dataclass(frozen=True, slots=True)
class Source:
    """A contract with its name. version: the first 16 hex digits of the SHA-256 of the file's bytes."""

    source: str
    dataset: str
    version: str
    contract: Contract
    path: Path

    @property
    def name(self) -> str:
        """`source/dataset`, as people call it."""
        return f"{self.source}/{self.dataset}"


def load_all(root: Path | None = None) -> tuple[Source, ...]:
    """Every contract under `root` (the package's own by default), by name; ContractError at the first wrong file."""
    return tuple(load(path) for path in paths(root))


def load_of(sources: Iterable[str | None]) -> tuple[Source, ...]:
    """The package's contracts of these sources; all of them where a source is None, or one that there is not.

    A few contracts are parsed for a few files then: all of them take a third of a CPU second.
    """
    wanted, found = set(sources), paths()
    few = wanted <= {path.parent.name for path in found}
    return tuple(load(path) for path in found if not few or path.parent.name in wanted)


def paths(root: Path | None = None) -> tuple[Path, ...]:
    """The contract files under `root`; ContractError for a TOML file that is not at `<source>/<dataset>.toml`."""
    root = CONTRACTS if root is None else root
    found = tuple(sorted(root.rglob("*.toml")))
    for path in found:
        parts = path.relative_to(root).with_suffix("").parts
        if len(parts) != 2 or not all(_NAME.fullmatch(part) for part in parts):
            raise ContractError(
                f"{path}: a contract's path is <source>/<dataset>.toml, in a-z, 0-9 and _, under {root}"
            )
    if not found:
        raise ContractError(f"{root}: no contracts here; one would be <source>/<dataset>.toml")
    return found


def load(path: Path) -> Source:
    """One contract file; ContractError names the file, each wrong key and the reason."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ContractError(f"{path}: cannot be read: {error.strerror}") from None
    return parse(data, path=path)


@lru_cache(maxsize=1024)
def parse(data: bytes, *, path: Path) -> Source:
    """A contract that would stand at `path`; ContractError as `load`."""
    contract = _contract(_table(data, path), path)
    if found := tuple(problems(contract)):
        raise ContractError("\n".join(f"{path}: {p.key}: {p.reason}" for p in found))
    version = hashlib.sha256(data).hexdigest()[:16]
    return Source(source=path.parent.name, dataset=path.stem, version=version, contract=contract, path=path)


def _table(data: bytes, path: Path) -> dict[str, object]:
    try:
        table: dict[str, object] = msgspec.toml.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ContractError(f"{path}: this is not TOML: {error}") from None
    return table


def _contract(table: dict[str, object], path: Path) -> Contract:
    try:
        return msgspec.convert(table, Contract)
    except msgspec.ValidationError as error:
        problem = _problem(str(error), table)
        raise ContractError(f"{path}: {problem.key}: {problem.reason}") from None


def _problem(message: str, table: Mapping[str, object]) -> Problem:
    """msgspec's message with the key in front, and spelled out where msgspec writes `[...]`."""
    parts = _WHERE.match(message)
    reason, where = (parts["reason"], parts["where"] or "") if parts else (message, "")
    steps = _steps(where, table)
    if member := _MEMBER.match(reason):
        return Problem(key_of(*steps, member["name"]), _MEMBER_REASON[member["what"]])
    return Problem(key_of(*steps), reason[:1].lower() + reason[1:])


def _steps(where: str, table: Mapping[str, object]) -> tuple[str | int, ...]:
    steps: list[str | int] = []
    value: object = table
    for step in _STEP.finditer(where):
        key = _step(step, value, kind=FieldSpec if steps[-1:] == ["fields"] else str)
        steps.append(key)
        value = _member(value, key)
    return tuple(steps)


def _step(step: re.Match[str], value: object, *, kind: type) -> str | int:
    if step["some"] and isinstance(value, Mapping):
        return next((str(key) for key, member in value.items() if not _converts(member, kind)), "...")
    return step["name"] or int(step["index"] or 0)


def _member(value: object, key: str | int) -> object:
    if isinstance(value, Mapping):
        return value.get(key)
    return value[key] if isinstance(value, Sequence) and isinstance(key, int) and key < len(value) else None


def _converts(value: object, kind: type) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True
