"""JSON objects to the texts that the kernel reads: exact numbers, and what is no record beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from nexus_data.errors import QuestionError
from nexus_data.readers.json_values import JsonError, flat_fields
from nexus_data.trial.outcome import Refused
from nexus_data.trial.recipes import Recipe, recipe

_NO_PARENTS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Records:
    """numbers: of the records in what was sent, from 1. texts: each one's, by the kernel's column. raw: every record's.

    owner: whose they are where they do not say so themselves.
    """

    recipe: Recipe
    owner: str
    numbers: list[int]
    texts: list[dict[str, str]]
    raw: Sequence[bytes]
    broken: list[Refused]


def read(raw: Sequence[bytes], *, contract: str | None, owner: str) -> Records:
    """Every element as a record or as a broken one. QuestionError when no contract reads their names."""
    fields: dict[int, dict[str, str]] = {}
    broken: list[Refused] = []
    for number, element in enumerate(raw, 1):
        try:
            fields[number] = flat_fields(element, _NO_PARENTS)
        except JsonError as error:
            broken.append(refused(number, element, str(error)))
    found = _recipe(list(fields.values()), contract)
    texts: dict[int, dict[str, str]] = {}
    for number, one in fields.items():
        if one.keys() <= found.columns.keys():
            texts[number] = _named(found, one)
        else:
            broken.append(refused(number, raw[number - 1], "UNKNOWN_COLUMN"))
    return Records(found, owner, list(texts), list(texts.values()), raw, broken)


def _recipe(fields: Sequence[dict[str, str]], contract: str | None) -> Recipe:
    """By all names that the records have; where no contract has all of them, by those of the first record."""
    if not fields:
        raise QuestionError("there is no record among these that is a JSON object")
    try:
        return recipe(frozenset().union(*fields), contract)
    except QuestionError:
        return recipe(frozenset(fields[0]), contract)


def refused(number: int, element: bytes, rules: str) -> Refused:
    """A record with the rules that it broke."""
    return Refused(record_no=number, line=None, rules=rules, raw=element.decode("utf-8", "backslashreplace"))


def _named(found: Recipe, fields: dict[str, str]) -> dict[str, str]:
    columns = found.columns
    if not found.renames:
        return fields
    return {column: text for name, text in fields.items() if (column := columns[name]) is not None}
