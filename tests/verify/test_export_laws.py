"""Random histories of full exports, plain files and rejected records: the verifier comes to what the pipeline does."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from nexus_data import lake
from nexus_data.verify import engine as engines
from nexus_data.verify import operations, stores
from nexus_data.verify.contracts import Contract
from nexus_data.verify.full_exports import FullExports
from nexus_data.verify.history import Landing
from nexus_data.verify.spill import MENTIONS, accepted_schema
from tests.spine.test_deduplicate_laws import (
    SUPERSEDED,
    TABLE,
    Records,
    _content,
    _identity,
    _landed,
    _publish,
    _with_ids,
)

_FULL = Contract("s", "full", "0" * 16, {"table": TABLE.name, "snapshot": {}})
_PLAIN = Contract("s", "plain", "0" * 16, {"table": TABLE.name})
File = tuple[str, str]
"""Its logical name, empty for a file that is no full export, and its records; a digit is a rejected record."""

_RUNS = st.lists(
    st.lists(
        st.tuples(st.sampled_from(["m", "n", ""]), st.text(alphabet="abAB12z", max_size=6)), min_size=1, max_size=3
    ),
    min_size=1,
    max_size=4,
)
_PUBLISHED = ("operation_id", "file_id", "record_no", "generation", "content_fp")
_TAKEN = (
    "superseded_generation",
    "superseded_reason",
    "superseded_by_file_id",
    "superseded_by_record_no",
    "superseded_by",
)


def by_the_pipeline(runs: Sequence[Sequence[File]], records: Records) -> tuple[set[Any], set[Any]]:
    """What is published, and what was taken back."""
    home = Path(tempfile.mkdtemp(prefix="nexus-law-"))
    try:
        for number, files in enumerate(runs):
            _publish(home, [text for _, text in files], number, records, [name for name, _ in files])
        published, taken = (lake.files(home, name) for name in (TABLE.name, SUPERSEDED.name))
        return _rows(published, _PUBLISHED), _rows(taken, (*_PUBLISHED, *_TAKEN))
    finally:
        shutil.rmtree(home)


def _rows(files: Sequence[str], columns: Sequence[str]) -> set[Any]:
    return set(pl.read_parquet(files, glob=False).select(columns).iter_rows()) if files else set()


def by_the_verifier(runs: Sequence[Sequence[File]], records: Records) -> tuple[set[Any], set[Any]]:
    """The same."""
    exports, landings, accepted, mentions = FullExports(), [], [], []
    for number, files in enumerate(runs):
        for index, (name, text) in enumerate(files):
            seq, file_id = len(landings), _landed(index, "", number).file_id
            key = (file_id, "s", "u")
            one = Landing(seq, number + 1, "", index, key, TABLE.name, "new", {"name": f"{name}.csv"})
            exports.take(one, _FULL if name else _PLAIN)
            landings.append(one)
            accepted += [_accepted(seq, record) for record in records(index, text)]
            digits = [(place, char) for place, char in enumerate(text, 1) if char.isdigit()] if name else []
            mentions += [(seq, place, _identity("ab"[int(char) - 1])) for place, char in digits]
    with tempfile.TemporaryDirectory(prefix="nexus-law-") as folder, engines.opened(Path(folder)) as engine:
        schema = accepted_schema(TABLE)
        pq.write_table(pa.Table.from_pylist(accepted, schema=schema), Path(folder) / "accepted.parquet")
        columns = list(zip(*mentions, strict=True)) or [(), (), ()]
        arrays = [pa.array(list(column), type=kind) for column, kind in zip(columns, MENTIONS.types, strict=True)]
        pq.write_table(pa.table(arrays, schema=MENTIONS), Path(folder) / "mentions.parquet")
        engines.put_landings(engine, landings)
        engines.accepted_view(engine, [Path(folder) / "accepted.parquet"])
        engines.mentions_view(engine, [Path(folder) / "mentions.parquet"])
        operations.refuse(engine, users=(), milestones=[(one.seq, "nowhere") for one in landings])
        operations.decide(engine, exports)
        found = []
        for side, names in (
            (stores.expected_operations(engine, unverified=()), _PUBLISHED),
            (stores.expected_superseded(engine, unverified=()), (*_PUBLISHED, *_TAKEN)),
        ):
            listed = ", ".join(names)
            found.append(set(engine.execute(f"SELECT {listed} FROM {side.relation}").fetchall()))  # noqa: S608
        return found[0], found[1]


def _accepted(seq: int, record: dict[str, object]) -> dict[str, object]:
    names = ("record_no", "row_fp", "content_fp", "identity", "by_content", "month", "user_id", "milestone_id")
    return {"seq": seq, "date": str(record["date"]), **{name: record.get(name) for name in names}}


def _refused(records: Records) -> Records:
    """Records of which those named z are of a milestone that nobody knows, and digits are none."""

    def made(number: int, file: str) -> list[dict[str, object]]:
        found = [one for one in records(number, file) if not chr(int(str(one["content_fp"]))).isdigit()]
        return [one | {"milestone_id": "nowhere"} if one["content_fp"] == ord("z") else one for one in found]

    return made


@hypothesis_settings(max_examples=25, deadline=None)
@given(_RUNS)
def test_comes_to_what_the_pipeline_does_by_id(runs: list[list[File]]) -> None:
    records = _refused(_with_ids)
    assert by_the_verifier(runs, records) == by_the_pipeline(runs, records)


@hypothesis_settings(max_examples=25, deadline=None)
@given(_RUNS)
def test_comes_to_what_the_pipeline_does_by_content(runs: list[list[File]]) -> None:
    records = _refused(_content)
    assert by_the_verifier(runs, records) == by_the_pipeline(runs, records)
