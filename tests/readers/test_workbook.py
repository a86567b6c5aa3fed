"""Workbooks: cells as exact text, rows by their number in the sheet, one probe a sheet."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from nexus_data.contract.model import Format
from nexus_data.errors import FileError
from nexus_data.readers.probe import count_lines, nature, probes
from tests.readers.reading import NO_LIMIT, layout, outcome
from tests.readers.workbooks import write


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('  a\n"b" ', '  a\n"b" '),
        ("0012", "0012"),
        (12, "12"),
        (12.0, "12"),
        (Decimal("1.10"), "1.1"),
        (0.1, "0.1"),
        (1e21, "1" + "0" * 21),
        (1e-7, "0.0000001"),
        (123456789012345, "123456789012345"),
        (True, "true"),
        (dt.date(2024, 2, 29), "2024-02-29"),
        (dt.datetime(2024, 2, 29, 13, 5, 7), "2024-02-29T13:05:07"),
        (dt.datetime(2024, 2, 29), "2024-02-29T00:00:00"),
        (dt.time(13, 5), "13:05:00"),
        ("#N/A", "#N/A"),
        (None, ""),
    ],
)
def test_a_cell_is_read_exactly(value: Any, text: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    write(path, s=[["v", "w"], [value, "x"]])
    assert outcome(path, layout(["v", "w"], kind="xlsx", sheet="s")).records == {1: (text, "x")}


def test_rows_keep_their_number_in_the_sheet(tmp_path: Path) -> None:
    path = tmp_path / "file"
    rows = [["Title"], [], ["id", "name"], ["1"], [], [None, " "], ["id", "name"], ["2", "x", "y"], ["3", "z", None]]
    write(path, s=rows)
    form = layout(["id", "name"], kind="xlsx", sheet="s", header_row=1, expected=("id", "name", "note"))
    found = outcome(path, form)
    assert found.records == {1: ("1", "", ""), 4: ("3", "z", "")}
    assert found.repeated == [2]
    assert [(line, code) for line, code, _ in found.broken.values()] == [(8, "TOO_MANY_FIELDS")]
    line, raw = found.places[4]
    assert (line, json.loads(raw)) == (9, {"id": "3", "name": "z"})


def test_without_a_header_the_first_row_is_data(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write(path, s=[["1", "x"]])
    assert outcome(path, layout(["id", "name"], kind="xlsx", sheet="s", header_row=None)).records == {1: ("1", "x")}


def test_more_rows_than_a_batch_has(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write(path, s=[["id"], *([i] for i in range(10_500))])
    found = outcome(path, layout(["id"], kind="xlsx", sheet="s"))
    assert found.records == {i + 1: (str(i),) for i in range(10_500)}
    assert found.places[10_500][0] == 10_501


def test_one_probe_a_sheet(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write(path, a=[["x", "y", None], ["1"]], empty=[], b=[["z"]])
    found = list(probes(path, Format(kind="xlsx"), max_expanded_bytes=NO_LIMIT))
    assert [(probe.sheet, probe.rows) for probe in found] == [("a", (("x", "y"), ("1", ""))), ("b", (("z",),))]
    found = list(probes(path, Format(kind="xlsx", sheet="b"), max_expanded_bytes=NO_LIMIT))
    assert [probe.sheet for probe in found] == ["b"]
    assert nature(path) == "xlsx"
    assert count_lines(path, max_expanded_bytes=NO_LIMIT) == 1
    assert list(probes(path, Format(), max_expanded_bytes=NO_LIMIT)) == []


def test_damage_and_limits_are_errors_that_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "book"
    write(path, s=[["id"], *([f"value {i}"] for i in range(2000))])
    with pytest.raises(FileError, match=r"book expands beyond 1000 bytes.*NEXUS_MAX_EXPANDED_BYTES"):
        list(probes(path, Format(kind="xlsx"), max_expanded_bytes=1000))
    with pytest.raises(FileError, match=r"book has no sheet 'other'"):
        outcome(path, layout(["id"], kind="xlsx", sheet="other"))
    data = path.read_bytes()
    place = data.index(b"xl/worksheets/sheet1.xml") + 200
    path.write_bytes(data[:place] + bytes(100) + data[place + 100 :])
    with pytest.raises(FileError, match="book is a damaged workbook"):
        outcome(path, layout(["id"], kind="xlsx", sheet="s"))
