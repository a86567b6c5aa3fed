"""Records of operations on their way through history, and the books that are kept of them meanwhile."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

CONFLICT = "ID_CONFLICT:exec_id"


class Arrival(NamedTuple):
    """A record that must be decided beside others. together: what all these have in common.

    first_seq: the landing by which its file came in first. refused: why it cannot be published whatever else is.
    action, refers_to, version: of a revision. mentions: it was rejected before, and only says that its row is there
    (all but its identity and place is nothing then).
    """

    together: bytes
    identity: bytes
    seq: int
    first_seq: int
    generation: int
    record_no: int
    content_fp: int
    month: str
    by_content: bool
    action: str | None
    refers_to: bytes | None
    version: str | None
    refused: str | None
    mentions: bool

    @property
    def place(self) -> tuple[int, int]:
        """Its landing and number, which is also the order of arrival."""
        return self.seq, self.record_no

    @property
    def rank(self) -> tuple[bool, str, tuple[int, int]]:
        """Of two versions the one in force: a correction before what is none, then the source's order, then arrival."""
        return self.action == "correct", self.version or "", self.place


@dataclass(slots=True)
class Books:
    """published: by operation_id. superseded: id and content of ordinary records that revisions took the place of.
    revisions: all that came in."""

    published: dict[bytes, Arrival] = field(default_factory=dict)
    superseded: set[tuple[bytes, int]] = field(default_factory=set)
    revisions: list[Arrival] = field(default_factory=list)


@dataclass(slots=True)
class Decided:
    """What was decided. rows: seq, record_no, operation_id, outcome, reasons. ended: by landing and number, when, why
    and by what a version stopped being published (or was outdated as it came)."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    ended: dict[tuple[int, int], tuple[Any, ...]] = field(default_factory=dict)

    def add(self, record: Arrival, operation_id: bytes | None, outcome: str, reasons: str | None) -> None:
        """Take a decision."""
        self.rows.append((record.seq, record.record_no, operation_id, outcome, reasons))

    def end(self, record: Arrival, end: tuple[Any, ...]) -> None:
        """Take note of how a published version ended."""
        self.ended[record.place] = end
