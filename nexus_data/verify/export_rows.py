"""Rows of full exports, decided as `[snapshot]` of a contract describes it: what the newest version of a file shows is
unchanged or restated, what it does not show any more has vanished, unless another full export shows it still."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from nexus_data.verify.full_exports import FullExports, Scope, order
from nexus_data.verify.versions import CONFLICT, Arrival, Books, Decided

Place = tuple[int, int]
_Entry = tuple[bytes, Arrival, Scope]


@dataclass(slots=True)
class Sightings:
    """What the newest version of each file shows of a few rows: content by row, by scope."""

    exports: FullExports
    shown: defaultdict[Scope, dict[bytes, int]] = field(default_factory=lambda: defaultdict(dict))

    def generations(self, records: Iterable[Arrival]) -> list[int]:
        """The runs that may say something about these records: their own, and those of later versions."""
        scopes = {scope for one in records if (scope := self.exports.scopes.get(one.seq)) is not None}
        later = {generation for scope in scopes for generation in self.exports.versions[scope]}
        return sorted(later | {one.generation for one in records})


class Run:
    """What one run's full exports say of a few rows. rows: all that came, each with what it is published as, in order
    of arrival. mentioned: rows that rejected records of them would be."""

    def __init__(
        self,
        generation: int,
        rows: Sequence[tuple[bytes, Arrival]],
        mentioned: Iterable[Arrival],
        sightings: Sightings,
    ) -> None:
        self.generation, self._sightings = generation, sightings
        self._exports = exports = sightings.exports
        came = [(row, one, scope) for row, one in rows if (scope := exports.scopes.get(one.seq)) is not None]
        scopes = {scope for _, _, scope in came} | set(sightings.shown)
        scopes |= {exports.scopes[one.seq] for one in mentioned}
        self._lasts = {
            scope: seqs[-1] for scope in sorted(scopes, key=order) if (seqs := exports.of(scope, generation))
        }
        newest = set(self._lasts.values())
        self._last = [(row, one, scope) for row, one, scope in came if one.seq in newest]
        versions = {seq for scope in self._lasts for seq in exports.of(scope, generation)}
        self._old = [(row, one, scope) for row, one, scope in came if one.seq in versions - newest]
        replayed = [entry for entry in came if entry[1].seq not in versions]
        self._late = [(row, one, scope) for row, one, scope in replayed if self._overtaken_by(one, scope) is not None]
        self._own = [(row, one, scope) for row, one, scope in replayed if self._overtaken_by(one, scope) is None]
        self._mentioned = {one.identity for one in mentioned if one.seq in newest}

    def _overtaken_by(self, one: Arrival, scope: Scope) -> int | None:
        """The version that took the place of the file of a record that leaves quarantine late."""
        now = self._exports.before(scope, self.generation)
        return now if now is not None and self._exports.file_ids[now] != self._exports.file_ids[one.seq] else None

    def settle(
        self, books: Books, decided: Decided, *, before: Mapping[bytes, Arrival], taken: Set[Place]
    ) -> set[Place]:
        """Decide what an earlier version showed, what a newer one outdates, and what has vanished. before: what was
        published before the run; taken: records that revisions decided, or that name a parent that nobody knows."""
        free = _Free(taken)
        done = self._newest(free(self._last), before, books, decided)
        done |= self._outdated(free(self._old), free(self._last), decided)
        done |= self._overtaken(free(self._late), decided)
        self._vanish(before, books, decided)
        return done

    def _newest(
        self,
        rows: Iterable[_Entry],
        before: Mapping[bytes, Arrival],
        books: Books,
        decided: Decided,
    ) -> set[Place]:
        first: dict[tuple[int, bytes], int] = {}
        done: set[Place] = set()
        for row, one, scope in rows:
            known = self._sightings.shown[scope].get(row)
            if known is None:
                continue
            there = before.get(row)
            if (one.seq, row) in first:
                same = one.content_fp == first[one.seq, row]
                decided.add(one, row, *(("duplicate", None) if same else ("rejected", CONFLICT)))
            elif one.content_fp == known or (there is not None and one.content_fp == there.content_fp):
                decided.add(one, row, "duplicate", None)
            elif there is not None:
                decided.add(one, row, "passed", None)
                decided.end(there, (self.generation, "restated", one.seq, one.record_no, row))
                books.published[row] = one
            else:
                first[one.seq, row] = one.content_fp
                continue
            first.setdefault((one.seq, row), one.content_fp)
            done.add(one.place)
        return done

    def _outdated(
        self,
        rows: Iterable[_Entry],
        last: Iterable[_Entry],
        decided: Decided,
    ) -> set[Place]:
        """Rows of versions that another one of the same run took the place of."""
        news = {(scope, row): one for row, one, scope in reversed(list(last))}
        done = set()
        for row, one, scope in rows:
            new = news.get((scope, row))
            self._pass_over(row, one, self._lasts[scope], new.content_fp if new else None, new, decided)
            done.add(one.place)
        return done

    def _overtaken(self, rows: Iterable[_Entry], decided: Decided) -> set[Place]:
        done = set()
        for row, one, scope in rows:
            by = self._overtaken_by(one, scope)
            if by is not None:
                self._pass_over(row, one, by, self._sightings.shown[scope].get(row), None, decided)
                done.add(one.place)
        return done

    def _pass_over(
        self, row: bytes, one: Arrival, by: int, now: int | None, new: Arrival | None, decided: Decided
    ) -> None:
        """A record that a newer version, by now, shows the same, otherwise, or not at all."""
        if one.content_fp == now:
            decided.add(one, row, "duplicate", None)
            return
        decided.add(one, row, "superseded", None)
        reason, successor = ("restated", row) if now is not None else ("vanished", None)
        decided.end(one, (self.generation, reason, by, new.record_no if new else None, successor))

    def _vanish(self, before: Mapping[bytes, Arrival], books: Books, decided: Decided) -> None:
        shown = self._sightings.shown
        still = {row for row, _, _ in self._last} | self._mentioned
        still |= {row for scope, rows in shown.items() if scope not in self._lasts for row in rows}
        for scope, seq in self._lasts.items():
            for row in shown[scope].keys() - still:
                old = before.get(row)
                if old is None or books.published.get(row) is not old:
                    continue
                if self._exports.is_version(self._exports.file_ids[old.seq], self.generation):
                    del books.published[row]
                    decided.end(old, (self.generation, "vanished", seq, None, None))

    def remember(self, rejected: Set[Place]) -> None:
        """Know from now on what the newest versions show. What a rejected record of them showed before stays known."""
        shown = self._sightings.shown
        kept = {row for row, one, _ in self._last if one.place in rejected} | self._mentioned
        for scope in self._lasts:
            news: dict[bytes, int] = {}
            for row, one, of in self._last:
                if of == scope and one.place not in rejected:
                    news.setdefault(row, one.content_fp)
            shown[scope] = {row: fp for row, fp in shown[scope].items() if row in kept} | news
        for row, one, scope in self._own:
            if one.place not in rejected and self._exports.before(scope, self.generation) is not None:
                shown[scope].setdefault(row, one.content_fp)


class _Free:
    """Those of some records that nothing has decided yet."""

    def __init__(self, taken: Set[Place]) -> None:
        self._taken = taken

    def __call__(self, rows: Iterable[_Entry]) -> list[_Entry]:
        return [entry for entry in rows if entry[1].place not in self._taken]
