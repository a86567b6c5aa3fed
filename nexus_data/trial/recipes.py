"""Which contract reads records that come as JSON objects, and what it makes of their names. Made once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nexus_data import kernel
from nexus_data.contract.columns import known, renamed
from nexus_data.contract.header import Difference, called, difference, listed
from nexus_data.contract.load import Source, load_all
from nexus_data.contract.model import Variant
from nexus_data.errors import QuestionError
from nexus_data.grouping.plan import plan_of
from nexus_data.readers.json_batch import parents_of

_JSON = ("json", "jsonl")
_TABLES = (*_JSON, "csv", "xlsx", "parquet")


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """columns: the kernel's column for each name that records may have; None: taken, and read by no field.

    renames: whether any has another name.
    """

    source: Source
    kernel: kernel.Kernel
    columns: Mapping[str, str | None]
    expected: tuple[str, ...]
    constants: Mapping[str, str]
    parents: frozenset[str]
    renames: bool


@lru_cache(maxsize=1)
def contracts() -> tuple[Source, ...]:
    """The contracts, read once in the life of the process."""
    return load_all()


@lru_cache(maxsize=512)
def compiled(name: str) -> kernel.Kernel:
    """The kernel of the contract of that name, `source/dataset`, compiled once."""
    (source,) = (one for one in contracts() if one.name == name)
    return kernel.compile_contract(source.contract, name=name)


def chosen(contract: str | None) -> tuple[Source, ...]:
    """The contracts that a name means: `source/dataset`, `source`, or every one; QuestionError when there is none."""
    found = tuple(one for one in contracts() if contract in (None, one.source, one.name))
    if not found:
        raise QuestionError(f"there is no contract {contract!r}; name one as source/dataset, such as {_examples()}")
    return found


def _examples() -> str:
    return listed([one.name for one in contracts()[:3]])


@lru_cache(maxsize=1024)
def recipe(names: frozenset[str], contract: str | None) -> Recipe:
    """The contract whose header has these names, in any order. QuestionError: none has, or several have."""
    ordered = sorted(names)
    sources = [one for one in chosen(contract) if _takes_objects(one)]
    variants = [(source, one) for source in sources for one in source.contract.variants]
    sights = [(difference(called(ordered, one)[0], one), source, one) for source, one in variants]
    fits = [sight for sight in sights if sight[0].fits]
    if not fits:
        raise QuestionError(_nearest(sights, contract))
    most = max(_read(names, sight[2]) for sight in fits)
    fits = [sight for sight in fits if _read(names, sight[2]) == most]
    # A contract for JSON says more about JSON objects than its twin for other files.
    fits = [sight for sight in fits if sight[1].contract.format.kind in _JSON] or fits
    if len(readers := {source.name for _, source, _ in fits}) > 1:
        raise QuestionError(f"{listed(sorted(readers))} read these names equally well: say which with ?contract=")
    _, source, variant = fits[0]
    told, facts = called(ordered, variant)
    renamed_here = frozenset(pair for pair in zip(ordered, told, strict=True) if pair[0] != pair[1])
    others = frozenset(told) - set(variant.columns)
    place = source.contract.variants.index(variant)
    return _made(source.name, place, others, renamed_here, frozenset(facts.items()))


def _read(names: frozenset[str], variant: Variant) -> int:
    """How many of the names a variant knows: where others may be there too, the more the better."""
    return len(set(called(sorted(names), variant)[0]) & set(variant.columns))


def _takes_objects(source: Source) -> bool:
    """Whether a record stands by itself under its names, and nothing is read from a path."""
    contract = source.contract
    return (
        contract.format.kind in _TABLES
        and contract.format.header
        and not contract.format.prefix
        and contract.path is None
        and plan_of(contract) is None
    )


def _nearest(sights: Sequence[tuple[Difference, Source, Variant]], contract: str | None) -> str:
    if not sights:
        return f"{contract} reads records in the order or the place of their file: send the file itself"
    nearest = max(sights, key=lambda sight: sight[0].likeness)
    return f"no contract has these names; the nearest is {nearest[1].name}: {nearest[0]}"


@lru_cache(maxsize=1024)
def _made(
    name: str,
    place: int,
    others: frozenset[str],
    called_here: frozenset[tuple[str, str]],
    facts: frozenset[tuple[str, str]],
) -> Recipe:
    """One for all records that a variant reads, whichever of its columns they have: equal ones are judged together."""
    (source,) = (one for one in contracts() if one.name == name)
    variant = source.contract.variants[place]
    own = dict(zip(variant.columns, renamed(variant, variant.columns), strict=True))
    columns: dict[str, str | None] = {**dict.fromkeys(others), **own}
    columns |= {name: own[target] for name, target in called_here}
    expected = known(source.contract)
    renames = any(name != column for name, column in columns.items())
    parents = parents_of(frozenset(columns))
    constants = {**variant.constants, **dict(facts)}
    return Recipe(source, compiled(source.name), columns, expected, constants, parents, renames)
