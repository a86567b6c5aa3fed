"""What the words of a type, side or status column mean: one meaning a value, or none when the lists do not know it."""

from collections.abc import Mapping

from nexus_data.draft.words import lists, meanings, plain

_RANK = (
    "total", "moved", "tax", "buy", "sell", "fee", "dividend", "interest", "salary", "deposit", "withdrawal",
    "conversion", "purchase", "transfer", "trade", "other",
)  # fmt: skip
"""Where two meanings are found in equally long words, the earlier wins: a dividend tax is a tax."""

_STRONG = {("tax", "dividend"), ("tax", "interest"), ("fee", "interest"), ("fee", "dividend"), ("moved", "dividend"),
    ("conversion", "deposit"), ("conversion", "withdrawal"), ("conversion", "transfer"),
}  # fmt: skip


def meaning(text: str) -> tuple[str, ...]:
    """The meaning of a value of a type or side column; two where it says both deposit and withdrawal; else nothing."""
    found = {key: length for key, length in meanings(text, "values").items() if key in _RANK}
    if not found:
        return ()
    if "deposit" in found and "withdrawal" in found:
        return ("deposit", "withdrawal")
    for strong, weak in _STRONG:
        if strong in found and weak in found:
            found.pop(weak)
    if "buy" in found and "sell" in found:
        return ()
    if any(length >= found.get("other", 0) for key, length in found.items() if key != "other"):
        found.pop("other", None)
    longest = max(found.values())
    return (min((key for key, length in found.items() if length == longest), key=_RANK.index),)


def by_meaning(values: Mapping[str, int]) -> dict[tuple[str, ...], list[str]]:
    """The values of each meaning, most frequent first; under () those that no list knows."""
    found: dict[tuple[str, ...], list[str]] = {}
    for text, _ in sorted(values.items(), key=lambda item: -item[1]):
        found.setdefault(meaning(text), []).append(text)
    return found


def completion(text: str) -> str | None:
    """done, void or waiting, for a value of an operation's status column; None when no list knows it."""
    found = {key: n for key, n in meanings(text, "values").items() if key in ("void", "waiting", "done")}
    return max(found, key=lambda key: found[key]) if found else None


def status_category(text: str) -> str | None:
    """The status_category of a project tool's status; None when no list knows it."""
    found = meanings(text, "statuses")
    return max(found, key=lambda key: found[key]) if found else None


def sides(values: Mapping[str, int]) -> bool:
    """Whether a column tells buys from sells."""
    found = {meaning(text) for text in values}
    return (("buy",) in found and ("sell",) in found) or (len(found) == 1 and found <= {("buy",), ("sell",)})


def knows(values: Mapping[str, int]) -> float:
    """The share of the distinct values that the lists know."""
    return sum(bool(meaning(text)) for text in values) / len(values) if values else 0.0


def means_nothing(text: str) -> bool:
    """Whether a text among numbers or times stands for none: punctuation, or a word that says so in whole."""
    said = plain(text)
    return not said or said in lists("values")["nothing"]
