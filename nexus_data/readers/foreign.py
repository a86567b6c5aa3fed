"""Files of kinds that nothing here reads, told by their first bytes, with what to do instead; for messages alone."""

import mmap
import re
from pathlib import Path

from nexus_data.readers.containers import HEAD_BYTES, members, opened, read_up_to
from nexus_data.readers.encodings import bom_encoding

_NO_LIMIT = 1 << 62
_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROTECTED = "EncryptedPackage".encode("utf-16-le")
_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf\x27\x1c", b"Rar!")
_ROOT = re.compile(rb"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")


def foreign(path: Path) -> str | None:
    """What the file is and what to do about it, where its first bytes tell; None for any other.

    FileError as `nature` in this package.
    """
    with opened(path) as raw:
        if raw.read(len(_OFFICE)) == _OFFICE:
            return _office(path)
    # The stream closes with the generator, which therefore has to have a name.
    streams = members(path, max_expanded_bytes=_NO_LIMIT)
    member = next(streams)
    head = read_up_to(member.source, HEAD_BYTES)
    if member.name == "mimetype" and b"opendocument" in head:
        return "an OpenDocument file: save it as .xlsx or CSV"
    return _of_head(head)


def _office(path: Path) -> str:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        protected = whole.find(_PROTECTED) >= 0
    if protected:
        return "a workbook that is protected by a password: save it without one"
    return "an Office file from before 2007 (.xls): save it as .xlsx or CSV"


def _of_head(head: bytes) -> str | None:
    if head.startswith(b"%PDF-"):
        return "a PDF, which has no records: ask its source for CSV, OFX or another table"
    if head.startswith(_PACKED):
        return "a packed file within a packed one, or packed in a way that is not read: unpack it"
    if bom_encoding(head) is None and (encoding := _wide(head)):
        return f"text in {encoding} without a byte order mark: save it as UTF-8"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if re.match(rb"(?i)<!doctype html|<html|<table", text):
        return "a web page, whatever its name says: open it in a spreadsheet and save it as CSV"
    if re.match(rb"(?i)!(type|account|option|clear):?", text):
        return "a Quicken file (QIF), which tells neither the order of its dates nor a currency: ask for OFX or CSV"
    return _document(text) if text.startswith((b"<?xml", b"<!DOCTYPE", b"<FlexStatementResponse")) else None


def _wide(head: bytes) -> str | None:
    """Two bytes a letter: every other byte of what is mostly Latin text is zero."""
    even, odd = head[0:512:2], head[1:512:2]
    if len(odd) < 8:
        return None
    if 5 * odd.count(0) > 4 * len(odd) and 0 not in even:
        return "UTF-16 (little-endian)"
    return "UTF-16 (big-endian)" if 5 * even.count(0) > 4 * len(even) and 0 not in odd else None


def _document(text: bytes) -> str | None:
    if re.search(rb"<!(DOCTYPE|ENTITY)", text) and b"<!ENTITY" in text:
        return "an XML document that declares entities, which is refused: save it without its document type"
    root = _ROOT.search(text)
    if root and root[1] == b"FlexStatementResponse":
        return "the broker's word that a Flex query is not ready or failed, not its answer: fetch it again"
    if root and root[1] == b"Workbook":
        return "a workbook in the XML of Excel 2003: save it as .xlsx or CSV"
    return f"an XML document <{root[1].decode('ascii', 'replace')}> of a kind that is not read" if root else None
