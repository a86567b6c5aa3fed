"""A contract as TOML for people: in the order of the shipped contracts, with the evidence as comments."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from nexus_data.contract.model import Contract

_WIDTH = 120
_COMMENT = 116
_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_SECTIONS = ("format", "numbers", "variants", "identity")

Notes = Mapping[str, Sequence[str]]


def render(contract: Contract, *, notes: Notes) -> str:
    """The text that `contract.load` reads back as the same contract. notes: comments by dotted key."""
    table: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(contract))
    top = {key: value for key, value in table.items() if not isinstance(value, (dict, list)) and value is not None}
    parts = [_lines("", top, notes)]
    if table.get("undecided"):
        parts.append(
            [*_comments(notes.get("undecided", ())), "[undecided]", *_lines("undecided", table["undecided"], {})]
        )
    for key in _SECTIONS:
        parts += _section(key, table.get(key), notes)
    parts.append(_fields(table["fields"], notes))
    parts += _kinds(table.get("kinds", []), notes)
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _section(key: str, value: Any, notes: Notes) -> list[list[str]]:
    if not value:
        return []
    if isinstance(value, list):
        return [[f"[[{key}]]", *_lines(key, one, notes)] for one in value]
    return [[*_comments(notes.get(key, ())), f"[{key}]", *_lines(key, value, notes)]]


def _lines(at: str, table: Mapping[str, Any], notes: Notes) -> list[str]:
    lines: list[str] = []
    for key, value in table.items():
        lines += _comments(notes.get(f"{at}.{key}" if at else key, ()))
        lines += _assigned(key, value)
    return lines


def _assigned(key: str, value: Any) -> list[str]:
    line = f"{name(key)} = {inline(value)}"
    if len(line) <= _WIDTH or not isinstance(value, list):
        return [line]
    return [f"{name(key)} = [", *_wrapped(value), "]"]


def _wrapped(values: Iterable[Any]) -> list[str]:
    lines, line = [], " "
    for value in values:
        part = f" {inline(value)},"
        if len(line) + len(part) > _WIDTH and line.strip():
            lines.append(line)
            line = " "
        line += part
    return [*lines, line]


def _fields(fields: Mapping[str, Any], notes: Notes, *, at: str = "fields") -> list[str]:
    """Fields of one line each, then those that need a table of their own."""
    short = {key: spec for key, spec in fields.items() if len(_assigned(key, spec)[0]) <= _WIDTH}
    lines = [*_comments(notes.get(at, ())), f"[{at}]", *_lines(at, short, notes)]
    for key, spec in fields.items():
        if key not in short:
            gap = [""] if at == "fields" else []
            lines += [*gap, *_comments(notes.get(f"{at}.{key}", ())), f"[{at}.{name(key)}]"]
            lines += _wide(f"{at}.{name(key)}", spec)
    return lines


def _wide(at: str, spec: Mapping[str, Any]) -> list[str]:
    """One field as a table; what is itself a long table gets its own."""
    narrow = {key: value for key, value in spec.items() if len(_assigned(key, value)[0]) <= _WIDTH}
    lines = _lines(at, narrow, {})
    for key, value in spec.items():
        if key not in narrow:
            lines += (
                [f"[{at}.{name(key)}]", *_lines(at, value, {})] if isinstance(value, dict) else _assigned(key, value)
            )
    return lines


def _kinds(kinds: Sequence[Mapping[str, Any]], notes: Notes) -> list[list[str]]:
    first = _comments(notes.get("kinds", ()))
    return (
        [[*(first if not place else ()), *_kind(kind, notes)] for place, kind in enumerate(kinds)] if kinds else [first]
    )


def _kind(kind: Mapping[str, Any], notes: Notes) -> list[str]:
    lines = ["[[kinds]]", f"name = {inline(kind['name'])}", *_comments(notes.get(f"kinds.{kind['name']}", ()))]
    for key in ("when", "skip", "set"):
        if kind.get(key):
            lines += _when(kind[key]) if key == "when" else _assigned(key, kind[key])
    fields = kind.get("fields") or {}
    if fields:
        lines += _fields(fields, {}, at="kinds.fields")
    return lines


def _when(conditions: Sequence[Mapping[str, Any]]) -> list[str]:
    line = f"when = {inline(list(conditions))}"
    if len(line) <= _WIDTH:
        return [line]
    lines = ["when = ["]
    for condition in conditions:
        whole = f"  {inline(condition)},"
        lines += [whole] if len(whole) <= _WIDTH else _condition(condition)
    return [*lines, "]"]


def _condition(condition: Mapping[str, Any]) -> list[str]:
    texts = condition.get("equals", [])
    rest = {key: value for key, value in condition.items() if key != "equals"}
    if not texts:
        return [f"  {inline(condition)},"]
    body = ", ".join(f"{key} = {inline(value)}" for key, value in rest.items())
    return [f"  {{ {body}, equals = [", *(f"  {line}" for line in _wrapped(texts)), "  ] },"]


def _comments(texts: Iterable[str]) -> list[str]:
    return [f"# {line}" for text in texts for line in _folded(" ".join(text.split()))]


def _folded(text: str) -> list[str]:
    lines, line = [], ""
    for word in _printable(text).split(" "):
        if line and len(line) + len(word) > _COMMENT:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
    return [*lines, line]


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)


def name(key: str) -> str:
    """A key, quoted where it must be."""
    return key if key and set(key) <= _BARE else inline(key)


def inline(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{name(key)} = {inline(one)}' for key, one in value.items() if one is not None)} }}"
    if isinstance(value, Sequence):
        return f"[{', '.join(map(inline, value))}]"
    return str(value)


def _text(text: str) -> str:
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
