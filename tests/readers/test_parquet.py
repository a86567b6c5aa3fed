"""Parquet: every type as the one exact text that stands for it."""

import datetime as dt
import gzip
import json
import uuid
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nexus_data.contract.model import Format
from nexus_data.errors import FileError
from nexus_data.readers.probe import count_lines, nature, probes
from tests.readers.reading import NO_LIMIT, layout, outcome


def write(path: Path, columns: Mapping[str, Any], **options: Any) -> None:
    pq.write_table(pa.table(dict(columns)), path, **options)


INSTANT = 1_700_000_000_123_456_789

VALUES: list[tuple[Any, str]] = [
    (pa.array([Decimal("1.10")]), "1.10"),
    (pa.array([Decimal("-0.05")]), "-0.05"),
    (pa.array([Decimal("1234567890123456789012345678901234567.1")]), "1234567890123456789012345678901234567.1"),
    (pa.array([Decimal("1" * 50 + ".50")], pa.decimal256(60, 2)), "1" * 50 + ".50"),
    (pa.array([2**62]), str(2**62)),
    (pa.array([2**64 - 1], pa.uint64()), str(2**64 - 1)),
    (pa.array([0.1]), "0.1"),
    (pa.array([5.0]), "5"),
    (pa.array([1e22]), "1" + "0" * 22),
    (pa.array([1e-7]), "0.0000001"),
    (pa.array([0.1], pa.float32()), "0.1"),
    (pa.array([float("nan")]), "NaN"),
    (pa.array([INSTANT], pa.timestamp("ns", "Europe/Paris")), "2023-11-14T22:13:20.123456789+00:00"),
    (pa.array([INSTANT // 1000], pa.timestamp("us", "UTC")), "2023-11-14T22:13:20.123456+00:00"),
    (pa.array([INSTANT // 10**6], pa.timestamp("ms")), "2023-11-14T22:13:20.123"),
    (pa.array([INSTANT // 10**9], pa.timestamp("s")), "2023-11-14T22:13:20"),
    (pa.array([dt.date(2024, 2, 29)]), "2024-02-29"),
    (pa.array([dt.time(1, 2, 3, 400)]), "01:02:03.000400"),
    (pa.array([True]), "true"),
    (pa.array([" a "]), " a "),
    (pa.array(["a"]).dictionary_encode(), "a"),
    (pa.array([b"a\xff"]), "a\\xff"),
    (pa.array([[1, 2]]), "[1,2]"),
    (pa.array([{"x": 1, "y": "é"}]), '{"x":1,"y":"é"}'),
    (pa.array([uuid.UUID(int=5).bytes], pa.uuid()), str(uuid.UUID(int=5))),
    (pa.array([None], pa.null()), ""),
    (pa.array([None], pa.float64()), ""),
    (pa.array([None], pa.timestamp("us", "UTC")), ""),
]


@pytest.mark.parametrize(("values", "text"), VALUES, ids=[str(values.type) for values, _ in VALUES])
def test_a_value_is_read_exactly(values: Any, text: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    write(path, {"v": values})
    assert outcome(path, layout(["v"], kind="parquet")).records == {1: (text,)}


@pytest.mark.parametrize("batch_bytes", [1, 200, 1 << 20])
def test_records_are_numbered_through_row_groups(batch_bytes: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    write(path, {"a": range(1000), "b": [f"n{i}" for i in range(1000)]}, row_group_size=300)
    form = layout(["a", "B"], kind="parquet", expected=("a", "B", "c"))
    found = outcome(path, form, batch_bytes=batch_bytes)
    assert found.records == {i + 1: (str(i), f"n{i}", "") for i in range(1000)}
    line, raw = found.places[1000]
    assert (line, json.loads(raw)) == (None, {"a": "999", "B": "n999"})


def test_a_nul_costs_its_record(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write(path, {"v": ["a", "b\0", "c"]})
    found = outcome(path, layout(["v"], kind="parquet"))
    assert found.records == {1: ("a",), 3: ("c",)}
    assert found.broken == {2: (None, "NUL", '{"v": "b\\x00"}')}


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_the_probe_has_the_columns(pack: Any, tmp_path: Path) -> None:
    path = tmp_path / "file"
    write(path, {"b": ["x"], "a": ["y"]})
    path.write_bytes(pack(path.read_bytes()))
    (probe,) = probes(path, Format(kind="parquet"), max_expanded_bytes=NO_LIMIT)
    assert (probe.kind, probe.rows) == ("parquet", (("b", "a"),))
    assert nature(path) == "parquet"
    assert count_lines(path, max_expanded_bytes=NO_LIMIT) == 1
    assert outcome(path, layout(["b", "a"], kind="parquet")).records == {1: ("x", "y")}
    assert list(probes(path, Format(), max_expanded_bytes=NO_LIMIT)) == []


def test_a_file_without_rows(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write(path, {"v": pa.array([], pa.string())})
    assert outcome(path, layout(["v"], kind="parquet")).records == {}


def test_a_damaged_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "trades"
    write(path, {"v": [f"value {i}" for i in range(10_000)]}, use_dictionary=False)
    data = path.read_bytes()
    path.write_bytes(data[:-100])
    with pytest.raises(FileError, match="trades is a damaged Parquet file"):
        list(probes(path, Format(kind="parquet"), max_expanded_bytes=NO_LIMIT))
    path.write_bytes(data[:1000] + bytes(1000) + data[2000:])
    with pytest.raises(FileError, match="trades is a damaged Parquet file"):
        outcome(path, layout(["v"], kind="parquet"))
