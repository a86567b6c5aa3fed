"""Which contract reads a file: by its header, its path, or both. Nothing here reads further than the first rows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from nexus_data.contract.columns import known, renamed
from nexus_data.contract.header import Difference, called, difference, listed
from nexus_data.contract.load import Source
from nexus_data.contract.model import Format, Sections, Variant
from nexus_data.grouping.plan import plan_of
from nexus_data.readers.foreign import foreign
from nexus_data.readers.layout import Layout, Probe
from nexus_data.readers.probe import nature, probes, unique_names

_NATURES = {"csv": "text", "empty": "an empty file", "binary": "binary data"}

_DRAFT = "if it is a table, `nexus contract draft` proposes a contract for it"

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}

_DEEP = 20
"""How many rows above a header are looked at, to say of a held file that they stand there."""

_NEAR = 0.15
"""A header that shares fewer of its names with a contract's is not told as near it: the difference would be noise."""


@dataclass(frozen=True, slots=True)
class Match:
    """The contract of a file, how the file's bytes lie, and what the contract's path pattern found in its path."""

    source: Source
    layout: Layout
    path_groups: dict[str, str]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """No contract, or more than one. reason, for people: what the file is, the nearest contract and its difference."""

    reason: str


@dataclass(frozen=True, slots=True)
class _File:
    """A file with its probes, each way of looking taken once however many contracts share it."""

    path: Path
    landed_as: str
    max_expanded_bytes: int
    seen: dict[Format, tuple[Probe, ...]] = field(default_factory=dict)

    def probes(self, form: Format) -> tuple[Probe, ...]:
        if form not in self.seen:
            self.seen[form] = tuple(probes(self.path, form, max_expanded_bytes=self.max_expanded_bytes))
        return self.seen[form]


@dataclass(frozen=True, slots=True)
class _Sight:
    """One row of one probe beside one variant. row: its index when it is a header, None for files without one.

    facts: what the names themselves say, by column.
    """

    source: Source
    variant: Variant
    probe: Probe
    row: int | None
    names: tuple[str, ...]
    difference: Difference
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def weight(self) -> tuple[bool, bool, int]:
        """A header or a path says more than a mere number of columns, or than the title of a file's first table; then
        the more columns it knows, the better."""
        contract = self.source.contract
        told = self.row is not None or contract.path is not None or contract.sections is not None
        return (told, contract.sections is None, len(set(self.names) & set(self.variant.columns)))


def match(
    path: Path, sources: Sequence[Source], *, landed_as: str, source: str | None, max_expanded_bytes: int
) -> Match | Unmatched:
    """The one contract that reads the file at `path`.

    landed_as: the path it was landed under, for contracts that read something from it. source: restricts to that
    source's contracts. FileError when the file cannot be read at all.
    """
    chosen = tuple(one for one in sources if source in (None, one.source))
    if not chosen:
        names = listed(sorted({one.source for one in sources}))
        return Unmatched(f"there is no contract of a source {source!r}; the sources are {names}")
    file = _File(path, landed_as.replace("\\", "/"), max_expanded_bytes)
    sights = tuple(sight for one in chosen for sight in _sights(one, file))
    fits = [sight for sight in sights if sight.difference.fits]
    return _decide(fits, file) or Unmatched(_reason(sights, chosen, file, source))


def _sights(source: Source, file: _File) -> Iterator[_Sight]:
    contract = source.contract
    if not _path_fits(source, file):
        return
    if contract.sections is not None:
        yield from _sections(source, contract.sections, file)
        return
    for probe in file.probes(contract.format):
        for variant in contract.variants:
            look = _headers if contract.format.header else _columns
            yield from look(source, variant, probe)


def _sections(source: Source, sections: Sections, file: _File) -> Iterator[_Sight]:
    """A file of sections is known by its first record."""
    columns = known(source.contract)
    for probe in file.probes(source.contract.format):
        first = tuple(text.strip() for text in probe.rows[0][:2]) if probe.rows else ()
        if len(first) == 2 and first[0] in sections.opening and first[1] == sections.header:
            yield _Sight(source, Variant(columns=columns), probe, None, columns, Difference((), (), 1.0))


def _path_fits(source: Source, file: _File) -> bool:
    pattern = source.contract.path
    return pattern is None or re.search(pattern, file.landed_as) is not None


def _headers(source: Source, variant: Variant, probe: Probe) -> Iterator[_Sight]:
    depth = source.contract.format.preamble + (2 if _is_hint(probe.rows) else 1)
    for index, row in enumerate(probe.rows[:depth]):
        names, facts = called(unique_names([name.strip() for name in row]), variant)
        yield _Sight(source, variant, probe, index, names, difference(names, variant), facts)


