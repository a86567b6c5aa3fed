"""One record at a time: its raw texts in, what the contract makes of it out. Written from the description of a
contract's keys, apart from the kernel; files, stores and what other records say are not known here."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from nexus_data.rules import FIELD_CODES
from nexus_data.tables import CANONICAL
from nexus_data.tables.model import PROVENANCE, Field, Kind, Table
from nexus_data.verify import identity
from nexus_data.verify.conditions import conditions
from nexus_data.verify.contracts import Contract, columns_read
from nexus_data.verify.field_texts import PATH, WHITE, Cells, style_of, text_of
from nexus_data.verify.fields import SCALES, Judged, Read, Value, product, reader
from nexus_data.verify.times import local_day, zone_of

_DIGITS_SUMMED = 15
"""Before the point, of numbers that marts add up."""
_PROSE = {"name", "title", "display_name", "description", "error_message"}
_LONGEST_ID, _LONGEST_PROSE = 500, 64 << 20
_OWN_USER = {"users", "user_accounts"}
_GIVEN = {"operation_id", "generation", *(field.name for field in PROVENANCE)}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the records of a file share. user: whom it was landed for. accounts: user by account, of the source."""

    source: str
    user: str | None
    default_user: str
    path_groups: Mapping[str, str]
    accounts: Mapping[str, str]


class Mark(NamedTuple):
    """What makes a record a revision: correct or cancel, the identity that it refers to, and its version's order."""

    action: str
    refers_to: bytes
    version: str | None


class Outcome(NamedTuple):
    """outcome: accepted, rejected or skipped. reasons: the rules, or why it is skipped. values: by column. mark: of
    a revision. partly: of a rejected one, what could be read of it."""

    outcome: str
    reasons: str | None
    values: dict[str, Value] | None = None
    mark: Mark | None = None
    partly: dict[str, Value] | None = None


class Row(NamedTuple):
    """What makes an accepted record the same as another."""

    content_fp: int
    identity: bytes | None
    by_content: bool


@dataclass(frozen=True, slots=True)
class _Kind:
    when: Callable[[Cells], bool]
    skip: str | None
    reads: tuple[tuple[Field, Read], ...]
    products: tuple[tuple[Field, tuple[str, ...], Callable[[Sequence[Judged], Cells], Judged]], ...]
    derived_zone: tuple[str, str | None] | None


