"""What `[revisions]` and `[snapshot]` must keep."""

from typing import Any

import msgspec
import pytest

from nexus_data.contract.model import Contract
from nexus_data.contract.rules import problems

_CONTRACT: dict[str, Any] = {
    "title": "A test",
    "table": "trading_operations",
    "timezone": "UTC",
    "variants": [{"columns": ["id", "day", "kind"]}],
    "identity": {"columns": ["exec_id"]},
    "fields": {
        "exec_id": {"column": "id"},
        "date": {"column": "day", "formats": ["%Y-%m-%d"]},
        "category": {"value": "other"},
        "amount": {"value": "1"},
        "currency": {"value": "EUR"},
    },
}
_CORRECT = [{"column": "kind", "equals": ["G"]}]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"revisions": {"correct": _CORRECT, "refers_to": {"column": "day"}, "version": "kind"}}, None),
        ({"revisions": {}}, "revisions"),
        ({"revisions": {"correct": _CORRECT}, "identity": {}}, "revisions"),
        ({"revisions": {"cancel": [{"column": "none", "equals": ["H"]}]}}, "revisions.cancel[0].column"),
        ({"revisions": {"correct": _CORRECT, "refers_to": {"column": "none"}}}, "revisions.refers_to.column"),
        ({"revisions": {"correct": _CORRECT, "version": "none"}}, "revisions.version"),
        ({"snapshot": {}}, None),
        ({"snapshot": {"name": "("}}, "snapshot.name"),
    ],
)
def test_what_is_wrong_is_named_by_its_key(changes: dict[str, Any], key: str | None) -> None:
    contract = msgspec.convert(_CONTRACT | changes, Contract)
    assert [problem.key for problem in problems(contract)] == ([] if key is None else [key])
