"""The record as it stands in the kept file, and how anyone can see it there with standard tools."""

import hashlib
import shlex
from pathlib import Path

from nexus_data.contract.load import Source
from nexus_data.contract.match import Match, match
from nexus_data.errors import FileError
from nexus_data.provenance.documents import PartTrace, RecordTrace
from nexus_data.readers.containers import opened
from nexus_data.readers.encodings import is_utf8
from nexus_data.readers.layout import Layout
from nexus_data.readers.locate import Located, Place

_BLOCK = 4 * 1024 * 1024
_UNPACK = {b"\x1f\x8b": "gzip -dc", b"\x28\xb5": "zstd -dc", b"PK": "unzip -p"}


def is_intact(path: Path, *, sha256: str) -> bool:
    """Whether the kept bytes still have their SHA-256. FileError when they cannot be read."""
    digest = hashlib.sha256()
    with opened(path) as raw:
        while block := raw.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest() == sha256


def recognise(path: Path, source: Source, *, landed_as: str, max_expanded_bytes: int) -> Match:
    """How the kept file was read by that contract; FileError when it does not read it any more."""
    found = match(path, (source,), landed_as=landed_as, source=None, max_expanded_bytes=max_expanded_bytes)
    if not isinstance(found, Match):
        raise FileError(f"{path} cannot be read again by contract {source.name}: {found.reason}")
    return found


def record_trace(path: Path, layout: Layout, located: Located, *, published_fp: int, kept_fp: int) -> RecordTrace:
    """Where the record stands, its raw text, and whether it is still the one that was published."""
    return RecordTrace(
        record_no=located.place.record_no,
        format=layout.kind,
        member=located.member,
        sheet=layout.sheet,
        encoding=layout.encoding,
        line=located.place.line,
        last_line=located.place.last_line,
        raw=located.place.raw,
        command=_command(path, layout, located),
        fingerprint=published_fp,
        intact=kept_fp == published_fp,
        parts=tuple(PartTrace(one.record_no, one.line, one.last_line, one.raw) for one in located.parts),
    )


def _command(path: Path, layout: Layout, located: Located) -> str:
    """What prints the record's lines: unpack, decode, cut out. Nothing for formats without lines."""
    if layout.kind in ("parquet", "xlsx") or located.place.line is None:
        return ""
    cuts = [f"{one.line},{one.last_line}p" if one.line != one.last_line else f"{one.line}p" for one in _all(located)]
    cut = f"sed -n '{';'.join(cuts)}'"
    steps = [_unpacking(path, located.member)]
    if not is_utf8(layout.encoding):
        steps.append(f"iconv -f {layout.encoding} -t utf-8")
    plain = steps[0].startswith("cat ") and len(steps) == 1
    return f"{cut} {shlex.quote(str(path))}" if plain else " | ".join([*steps, cut])


def _all(located: Located) -> list[Place]:
    return sorted((located.place, *located.parts), key=lambda one: one.record_no)


def _unpacking(path: Path, member: str) -> str:
    with opened(path) as raw:
        tool = _UNPACK.get(raw.read(2), "cat")
    inside = f" {shlex.quote(member)}" if member else ""
    return f"{tool} < {shlex.quote(str(path))}" if tool != "unzip -p" else f"{tool} {shlex.quote(str(path))}{inside}"
