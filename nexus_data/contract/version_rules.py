"""What a contract must keep where it says that records or files take the place of earlier ones."""

import re
from collections.abc import Iterator

from nexus_data.contract.condition_rules import condition_problems
from nexus_data.contract.field_rules import Scope, field_problems
from nexus_data.contract.model import Contract
from nexus_data.contract.problem import Problem, key_of

_ID = "exec_id"


def revisions_problems(contract: Contract, scope: Scope) -> Iterator[Problem]:
    """Everything that is wrong with `[revisions]`."""
    revisions = contract.revisions
    if revisions is None:
        return
    if scope.table.name != "trading_operations" or _ID not in contract.identity.columns:
        yield Problem("revisions", f"only operations that {_ID} names, among identity.columns, can be revised")
    if not (revisions.correct or revisions.cancel):
        yield Problem("revisions", "says of no record that it is a correction or a cancel: give correct or cancel")
    yield from condition_problems(revisions.correct, scope.columns, "revisions", "correct")
    yield from condition_problems(revisions.cancel, scope.columns, "revisions", "cancel")
    if revisions.refers_to is not None:
        yield from field_problems(_ID, revisions.refers_to, scope=scope, at=("revisions", "refers_to"))
    if revisions.version is not None and revisions.version not in scope.columns:
        yield Problem(key_of("revisions", "version"), f"no variant has a column {revisions.version!r}")


def snapshot_problems(contract: Contract) -> Iterator[Problem]:
    """Everything that is wrong with `[snapshot]`."""
    try:
        re.compile((contract.snapshot and contract.snapshot.name) or "")
    except re.error as error:
        yield Problem("snapshot.name", f"not a regular expression: {error}")
