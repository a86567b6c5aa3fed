"""What reading must know of a contract to put records together."""

from dataclasses import dataclass

from nexus_data.contract.columns import further, used
from nexus_data.contract.model import Continuation, Contract, Grouping, Numbers, Sections


@dataclass(frozen=True, slots=True)
class Plan:
    """How records belong together.

    further: the columns that are to be added to the records, beside those that say what was decided. numbers: the style
    of the contract's numbers.
    """

    sections: Sections | None
    continuation: Continuation | None
    group: Grouping | None
    numbers: Numbers
    further: tuple[str, ...]


def plan_of(contract: Contract) -> Plan | None:
    """The plan of a contract; None where every record stands by itself."""
    if contract.sections is None and contract.group is None and contract.continuation is None:
        return None
    wanted = tuple(sorted(used(contract) & further(contract)))
    return Plan(contract.sections, contract.continuation, contract.group, contract.numbers, wanted)