def _is_hint(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first line only tells spreadsheets the delimiter (`sep=;`), as some exports begin."""
    return bool(rows) and len(rows[0]) <= 2 and re.fullmatch(r"(?i)sep=.?", rows[0][0].strip()) is not None


def _columns(source: Source, variant: Variant, probe: Probe) -> Iterator[_Sight]:
    found, wanted = len(probe.rows[0]) if probe.rows else 0, len(variant.columns)
    # The path has matched; without one, a number of columns is no likeness.
    likeness = min(found, wanted) / max(found, wanted) if source.contract.path is not None else 0.0
    surplus = tuple(f"column_{place}" for place in range(wanted + 1, found + 1))
    there = Difference(variant.columns[found:], surplus, likeness)
    yield _Sight(source, variant, probe, None, variant.columns, there)


def _decide(fits: Sequence[_Sight], file: _File) -> Match | Unmatched | None:
    if not fits:
        return None
    most = max(sight.weight for sight in fits)
    best = [sight for sight in fits if sight.weight == most]
    names = sorted({sight.source.name for sight in best})
    if len(names) > 1:
        return Unmatched(f"{' and '.join(names)} read it equally well; land it under its source")
    return Match(best[0].source, _layout(best[0]), _groups(best[0].source, file))


def _layout(sight: _Sight) -> Layout:
    form, probe = sight.source.contract.format, sight.probe
    columns = renamed(sight.variant, sight.names)
    absent = tuple(name for name in known(sight.source.contract) if name not in columns)
    return Layout(
        kind=probe.kind,
        encoding=probe.encoding,
        delimiter=probe.delimiter,
        quote=form.quote,
        columns=columns,
        expected=columns + absent,
        header_row=sight.row,
        ragged=form.ragged,
        records=form.records,
        prefix=form.prefix,
        above=form.above,
        others=sight.variant.others,
        constants={**sight.variant.constants, **sight.facts},
        rename=sight.variant.rename,
        sheet=probe.sheet,
        sheets=form.sheets,
        plan=plan_of(sight.source.contract),
    )


def _groups(source: Source, file: _File) -> dict[str, str]:
    found = re.search(source.contract.path, file.landed_as) if source.contract.path is not None else None
    return {name: text or "" for name, text in found.groupdict().items()} if found else {}


def _reason(sights: Sequence[_Sight], chosen: Sequence[Source], file: _File, source: str | None) -> str:
    kind = nature(file.path)
    if stranger := foreign(file.path):
        return f"{stranger}; no contract reads it as it is"
    what = _NATURES.get(kind, kind)
    if kind in ("empty", "binary"):
        return f"{what}: nothing that a contract reads"
    whose = f"no contract of source {source}" if source else "no contract"
    if not any(_path_fits(one, file) for one in chosen):
        patterns = listed([f"{one.name} takes paths like {one.contract.path}" for one in chosen], width=200)
        return f"{what}, and {whose} takes the path {file.landed_as}: {patterns}"
    if told := _otherwise_named(chosen, file) or _otherwise_delimited(chosen, file) or _deeper(chosen, file):
        return f"{what}, and {told}"
    nearest = max(sights, key=lambda sight: sight.difference.likeness, default=None)
    if nearest is None or nearest.difference.likeness < _NEAR:
        return f"{what}, and {whose} has a header like it{_first_row(sights)}; {_DRAFT}"
    return f"{what}, and {whose} has its header; the nearest is {nearest.source.name}: {nearest.difference}; {_DRAFT}"


def _otherwise_named(chosen: Sequence[Source], file: _File) -> str:
    """The contracts that would read the file by its header, did its path not say something that they need."""
    near = [one for one in chosen if one.contract.format.header and not _path_fits(one, file) and _headed(one, file)]
    if not near:
        return ""
    told = "; ".join(
        f"{one.name} ({one.contract.title}) has its header, but takes paths like {one.contract.path}" for one in near
    )
    return f"{told}: what the file does not say, its name or a folder above it must"


def _headed(source: Source, file: _File) -> bool:
    pairs = product(source.contract.variants, file.probes(source.contract.format))
    return any(sight.difference.fits for variant, probe in pairs for sight in _headers(source, variant, probe))


def _otherwise_delimited(chosen: Sequence[Source], file: _File) -> str:
    """The contract that would read the file by its header, were other characters between the fields.

    It is not read so: a spreadsheet that saves a table with its own delimiter rewrites numbers and days, too.
    """
    tables = [one for one in chosen if one.contract.format.kind == "csv" and one.contract.format.header]
    deepest = max((one.contract.format.preamble for one in tables), default=0)
    for probe in file.probes(Format(delimiters=tuple(_DELIMITERS), preamble=deepest)):
        for one in (one for one in tables if probe.delimiter not in one.contract.format.delimiters):
            if any(
                sight.difference.fits for variant in one.contract.variants for sight in _headers(one, variant, probe)
            ):
                usual = " or ".join(_DELIMITERS.get(mark, mark) for mark in one.contract.format.delimiters)
                return (
                    f"{one.name} has its header, but with {usual} between the fields, and here stand "
                    f"{_DELIMITERS[probe.delimiter]}: a spreadsheet that saves a table so rewrites numbers and days, "
                    "too; land the file as its source gave it"
                )
    return ""


def _deeper(chosen: Sequence[Source], file: _File) -> str:
    """The contract whose header stands below more rows than it may: somebody has put them there, or another export."""
    tables = [one for one in chosen if one.contract.format.kind == "csv" and one.contract.format.header]
    for probe in file.probes(Format(delimiters=tuple(_DELIMITERS), preamble=_DEEP)):
        for place, row in enumerate(probe.rows):
            names = unique_names([name.strip() for name in row])
            for one in (one for one in tables if place > one.contract.format.preamble):
                if any(difference(called(names, variant)[0], variant).fits for variant in one.contract.variants):
                    return (
                        f"{one.name} has its header, but in row {place + 1}, and not in row "
                        f"{one.contract.format.preamble + 1} at the latest: land the file as its source gave it, or "
                        "without what stands above the header"
                    )
    return ""


def _first_row(sights: Sequence[_Sight]) -> str:
    rows = [sight.probe.rows[0] for sight in sights if sight.probe.rows]
    return f"; its first row reads: {listed(max(rows, key=len))}" if rows else ""
