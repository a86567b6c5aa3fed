"""Questions of cells as text, `mart=M&column=C&KEY=VALUE&...`: as reports print them, and the API takes them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qsl

from nexus_data.errors import QuestionError
from nexus_data.provenance.asking import ask
from nexus_data.provenance.cell_documents import MOST_ROWS, Cell, Wanted
from nexus_data.provenance.cells import cell

_DEMANDED = ("mart", "column")


def wanted(question: str) -> Wanted:
    """The cell that a question names; QuestionError when it names none."""
    _, _, text = question.rpartition("?")
    pairs = parse_qsl(text, keep_blank_values=True)
    given = dict(pairs)
    if twice := [name for number, (name, _) in enumerate(pairs) if name in dict(pairs[:number])]:
        raise QuestionError(f"a question names each part once; this one has {twice[0]} twice")
    if lacking := [name for name in _DEMANDED if name not in given]:
        raise QuestionError(f"a question names mart and column, mart=M&column=C&...; this one lacks {lacking[0]}")
    days = {name: _day(name, given.pop(name)) for name in ("from", "to") if name in given}
    return Wanted(
        mart=given.pop("mart"),
        column=given.pop("column"),
        user_id=given.pop("user_id", None),
        key=given,
        first_day=days.get("from"),
        last_day=days.get("to"),
        limit=MOST_ROWS,
    )


def pages(url: str, question: str) -> Iterator[Cell]:
    """The rows behind the cell, page by page, all of one generation. Errors as `cells.cell`."""
    asked: Wanted | None = wanted(question)
    while asked is not None:
        page = ask(url, cell(asked))
        yield page
        asked = replace(asked, cursor=page.next) if page.next else None


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise QuestionError(f"{name} is a day, YYYY-MM-DD, not {text!r}") from None
