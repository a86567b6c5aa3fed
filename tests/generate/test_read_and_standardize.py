"""Readers, contracts and kernel, without a database, must reject of every generated file what the generator says."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl
import pytest

from nexus_data import kernel
from nexus_data.contract.load import load_all
from nexus_data.contract.match import Match, Unmatched, match
from nexus_data.generate.expected import FileExpectation
from nexus_data.readers.probe import count_lines
from nexus_data.readers.read import read
from tests.generate.conftest import Made

_LIMIT = 1 << 30
_CONTRACTS = load_all()
_ACCOUNTS = pl.DataFrame(schema={"account_id": pl.String, "user_id": pl.String})


@dataclass
class _Decided:
    """What the two hops made of a file."""

    records: int = 0
    skipped: int = 0
    rejected: dict[int, str] = field(default_factory=dict)


def _decide(file: FileExpectation, found: Match, made: Made, *, batch_bytes: int) -> _Decided:
    compiled = kernel.compile_contract(found.source.contract, name=found.source.dataset)
    facts = kernel.FileFacts(
        file_id=bytes(16),
        source=found.source.source,
        user_id=file.user or None,
        default_user="unassigned",
        path_groups=found.path_groups,
        accounts=_ACCOUNTS,
    )
    seen = _Decided()
    for batch in read(made.root / file.path, found.layout, batch_bytes=batch_bytes, max_expanded_bytes=_LIMIT):
        decided = kernel.standardize(batch.records, kernel=compiled, facts=facts)
        counts = decided["outcome"].value_counts()
        seen.records += decided.height + batch.broken.height + batch.repeated.len()
        seen.skipped += batch.repeated.len() + int(counts.filter(pl.col("outcome") == "skipped")["count"].sum())
        seen.rejected |= dict(_rejected(batch.broken, decided))
    return seen


def _rejected(broken: pl.DataFrame, decided: pl.DataFrame) -> Iterator[tuple[int, str]]:
    for number, code in broken.select("record_no", "code").iter_rows():
        yield number, f"read {code}"
    for number, reasons in decided.filter(pl.col("outcome") == "rejected").select("record_no", "reasons").iter_rows():
        yield number, f"standardize {';'.join(sorted(reasons.split(';')))}"


def _expected(file: FileExpectation) -> dict[int, str]:
    hops = ("read", "standardize")
    return {no: f"{one.hop} {one.rules}" for one in file.rejections if one.hop in hops for no in one.records}


def _match(file: FileExpectation, made: Made) -> Match | Unmatched:
    path = made.root / file.path
    source = file.path.split("/")[0] if "/" in file.path else "nexus"
    return match(path, _CONTRACTS, landed_as=path.as_posix(), source=source, max_expanded_bytes=_LIMIT)


def _difference(file: FileExpectation, made: Made, *, batch_bytes: int) -> str:
    found = _match(file, made)
    if isinstance(found, Unmatched):
        return found.reason
    if (found.source.source, found.source.dataset) != (file.source, file.dataset):
        return f"read as {found.source.source}/{found.source.dataset}"
    seen = _decide(file, found, made, batch_bytes=batch_bytes)
    if (seen.records, seen.skipped) != (file.records, file.skipped):
        return f"{seen.records} records, {seen.skipped} skipped"
    wrong = sorted(set(seen.rejected.items()) ^ set(_expected(file).items()))
    return f"{len(wrong)} decided otherwise, such as {wrong[:6]}" if wrong else ""


@pytest.mark.parametrize(("name", "batch_bytes"), [("dataset", 2_000), ("dataset", 1 << 24), ("bulk_file", 200_000)])
def test_every_file_is_decided_as_the_generator_says(
    name: str, batch_bytes: int, request: pytest.FixtureRequest
) -> None:
    made: Made = request.getfixturevalue(name)
    files = [file for file in made.expected.files if file.status == "published"]
    found = {file.path: _difference(file, made, batch_bytes=batch_bytes) for file in files}
    assert {path: difference for path, difference in found.items() if difference} == {}


def test_unknown_file_is_held_by_its_lines(dataset: Made) -> None:
    held = [file for file in dataset.expected.files if file.status == "held"]
    assert len(held) == 1
    assert isinstance(_match(held[0], dataset), Unmatched)
    assert count_lines(dataset.root / held[0].path, max_expanded_bytes=_LIMIT) == held[0].records
