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


@dataclass(frozen=True, slots=True)
class Answer:
    """A document, the generation that it shows, and the layer that it came from. etag: its strong entity tag."""

    document: bytes
    generation: int
    served_from: Literal["memory", "redis", "postgres"]
    media_type: str = JSON
    etag: str = ""


def entity_tag(document: bytes, *, generation: int) -> str:
    """The strong entity tag (RFC 9110) of these bytes in that generation, quotes included."""
    return f'"{generation}-{hashlib.sha256(document).hexdigest()[:32]}"'
