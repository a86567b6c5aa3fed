"""Correction files: `file,record,field,text`, read strictly. Which record a line means is in `named`."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nexus_data.errors import QuarantineError

COLUMNS = ("file", "record", "field", "text")
_SHOWN = 20
_RECORD = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class Correction:
    """One line of a correction file: `field` of record `record` of `file` (its name, or a start of its SHA-256) is to
    read `text`. line: where it begins."""

    line: int
    file: str
    record: int
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Corrections:
    """A correction file and who answers for it."""

    path: str
    lines: tuple[Correction, ...]
    made_by: str
    reason: str


def read_corrections(path: Path, *, made_by: str, reason: str) -> Corrections:
    """Every line, or QuarantineError naming each line and field that is wrong, at most twenty."""
    if not made_by.strip() or not reason.strip():
        raise QuarantineError(f"{path}: who made these corrections, and why? Both must be said")
    rows = _rows(path)
    wrong: list[str] = []
    lines = [found for line, row in rows if (found := _correction(line, row, wrong))]
    wrong += _repeated(lines)
    refuse(path, wrong)
    if not lines:
        raise QuarantineError(f"{path}: there is no correction in it; a line is file,record,field,text")
    return Corrections(str(path), tuple(lines), made_by.strip(), reason.strip())


def refuse(path: Path | str, wrong: list[str]) -> None:
    """Raise QuarantineError when anything is wrong; nothing of a file with a wrong line is applied."""
    if wrong:
        more = [f"and {len(wrong) - _SHOWN} more"] if len(wrong) > _SHOWN else []
        raise QuarantineError("\n".join([f"{path}: nothing was corrected", *wrong[:_SHOWN], *more]))


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """The rows after the header, with the line that each begins in."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise QuarantineError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise QuarantineError(f"{path}: is not UTF-8 (byte {error.start + 1})") from None
    rows = list(_numbered(path, text))
    header = tuple(rows[0][1]) if rows else ()
    if header != COLUMNS:
        raise QuarantineError(f"{path}: the first line must be {','.join(COLUMNS)}, and is {','.join(header)!r}")
    return rows[1:]


def _numbered(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for row in reader:
            if row:
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise QuarantineError(f"{path}: line {line}: {error}") from None


def _correction(line: int, row: list[str], wrong: list[str]) -> Correction | None:
    if len(row) != len(COLUMNS):
        wrong.append(f"line {line}: {len(row)} fields instead of the four {','.join(COLUMNS)}")
        return None
    file, record, field, text = row
    found = [
        f"line {line}, {name}: {why}"
        for name, bad, why in (
            ("file", not file, "empty: give the file's name or the first digits of its SHA-256"),
            ("record", not _RECORD.fullmatch(record), f"{record!r} is no record number, which counts from 1"),
            ("field", not field, "empty: give a column of the file"),
            ("text", "\0" in text, "NUL cannot stand in a text"),
        )
        if bad
    ]
    wrong += found
    return None if found else Correction(line, file, int(record), field, text)


def _repeated(lines: list[Correction]) -> Iterator[str]:
    seen: dict[tuple[str, int, str], int] = {}
    for one in lines:
        key = (one.file, one.record, one.field)
        if key in seen:
            yield f"line {one.line}, field: {one.field} of record {one.record} is in line {seen[key]} already"
        seen.setdefault(key, one.line)
