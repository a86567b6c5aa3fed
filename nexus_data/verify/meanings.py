"""What a JSON text means: Postgres keeps that and not the text, so that is what the stores are compared by."""

import json
from collections.abc import Sequence
from decimal import Decimal

import duckdb


def meaning(text: str) -> str:
    """A text that two JSON texts share if, and only if, they mean the same."""
    value = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    return json.dumps(value, sort_keys=True, default=_plain)


def tell_meanings(engine: duckdb.DuckDBPyConnection, source: str, columns: Sequence[str]) -> None:
    """Put every text of these columns of a relation into the table `json_meanings`."""
    for name in columns:
        known = "SELECT text FROM json_meanings"
        found = f'SELECT DISTINCT "{name}" FROM {source} WHERE "{name}" IS NOT NULL AND "{name}" NOT IN ({known})'  # noqa: S608 - declared names
        told = [(text, meaning(text)) for (text,) in engine.execute(found).fetchall()]
        if told:
            engine.executemany("INSERT INTO json_meanings VALUES (?, ?)", told)


def told_meaning(name: str) -> str:
    """The meaning of a column's text, as SQL."""
    return f'(SELECT json_meanings.meaning FROM json_meanings WHERE json_meanings.text = "{name}")'  # noqa: S608 - a declared name


def _plain(number: Decimal) -> list[str]:
    # A list, which no number is: the text "1" and the number 1 are two things. Nothing is rounded, as by normalize().
    sign, digits, exponent = number.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    shortest = text.rstrip("0")
    power = int(exponent) + len(text) - len(shortest)
    return ["number", str(sign), shortest, str(power)] if shortest else ["number", "0"]
