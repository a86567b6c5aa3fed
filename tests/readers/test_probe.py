"""What a file is, and what its first rows say under each way of reading."""

import gzip
from pathlib import Path

import pytest

from nexus_data.contract.model import Format
from nexus_data.readers.probe import count_lines, nature, probes, unique_names
from tests.readers.reading import NO_LIMIT


@pytest.mark.parametrize(
    ("data", "kind", "lines"),
    [
        (b"", "empty", 0),
        (b" \r\n\n", "empty", 0),
        (b"\xef\xbb\xbf\n", "empty", 0),
        (gzip.compress(b"", mtime=0), "empty", 0),
        (b"a,b\n\n1,2\r3,4\n  \n", "csv", 3),
        ("a;b\n1;ë\n".encode("utf-16"), "csv", 2),
        ("a;b\n1;ë\n".encode("cp1252"), "csv", 2),
        (b"a,b\n1,\x00\n", "csv", 2),
        (b'{"a":1}\n{"a":2}\n', "jsonl", 2),
        (b'{"a":1}', "jsonl", 1),
        (b'\xef\xbb\xbf[\n{"a":1}]', "json", 2),
        (b'{"a":\n1}', "json", 2),
        (b'{"a":1}\n[', "json", 2),
        (bytes(range(256)) * 4, "binary", 1),
        (b"\x00", "binary", 1),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "binary", 1),
        ("a,b\n1,2\n".encode("utf-16-le"), "binary", 1),
        (b"PK\x05\x06", "error", 0),
    ],
)
def test_nature_and_lines(data: bytes, kind: str, lines: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    if kind == "error":
        with pytest.raises(Exception, match="file"):
            nature(path)
        return
    assert nature(path) == kind
    assert count_lines(path, max_expanded_bytes=NO_LIMIT) == lines


def test_lines_longer_than_a_block_count_once(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 3_000_000 + b"\r\n" + b" " * 2_000_000 + b"\n" + b"y" * 10)
    assert count_lines(path, max_expanded_bytes=NO_LIMIT) == 2


def test_a_probe_for_each_encoding_and_delimiter_in_the_contracts_order(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b'Title\n\n"a;x";b\n1;2\n3;4\n')
    form = Format(delimiters=(",", ";"), encodings=("utf-8", "cp1252"), preamble=1)
    found = list(probes(path, form, max_expanded_bytes=NO_LIMIT))
    assert [(p.encoding, p.delimiter) for p in found] == [
        ("utf-8", ","),
        ("utf-8", ";"),
        ("cp1252", ","),
        ("cp1252", ";"),
    ]
    assert found[1].rows == (("Title",), ("a;x", "b"), ("1", "2"))


@pytest.mark.parametrize("data", [b"", b"\n \n", bytes(range(256)), b"\0" * 10])
def test_what_has_no_rows_has_no_probe(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    for kind in ("csv", "json", "jsonl", "parquet", "xlsx"):
        assert list(probes(path, Format(kind=kind), max_expanded_bytes=NO_LIMIT)) == []


def test_a_first_row_without_end_has_no_probe(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 9_000_000 + b"\n1\n")
    assert list(probes(path, Format(), max_expanded_bytes=NO_LIMIT)) == []


def test_names_are_made_unique() -> None:
    assert unique_names(["a", "", "a", "b", "", "a"]) == ("a", "column_2", "a_2", "b", "column_5", "a_3")
    assert unique_names(["a", "a", "a_2"]) == ("a", "a_3", "a_2")
    assert unique_names([]) == ()
