"""A second, plain reading of generated files: records as raw bytes, without the product's readers."""

import gzip
import io
import zipfile
from pathlib import Path

WRAPPED = b"Wire received\n"
"""The only text that holds a line end; its second line begins with `reference`."""


def members(path: Path) -> list[bytes]:
    data = path.read_bytes()
    if path.suffix == ".gz":
        return [gzip.decompress(data)]
    if path.suffix == ".zip":
        archive = zipfile.ZipFile(io.BytesIO(data))
        return [archive.read(name) for name in archive.namelist()]
    if data.startswith(b"\xff\xfe"):
        return [data.decode("utf-16").encode()]
    return [data]


def records(path: Path, *, header: bool) -> list[bytes]:
    """Every record of every member, headers of members left out; blank lines are none."""
    found: list[bytes] = []
    for member in members(path):
        joined = member.replace(WRAPPED, b"Wire received\x1f")
        lines = [line for line in joined.split(b"\n") if line.strip()]
        found += lines[1:] if header else lines
    return found
