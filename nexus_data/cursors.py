"""Texts that stand for a place in a list (cursors), and for a question in a key; which lists there are is not known."""

import base64
import binascii
import hashlib
from typing import TypeVar

import msgspec

from nexus_data.errors import QuestionError

Value = TypeVar("Value")
Place = TypeVar("Place", bound="InList")


class InList(msgspec.Struct, array_like=True, frozen=True):
    """A place that goes with one list alone, as `list_id` names it: in another one, rows would be left out unsaid."""

    list_id: str


def packed(value: object) -> str:
    """The value as URL-safe text; equal values have equal texts."""
    return base64.urlsafe_b64encode(msgspec.json.encode(value)).decode().rstrip("=")


def unpacked(text: str, kind: type[Value]) -> Value:
    """The value that `packed` made a text of; QuestionError when it is none of this kind."""
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(plain, type=kind)
    except (binascii.Error, msgspec.DecodeError, ValueError) as error:
        raise QuestionError("this cursor is none that a page gave; ask for the first page again") from error


def list_id(*values: object) -> str:
    """A short text that names a list: by whose it is, and by all that chooses its rows."""
    return hashlib.sha256(msgspec.json.encode(values)).hexdigest()[:16]


def place(text: str | None, kind: type[Place], *, of: str) -> Place | None:
    """Where a page of the list `of` begins; None: at the first row. QuestionError for a cursor of another list."""
    if text is None:
        return None
    found = unpacked(text, kind)
    if found.list_id != of:
        raise QuestionError("the cursor is of another list: it goes with what the page that gave it was asked")
    return found
