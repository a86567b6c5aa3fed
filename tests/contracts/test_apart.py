"""No two contracts take one header: a file has one contract, and not the luck of the draw."""

from collections.abc import Iterator
from itertools import product

import pytest

from nexus_data.contract.header import difference
from nexus_data.contract.load import Source, load_all
from nexus_data.contract.model import Variant

HEADED = [
    source
    for source in load_all()
    if source.contract.format.kind in ("csv", "xlsx", "json", "jsonl") and source.contract.format.header
]


def headers(source: Source) -> Iterator[tuple[str, ...]]:
    """Each variant's longest and shortest header."""
    for variant in source.contract.variants:
        yield variant.columns
        yield tuple(name for name in variant.columns if name not in variant.optional)


def alike(one: Source, other: Source) -> bool:
    """Whether files of both could be of one kind, and lie under one path."""
    a, b = one.contract, other.contract
    return a.format.kind == b.format.kind and (a.path is None or b.path is None or a.path == b.path)


@pytest.mark.parametrize("source", HEADED, ids=lambda source: str(source.name))
def test_no_other_contract_takes_its_header(source: Source) -> None:
    others = [other for other in HEADED if other.name != source.name and alike(source, other)]
    taken = {
        f"{other.name} {variant.name} takes {names}"
        for names, other in product(headers(source), others)
        for variant in other.contract.variants
        if difference(names, variant).fits
    }
    assert not taken


@pytest.mark.parametrize(
    ("names", "fits"),
    [
        (("Key", "Label", "Label_2", "Field (Own)"), True),
        (("Key",), True),
        (("Key", "Labels"), False),
        (("Key", "A Label"), False),
        (("Label",), False),
    ],
)
def test_further_columns_are_those_whose_whole_name_matches(names: tuple[str, ...], fits: bool) -> None:
    variant = Variant(columns=("Key",), others=(r"Label(_\d+)?", r"Field \(.*\)"))
    assert difference(names, variant).fits is fits
