"""One run's records of keyed tables, decided: what full exports outdate first, then by key, then what has vanished."""

from collections.abc import Mapping, Sequence, Set

from nexus_data.verify import keyed_exports
from nexus_data.verify.keyed import Decision, KeyedTables, Record


def decide(
    table: str,
    records: Sequence[Record],
    *,
    generation: int,
    tables: KeyedTables,
    sightings: keyed_exports.Sightings,
    mentioned: Mapping[int, Set[bytes]],
    implied: Mapping[int, bool],
) -> tuple[list[Decision], list[Record]]:
    """What became of each record (they are in order of arrival), and the rows that are no more.

    mentioned: by landing of a full export, the rows that its rejected records would be; implied: by landing, whether
    parents are made.
    """
    said = keyed_exports.Run(generation, table, records, sightings, mentioned=mentioned)
    outdated = {id(record) for record in said.outdated()}
    decisions = [Decision(record, "superseded") for record in records if id(record) in outdated]
    rest = [record for record in records if id(record) not in outdated]
    decisions += tables.decide(table, rest, implied=implied)
    gone = tables.vanish(table, said.vanished(tables.rows[table]), generation=generation)
    said.remember([decision.record for decision in decisions if decision.outcome == "rejected"])
    return decisions, gone


def keep_named(gone: Mapping[str, Sequence[Record]], tables: KeyedTables) -> set[str]:
    """Projects and users that vanished, and that other rows name still, stay as implied ones; the users whom only
    operations may name are told."""
    tables.keep_projects(gone.get("projects", ()))
    vanished = {str(record.values["user_id"]) for record in gone.get("users", ())}
    named = {user for user in vanished if tables.names_user(user)}
    tables.imply_users(sorted(named))
    return vanished - named