class Standardizer:
    """A contract made ready for the records of one file, whose columns stand in this order."""

    def __init__(self, contract: Contract, columns: Sequence[str], facts: Facts) -> None:
        self._table: Table = CANONICAL[contract.table]
        self._facts = facts
        body = contract.body
        kinds = body.get("kinds") or ({"name": "record"},)
        self._kinds = tuple(_kind(kind, body, self._table) for kind in kinds)
        wanted = columns_read(body)
        self._places = [(name, place) for place, name in enumerate(columns) if name in wanted]
        self._always: dict[str, str | None] = dict.fromkeys(wanted - set(columns))
        self._always |= {PATH + name: text or None for name, text in facts.path_groups.items()}
        self._owned = self._table.name not in _OWN_USER and any(f.name == "user_id" for f in self._table.fields)
        self._judges = [(field, _judge(field)) for field in self._table.fields if field.name not in _GIVEN]
        says = body.get("identity", {})
        order = identity.content_columns(self._table)
        self._identity = tuple(name for name in order if name in says.get("columns", ()))
        self._content = tuple(name for name in order if name in says.get("content", ())) or order
        self._anchors = tuple(says.get("anchors", ()))
        self._order = order
        self._revisions = _revisions(body)

    def outcome(self, texts: Sequence[str], further: Mapping[str, str | None] | None = None) -> Outcome:
        """What becomes of a record by itself. further: columns that it gets from other records."""
        cells = self._cells(texts)
        if further:
            cells.update(further)
        found = self._outcome(cells)
        if found.outcome == "rejected" and len(texts) > 1 and not any(text.strip(WHITE) for text in texts):
            return Outcome("skipped", "no field has any text")
        return found

    def _outcome(self, cells: Cells) -> Outcome:
        kind = next((kind for kind in self._kinds if kind.when(cells)), None)
        if kind is None:
            return Outcome("rejected", "UNKNOWN_KIND")
        if kind.skip is not None:
            return Outcome("skipped", kind.skip)
        return self._read(kind, cells)

    def row(self, values: Mapping[str, Value]) -> Row:
        """Content and identity of an accepted record."""
        content = identity.joined([values[name] for name in self._order])
        print_ = identity.fingerprint(content)
        if self._table.partition_by is None:
            return Row(print_, None, by_content=False)
        by_content = not self._identity or any(values[name] is None for name in self._identity)
        told = self._order if any(values[name] is None for name in self._anchors) else self._content
        names = told if by_content else self._identity
        return Row(print_, self._identity_of(values, "content" if by_content else "id", names), by_content)

    def row_id(self, values: Mapping[str, Value]) -> bytes | None:
        """What a record's row is known by among the rows of a full export; None where its own id is missing."""
        if self._table.partition_by is None:
            return identity.row_id(self._table, values)
        row = self.row(values)
        return None if row.by_content else row.identity

    def _cells(self, texts: Sequence[str]) -> dict[str, str | None]:
        cells = self._always.copy()
        for name, place in self._places:
            cells[name] = texts[place].strip(WHITE) or None
        return cells

    def _read(self, kind: _Kind, cells: Cells) -> Outcome:
        found: dict[str, Judged] = {field.name: read(cells) for field, read in kind.reads}
        excused: set[str] = set()
        for field, names, multiply in kind.products:
            parts = [found[name] for name in names]
            found[field.name] = multiply(parts, cells)
            if any(part.codes for part in parts):
                excused.add(field.name)
        if kind.derived_zone is not None:
            time = found["transact_time"]
            found["date"] = _derived(time, kind.derived_zone, cells)
            if time.codes:
                excused.add("date")
        if self._owned:
            self._own(found)
        values: dict[str, Value] = {}
        reasons: list[str] = []
        for field, judge in self._judges:
            judged = found.get(field.name, _NOTHING)
            values[field.name] = judged.value
            if judged is _NOTHING and not field.required:
                continue
            if codes := judge(judged, field.name in excused):
                reasons += [f"{code}:{field.name}" for code in FIELD_CODES if code in codes]
        if reasons:
            return Outcome("rejected", ";".join(reasons), partly=values)
        return self._marked(values, cells) if self._revisions is not None else Outcome("accepted", None, values)

    def _marked(self, values: dict[str, Value], cells: Cells) -> Outcome:
        """A revision refers to an earlier record by its id, else means its own; without any it means nothing."""
        said = self._revisions(cells) if self._revisions is not None else None
        if said is None:
            return Outcome("accepted", None, values)
        action, refers, version = said
        own = values["exec_id"]
        values["exec_id"] = refers if own is None else own
        meant = {**values, "exec_id": own if refers is None else refers}
        if any(meant[name] is None for name in self._identity):
            return Outcome("rejected", "MISSING:exec_id", partly=values)
        return Outcome("accepted", None, values, Mark(action, self._identity_of(meant, "id", self._identity), version))

    def _identity_of(self, values: Mapping[str, Value], first: str, names: Sequence[str]) -> bytes:
        parts = [first, self._facts.source, *(values[name] for name in ("account_id", "user_id", *names))]
        return identity.identity(identity.joined(parts))

    def _own(self, found: dict[str, Judged]) -> None:
        """The record's own user, else the file's, else the account's, else the default user."""
        own = found.get("user_id", _NOTHING)
        if own.value is not None or own.codes:
            return
        user = self._facts.user
        if user is None:
            account = found.get("account_id", _NOTHING).value
            user = self._facts.accounts.get(str(account)) if account is not None else None
        found["user_id"] = Judged(self._facts.default_user if user is None else user)


