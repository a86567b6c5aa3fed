"""Full exports of keyed tables, decided as `[snapshot]` of a contract describes it: what a newer version outdates as it
comes in, and which published rows have vanished."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from nexus_data.tables import CANONICAL
from nexus_data.verify.full_exports import FullExports, Scope, order
from nexus_data.verify.identity import row_id
from nexus_data.verify.keyed import Key, Record

Place = tuple[int, int]


@dataclass(slots=True)
class Sightings:
    """What the newest version of each file shows: content by row, by scope."""

    exports: FullExports = field(default_factory=FullExports)
    shown: defaultdict[Scope, dict[bytes, int]] = field(default_factory=lambda: defaultdict(dict))


class Run:
    """What one run's full exports say of a keyed table. records: all that were accepted, in order of arrival.
    mentioned: by landing, the rows that its rejected records would be."""

    def __init__(
        self,
        generation: int,
        table: str,
        records: Sequence[Record],
        sightings: Sightings,
        *,
        mentioned: Mapping[int, Set[bytes]],
    ) -> None:
        self._generation, self._table, self._sightings = generation, CANONICAL[table], sightings
        self._exports = exports = sightings.exports
        scopes = sorted((scope for scope in exports.versions if scope[0] == table), key=order)
        self._lasts = {scope: seqs[-1] for scope in scopes if (seqs := exports.of(scope, generation))}
        newest = set(self._lasts.values())
        self._versions = {seq for scope in self._lasts for seq in exports.of(scope, generation)}
        self._records = [(self._row(one), one) for one in records]
        self._last = [(row, one) for row, one in self._records if _seq(one) in newest]
        self._mentioned = {row for seq in newest for row in mentioned.get(seq, ())}

    def _row(self, record: Record) -> bytes:
        return row_id(self._table, record.values) or b""

    def outdated(self) -> list[Record]:
        """Records of versions that another one, of this run or before it, took the place of, and does not show so."""
        still = {row for row, _ in self._last}
        newest = set(self._lasts.values())
        found = [r for row, r in self._records if _seq(r) in self._versions - newest and row not in still]
        for row, record in self._records:
            scope = self._exports.scopes.get(_seq(record))
            if scope is None or _seq(record) in self._versions:
                continue
            now = self._exports.before(scope, self._generation)
            overtaken = now is not None and self._exports.file_ids[now] != self._exports.file_ids[_seq(record)]
            if overtaken and self._sightings.shown[scope].get(row) != record.content_fp:
                found.append(record)
        return found

    def vanished(self, published: Mapping[Key, Record]) -> list[Key]:
        """Rows, published by a full export before this run, that no full export shows any more."""
        shown = self._sightings.shown
        gone = {row for scope in self._lasts for row in shown[scope]}
        gone -= {row for row, _ in self._last} | self._mentioned
        if not gone:
            return []
        others = [rows for scope, rows in shown.items() if scope[0] == self._table.name and scope not in self._lasts]
        gone -= {row for those in others for row in those}
        return [key for key, record in published.items() if self._is_own(record) and self._row(record) in gone]

    def _is_own(self, record: Record) -> bool:
        landing = record.landing
        if landing is None or landing.generation == self._generation:
            return False
        return self._exports.is_version(landing.key[0], self._generation)

    def remember(self, rejected: Iterable[Record]) -> None:
        """Know from now on what the newest versions show. What a rejected record of them showed before stays known."""
        shown, out = self._sightings.shown, {_place(one) for one in rejected}
        kept = {row for row, one in self._last if _place(one) in out} | self._mentioned
        for scope, seq in self._lasts.items():
            news: dict[bytes, int] = {}
            for row, one in self._last:
                if _seq(one) == seq and _place(one) not in out:
                    news.setdefault(row, one.content_fp)
            shown[scope] = {row: fp for row, fp in shown[scope].items() if row in kept} | news
        for row, one in self._records:
            of = self._exports.scopes.get(_seq(one))
            if of is None or _seq(one) in self._versions or _place(one) in out:
                continue
            now = self._exports.before(of, self._generation)
            if now is not None and self._exports.file_ids[now] == self._exports.file_ids[_seq(one)]:
                shown[of].setdefault(row, one.content_fp)


def _seq(record: Record) -> int:
    return record.landing.seq if record.landing is not None else -1


def _place(record: Record) -> Place:
    return _seq(record), record.record_no
