"""What one process keeps by itself between requests: its memory, questions under way, and counts of its layers."""

from dataclasses import dataclass, field

from nexus_data.api.answer import Answer, Generation, Now
from nexus_data.api.memory import Memory
from nexus_data.api.sharing import Current, Flights


@dataclass(slots=True)
class Count:
    """How often a layer was asked for an answer and had it, or had it not."""

    hits: int = 0
    misses: int = 0

    def add(self, hit: bool) -> None:
        """One more question."""
        if hit:
            self.hits += 1
        else:
            self.misses += 1


@dataclass(slots=True)
class Counts:
    """The layers from the farthest to the nearest; a miss of `client` is an answer that went out whole."""

    client: Count = field(default_factory=Count)
    memory: Count = field(default_factory=Count)
    redis: Count = field(default_factory=Count)


@dataclass(slots=True)
class Near:
    """newest: the generation that memory holds answers of."""

    memory: Memory = field(default_factory=Memory)
    current: Current[Now | None] = field(default_factory=Current)
    flights: Flights[Answer] = field(default_factory=Flights)
    counts: Counts = field(default_factory=Counts)
    newest: Generation | None = None
