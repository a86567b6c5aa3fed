"""From kept files to outcomes, run after run in order of arrival: what every hop should have done."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread

from nexus_data.tables import CANONICAL
from nexus_data.verify import contracts
from nexus_data.verify.contracts import Contract
from nexus_data.verify.history import FileKey, History, Landing
from nexus_data.verify.keptfiles import place
from nexus_data.verify.keyed import Decision, KeyedTables, read_records
from nexus_data.verify.recompute import Recomputed, Task, recompute
from nexus_data.verify.replays import Replays
from nexus_data.verify.report import Findings

_ALONE_BYTES = 4 << 20
"""Less than this is not worth starting processes for."""


@dataclass(slots=True)
class Outcomes:
    """What should have become of the records of every landing that was read.

    recomputed, tasks: by landing, what was made of which file. keyed: decisions on records of keyed tables,
    by landing. tables: their rows now.
    refused_users, refused_milestones: by landing, whom and what it named though nobody knew them. unverified: files of
    which nothing can be recomputed.
    """

    recomputed: dict[int, Recomputed] = field(default_factory=dict)
    tasks: dict[int, Task] = field(default_factory=dict)
    keyed: dict[int, list[Decision]] = field(default_factory=dict)
    tables: KeyedTables = field(default_factory=KeyedTables)
    refused_users: list[tuple[int, str]] = field(default_factory=list)
    refused_milestones: list[tuple[int, str]] = field(default_factory=list)
    unverified: set[FileKey] = field(default_factory=set)


def read_again(
    history: History,
    home: Path,
    folder: Path,
    *,
    bad: set[FileKey],
    only: frozenset[FileKey] | None,
    replays: Replays,
    findings: Findings,
) -> Outcomes:
    """Read every new file of history again (of operations, those in `only` when it is given), and the records that
    left quarantine once more."""
    outcomes = Outcomes(unverified=set(bad))
    with findings.check("raw records", "records read again") as counted, _workers(history, home) as pool:
        for _, landings in groupby(history.landings, key=lambda landing: landing.generation):
            run = [one for one in landings if one.kind in ("new", "replay") and _wanted(one, only)]
            _take_run(run, home, folder, outcomes, pool, replays, findings)
        counted["records"] = sum(one.records for one in outcomes.recomputed.values())
    return outcomes


def _wanted(landing: Landing, only: frozenset[FileKey] | None) -> bool:
    return only is None or landing.key in only or landing.table != "trading_operations"


def _take_run(
    run: Sequence[Landing],
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
    for name, table in CANONICAL.items():
        landings = [landing for landing in run if landing.table == name and found[landing.seq] is not None]
        tasks = [
            _task(one, contract, home, folder, replays, outcomes) for one in landings if (contract := found[one.seq])
        ]
        outcomes.tasks |= {task.seq: task for task in tasks}
        _keep(pool.map(recompute, tasks) if pool else map(recompute, tasks), landings, outcomes, findings)
        implied = {seq: bool(c and c.body.get("implied_parents")) for seq, c in found.items()}
        read = [landing for landing in landings if landing.key not in outcomes.unverified]
        if table.partition_by is None:
            _decide_keyed(name, read, folder, implied, outcomes)
        else:
            _refuse(read, implied, outcomes)


def _contract(
    landing: Landing, home: Path, replays: Replays, outcomes: Outcomes, findings: Findings
) -> Contract | None:
    """The contract that read a file, if the verifier can follow all of it."""
    row = landing.file
    if landing.key in outcomes.unverified:
        return None
    if row is None:
        findings.add("file_row_missing", file=landing.key[0], generation=landing.generation)
        outcomes.unverified.add(landing.key)
        return None
    replay = replays.taken.get((landing.generation, landing.key)) if landing.kind == "replay" else None
    version = replay.version if replay else row["contract_version"]
    found = contracts.find(home, source=row["source"], dataset=row["dataset"], version=version)
    name = f"{row['source']}/{row['dataset']}"
    if found is None:
        findings.add("cannot_verify", file=row["name"], contract=name, found=f"version {version} is not kept anywhere")
    elif unknown := contracts.unknown_keys(found.body):
        for key in unknown:
            findings.add("cannot_verify", file=row["name"], contract=name, found=f"uses key {key}")
        found = None
    elif _is_full_export(found, row["name"]):
        why = "a full export ([snapshot]), whose versions supersede each other, is not followed"
        findings.add("cannot_verify", file=row["name"], contract=name, found=why)
        found = None
    if found is None:
        outcomes.unverified.add(landing.key)
    return found


def _is_full_export(contract: Contract, name: str) -> bool:
    says = contract.body.get("snapshot")
    return says is not None and ("name" not in says or re.search(says["name"], name) is not None)


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
    )


def _keep(results: Iterable[Recomputed], landings: Sequence[Landing], outcomes: Outcomes, findings: Findings) -> None:
    for landing, result in zip(landings, results, strict=True):
        if result.unreadable:
            findings.add("cannot_verify", file=landing.name, found=result.unreadable)
            outcomes.unverified.add(landing.key)
        else:
            outcomes.recomputed[landing.seq] = result


def _decide_keyed(
    table: str, landings: Sequence[Landing], folder: Path, implied: Mapping[int, bool], outcomes: Outcomes
) -> None:
    records = [record for landing in landings for record in read_records(folder, landing)]
    for landing in landings:
        outcomes.keyed[landing.seq] = []
    for decision in outcomes.tables.decide(table, records, implied=implied):
        if decision.record.landing:
            outcomes.keyed[decision.record.landing.seq].append(decision)


def _refuse(landings: Sequence[Landing], implied: Mapping[int, bool], outcomes: Outcomes) -> None:
    users = {str(key[0]) for key in outcomes.tables.rows["users"]}
    milestones = {str(key[0]) for key in outcomes.tables.rows["project_milestones"]}
    named: set[str] = set()
    for landing in landings:
        result = outcomes.recomputed[landing.seq]
        refused = set() if implied[landing.seq] else result.users - users - {landing.key[2]}
        outcomes.refused_users += [(landing.seq, user) for user in refused]
        outcomes.refused_milestones += [(landing.seq, name) for name in result.milestones - milestones]
        named |= result.users - refused
    outcomes.tables.imply_users(sorted(named))


@contextmanager
def _workers(history: History, home: Path) -> Iterator[Executor | None]:
    """Processes, where there is enough to read."""
    size = sum(path.stat().st_size for row in history.files.values() if (path := place(home, row["sha256"])).exists())
    if size < _ALONE_BYTES:
        yield None
        return
    with ProcessPoolExecutor(min(4, os.cpu_count() or 1), mp_context=get_context("spawn"), initializer=_follow) as pool:
        yield pool


def _follow() -> None:
    """Have a worker end with the program that started it, however that ends."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