_NOTHING = Judged(None)
_DIGITS = 40


def _revisions(body: Mapping[str, Any]) -> Callable[[Cells], tuple[str, str | None, str | None] | None] | None:
    """For a record's texts its action, the id that it refers to and its version; None for what is no revision."""
    says = body.get("revisions")
    if says is None:
        return None
    style = style_of({}, body.get("numbers", {}))
    tests = [(action, conditions(says[action], style)) for action in ("cancel", "correct") if says.get(action)]
    refers = text_of(says.get("refers_to") or {"value": ""}, body.get("numbers", {}))
    column = says.get("version")

    def read(cells: Cells) -> tuple[str, str | None, str | None] | None:
        action = next((action for action, test in tests if test(cells)), None)
        if action is None:
            return None
        version = cells[column] if column else None
        ordered = version.zfill(_DIGITS) if version is not None and re.fullmatch(r"\d+", version) else version
        return action, refers(cells)[0], ordered

    return read


def _kind(kind: Mapping[str, Any], body: Mapping[str, Any], table: Table) -> _Kind:
    when = conditions(kind.get("when", ()), style_of({}, body.get("numbers", {})))
    if kind.get("skip") is not None:
        return _Kind(when, kind["skip"], (), (), None)
    canonical = {"decimal": ".", "thousands": "", "accounting": False, "signs": False, "crypto": True}
    specs = {**body["fields"], **kind.get("fields", {})}
    specs |= {name: {"value": text, **canonical} for name, text in kind.get("set", {}).items()}
    derived = _derived_zone(specs, body, table)
    reads = [(table.field(n), reader(table.field(n), s, body)) for n, s in specs.items() if "product" not in s]
    products = [
        (table.field(n), tuple(s["product"]), product(s, SCALES[table.field(n).kind]))
        for n, s in specs.items()
        if "product" in s
    ]
    kept = tuple((field, read) for field, read in reads if derived is None or field.name != "date")
    return _Kind(when, None, kept, tuple(products), derived)


def _derived_zone(specs: Mapping[str, Any], body: Mapping[str, Any], table: Table) -> tuple[str, str | None] | None:
    """`date` without an origin of its own, or with that of transact_time, is the day of transact_time."""
    time, date = specs.get("transact_time"), specs.get("date")
    if table.partition_by != "date" or time is None or "day_ms" in time or date not in (None, time):
        return None
    return time.get("zone", body["timezone"]), time.get("zone_column")


def _derived(time: Judged, zone: tuple[str, str | None], cells: Cells) -> Judged:
    place = zone_of((cells[zone[1]] or zone[0]) if zone[1] else zone[0])
    if not isinstance(time.value, int) or place is None:
        return _NOTHING
    return Judged(local_day(time.value, place))


def _judge(field: Field) -> Callable[[Judged, bool], tuple[str, ...]]:
    """The table's own rules for a column."""
    values, reserved = frozenset(field.values), frozenset(field.reserved)
    limit = 0
    if field.kind is Kind.TEXT and not values:
        limit = _LONGEST_PROSE if field.name in _PROSE else _LONGEST_ID

    def judge(judged: Judged, excused: bool) -> tuple[str, ...]:
        value, codes = judged
        if value is None:
            return codes if codes or not field.required or excused else ("MISSING",)
        if (values and value not in values) or value in reserved:
            codes = (*codes, "UNKNOWN_VALUE")
        if limit and len(str(value)) > limit // 4 and len(str(value).encode()) > limit:
            codes = (*codes, "TOO_LONG")
        if field.summed and len(str(value).lstrip("-").partition(".")[0]) > _DIGITS_SUMMED:
            codes = (*codes, "TOO_LARGE")
        if field.non_negative and str(value).startswith("-"):
            codes = (*codes, "NEGATIVE")
        return codes

    return judge
