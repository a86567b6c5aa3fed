"""One kept file to its records' outcomes: counts and fingerprints of its first two hops, and the records on disk.

Runs in a process of its own for large files; it knows no store.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from nexus_data.tables import CANONICAL
from nexus_data.verify import identity, reading
from nexus_data.verify.contracts import Contract
from nexus_data.verify.delimited import HEADER, Raw
from nexus_data.verify.grouping import Bundle, Item, bundles
from nexus_data.verify.layout import UnreadableError
from nexus_data.verify.spill import (
    MENTIONS,
    REJECTED,
    Counts,
    Sum,
    Writer,
    accepted_path,
    accepted_schema,
    given_columns,
    mentions_path,
    rejected_path,
)
from nexus_data.verify.standardize import Facts, Outcome, Standardizer
from nexus_data.verify.times import UnknownFormError


@dataclass(frozen=True, slots=True)
class Task:
    """A kept file to be read. folder: where its records are written.

    only: for a replay, the records that it takes, with the fingerprints that they keep; corrections: texts in the
    place of those in the file, by record and column. mentions: whether to keep which rows rejected records would be.
    """

    seq: int
    path: Path
    contract: Contract
    landed_as: str
    user: str | None
    default_user: str
    accounts: Mapping[str, str]
    folder: Path
    only: Mapping[int, int] | None = None
    corrections: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    mentions: bool = False


@dataclass(slots=True)
class Recomputed:
    """read and standardize: what became of the records on these hops. users and milestones: those they name.

    unreadable: why the file could not be read; all else is empty then. fates: of a replay's records that go no further.
    revises: whether some record is a correction or a cancel.
    """

    seq: int
    records: int = 0
    read: Mapping[str, Sum] = field(default_factory=dict)
    standardized: Mapping[str, Sum] = field(default_factory=dict)
    users: frozenset[str] = frozenset()
    milestones: frozenset[str] = frozenset()
    unreadable: str = ""
    fates: Mapping[int, str] = field(default_factory=dict)
    revises: bool = False


def recompute(task: Task) -> Recomputed:
    """Read the file whole."""
    try:
        return _Reader(task).run()
    except (UnreadableError, UnknownFormError) as error:
        return Recomputed(task.seq, unreadable=str(error))
    except (OSError, EOFError, ValueError, KeyError) as error:
        return Recomputed(task.seq, unreadable=f"{type(error).__name__}: {error}")


def outcomes(bundle: Bundle, standardizer: Standardizer) -> Iterator[tuple[Item, Outcome]]:
    """What becomes of the first record by itself, and of its parts as it fares."""
    first = bundle[0]
    lead = standardizer.outcome(first.raw.fields, first.further) if first.raw.fields is not None else _UNREAD
    if first.code is not None:
        lead = _rejected(lead, first.code)
    yield first, lead
    for item in bundle[1:]:
        if lead.outcome == "rejected":
            yield item, _rejected(standardizer.outcome(item.raw.fields or (), item.further), "GROUP_REJECTED")
        else:
            yield item, Outcome("skipped", item.part)


def _rejected(found: Outcome, code: str) -> Outcome:
    return Outcome("rejected", code, partly=found.partly or found.values)


def _corrected(raw: Raw, columns: Sequence[str], texts: Mapping[str, str]) -> Raw:
    fields = list(raw.fields) if raw.fields is not None else [""] * len(columns)
    for name, text in texts.items():
        fields[columns.index(name)] = text
    return raw._replace(fields=fields, code=None)


_UNREAD = Outcome("rejected", None)


class _Reader:
    """One file on its way."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._table = CANONICAL[task.contract.table]
        self._opened = reading.opened(task.path, task.contract, landed_as=task.landed_as)
        facts = Facts(task.contract.source, task.user, task.default_user, self._opened.path_groups, task.accounts)
        self._standardizer = Standardizer(task.contract, self._opened.columns, facts)
        self._names = given_columns(self._table)
        self._read, self._standardized = Counts(), Counts()
        self._users: set[str] = set()
        self._fates: dict[int, str] = {}
        self._revises = False
        self._milestones: set[str] = set()
        self._mentioned: Writer | None = None

    def run(self) -> Recomputed:
        task, number = self._task, 0
        accepted = Writer(accepted_path(task.folder, self._table.name, task.seq), accepted_schema(self._table))
        rejected = Writer(rejected_path(task.folder, task.seq), REJECTED)
        mentioned = Writer(mentions_path(task.folder, self._table.name, task.seq), MENTIONS) if task.mentions else None
        self._mentioned = mentioned
        with accepted, rejected, mentioned or nullcontext():
            for bundle in bundles(self._numbered(), task.contract.body, self._opened.columns):
                number = max(number, bundle[-1].number)
                if bundle[0].raw.fields is None:
                    self._unread(bundle[0].number, bundle[0].raw, rejected)
                else:
                    self._judge_all(bundle, accepted, rejected)
        return Recomputed(
            seq=task.seq,
            records=number,
            read=self._read.sums(),
            standardized=self._standardized.sums(),
            users=frozenset(self._users),
            milestones=frozenset(self._milestones),
            fates=self._fates,
            revises=self._revises,
        )

    def _numbered(self) -> Iterator[tuple[int, Raw]]:
        columns, corrections = self._opened.columns, self._task.corrections
        for number, raw in enumerate(self._opened.records, start=1):
            if number in corrections:
                yield number, _corrected(raw, columns, corrections[number])
            else:
                yield number, raw

    def _note(self, number: int, fate: str) -> None:
        if self._task.only is not None:
            self._fates[number] = fate

    def _print(self, number: int, text: str) -> int | None:
        """The fingerprint of a record; None for one that is not asked for."""
        if self._task.only is None:
            return identity.fingerprint(text)
        return self._task.only.get(number)

    def _unread(self, number: int, raw: Raw, rejected: Writer) -> None:
        fp = self._print(number, raw.text)
        if fp is None:
            return
        if raw.code == HEADER:
            self._read.take("skipped", fp)
            self._note(number, "skipped")
            return
        self._read.take("rejected", fp)
        self._note(number, "rejected")
        rejected.add((self._task.seq, number, "read", raw.code, raw.line, raw.text, fp))

    def _judge_all(self, bundle: Bundle, accepted: Writer, rejected: Writer) -> None:
        for item, found in outcomes(bundle, self._standardizer):
            self._judge(item.number, item.raw, found, accepted, rejected)

    def _judge(self, number: int, raw: Raw, found: Outcome, accepted: Writer, rejected: Writer) -> None:
        fp = self._print(number, identity.SEPARATOR.join(raw.fields or ()))
        if fp is None:
            return
        self._read.take("passed", fp)
        if found.values is None:
            self._standardized.take(found.outcome, fp)
            self._note(number, found.outcome)
            if found.outcome == "rejected":
                rejected.add((self._task.seq, number, "standardize", found.reasons, raw.line, raw.text, fp))
                self._mention(number, found)
            return
        self._standardized.take("passed", fp)
        self._accept(number, fp, found, accepted)

    def _mention(self, number: int, found: Outcome) -> None:
        row_id = self._standardizer.row_id(found.partly) if self._mentioned is not None and found.partly else None
        if row_id is not None and self._mentioned is not None:
            self._mentioned.add((self._task.seq, number, row_id))

    def _accept(self, number: int, fp: int, found: Outcome, accepted: Writer) -> None:
        values = found.values or {}
        row = self._standardizer.row(values)
        month = str(values[self._table.partition_by])[:7] if self._table.partition_by else ""
        texts = [*(found.mark or (None, None, None)), *(values[name] for name in self._names)]
        accepted.add((self._task.seq, number, fp, row.content_fp, row.identity, row.by_content, month, *texts))
        self._revises = self._revises or found.mark is not None
        cancels = found.mark is not None and found.mark.action == "cancel"
        if (user := values.get("user_id")) is not None and not cancels:
            self._users.add(str(user))
        if (milestone := values.get("milestone_id")) is not None:
            self._milestones.add(str(milestone))
