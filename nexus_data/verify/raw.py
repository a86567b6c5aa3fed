"""From kept files to outcomes, run after run in order of arrival: what every hop should have done."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from nexus_data.tables import CANONICAL
from nexus_data.verify import contracts, keyed_exports, keyed_runs
from nexus_data.verify.contracts import Contract
from nexus_data.verify.full_exports import FullExports, Scope
from nexus_data.verify.history import FileKey, History, Landing
from nexus_data.verify.keptfiles import place
from nexus_data.verify.keyed import Decision, KeyedTables, Record, read_mentions, read_records
from nexus_data.verify.let_go import LetGo
from nexus_data.verify.recompute import Recomputed, Task, recompute
from nexus_data.verify.replays import Replays
from nexus_data.verify.report import Findings
from nexus_data.verify.spill import accepted_path
from nexus_data.verify.then import with_operations
from nexus_data.verify.workers import workers


@dataclass(slots=True)
class Outcomes:
    """What should have become of the records of every landing that was read.

    recomputed, tasks: by landing, what was made of which file. keyed: decisions on records of keyed tables,
    by landing. tables: their rows now.
    refused_users, refused_milestones: by landing, whom and what it named though nobody knew them. unverified: files of
    which nothing can be recomputed. exports: the full exports; sightings: what those of keyed tables show; lost: those
    of which a version cannot be read, so that nothing of them can be followed. let_go: files whose bytes cleanup
    removed (they are among the unverified), and what stands for their records.
    """

    recomputed: dict[int, Recomputed] = field(default_factory=dict)
    tasks: dict[int, Task] = field(default_factory=dict)
    keyed: dict[int, list[Decision]] = field(default_factory=dict)
    tables: KeyedTables = field(default_factory=KeyedTables)
    refused_users: list[tuple[int, str]] = field(default_factory=list)
    refused_milestones: list[tuple[int, str]] = field(default_factory=list)
    unverified: set[FileKey] = field(default_factory=set)
    exports: FullExports = field(default_factory=FullExports)
    lost: dict[Scope, str] = field(default_factory=dict)
    let_go: LetGo = field(default_factory=LetGo)
    sightings: keyed_exports.Sightings = field(init=False)

    @property
    def without_rows(self) -> set[FileKey]:
        """Files of which not even rows are known to compare published ones with."""
        return self.unverified - self.let_go.keys

    def __post_init__(self) -> None:
        self.sightings = keyed_exports.Sightings(self.exports)


def read_again(
    history: History,
    home: Path,
    folder: Path,
    *,
    bad: set[FileKey],
    only: frozenset[FileKey] | None,
    replays: Replays,
    findings: Findings,
    let_go: LetGo,
) -> Outcomes:
    """Read every new file of history again (of operations, those in `only` when it is given), and the records that
    left quarantine once more."""
    outcomes = Outcomes(unverified=bad | let_go.keys, let_go=let_go)
    with findings.check("raw records", "records read again") as counted, workers(history, home) as pool:
        for _, landings in groupby(history.landings, key=lambda landing: landing.generation):
            run = [one for one in landings if one.kind in ("new", "replay") and _wanted(one, only)]
            _take_run(run, history, home, folder, outcomes, pool, replays, findings)
        _forget_lost(history, outcomes, findings)
        counted["records"] = sum(one.records for one in outcomes.recomputed.values())
    return outcomes


def _wanted(landing: Landing, only: frozenset[FileKey] | None) -> bool:
    return only is None or landing.key in only or landing.table != "trading_operations"


def _take_run(
    run: Sequence[Landing],
    history: History,
    home: Path,
    folder: Path,
    outcomes: Outcomes,
    pool: Executor | None,
    replays: Replays,
    findings: Findings,
) -> None:
    # A replay after which every record was where it was before leaves nothing to look at.
    run = [one for one in run if one.kind == "new" or (one.generation, one.key) in replays.taken]
    found = {landing.seq: _contract(landing, home, replays, outcomes, findings) for landing in run}
    gone: dict[str, list[Record]] = {}
    # Operations last: they may name users and milestones of all other tables.
    for name, table in sorted(CANONICAL.items(), key=lambda one: one[1].partition_by is not None):
        landings = [landing for landing in run if landing.table == name and found[landing.seq] is not None]
        tasks = [
            _task(one, contract, home, folder, replays, outcomes) for one in landings if (contract := found[one.seq])
        ]
        outcomes.tasks |= {task.seq: task for task in tasks}
        _keep(pool.map(recompute, tasks) if pool else map(recompute, tasks), landings, folder, outcomes, findings)
        implied = {seq: bool(c and c.body.get("implied_parents")) for seq, c in found.items()}
        read = [landing for landing in landings if landing.key not in outcomes.unverified]
        if table.partition_by is None:
            gone[name] = _decide_keyed(name, run, read, folder, implied, outcomes)
        else:
            _refuse(read, implied, outcomes)
    if run:
        _know_users(run, gone, history, folder, outcomes)


def _contract(
    landing: Landing, home: Path, replays: Replays, outcomes: Outcomes, findings: Findings
) -> Contract | None:
    """The contract that read a file, if the verifier can follow all of it."""
    row = landing.file
    if landing.key in outcomes.unverified:
        _lose(landing, home, replays, outcomes)
        return None
    if row is None:
        findings.add("file_row_missing", file=landing.key[0], generation=landing.generation)
        outcomes.unverified.add(landing.key)
        return None
    found, version = _as_read(landing, home, replays)
    name = f"{row['source']}/{row['dataset']}"
    if found is None:
        findings.add("cannot_verify", file=row["name"], contract=name, found=f"version {version} is not kept anywhere")
    elif unknown := contracts.unknown_keys(found.body):
        for key in unknown:
            findings.add("cannot_verify", file=row["name"], contract=name, found=f"uses key {key}")
        found = None
    if found is None:
        _lose(landing, home, replays, outcomes)
        outcomes.unverified.add(landing.key)
    else:
        outcomes.exports.take(landing, found)
    return found


def _as_read(landing: Landing, home: Path, replays: Replays) -> tuple[Contract | None, str]:
    row = landing.file or {}
    replay = replays.taken.get((landing.generation, landing.key)) if landing.kind == "replay" else None
    version = replay.version if replay else row["contract_version"]
    return contracts.find(home, source=row["source"], dataset=row["dataset"], version=version), version


def _lose(landing: Landing, home: Path, replays: Replays, outcomes: Outcomes) -> None:
    """A file that cannot be read: if it is a full export, neither can be said what its other versions came to."""
    contract = _as_read(landing, home, replays)[0] if landing.file is not None else None
    scope = outcomes.exports.take(landing, contract) if contract is not None else None
    if scope is not None:
        outcomes.lost[scope] = landing.name


def _forget_lost(history: History, outcomes: Outcomes, findings: Findings) -> None:
    """Take what was read of full exports of which a version cannot be read for not verified."""
    for seq, scope in outcomes.exports.scopes.items():
        landing = history.landings[seq]
        if scope not in outcomes.lost:
            continue
        if landing.key not in outcomes.unverified:
            why = f"{outcomes.lost[scope]}, another version of this full export, cannot be read"
            findings.add("cannot_verify", file=landing.name, found=why)
            outcomes.unverified.add(landing.key)
    for seq in [seq for seq in outcomes.recomputed if history.landings[seq].key in outcomes.unverified]:
        del outcomes.recomputed[seq]
        outcomes.keyed.pop(seq, None)


def _task(landing: Landing, contract: Contract, home: Path, folder: Path, replays: Replays, outcomes: Outcomes) -> Task:
    row = landing.file or {}
    replay = replays.taken.get((landing.generation, landing.key)) if landing.kind == "replay" else None
    return Task(
        seq=landing.seq,
        path=place(home, row["sha256"]),
        contract=contract,
        landed_as=row["landed_as"] or row["name"],
        user=row["landed_for"],
        default_user=landing.key[2],
        accounts=outcomes.tables.accounts(landing.key[1]),
        folder=folder,
        only=replay.prints if replay else None,
        corrections=replays.corrected(landing.key, landing.generation) if replay else {},
        mentions=landing.kind == "new" and landing.seq in outcomes.exports.scopes,
    )


def _keep(
    results: Iterable[Recomputed],
    landings: Sequence[Landing],
    folder: Path,
    outcomes: Outcomes,
    findings: Findings,
) -> None:
    for landing, result in zip(landings, results, strict=True):
        if result.unreadable:
            findings.add("cannot_verify", file=landing.name, found=result.unreadable)
            outcomes.unverified.add(landing.key)
            accepted_path(folder, landing.table, landing.seq).unlink(missing_ok=True)
            if (scope := outcomes.exports.scopes.get(landing.seq)) is not None:
                outcomes.lost[scope] = landing.name
        else:
            outcomes.recomputed[landing.seq] = result


def _decide_keyed(
    table: str,
    run: Sequence[Landing],
    landings: Sequence[Landing],
    folder: Path,
    implied: Mapping[int, bool],
    outcomes: Outcomes,
) -> list[Record]:
    """Decide the records of a run's landings of a table; the rows that are no more."""
    if not run:
        return []
    records = [record for landing in landings for record in read_records(folder, landing)]
    decisions, gone = keyed_runs.decide(
        table,
        records,
        generation=run[0].generation,
        tables=outcomes.tables,
        sightings=outcomes.sightings,
        mentioned={one.seq: read_mentions(folder, one) for one in landings if one.seq in outcomes.exports.scopes},
        implied=implied,
    )
    for landing in landings:
        outcomes.keyed[landing.seq] = []
    for decision in decisions:
        if decision.record.landing:
            outcomes.keyed[decision.record.landing.seq].append(decision)
    return gone


