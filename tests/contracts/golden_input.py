"""How the input of a golden folder is landed. Nothing of the pipeline is used: the verifier is tried by it too."""

import gzip
import zipfile
from pathlib import Path


def land(source: Path, path: Path) -> Path:
    """The input under its landed name, packed as that name's ending says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = source.read_bytes()
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr(source.name, data)
    else:
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path
