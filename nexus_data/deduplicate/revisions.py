"""Corrections and cancels that a source marks: which version of an operation is published, and which are kept beside.

Pure: it is told what is staged and what is known, and says what becomes of each. References between records make them
one family (the versions of one operation); a family has at most one published version, and none once it is cancelled.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

Id = bytes
Key = tuple[Id, str | None, str | None, int]
"""operation_id, action, version and content: what makes two records the same version."""

SETTLED_SCHEMA = pl.Schema(
    {
        "file_no": pl.Int64(),
        "record_no": pl.Int64(),
        "operation_id": pl.Binary(),
        "content_fp": pl.Int64(),
        "outcome": pl.String(),
        "reasons": pl.String(),
        "action": pl.String(),
        "superseded_reason": pl.String(),
        "superseded_by_file_id": pl.Binary(),
        "superseded_by_record_no": pl.Int64(),
        "superseded_by": pl.Binary(),
    }
)
"""Staged records whose outcome is decided before the others'; the columns from `action` on are of superseded ones."""

TAKEN_SCHEMA = pl.Schema(
    {
        "operation_id": pl.Binary(),
        "month": pl.String(),
        "action": pl.String(),
        "superseded_reason": pl.String(),
        "superseded_by_file_id": pl.Binary(),
        "superseded_by_record_no": pl.Int64(),
        "superseded_by": pl.Binary(),
    }
)
"""Published operations that are to be taken back, and why."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an operation. action: null for an ordinary record. arrival: what orders versions at last.

    file_no: of a staged one, -1 of a published one. month: of the published ones.
    """

    operation_id: Id
    content_fp: int
    file_id: bytes
    record_no: int
    arrival: tuple[int, int, int]
    action: str | None = None
    refers_to: Id | None = None
    version: str | None = None
    file_no: int = -1
    month: str = ""

    @property
    def key(self) -> Key:
        """What makes it the same version as another."""
        return self.operation_id, self.action, self.version, self.content_fp

    @property
    def rank(self) -> tuple[bool, str, tuple[int, int, int]]:
        """A correction comes after what is none; then the source's own order, then that of arrival."""
        return self.action == "correct", self.version or "", self.arrival


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of some operations: published versions, and ordinary ones that were superseded by revisions."""

    published: Collection[Version]
    superseded: Collection[tuple[Id, int]]


@dataclass(slots=True)
class Settled:
    """What was decided: SETTLED_SCHEMA, TAKEN_SCHEMA, and the revisions that are new."""

    rows: list[dict[str, object]] = field(default_factory=list)
    taken: list[dict[str, object]] = field(default_factory=list)
    news: list[Version] = field(default_factory=list)


class _Families:
    """Ids that references connect (union-find)."""

    def __init__(self, revisions: Iterable[Version]) -> None:
        self._parent: dict[Id, Id] = {}
        for one in revisions:
            if one.refers_to is not None:
                self._join(one.operation_id, one.refers_to)

    def __contains__(self, one: Id) -> bool:
        return one in self._parent

    def of(self, one: Id) -> Id:
        root = one
        while self._parent.setdefault(root, root) != root:
            root = self._parent[root]
        while self._parent[one] != root:
            self._parent[one], one = root, self._parent[one]
        return root

    def members(self, families: Collection[Id]) -> set[Id]:
        """All ids of these families."""
        return {one for one in list(self._parent) if self.of(one) in families}

    def _join(self, a: Id, b: Id) -> None:
        self._parent[self.of(a)] = self.of(b)


def settle(staged: Collection[Version], *, stored: Collection[Version], look_up: Callable[[set[Id]], Known]) -> Settled:
    """Decide staged records that belong to a family.

    staged: in the order of arrival, revisions and ordinary records whose id one refers to; stored: every revision that
    came in before; look_up: what is known of operations by their ids.
    """
    families = _Families([*stored, *staged])
    touched = {families.of(one.operation_id) for one in staged}
    known = look_up(families.members(touched))
    mine: Mapping[Id, list[Version]] = _by_family(staged, families)
    before = _by_family((one for one in stored if families.of(one.operation_id) in touched), families)
    published = _by_family(known.published, families)
    settled = Settled()
    for family, records in mine.items():
        _settle_family(settled, records, before[family], published[family], set(known.superseded))
    return settled


def _by_family(versions: Iterable[Version], families: _Families) -> Mapping[Id, list[Version]]:
    found: defaultdict[Id, list[Version]] = defaultdict(list)
    for one in versions:
        found[families.of(one.operation_id)].append(one)
    return found


def _settle_family(
    settled: Settled,
    records: Collection[Version],
    stored: Collection[Version],
    published: Collection[Version],
    superseded: Collection[tuple[Id, int]],
) -> None:
    news = _new_versions(settled, records, stored, published, superseded)
    revisions = [*stored, *(one for one in news if one.action)]
    cancel = next((one for one in revisions if one.action == "cancel"), None)
    best = None if cancel else _newest([*published, *(one for one in news if one.action != "cancel")], revisions)
    why = _why(cancel, best)
    settled.news += [one for one in news if one.action]
    for one in news:
        settled.rows.append(_row(one, "passed") if one is best else {**_row(one, "superseded"), **why})
    for one in published:
        if one is not best:
            settled.taken.append({"operation_id": one.operation_id, "month": one.month, "action": one.action, **why})


def _new_versions(
    settled: Settled,
    records: Collection[Version],
    stored: Collection[Version],
    published: Collection[Version],
    superseded: Collection[tuple[Id, int]],
) -> list[Version]:
    """The records that are no duplicates; of ordinary ones the first of an id only: another is a conflict."""
    revised = {(one.operation_id, one.content_fp) for one in stored}
    originals = {
        one.operation_id: one.content_fp for one in published if (one.operation_id, one.content_fp) not in revised
    }
    originals |= dict(superseded)
    seen: set[Key] = {one.key for one in stored}
    news: list[Version] = []
    for one in records:
        original = originals.setdefault(one.operation_id, one.content_fp) if one.action is None else None
        if original is not None and original != one.content_fp:
            settled.rows.append(_row(one, "rejected", reasons="ID_CONFLICT:exec_id"))
        elif one.key in seen or (original is not None and _is_known(one, published, superseded)):
            settled.rows.append(_row(one, "duplicate"))
        else:
            seen.add(one.key)
            news.append(one)
    return news


def _is_known(one: Version, published: Collection[Version], superseded: Collection[tuple[Id, int]]) -> bool:
    there = any((it.operation_id, it.content_fp) == (one.operation_id, one.content_fp) for it in published)
    return there or (one.operation_id, one.content_fp) in superseded


def _newest(candidates: Collection[Version], revisions: Collection[Version]) -> Version | None:
    """The version in force: one that no other id's correction refers to; of several the highest in rank."""
    replaced = {one.refers_to for one in revisions if one.refers_to != one.operation_id}
    last = [one for one in candidates if one.operation_id not in replaced]
    return max(last or candidates, key=lambda one: one.rank, default=None)


def _why(cancel: Version | None, best: Version | None) -> dict[str, object]:
    by = cancel or best
    return {
        "superseded_reason": "cancel" if cancel else "correction",
        "superseded_by_file_id": by.file_id if by else None,
        "superseded_by_record_no": by.record_no if by else None,
        "superseded_by": None if cancel or by is None else by.operation_id,
    }


def _row(one: Version, outcome: str, *, reasons: str | None = None) -> dict[str, object]:
    return {
        "file_no": one.file_no,
        "record_no": one.record_no,
        "operation_id": one.operation_id,
        "content_fp": one.content_fp,
        "outcome": outcome,
        "reasons": reasons,
        "action": one.action,
    }
