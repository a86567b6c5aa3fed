"""What reading must know of a contract to put records together."""

from dataclasses import dataclass

from nexus_data.contract.columns import further, used
from nexus_data.contract.model import Continuation, Contract, Grouping, Numbers


@dataclass(frozen=True, slots=True)
class Plan:
    """further: the columns that are to be added to the records, `group:...` for control aside. numbers: the style of
    the contract's numbers."""

    continuation: Continuation | None
    group: Grouping | None
    numbers: Numbers
    further: tuple[str, ...]


def plan_of(contract: Contract) -> Plan | None:
    """The plan of a contract; None where every record stands by itself."""
    if contract.group is None and contract.continuation is None:
        return None
    wanted = tuple(sorted(used(contract) & further(contract)))
    return Plan(contract.continuation, contract.group, contract.numbers, wanted)
