"""Where a page of the rows behind a cell begins: opaque cursors that belong to one question and one generation."""

from collections.abc import Mapping
from datetime import date

from nexus_data import cursors
from nexus_data.provenance.asking import Row
from nexus_data.provenance.cell_documents import Wanted


class Place(cursors.InList, array_like=True, frozen=True):
    """Where a page begins: after this row. count: rows on all pages, counted once, with the first."""

    generation: int
    count: int
    date: date
    id: str


def after(place: Place | None) -> Row:
    """What the query of a page asks for."""
    return {"after_date": place.date if place else None, "after_id": place.id if place else None}


def _question_id(wanted: Wanted, given: Mapping[str, str]) -> str:
    """What a cursor belongs to."""
    return cursors.list_id(wanted.mart, wanted.column, sorted(given.items()), sorted(wanted.days.items()))


def next_page(wanted: Wanted, given: Mapping[str, str], generation: int, count: int, last: Row) -> str:
    """The cursor of the page after this row."""
    return cursors.packed(Place(_question_id(wanted, given), generation, count, last["row_date"], last["row_id"]))


def placed(wanted: Wanted, given: Mapping[str, str]) -> Place | None:
    """Where the wanted page begins; None: at the first row. Raises QuestionError for a cursor of something else."""
    return cursors.place(wanted.cursor, Place, of=_question_id(wanted, given))
