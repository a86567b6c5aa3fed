"""All that is known of a file when its fields are chosen, and the proposal that is being made of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path

import polars as pl

from nexus_data.contract.model import FieldSpec, Kind
from nexus_data.draft.number_style import NumberStyles
from nexus_data.draft.numbers import NumberTally, number_tally
from nexus_data.draft.profile import Column, Profile
from nexus_data.draft.roles import Roles
from nexus_data.draft.time_forms import TimeStyle


@dataclass(frozen=True, slots=True)
class Look:
    """source: the contract's source, which prefixes ids. times: the style of each column of times, by column.

    currency: what a person has decided for files that name none. path: the file's. header: whether columns have names.
    """

    source: str
    profile: Profile
    roles: Roles
    times: dict[str, TimeStyle]
    numbers: NumberStyles
    currency: str | None = None
    path: Path = Path()
    header: bool = True

    def column(self, name: str) -> Column:
        """A column's profile."""
        return self.profile.columns[name]

    def values(self, name: str | None) -> dict[str, int]:
        """The distinct texts of a column, if there are few; blanks are not among them."""
        counts = self.profile.columns[name].values if name is not None else None
        return dict(counts or {})

    def tally(self, name: str, *, within: str | None = None, values: Iterable[str] = ()) -> NumberTally:
        """The numbers of a column in the sample, in records whose column `within` has one of the values."""
        rows = self.profile.sample
        if within is not None:
            rows = rows.filter(pl.col(within).is_in(list(values)))
        return number_tally(rows.select("record_no", text=pl.col(name)).filter(pl.col("text") != ""))

    def rows(self, within: str, values: Iterable[str]) -> int:
        """How many records of the sample have one of the values."""
        return self.profile.sample.filter(pl.col(within).is_in(list(values))).height


@dataclass(slots=True)
class Proposal:
    """What a contract of one table would say. notes: the evidence, by key. open: the readings of what is undecided."""

    table: str
    fields: dict[str, FieldSpec] = field(default_factory=dict)
    kinds: list[Kind] = field(default_factory=list)
    identity: tuple[str, ...] = ()
    implied_parents: bool = False
    path: str | None = None
    notes: dict[str, list[str]] = field(default_factory=dict)
    open: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def give(self, name: str, spec: FieldSpec, *notes: str) -> None:
        """A field with why."""
        self.fields[name] = spec
        self.note(f"fields.{name}", *notes)

    def add(self, kind: Kind, *notes: str) -> None:
        """A kind with why, after those that are there, under a name of its own."""
        names = {one.name for one in self.kinds}
        name = next(n for n in chain([kind.name], (f"{kind.name} {place}" for place in count(2))) if n not in names)
        fields = {key: getattr(kind, key) for key in Kind.__struct_fields__}
        self.kinds.append(Kind(**{**fields, "name": name}))
        self.note(f"kinds.{name}", *notes)

    def note(self, key: str, *notes: str) -> None:
        """Evidence for a key."""
        if kept := [note for note in notes if note]:
            self.notes.setdefault(key, []).extend(kept)


def columns_read(spec: FieldSpec) -> tuple[str, ...]:
    """Every raw column of a file that a drafted field reads."""
    several = spec.column.split(" | ") if spec.column is not None else []
    single = (spec.zone_column, spec.by_sign.column if spec.by_sign else None)
    by = (spec.factor_by.column if spec.factor_by else None,)
    return tuple(name for name in (*several, *spec.columns, *single, *by) if name)
