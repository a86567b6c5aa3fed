"""The contracts that a home's files were read with, kept by version: who looks at a file years later reads it the same.

Which contract a file gets is in `match`; what it means is not known here.
"""

import os
from pathlib import Path

_FOLDER = "contracts"


def keep(home: Path, *, version: str, text: bytes) -> None:
    """Keep a contract's TOML under `<home>/contracts/<version>.toml`, once."""
    place = kept(home, version=version)
    if place.exists():
        return
    place.parent.mkdir(exist_ok=True)
    part = place.with_name(f".{version}-{os.getpid()}")
    part.write_bytes(text)
    part.rename(place)


def kept(home: Path, *, version: str) -> Path:
    """Where the TOML of that version is kept, if any file was read with it."""
    return home / _FOLDER / f"{version}.toml"
