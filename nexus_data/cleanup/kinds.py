"""What every kind of thing that cleanup removes must answer. The kinds themselves are in modules of their own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from nexus_data.services import Services
from nexus_data.settings import Settings


@dataclass(frozen=True, slots=True)
class Work:
    """What a kind has at hand. now: an instant in UTC, by which ages are told."""

    settings: Settings
    services: Services
    now: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A thing that its retention lets go. records: rows, files or keys; fp: of rows, the sum of their fingerprints.

    reason: by which rule it may go. refused: why it may not, all the same; empty: it may.
    """

    kind: str
    item: str
    records: int
    bytes: int
    reason: str
    refused: str = ""
    fp: int | None = None


class StaysError(Exception):
    """A thing may not go after all: since it was judged, something has come in its way, which the message names."""


class Removal(Protocol):
    """A kind. `publishes`: dropping changes what readers see, so that a generation is made of it."""

    name: str
    publishes: bool

    def find(self, work: Work) -> Iterable[Candidate]:
        """What may go by its age, refused or not. Changes nothing."""

    def hide(self, work: Work, items: Sequence[str]) -> None:
        """Of a kind that publishes: take the items out of readers' sight, right before the generation is committed."""

    def drop(self, work: Work, item: str) -> None:
        """Remove it; nothing to do when it is gone. May be called again after an interruption at any moment.

        Raises StaysError when it was left untouched because it may not go any more.
        """

    def begun(self, work: Work, item: str) -> bool:
        """Whether an interrupted removal of it has already changed something, so that it must be finished."""
