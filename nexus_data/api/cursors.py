"""Texts that stand for a place in a list (cursors), and for a question in a key. Which places is not known here."""

import base64
import binascii
import hashlib
from typing import TypeVar

import msgspec

from nexus_data.errors import QuestionError

Place = TypeVar("Place")


def packed(value: object) -> str:
    """The value as URL-safe text; equal values have equal texts."""
    return base64.urlsafe_b64encode(msgspec.json.encode(value)).decode().rstrip("=")


def list_id(*values: object) -> str:
    """A short text by which a cursor says what list it is of: whose it is, and all that chooses its rows."""
    return hashlib.sha256(msgspec.json.encode(values)).hexdigest()[:16]


def demand_same(found: str, wanted: str) -> None:
    """QuestionError when a cursor is of another list than is asked for: it would leave rows out without a word."""
    if found != wanted:
        raise QuestionError("the cursor is of another list: it goes with the filters of the page that gave it")


def unpacked(text: str, kind: type[Place]) -> Place:
    """The place that `packed` made a text of; QuestionError when it is none of this kind."""
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(plain, type=kind)
    except (binascii.Error, msgspec.DecodeError, ValueError) as error:
        raise QuestionError("this cursor is none that a page gave; ask for the first page again") from error