def _refuse(landings: Sequence[Landing], implied: Mapping[int, bool], outcomes: Outcomes) -> None:
    users = {str(key[0]) for key in outcomes.tables.rows["users"]}
    milestones = {str(key[0]) for key in outcomes.tables.rows["project_milestones"]}
    for landing in landings:
        result = outcomes.recomputed[landing.seq]
        refused = set() if implied[landing.seq] else result.users - users - {landing.key[2]}
        outcomes.refused_users += [(landing.seq, user) for user in refused]
        outcomes.refused_milestones += [(landing.seq, name) for name in result.milestones - milestones]


def _know_users(
    run: Sequence[Landing], gone: Mapping[str, Sequence[Record]], history: History, folder: Path, outcomes: Outcomes
) -> None:
    """Make rows of users that only operations of the run name, and of users and projects that vanished and are named
    still."""
    tables = outcomes.tables
    unsure = keyed_runs.keep_named(gone, tables)
    by_month = [one.seq for one in run if CANONICAL[one.table].partition_by is not None]
    known_of = {**outcomes.recomputed, **outcomes.let_go.standing}
    results = [known_of[seq] for seq in by_month if seq in known_of]
    refused = {(seq, user) for seq, user in outcomes.refused_users}
    known = {str(key[0]) for key in tables.rows["users"]}
    news = {user for one in results for user in one.users if (one.seq, user) not in refused} - known
    # Of plain records the first of a user is published; of revisions and versions perhaps none is.
    if any(one.revises or one.seq in outcomes.exports.scopes for one in results):
        unsure |= news
    named = with_operations(
        unsure,
        history.landings[: run[-1].seq + 1],
        folder=folder,
        exports=outcomes.exports,
        refused_users=outcomes.refused_users,
        refused_milestones=outcomes.refused_milestones,
    )
    tables.imply_users(sorted(named | (news - unsure)))
