"""Corrections and cancels, decided as `[revisions]` of a contract describes them: the versions that references connect
are one family, of which at most one is published, and none for good once it is cancelled."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from nexus_data.verify.versions import CONFLICT, Arrival, Books, Decided


class Families:
    """Ids, of which some belong together."""

    def __init__(self, pairs: Iterable[tuple[bytes, bytes]]) -> None:
        self._of: dict[bytes, bytes] = {}
        self._members: dict[bytes, set[bytes]] = {}
        for one, other in pairs:
            self._join(one, other)

    def of(self, one: bytes) -> bytes:
        """What stands for all ids that this one belongs together with."""
        return self._of.get(one, one)

    def ids(self) -> list[bytes]:
        """Every id that some reference names."""
        return list(self._of)

    def _join(self, one: bytes, other: bytes) -> None:
        mine, theirs = self.of(one), self.of(other)
        members = self._members.pop(mine, {mine}) | self._members.pop(theirs, {theirs})
        self._members[mine] = members
        self._of |= dict.fromkeys(members, mine)


def settle(generation: int, records: Sequence[Arrival], books: Books, decided: Decided) -> set[tuple[int, int]]:
    """Decide a run's revisions, and the records that one refers to; where these stand."""
    news = [record for record in records if record.action]
    pairs = [(one.identity, one.refers_to) for one in (*books.revisions, *news) if one.refers_to is not None]
    if not pairs:
        return set()
    families = Families(pairs)
    named = set(families.ids())
    touched: defaultdict[bytes, list[Arrival]] = defaultdict(list)
    for record in records:
        if not record.by_content and record.identity in named:
            touched[families.of(record.identity)].append(record)
    for family, found in touched.items():
        _settle_family(generation, found, _Known(books, families, family), decided)
    return {record.place for found in touched.values() for record in found}


class _Known:
    """What is known of one family before a run."""

    def __init__(self, books: Books, families: Families, family: bytes) -> None:
        self.books = books
        self.published = [one for one in books.published.values() if families.of(one.identity) == family]
        self.revisions = [one for one in books.revisions if families.of(one.identity) == family]


def _settle_family(generation: int, records: Sequence[Arrival], known: _Known, decided: Decided) -> None:
    news = _new_versions(records, known, decided)
    revisions = [*known.revisions, *(one for one in news if one.action)]
    cancel = next((one for one in revisions if one.action == "cancel"), None)
    candidates = [*known.published, *(one for one in news if one.action != "cancel")]
    best = None if cancel else _in_force(candidates, revisions)
    by = cancel or best
    reason = "cancel" if cancel else "correction"
    successor = None if cancel or by is None else by.identity
    end = (generation, reason, by.seq if by else None, by.record_no if by else None, successor)
    books = known.books
    books.revisions += [one for one in news if one.action]
    for one in known.published:
        if one is not best:
            decided.end(one, end)
            del books.published[one.identity]
            _remember(one, books)
    for one in news:
        if one is best:
            decided.add(one, one.identity, "passed", None)
            books.published[one.identity] = one
        else:
            decided.add(one, one.identity, "superseded", None)
            decided.ended[one.place] = end
            _remember(one, books)


def _remember(one: Arrival, books: Books) -> None:
    if one.action is None:
        books.superseded.add((one.identity, one.content_fp))


def _new_versions(records: Sequence[Arrival], known: _Known, decided: Decided) -> list[Arrival]:
    """The records that are neither there already nor in conflict with the first ordinary record of their id."""
    ordinary = [(one.identity, one.content_fp) for one in known.published if one.action is None]
    originals = dict([*ordinary, *known.books.superseded])
    there = {*ordinary, *known.books.superseded}
    seen = {_version(one) for one in known.revisions}
    news = []
    for one in records:
        if one.action is None and originals.setdefault(one.identity, one.content_fp) != one.content_fp:
            decided.add(one, one.identity, "rejected", CONFLICT)
        elif _version(one) in seen or (one.action is None and (one.identity, one.content_fp) in there):
            decided.add(one, one.identity, "duplicate", None)
        else:
            seen.add(_version(one))
            news.append(one)
    return news


def _version(one: Arrival) -> tuple[object, ...]:
    return one.identity, one.action, one.version, one.content_fp


def _in_force(candidates: Collection[Arrival], revisions: Collection[Arrival]) -> Arrival | None:
    """One that no correction under another id refers to; of several the highest in rank."""
    replaced = {one.refers_to for one in revisions if one.refers_to != one.identity}
    last = [one for one in candidates if one.identity not in replaced]
    return max(last or candidates, key=lambda one: one.rank, default=None)
