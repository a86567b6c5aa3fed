"""What a question about published data is answered with, and how it is told apart from any other answer. No HTTP."""

import hashlib
from dataclasses import dataclass
from typing import Literal, NamedTuple

JSON = "application/json"


class Generation(NamedTuple):
    """A successful publish: its number, and the run that made it (another database may count to the same number)."""

    number: int
    run_id: str


NOTHING_YET = Generation(0, "")
"""Before the first publish."""


class Now(NamedTuple):
    """What readers see at one moment. tasks: counts the changes of the tasks that were asked for through the API."""

    generation: Generation
    tasks: int


class Subject(NamedTuple):
    """What an answer is of, and so a part of its key: equal ones have equal answers at one moment.

    text: without a colon that a request brought. user_id: whose data; None: nobody's. of_tasks: it also changes with
    the tasks that were asked for through the API. as_of: the earlier generation that is shown, as the text says, too;
    None: the one in which it is asked.
    """

    text: str
    user_id: str | None = None
    of_tasks: bool = False
    as_of: int | None = None

    def key(self, now: Now) -> str:
        """Where the answer of that moment is kept, in memory and in Redis."""
        (number, run_id), tasks = now
        of = self.text if self.user_id is None else f"{self.text}:{self.user_id}"
        return f"nexus:{number}:{of}:{run_id}:{tasks}" if self.of_tasks else f"nexus:{number}:{of}:{run_id}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A document, the generation that it shows, and the layer that it came from. etag: its strong entity tag.

    subject: what it is of, where it is one that may be kept.
    """

    document: bytes
    generation: int
    served_from: Literal["memory", "redis", "postgres"]
    media_type: str = JSON
    etag: str = ""
    subject: Subject | None = None


def entity_tag(document: bytes, *, generation: int) -> str:
    """The strong entity tag (RFC 9110) of these bytes in that generation, quotes included."""
    return f'"{generation}-{hashlib.sha256(document).hexdigest()[:32]}"'
