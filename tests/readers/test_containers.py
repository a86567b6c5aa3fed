"""Containers: what is packed reads as if it were not, and what is damaged is an error that names the file."""

import gzip
import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest
import zstandard

from nexus_data.contract.model import Format
from nexus_data.errors import FileError
from nexus_data.readers.probe import count_lines, nature, probes
from nexus_data.readers.read import read
from tests.readers.reading import NO_LIMIT, layout, outcome

HEADER = b"id,name\n"
ROWS = b"".join(b"%d,n%d\n" % (i, i) for i in range(2000))
TEXT = HEADER + ROWS
COLUMNS = ("id", "name")


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/"), data)
    return packed.getvalue()


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


PACKED = {
    "plain": TEXT,
    "gzip": gzip.compress(TEXT),
    "gzip of two parts": gzip.compress(TEXT[:1000]) + gzip.compress(TEXT[1000:]),
    "zstd": zstd(TEXT),
    "zstd of two frames": zstd(TEXT[:1000]) + zstd(TEXT[1000:]),
    "zip": zipped(a=TEXT),
}


@pytest.mark.parametrize("batch_bytes", [100, 1 << 20])
@pytest.mark.parametrize("name", PACKED)
def test_what_is_packed_reads_as_if_it_were_not(name: str, batch_bytes: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(PACKED[name])
    assert nature(path) == "csv"
    assert count_lines(path, max_expanded_bytes=NO_LIMIT) == 2001
    (probe,) = probes(path, Format(encodings=("utf-8",)), max_expanded_bytes=NO_LIMIT)
    assert probe.rows == (("id", "name"), ("0", "n0"))
    found = outcome(path, layout(COLUMNS), batch_bytes=batch_bytes)
    assert found.records == {i + 1: (str(i), f"n{i}") for i in range(2000)}
    assert found.places[2000] == (2001, "1999,n1999")


def test_records_are_numbered_through_the_members_of_a_zip(tmp_path: Path) -> None:
    path = tmp_path / "file"
    folders = {"folder__": b"", "__MACOSX__._a": b"\0\1", "folder__.DS_Store": b"x"}
    path.write_bytes(zipped(**folders, a=HEADER + b"1,x\n2", empty=b"", blank=b"\n", b=HEADER + b'3,"y\n"\n4,z\n'))
    found = outcome(path, layout(COLUMNS), batch_bytes=5)
    assert found.records == {1: ("1", "x"), 3: ("3", "y\n"), 4: ("4", "z")}
    assert found.broken == {2: (3, "TOO_FEW_FIELDS", "2")}
    assert found.places[4] == (4, "4,z")


def test_members_with_other_headers_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "statements"
    path.write_bytes(zipped(a=TEXT, b=b"name,id\nx,1\n"))
    with pytest.raises(FileError, match=r"statements \(member b\) has another header"):
        outcome(path, layout(COLUMNS))


def test_a_member_that_ends_before_its_header_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "statements"
    path.write_bytes(zipped(a=b"Title\n" + TEXT, b=b"Title\n"))
    with pytest.raises(FileError, match=r"statements \(member b\) ends before its header"):
        outcome(path, layout(COLUMNS, header_row=1))


DAMAGED = {
    "truncated gzip": (gzip.compress(TEXT)[:-20], "truncated"),
    "gzip without its checksum": (gzip.compress(TEXT)[:-8], "truncated"),
    "gzip with a wrong checksum": (gzip.compress(TEXT)[:-8] + bytes(8), "damaged"),
    "gzip with rubbish behind it": (gzip.compress(TEXT) + b"rubbish", "damaged"),
    "truncated zstd": (zstd(TEXT)[:-20], "truncated"),
    "zstd with rubbish behind it": (zstd(TEXT) + b"rubbish", "damaged"),
    "truncated zip": (zipped(a=TEXT)[:-30], "damaged"),
    "zip with a damaged member": (zipped(a=TEXT).replace(gzip.compress(TEXT, mtime=0)[50:60], bytes(10)), "damaged"),
    "zip without files": (zipped(a__=b""), "without any file"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_container_is_found_out_before_anything_is_read(name: str, tmp_path: Path) -> None:
    data, reason = DAMAGED[name]
    path = tmp_path / "export"
    path.write_bytes(data)
    with pytest.raises(FileError, match=f"export.*{reason}"):
        list(probes(path, Format(), max_expanded_bytes=NO_LIMIT))
    with pytest.raises(FileError, match=f"export.*{reason}"):
        outcome(path, layout(COLUMNS), batch_bytes=1000)


def test_an_encrypted_zip_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "export"
    packed = bytearray(zipped(a=TEXT))
    # The flag "encrypted", in the member's own header and in the directory at the end.
    packed[6] |= 1
    packed[packed.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(packed)
    with pytest.raises(FileError, match=r"export \(member a\) is encrypted"):
        nature(path)


@pytest.mark.parametrize("pack", [gzip.compress, zstd, lambda data: zipped(a=data)], ids=["gzip", "zstd", "zip"])
def test_a_bomb_is_stopped_at_the_limit(pack: object, tmp_path: Path) -> None:
    assert callable(pack)
    path = tmp_path / "bomb"
    path.write_bytes(pack(HEADER + b"1,x\n" * 10_000_000))
    assert path.stat().st_size < 200_000
    form = layout(COLUMNS)
    tracemalloc.start()
    with pytest.raises(FileError, match=r"bomb expands beyond 5000000 bytes.*NEXUS_MAX_EXPANDED_BYTES"):
        for _ in read(path, form, batch_bytes=100_000, max_expanded_bytes=5_000_000):
            pass
    with pytest.raises(FileError, match="NEXUS_MAX_EXPANDED_BYTES"):
        list(probes(path, Format(), max_expanded_bytes=5_000_000))
    assert tracemalloc.get_traced_memory()[1] < 25_000_000
    tracemalloc.stop()


def test_the_limit_counts_all_members_and_no_plain_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(zipped(a=TEXT, b=TEXT))
    with pytest.raises(FileError, match="expands beyond"):
        outcome(path, layout(COLUMNS), limit=len(TEXT) + 100)
    outcome(path, layout(COLUMNS), limit=2 * len(TEXT))
    path.write_bytes(TEXT)
    outcome(path, layout(COLUMNS), limit=10)


@pytest.mark.parametrize("call", [nature, lambda path: list(probes(path, Format(), max_expanded_bytes=NO_LIMIT))])
def test_what_is_no_readable_file_is_an_error_that_names_it(call: object, tmp_path: Path) -> None:
    assert callable(call)
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileError, match=r"folder is a folder"):
        call(tmp_path / "folder")
    with pytest.raises(FileError, match=r"gone is not there any more"):
        call(tmp_path / "gone")
