"""Tables with a key (users, projects, ...): which record of each key is published, run after run, decided with dicts.

Of several records of one key the highest version counts, then the later arrival. A record equal to what is there, or to
one before it, is a duplicate; one that is not the newest is superseded.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from nexus_data.tables import CANONICAL
from nexus_data.tables.model import Table
from nexus_data.verify.fields import Value
from nexus_data.verify.history import Landing
from nexus_data.verify.spill import accepted_path, given_columns, mentions_path

IMPLIED = "implied"
_PUBLISHED = -1
_PARENTS = {
    "user_accounts": ("users", "user_id", "UNKNOWN_USER"),
    "projects": ("users", "user_id", "UNKNOWN_USER"),
    "project_milestones": ("projects", "project_id", "UNKNOWN_PROJECT"),
    "frenly_ai_tasks": ("users", "user_id", "UNKNOWN_USER"),
}

Key = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a keyed table. landing: None for a row that only others name (status implied)."""

    landing: Landing | None
    record_no: int
    row_fp: int
    content_fp: int
    values: Mapping[str, Value]


class Decision(NamedTuple):
    """What became of a record."""

    record: Record
    outcome: str
    reasons: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A published record that one of a later run replaced (restated), or that a full export does not show any more
    (vanished)."""

    generation: int
    record: Record
    reason: str = "restated"


@dataclass(slots=True)
class KeyedTables:
    """The published rows by table and key, as of the run that was taken last."""

    rows: dict[str, dict[Key, Record]] = field(
        default_factory=lambda: {name: {} for name, table in CANONICAL.items() if table.partition_by is None}
    )
    taken: list[Taken] = field(default_factory=list)

    def accounts(self, source: str) -> dict[str, str]:
        """User by account of a source."""
        found = self.rows["user_accounts"].values()
        return {
            str(r.values["account_id"]): str(r.values["user_id"]) for r in found if r.values["account_source"] == source
        }

    def decide(self, table: str, records: Sequence[Record], *, implied: Mapping[int, bool]) -> list[Decision]:
        """Take the records of a run, which are in order of arrival. implied: by landing, whether parents are made."""
        decisions, good = self._by_parents(table, records, implied)
        decisions += self._merged(CANONICAL[table], good)
        self._imply(table, good)
        return decisions

    def vanish(self, table: str, keys: Iterable[Key], *, generation: int) -> list[Record]:
        """Take rows away that are no more."""
        gone = [self.rows[table].pop(key) for key in keys]
        self.taken += [Taken(generation, record, "vanished") for record in gone]
        return gone

    def keep_projects(self, gone: Iterable[Record]) -> None:
        """Projects that vanished, and that milestones still name, stay as what these imply."""
        named = {record.values["project_id"] for record in self.rows["project_milestones"].values()}
        for record in gone:
            if record.values["project_id"] in named:
                self._add_project(str(record.values["project_id"]), str(record.values["user_id"]))

    def names_user(self, user: str) -> bool:
        """Whether a row other than an operation names a user."""
        tables = ("user_accounts", "projects", "frenly_ai_tasks")
        return any(record.values["user_id"] == user for name in tables for record in self.rows[name].values())

    def imply_users(self, users: Iterable[str]) -> None:
        """Make rows of users that only operations name."""
        for user in users:
            self._add_user(user)

    def _by_parents(
        self, table: str, records: Sequence[Record], implied: Mapping[int, bool]
    ) -> tuple[list[Decision], list[Record]]:
        if table not in _PARENTS:
            return [], list(records)
        parent, column, code = _PARENTS[table]
        refused, good = [], []
        for record in records:
            landing = record.landing
            if landing is None:
                continue
            own = column == "user_id" and record.values[column] == landing.key[2]
            known = (record.values[column],) in self.rows[parent]
            if known or own or implied[landing.seq]:
                good.append(record)
            else:
                refused.append(Decision(record, "rejected", f"{code}:{column}"))
        return refused, good

    def _merged(self, table: Table, records: list[Record]) -> list[Decision]:
        rejected: list[Decision] = []
        while True:
            winners, decisions = self._merge(table, records)
            taken = set(self._taken(table, winners))
            if not taken:
                break
            rejected += [Decision(record, "rejected", "TAKEN:email") for record in records if id(record) in taken]
            records = [record for record in records if id(record) not in taken]
        generation = next((r.landing.generation for r in records if r.landing), 0)
        current = self.rows[table.name]
        for key, winner in winners.items():
            old = current.get(key)
            if old is not None and old is not winner and old.landing is not None:
                self.taken.append(Taken(generation, old))
            current[key] = winner
        return rejected + decisions

    def _merge(self, table: Table, records: Sequence[Record]) -> tuple[dict[Key, Record], list[Decision]]:
        """The winner of each key that the records name, and what became of each record."""
        by_key: dict[Key, list[Record]] = defaultdict(list)
        for record in records:
            by_key[_key(table, record)].append(record)
        winners: dict[Key, Record] = {}
        decisions = []
        of_file = {record.landing.key[0]: record.landing.seq for record in records if record.landing}
        for key, news in by_key.items():
            old = self.rows[table.name].get(key)
            every = [*([old] if old else []), *news]
            first = list({record.content_fp: record for record in reversed(every)}.values())
            order = sorted(first, key=lambda record: _rank(table, record, old, of_file))
            winners[key] = order[-1]
            kept = {id(record) for record in first}
            for record in news:
                outcome = "passed" if record is order[-1] else "superseded" if id(record) in kept else "duplicate"
                decisions.append(Decision(record, outcome))
        return winners, decisions

    def _taken(self, table: Table, winners: Mapping[Key, Record]) -> Iterator[int]:
        """New rows with an email that another row has that was there before or came first."""
        if table.name != "users":
            return
        snapshot = {**self.rows["users"], **winners}
        known = self.rows["users"]
        old = [record for key, record in snapshot.items() if known.get(key) is record]
        news = [record for key, record in snapshot.items() if known.get(key) is not record]
        seen = {str(r.values["email"]).lower() for r in old if r.values.get("email") is not None}
        for record in sorted(news, key=_arrival):
            email = record.values.get("email")
            if email is None:
                continue
            if str(email).lower() in seen:
                yield id(record)
            seen.add(str(email).lower())

    def _imply(self, table: str, records: Sequence[Record]) -> None:
        if _PARENTS.get(table, ("", ""))[1] == "user_id":
            for record in records:
                self._add_user(str(record.values["user_id"]))
        if table == "project_milestones":
            for record in records:
                owner = record.landing.key[2] if record.landing else ""
                self._add_project(str(record.values["project_id"]), owner)

    def _add_user(self, user: str) -> None:
        values = {"user_id": user, "display_name": user, "status": IMPLIED}
        self.rows["users"].setdefault((user,), _implied("users", values))

    def _add_project(self, project: str, owner: str) -> None:
        if (project,) in self.rows["projects"]:
            return
        values = {
            "project_id": project,
            "user_id": owner,
            "name": project,
            "status": IMPLIED,
            "status_category": "in_progress",
        }
        self.rows["projects"][(project,)] = _implied("projects", values)
        self._add_user(owner)


def read_records(folder: Path, landing: Landing) -> list[Record]:
    """The accepted records of a landing, in order."""
    path = accepted_path(folder, landing.table, landing.seq)
    names = given_columns(CANONICAL[landing.table])
    return [_record(landing, names, row) for row in pq.read_table(path).to_pylist()]


def read_mentions(folder: Path, landing: Landing) -> set[bytes]:
    """The rows that rejected records of a full export would be."""
    path = mentions_path(folder, landing.table, landing.seq)
    return set(pq.read_table(path, columns=["identity"])["identity"].to_pylist()) if path.exists() else set()


def _record(landing: Landing, names: Sequence[str], row: Mapping[str, Any]) -> Record:
    values = {name: row[name] for name in names}
    return Record(landing, row["record_no"], row["row_fp"], row["content_fp"], values)


def _implied(table: str, values: Mapping[str, Value]) -> Record:
    every = dict.fromkeys(given_columns(CANONICAL[table]))
    return Record(None, 0, 0, 0, {**every, **values})


def _key(table: Table, record: Record) -> Key:
    return tuple(record.values[name] for name in table.key)


def _rank(table: Table, record: Record, old: Record | None, of_file: Mapping[bytes, int]) -> tuple[int, int, int, int]:
    """What has no version, and what is implied, is oldest; then what is published already, then arrival.

    of_file: by file, its landing of the run: records that leave quarantine and published ones of one file stand in the
    order of the file.
    """
    version = record.values[table.version] if table.version is not None and record.landing is not None else None
    place = _arrival(record)
    if record is old:
        file = record.landing.key[0] if record.landing else b""
        place = (of_file.get(file, _PUBLISHED), record.record_no)
    return (version is not None, int(str(version)) if version is not None else 0, *place)


def _arrival(record: Record) -> tuple[int, int]:
    return (record.landing.seq if record.landing else _PUBLISHED, record.record_no)
