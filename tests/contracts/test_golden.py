"""Every contract reads its golden folders as they say: field by field, outcome by outcome, reason by reason."""

import json
from pathlib import Path

import pytest

from nexus_data.contract.load import Source, load_all
from tests.contracts.golden_case import GOLDEN, cases, outcome


def _records(case: Path) -> list[dict[str, str]]:
    records: list[dict[str, str]] = json.loads((case / "expected.json").read_text("utf-8"))["records"]
    return records


def _name(case: Path) -> str:
    return case.relative_to(GOLDEN).as_posix()


@pytest.mark.parametrize("case", cases(), ids=_name)
def test_golden(case: Path, tmp_path: Path) -> None:
    became = outcome(case, folder=tmp_path)
    assert [record["record_no"] for record in became["records"]] == list(range(1, len(became["records"]) + 1))
    for had, has in zip(_records(case), became["records"], strict=True):
        assert has == had


@pytest.mark.parametrize("case", cases(), ids=_name)
def test_golden_shows_the_good_and_the_bad(case: Path) -> None:
    assert {"accepted", "rejected"} <= {record["outcome"] for record in _records(case)}


def test_every_contract_has_a_golden_folder_and_every_folder_a_contract() -> None:
    assert {source.name for source in load_all()} == {"/".join(case.parts[-3:-1]) for case in cases()}


@pytest.mark.parametrize("source", load_all(), ids=lambda source: str(source.name))
def test_golden_folders_show_every_skip_and_every_category(source: Source) -> None:
    shown = [record for case in cases() if "/".join(case.parts[-3:-1]) == source.name for record in _records(case)]
    skips = {kind.skip for kind in source.contract.kinds if kind.skip is not None}
    categories = {kind.set["category"] for kind in source.contract.kinds if "category" in kind.set}
    assert skips <= {record.get("reasons") for record in shown if record["outcome"] == "skipped"}
    assert categories <= {record.get("category") for record in shown}
