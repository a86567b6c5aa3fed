"""Where a page of the rows behind a cell begins: opaque cursors that belong to one question and one generation."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import msgspec

from nexus_data.errors import QuestionError
from nexus_data.provenance.asking import Row
from nexus_data.provenance.cell_documents import Wanted


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after this row. count: rows on all pages, counted once, with the first."""

    generation: int
    count: int
    date: str
    id: str


def after(place: Place | None) -> Row:
    """What the query of a page asks for."""
    return {"after_date": place.date if place else None, "after_id": place.id if place else None}


def _question_id(wanted: Wanted, given: Mapping[str, str]) -> str:
    """What a cursor belongs to."""
    text = json.dumps([wanted.mart, wanted.column, sorted(given.items()), sorted(wanted.days.items())])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def cursor(place: Place, wanted: Wanted, given: Mapping[str, str]) -> str:
    """The place as text that only this cell's next page takes."""
    parts = [_question_id(wanted, given), place.generation, place.count, place.date, place.id]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def placed(wanted: Wanted, given: Mapping[str, str]) -> Place | None:
    """Where the wanted page begins; None: at the first row. Raises QuestionError for a cursor of something else."""
    if wanted.cursor is None:
        return None
    try:
        text = base64.urlsafe_b64decode(wanted.cursor + "=" * (-len(wanted.cursor) % 4))
        question, number, count, day, name = msgspec.json.decode(text, type=tuple[str, int, int, date, str])
    except (binascii.Error, msgspec.DecodeError, ValueError):
        raise QuestionError("the cursor is none that this API gave") from None
    if question != _question_id(wanted, given):
        raise QuestionError("the cursor is of another cell: it goes with the mart, column and key that it came with")
    return Place(number, count, day.isoformat(), name)
