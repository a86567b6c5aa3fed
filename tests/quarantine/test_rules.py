"""Every code that a record can be rejected with is declared, once and not in vain."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from nexus_data import deduplicate, grouping, kernel, readers
from nexus_data.rules import RULES, broken
from nexus_data.sql import ROOT

_ROOMS = [Path(str(package.__file__)).parent for package in (readers, grouping, kernel, deduplicate)]
_CODE = re.compile(r"([A-Z]{2,}(?:_[A-Z]+)*)(?::[a-z_]*)?")


def _literals(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from node.value.split(";")
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg


def _emitted() -> set[str]:
    texts = [text for room in _ROOMS for path in room.glob("*.py") for text in _literals(path)]
    queries = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "queries").rglob("*.sql"))
    texts += re.findall(r"'([A-Z_]+:[a-z_]+)'", queries)
    found = {match[1] for text in texts if (match := _CODE.fullmatch(text))}
    # Names of one word are also tags, zones and currencies.
    return {code for code in found if "_" in code or code in RULES}


def test_what_is_emitted_is_what_is_declared() -> None:
    assert _emitted() == set(RULES)


def test_every_rule_has_a_line_of_help() -> None:
    for rule in RULES.values():
        assert rule.help
        assert "\n" not in rule.help
        assert len(rule.help) < 100


def test_reasons_are_told_with_their_help() -> None:
    (first, second) = broken("UNPARSABLE:amount;UNKNOWN_KIND")
    assert (first.code, first.field, first.help) == ("UNPARSABLE", "amount", RULES["UNPARSABLE"].help)
    assert (second.code, second.field) == ("UNKNOWN_KIND", "")
