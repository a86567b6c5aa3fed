"""Golden folders as the verifier's tests use them: the input landed under its name, and what is expected of it.

Written without the pipeline's code, so that the verifier is tried against the expected rows alone.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contracts.golden_input import land

GOLDEN = Path(__file__).parent.parent / "contracts" / "golden"


@dataclass(frozen=True, slots=True)
class Case:
    """One golden folder."""

    folder: Path

    @property
    def source(self) -> str:
        return self.folder.parts[-3]

    @property
    def dataset(self) -> str:
        return self.folder.parts[-2]

    @property
    def name(self) -> str:
        return "/".join(self.folder.parts[-3:])

    def expected(self) -> dict[str, Any]:
        """`landed_as` and `records`."""
        found: dict[str, Any] = json.loads((self.folder / "expected.json").read_text("utf-8"))
        return found

    def landed(self, folder: Path) -> Path:
        """The input in that folder, under its landed name and packed as that name's ending says."""
        source = next(self.folder.glob("input.*"))
        return land(source, folder / self.expected()["landed_as"])


def cases() -> list[Case]:
    """Every golden folder: `<source>/<dataset>/<case>`."""
    return [Case(folder) for folder in sorted(path.parent for path in GOLDEN.glob("*/*/*/input.*"))]
