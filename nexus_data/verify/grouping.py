"""Records that belong together, by their description in a contract's `[group]` and `[continuation]`: several that are
one operation, and rows that only go on with the row before."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nexus_data.verify.conditions import conditions
from nexus_data.verify.delimited import SHEET, Raw
from nexus_data.verify.field_texts import WHITE, style_of, sum_text
from nexus_data.verify.sections import UNKNOWN_HEADER, Sections

_MOST_REACHES = 10
_MOST_CONTINUATIONS = 10_000
_LEAST = {"one": 1, "some": 1, "optional": 0, "any": 0, "none": 0}
_MOST = {"one": 1, "optional": 1, "none": 0}

Cells = dict[str, str | None]


@dataclass(slots=True)
class Item:
    """A record on its way. further: the columns that it gets from others. part: why it is skipped with the first of its
    bundle. code: why it is rejected whatever it says."""

    number: int
    raw: Raw
    further: Cells = field(default_factory=dict)
    part: str | None = None
    code: str | None = None


Bundle = list[Item]
"""Records of which the first decides what becomes of those that are parts."""


@dataclass(slots=True)
class _Member:
    """A record with its continuations, and its cleaned texts."""

    bundle: Bundle
    cells: Cells

    @property
    def number(self) -> int:
        return self.bundle[0].number


@dataclass(slots=True)
class _Group:
    first: int
    last: int
    members: list[_Member] = field(default_factory=list)


def bundles(raws: Iterator[tuple[int, Raw]], body: Mapping[str, Any], columns: Sequence[str]) -> Iterator[Bundle]:
    """Every record, those that belong together in one bundle. A bundle comes when nothing more can join it."""
    if not {"group", "continuation", "sections"} & set(body):
        yield from ([Item(number, raw, _of_sheet(raw))] for number, raw in raws)
        return
    yield from _Arranger(body, columns).run(raws)


class _Arranger:
    def __init__(self, body: Mapping[str, Any], columns: Sequence[str]) -> None:
        self._columns = columns
        self._sections = Sections(body["sections"]) if "sections" in body else None
        self._style = style_of({}, body.get("numbers", {}))
        self._continuation = body.get("continuation")
        self._goes_on = conditions((self._continuation or {}).get("when", ()), self._style)
        of = (self._continuation or {}).get("of", ())
        self._leads = conditions(of, self._style) if of else None
        self._group = body.get("group")
        self._takes = conditions((self._group or {}).get("when", ()), self._style)
        self._forms = [_Form(form, self._style) for form in (self._group or {}).get("forms", ())]
        self._reach = (self._group or {}).get("reach", 1000)
        self._open: OrderedDict[tuple[str, ...], _Group] = OrderedDict()
        self._head: _Member | None = None
        self._before = 0

    def run(self, raws: Iterator[tuple[int, Raw]]) -> Iterator[Bundle]:
        for number, raw in raws:
            yield from self._close(number)
            if raw.fields is None:
                yield [Item(number, raw)]
            else:
                yield from self._take(number, raw)
        yield from self._headed()
        for group in list(self._open.values()):
            yield from self._decided(group)

    def _take(self, number: int, raw: Raw) -> Iterator[Bundle]:
        further: Cells | None = _of_sheet(raw)
        if self._sections is not None:
            further = self._sections.texts(raw.fields or ())
        if further is None:
            yield [Item(number, raw, code=UNKNOWN_HEADER)]
            return
        cells: Cells = {n: t.strip(WHITE) or None for n, t in zip(self._columns, raw.fields or (), strict=True)}
        cells |= further
        if self._continuation is None or not self._continues(number, cells):
            yield from self._headed()
            joined = (self._continuation or {}).get("columns", ())
            whole = {f"whole:{name}": cells.get(name) for name in joined}
            self._head = _Member([Item(number, raw, further | whole)], cells | whole)
            return
        head = self._head
        if head is None or not self._adjoins(number, head):
            yield [Item(number, raw, further, code="GROUP_INCOMPLETE")]
            return
        part = "continues" if self._continuation.get("columns") else "part of"
        head.bundle.append(Item(number, raw, part=f"{part} record {head.number}"))
        for name in self._continuation.get("columns", ()):
            text = ((head.cells[f"whole:{name}"] or "") + (cells.get(name) or "")) or None
            head.cells[f"whole:{name}"] = head.bundle[0].further[f"whole:{name}"] = text

    def _continues(self, number: int, cells: Cells) -> bool:
        """Whether a record goes on with the one before it; where that must be of a kind, it stands by itself else."""
        if not self._goes_on(cells):
            return False
        if self._leads is None:
            return True
        head = self._head
        return head is not None and self._leads(head.cells) and not self._leads(cells) and self._adjoins(number, head)

    def _adjoins(self, number: int, head: _Member) -> bool:
        return number == head.bundle[-1].number + 1 and len(head.bundle) <= _MOST_CONTINUATIONS

    def _headed(self) -> Iterator[Bundle]:
        """The record that might have gone on is whole: it joins its group, or stands by itself."""
        member, self._head = self._head, None
        if member is None:
            return
        key = self._key(member.cells)
        if key is None:
            yield member.bundle
            return
        group = self._open.get(key)
        if group is not None and member.number - group.last > self._reach:
            yield from self._decided(self._open.pop(key))
            group = None
        if group is None:
            group = self._open[key] = _Group(member.number, member.number)
        self._open.move_to_end(key)
        group.members.append(member)
        group.last = member.number

    def _key(self, cells: Cells) -> tuple[str, ...] | None:
        if self._group is None or not self._takes(cells):
            return None
        texts = [cells.get(name) for name in self._group["key"]]
        return None if None in texts else tuple(text for text in texts if text is not None)

    def _close(self, number: int) -> Iterator[Bundle]:
        """Groups that no record from here on can join: the one whose last record lies furthest back comes first."""
        while self._open:
            key, group = next(iter(self._open.items()))
            if number - group.last <= self._reach + 1 or self._is_behind(group):
                return
            del self._open[key]
            yield from self._decided(group)

    def _is_behind(self, group: _Group) -> bool:
        return self._head is not None and self._head.number - group.last <= self._reach

    def _decided(self, group: _Group) -> Iterator[Bundle]:
        if group.last - group.first >= _MOST_REACHES * self._reach:
            yield from _coded(group, "GROUP_TOO_LARGE")
            return
        enough = False
        for form in self._forms:
            played = form.played(group.members)
            if form.fits(played):
                yield from form.taken(group.members, played)
                return
            enough = enough or form.enough(played)
        if (self._group or {}).get("otherwise", "reject") == "stand":
            yield from (member.bundle for member in group.members)
        else:
            yield from _coded(group, "GROUP_AMBIGUOUS" if enough else "GROUP_INCOMPLETE")


def _of_sheet(raw: Raw) -> Cells:
    return {SHEET: raw.sheet.strip(WHITE) or None} if raw.sheet is not None else {}


def _coded(group: _Group, code: str) -> Iterator[Bundle]:
    for member in group.members:
        member.bundle[0].code = code
        yield member.bundle


class _Form:
    """One way in which the records of a group are one operation."""

    def __init__(self, form: Mapping[str, Any], style: Any) -> None:
        self._form = form
        self._style = style
        self._legs: list[tuple[Mapping[str, Any], Callable[[Cells], bool]]] = [
            (leg, conditions(leg.get("when", ()), style)) for leg in form["legs"]
        ]

    def played(self, members: Sequence[_Member]) -> dict[str, list[_Member]]:
        """Who plays which leg."""
        legs: dict[str, list[_Member]] = {leg["name"]: [] for leg, _ in self._legs}
        free = list(members)
        for leg, when in self._legs:
            takes = [member for member in free if when(member.cells)]
            if "like" in leg:
                first = next(iter(legs[leg["like"]["leg"]]), None)
                takes = [m for m in takes if first is not None and _alike(m, first, leg["like"]["columns"])]
            legs[leg["name"]] = takes
            taken = set(map(id, takes))
            free = [member for member in free if id(member) not in taken]
        return legs

    def enough(self, played: Mapping[str, Sequence[_Member]]) -> bool:
        """Whether each leg has as many records as it needs."""
        return all(len(played[leg["name"]]) >= _LEAST[leg.get("records", "one")] for leg, _ in self._legs)

    def fits(self, played: Mapping[str, Sequence[_Member]]) -> bool:
        """Whether it has no more than it may have either, and what must be the same is."""
        return self.enough(played) and all(
            len(found := played[leg["name"]]) <= _MOST.get(leg.get("records", "one"), len(found))
            and all(len({member.cells[name] for member in found}) <= 1 for name in leg.get("same", ()))
            for leg, _ in self._legs
        )

    def taken(self, members: Sequence[_Member], played: Mapping[str, Sequence[_Member]]) -> Iterator[Bundle]:
        """One bundle of all that play a leg, and the others by themselves."""
        lead = played[self._form["lead"]][0]
        whole = list(lead.bundle)
        parts = [leg["name"] for leg, _ in self._legs if not leg.get("stands")]
        playing = {id(member) for name in parts for member in played[name]}
        for member in members:
            if id(member) not in playing:
                yield member.bundle
            elif member is not lead:
                member.bundle[0].part = f"part of record {lead.number}"
                whole += member.bundle
        whole[0].further |= {"group:form": self._form["name"]}
        for leg, _ in self._legs:
            whole[0].further |= self._texts(leg, played[leg["name"]])
        yield whole

    def _texts(self, leg: Mapping[str, Any], playing: Sequence[_Member]) -> Cells:
        if not playing:
            return {}
        texts: Cells = {f"{leg['name']}:{name}": text for name, text in playing[0].cells.items()}
        for name in leg.get("sum", ()):
            texts[f"{leg['name']}:{name}"] = sum_text([member.cells[name] for member in playing], self._style)
        return texts


def _alike(one: _Member, other: _Member, columns: Sequence[str]) -> bool:
    return all(one.cells[name] == other.cells[name] for name in columns)
