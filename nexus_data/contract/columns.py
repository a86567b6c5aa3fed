"""The raw columns that a contract knows, under the names that its fields use. Matching a header is in `match`."""

from nexus_data.contract.model import Contract, Variant


def renamed(variant: Variant, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names as the contract's fields call them."""
    return tuple(variant.rename.get(name, name) for name in names)


def known(contract: Contract) -> tuple[str, ...]:
    """Every column of every variant, once each, in the order of the variants."""
    return tuple(dict.fromkeys(name for v in contract.variants for name in renamed(v, v.columns)))
