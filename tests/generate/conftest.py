"""Generated input for the tests of this folder, made once."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from nexus_data.generate import Expectation, bulk, generate


@dataclass(frozen=True)
class Made:
    """What was written, where, and what it must come to."""

    root: Path
    expected: Expectation


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Made:
    root = tmp_path_factory.mktemp("dataset")
    return Made(root / "landing", generate(root, rows=3_000, seed=11))


@pytest.fixture(scope="session")
def bulk_file(tmp_path_factory: pytest.TempPathFactory) -> Made:
    root = tmp_path_factory.mktemp("bulk")
    return Made(root, bulk(root / "operations.csv", rows=30_000, seed=3))
