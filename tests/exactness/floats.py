"""Finds floats in source code: what could turn a number of money into a binary one, by file and the name it is in."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NAMES = re.compile(r"float(16|32|64)?|Float(16|32|64)?|Double|double|real|float[48]", re.ASCII)
_ROUNDING = {"mean", "std", "var", "quantile", "to_float", "as_float"}
_IN_SQL = re.compile(
    r"\b(double(\s+precision)?|float[48]?|real|avg|stddev\w*|var_\w+|median|quantile\w*|approx_\w+|fsum|favg|kahan_sum|"
    r"sqrt|exp|ln|log|log10|power|pow|random|sumkahan|to_double)\b|(?<![/*])/(?![/*])|\d[eE][+-]?\d|\^",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """where: file and, in Python, the function or class. what: the source text of it."""

    where: str
    what: str
    line: int


def in_python(source: str, *, name: str) -> list[Found]:
    """The names, literals, texts and functions of floats in a module."""
    tree = ast.parse(source)
    return sorted(set(_walk(tree, name, [])))


def _walk(node: ast.AST, name: str, inside: list[str]) -> Iterator[Found]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        inside = [*inside, node.name]
    if isinstance(node, ast.expr) and (what := _what(node)):
        yield Found(":".join([name, ".".join(inside)]), what, node.lineno)
    for child in ast.iter_child_nodes(node):
        yield from _walk(child, name, inside)


def _what(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name) and _NAMES.fullmatch(node.id):
        return node.id
    if isinstance(node, ast.Attribute) and (_NAMES.fullmatch(node.attr) or node.attr in _ROUNDING):
        return node.attr
    if isinstance(node, ast.Constant):
        return _constant(node.value)
    if isinstance(node, ast.Call) and _is_json_loads(node):
        return "json.loads without parse_float"
    return None


def _constant(value: object) -> str | None:
    if isinstance(value, float | complex):
        return repr(value)
    return value if isinstance(value, str) and _NAMES.fullmatch(value) else None


def _is_json_loads(node: ast.Call) -> bool:
    called = ast.unparse(node.func)
    return called in ("json.loads", "json.load") and "parse_float" not in [one.arg for one in node.keywords]


def in_sql(text: str, *, name: str) -> list[Found]:
    """Float types, functions that give floats, divisions and exponents in a statement, its comments apart."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        code = re.sub(r"'[^']*'", "''", line.split("--")[0])
        found += [Found(name, match.group(), number) for match in _IN_SQL.finditer(code)]
    return found


def modules(root: Path, *folders: str) -> Iterator[tuple[str, str]]:
    """Name and source of each Python file."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
