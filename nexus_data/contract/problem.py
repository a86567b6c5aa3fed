"""What is wrong with a contract: a key and a reason."""

import re
from dataclasses import dataclass

_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Problem:
    """key: dotted as in TOML, with [i] for the i-th (from 0) of a list."""

    key: str
    reason: str


def key_of(*steps: str | int) -> str:
    """`fields`, `amount`, `map`, `Buy in` -> fields.amount.map."Buy in"."""
    parts = ("." + _quoted(step) if isinstance(step, str) else f"[{step}]" for step in steps)
    return "".join(parts).removeprefix(".")


def _quoted(name: str) -> str:
    return name if _BARE.fullmatch(name) or name == "..." else f'"{name}"'
