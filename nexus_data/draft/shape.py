"""How the bytes of an unknown file lie: kind, encoding, delimiter, quote, preamble, header. No column meanings."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from nexus_data.contract.model import Format
from nexus_data.draft.encoding import EncodingChoice, choose_encoding
from nexus_data.draft.headers import Header, find_header
from nexus_data.draft.json_places import array_place
from nexus_data.errors import FileError
from nexus_data.readers.layout import FileKind, Layout, Probe
from nexus_data.readers.nature import Nature, nature
from nexus_data.readers.probe import count_lines, probes, unique_names

_DELIMITERS = (",", ";", "\t", "|")
_SHOWN = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_PREAMBLE = 30
STANDARD: tuple[Literal["camt052", "camt053", "camt054", "ibflex", "msproject", "mt940", "ofx"], ...] = (
    "camt052",
    "camt053",
    "camt054",
    "ibflex",
    "msproject",
    "mt940",
    "ofx",
)
_QUOTED_SHARE = 0.5
_LEAST_FIELDS = 2
_EVENLY = 0.5


@dataclass(frozen=True, slots=True)
class Shape:
    """format and names as a contract has them; layout as a reader wants it. notes and open: by key of `[format]`.

    before, header: the rows above the header, and its own, as they stand there.
    """

    format: Format
    names: tuple[str, ...]
    layout: Layout
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    open: dict[str, tuple[str, ...]] = field(default_factory=dict)
    before: tuple[tuple[str, ...], ...] = ()
    header: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Cut:
    """The first rows by one delimiter. width: of most rows; share: of the rows that have it; clean: fields without
    another delimiter in them."""

    probe: Probe
    width: int
    share: float
    clean: float

    @property
    def weight(self) -> tuple[bool, float, int]:
        return (self.width > 1, round(self.share, 1) + round(self.clean, 1), self.width)


def find_shape(path: Path, *, encoding: str | None = None, max_expanded_bytes: int) -> Shape:
    """FileError when the file is no table that can be read. encoding: what a person has decided of an 8-bit text."""
    found = nature(path)
    if found == "empty":
        raise FileError(f"{path} is empty: nothing that a contract could read")
    if found == "binary":
        raise FileError(f"{path} is neither text nor a workbook nor Parquet: nothing that a contract could read")
    _refuse_standard(path, max_expanded_bytes)
    if found in ("json", "jsonl"):
        return _json(path, found, max_expanded_bytes)
    if found == "parquet":
        return _parquet(path, max_expanded_bytes)
    return _workbook(path, max_expanded_bytes) if found == "xlsx" else _text(path, encoding, max_expanded_bytes)


def _refuse_standard(path: Path, limit: int) -> None:
    """A standard format says itself what its fields mean; its contract is there."""
    for kind in STANDARD:
        if next(iter(probes(path, Format(kind=kind), max_expanded_bytes=limit)), None) is not None:
            raise FileError(
                f"{path} is {kind}, a standard format with a contract of its own: land it, no draft is needed"
            )


def _text(path: Path, decided: str | None, limit: int) -> Shape:
    encoding = choose_encoding(path, decided=decided, max_expanded_bytes=limit)
    form = Format(delimiters=_DELIMITERS, encodings=(encoding.name,), preamble=_PREAMBLE)
    quote = _quote(list(probes(path, form, max_expanded_bytes=limit)))
    cuts = [cut for p in _quoted(path, form, quote, limit) if (cut := _cut(p)) is not None]
    if not cuts:
        raise FileError(f"{path} has no rows")
    best = max(cuts, key=lambda cut: cut.weight)
    header = find_header(best.probe.rows, best.width)
    if best.width < _LEAST_FIELDS or (best.share <= _EVENLY and header.open):
        raise FileError(f"{path} is text without columns: no comma, semicolon, tab or bar cuts its lines evenly")
    return _delimited(best, cuts, encoding, quote, header)


def _quoted(path: Path, form: Format, quote: str, limit: int) -> Iterator[Probe]:
    changed = Format(delimiters=form.delimiters, encodings=form.encodings, preamble=form.preamble, quote=quote)
    return probes(path, changed, max_expanded_bytes=limit)


def _quote(found: Sequence[Probe]) -> str:
    """The quote character: an apostrophe only where most fields stand in two of them."""
    for probe in found:
        cells = [cell for row in probe.rows for cell in row if cell]
        if len(cells) > 1 and len(probe.rows[0]) > 1:
            quoted = sum(len(cell) > 1 and cell[0] == cell[-1] == "'" for cell in cells)
            if quoted >= _QUOTED_SHARE * len(cells):
                return "'"
    return '"'


def _cut(probe: Probe) -> _Cut | None:
    if not probe.rows:
        return None
    widths = Counter(len(row) for row in probe.rows)
    width, count = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
    cells = [cell for row in probe.rows if len(row) == width for cell in row]
    others = [mark for mark in _DELIMITERS if mark != probe.delimiter]
    # A comma between digits may be a decimal mark, and one before a space belongs to a sentence.
    odd = sum(any(mark in cell.replace(", ", "") for mark in others if mark != ",") for cell in cells)
    return _Cut(probe, width, count / len(probe.rows), 1 - odd / max(len(cells), 1))


def _delimited(cut: _Cut, cuts: Sequence[_Cut], encoding: EncodingChoice, quote: str, header: Header) -> Shape:
    rows, mark = cut.probe.rows, cut.probe.delimiter
    names = _names(header, rows, cut.width)
    count = sum(len(row) == cut.width for row in rows)
    others = ", ".join(f"{_SHOWN[c.probe.delimiter]} {c.share:.0%}" for c in cuts if c is not cut and c.width > 1)
    said = f"{count} of the first {len(rows)} rows have {cut.width} fields by {_SHOWN[mark]}"
    notes = {
        "delimiters": (said + (f" (even by others: {others})" if others else ""),),
        "encodings": encoding.notes,
        "header": header.notes,
        "preamble": _preamble_notes(header),
        "quote": ("most fields stand between two apostrophes",) if quote == "'" else (),
    }
    form = Format(
        delimiters=(mark,),
        quote=quote,
        encodings=_kept(encoding),
        header=header.row is not None,
        preamble=header.row or 0,
    )
    layout = _layout("csv", names, cut.probe, header.row, quote=quote)
    opened = {"encodings": encoding.open, "header": header.open}
    return _with_rows(Shape(form, names, layout, _filled(notes), _filled(opened)), rows, header)


def _with_rows(shape: Shape, rows: Sequence[tuple[str, ...]], header: Header) -> Shape:
    if header.row is None:
        return shape
    return replace(shape, before=tuple(rows[: header.row]), header=rows[header.row])


def _kept(encoding: EncodingChoice) -> tuple[str, ...]:
    """A file that is UTF-8 leaves the usual fallback of files in which somebody typed without it."""
    return (encoding.name,) if encoding.name != "utf-8" or encoding.marked else ("utf-8", "cp1252")


def _preamble_notes(header: Header) -> tuple[str, ...]:
    if not header.row:
        return ()
    return (f"{header.row} row{'s' if header.row > 1 else ''} before the header, with fewer fields",)


def _names(header: Header, rows: Sequence[Sequence[str]], width: int) -> tuple[str, ...]:
    if header.row is None:
        return tuple(f"column_{place}" for place in range(1, width + 1))
    return unique_names([name.strip() for name in rows[header.row]])


def _layout(kind: FileKind, names: tuple[str, ...], probe: Probe, row: int | None, *, quote: str = '"') -> Layout:
    return Layout(
        kind=kind,
        encoding=probe.encoding,
        delimiter=probe.delimiter,
        quote=quote,
        columns=names,
        expected=names,
        header_row=row,
        ragged="reject",
        sheet=probe.sheet,
    )


def _filled(found: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {key: texts for key, texts in found.items() if texts}


def _json(path: Path, found: Nature, limit: int) -> Shape:
    place = array_place(path, max_expanded_bytes=limit)
    # One object on one line that holds an array is a document, and not one record.
    whole = found == "json" or (bool(place) and count_lines(path, max_expanded_bytes=limit) == 1)
    kind: FileKind = "json" if whole else "jsonl"
    place = place if whole else ""
    form = Format(kind=kind, encodings=("utf-8",), records=place)
    probe = next(iter(probes(path, form, max_expanded_bytes=limit)), None)
    if probe is None:
        raise FileError(f"{path} is JSON without an array of objects in it; what is in it is no table")
    names = probe.rows[0]
    layout = Layout(kind, probe.encoding, "", "", names, names, 0, "reject", place)
    where = f"the records are the array at {place}" if place else "the records are objects"
    return Shape(form, names, layout, {"records" if place else "kind": (where,)})


def _parquet(path: Path, limit: int) -> Shape:
    form = Format(kind="parquet")
    probe = next(iter(probes(path, form, max_expanded_bytes=limit)))
    layout = _layout("parquet", probe.rows[0], probe, 0)
    return Shape(form, probe.rows[0], layout, {"kind": ("Parquet names its own columns",)})


def _workbook(path: Path, limit: int) -> Shape:
    found = list(probes(path, Format(kind="xlsx", preamble=_PREAMBLE), max_expanded_bytes=limit))
    sheets = [(probe, _sheet_width(probe)) for probe in found]
    if not sheets:
        raise FileError(f"{path} is a workbook without any row")
    probe, width = max(sheets, key=lambda sheet: (min(len(sheet[0].rows), 3), sheet[1]))
    rows = [_cut_row(row) for row in probe.rows]
    header = find_header([row if len(row) < width else (*row, *[""] * (width - len(row))) for row in rows], width)
    names = _names(header, probe.rows, len(probe.rows[0]))
    others = [one.sheet for one in found if one is not probe and one.sheet]
    notes = {
        "sheet": (f"the other sheets are {', '.join(others)}",) if others else (),
        "header": header.notes,
        "preamble": _preamble_notes(header),
    }
    sheet = probe.sheet if others else None
    form = Format(kind="xlsx", sheet=sheet, header=header.row is not None, preamble=header.row or 0)
    layout = _layout("xlsx", names, probe, header.row)
    return _with_rows(Shape(form, names, layout, _filled(notes), _filled({"header": header.open})), probe.rows, header)


def _sheet_width(probe: Probe) -> int:
    return max((len(_cut_row(row)) for row in probe.rows), default=0)


def _cut_row(row: Sequence[str]) -> tuple[str, ...]:
    cells = list(row)
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)
