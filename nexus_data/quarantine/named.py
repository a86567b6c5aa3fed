"""Which records in quarantine the lines of a correction file mean."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from nexus_data.quarantine.corrections import Correction, Corrections
from nexus_data.quarantine.files import Key, QuarantinedFile, quarantined_files
from nexus_data.quarantine.selection import Selection
from nexus_data.sql import query


@dataclass(slots=True)
class Named:
    """fresh: lines that say something new, by file and record. wrong: what cannot be, for people.

    known: lines that were applied before: the record has left quarantine with that very text.
    """

    fresh: dict[Key, dict[int, list[Correction]]] = field(default_factory=dict)
    known: list[Correction] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _State:
    """The newest that quarantine says of a record of a file."""

    file: QuarantinedFile
    open: bool
    told: str


def named(database: psycopg.Connection, corrections: Corrections, *, selection: Selection) -> Named:
    """The records meant; `selection.source` and `.user` tell files of one name or content apart."""
    found = Named()
    for name, lines in _by_file(corrections.lines).items():
        files = quarantined_files(database, source=selection.source, user_id=selection.user, file=name)
        if not files:
            found.wrong.append(f"line {lines[0].line}, file: no file in quarantine has the name or SHA-256 {name!r}")
            continue
        states = _states(database, files, sorted({line.record for line in lines}))
        for line in lines:
            _place(database, line, states.get(line.record, []), found)
    return found


def _by_file(lines: Iterable[Correction]) -> dict[str, list[Correction]]:
    by_file: dict[str, list[Correction]] = defaultdict(list)
    for line in lines:
        by_file[line.file].append(line)
    return by_file


def _states(
    database: psycopg.Connection, files: Sequence[QuarantinedFile], records: Sequence[int]
) -> dict[int, list[_State]]:
    states: dict[int, list[_State]] = defaultdict(list)
    for file in files:
        about = {**_about(file), "record_nos": list(records)}
        for record, _, is_open, resolution, generation in database.execute(query("quarantine/states"), about):
            states[record].append(_State(file, is_open, f"{resolution} in generation {generation}"))
    return states


def _about(file: QuarantinedFile) -> dict[str, Any]:
    return {"file_id": file.file_id, "source": file.source, "user_id": file.user_id}


def _place(database: psycopg.Connection, line: Correction, states: Sequence[_State], found: Named) -> None:
    still_open = [state for state in states if state.open]
    if len(still_open) > 1:
        owners = ", ".join(f"{s.file.sha256[:12]} of source {s.file.source}, user {s.file.user_id}" for s in still_open)
        found.wrong.append(f"line {line.line}, file: {line.file!r} is several files ({owners}): say which, or the user")
    elif still_open:
        found.fresh.setdefault(still_open[0].file.key, {}).setdefault(line.record, []).append(line)
    elif not states:
        found.wrong.append(f"line {line.line}, record: record {line.record} of {line.file!r} was never in quarantine")
    elif any(_applied(database, line, state.file) for state in states):
        found.known.append(line)
    else:
        found.wrong.append(
            f"line {line.line}, record: record {line.record} of {line.file!r} is not in quarantine any more: "
            f"{states[0].told}"
        )


def _applied(database: psycopg.Connection, line: Correction, file: QuarantinedFile) -> bool:
    rows = database.execute(query("ledger/corrections_in_force"), _about(file))
    return any((record, name, text) == (line.record, line.field, line.text) for record, name, text in rows)
