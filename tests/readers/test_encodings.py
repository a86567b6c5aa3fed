"""Encodings: how they are told, what a byte order mark does, and what cannot be decoded."""

import codecs
from pathlib import Path

import pytest

from nexus_data.contract.model import Format
from nexus_data.readers.probe import probes
from tests.readers.reading import NO_LIMIT, layout, outcome

TEXT = 'id,name\r\n1,"Zoë\r\n€ 5"\r\n2,Łódź 日本 𝄞\r\n3\r\n'
LATIN = "id,name\r\n1,Zoë\r\n3\r\n"


def encodings(path: Path, *wanted: str) -> list[str]:
    form = Format(encodings=wanted) if wanted else Format()
    return [probe.encoding for probe in probes(path, form, max_expanded_bytes=NO_LIMIT)]


@pytest.mark.parametrize("batch_bytes", [1, 7, 1 << 20])
@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
def test_unicode_is_read_whatever_its_form(mark: bytes, codec: str, batch_bytes: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(mark + TEXT.encode(codec))
    (probe,) = probes(path, Format(encodings=("utf-8",)), max_expanded_bytes=NO_LIMIT)
    assert probe.rows[0] == ("id", "name")
    # A mark wins over what the layout says.
    form = layout(["id", "name"], encoding="utf-8" if not mark else "cp1252")
    found = outcome(path, form, batch_bytes=batch_bytes)
    assert found.records == {1: ("1", "Zoë\r\n€ 5"), 2: ("2", "Łódź 日本 𝄞")}
    assert found.broken == {3: (5, "TOO_FEW_FIELDS", "3")}
    assert found.places[1] == (2, '1,"Zoë\r\n€ 5"')


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be"])
def test_without_a_mark_the_contract_may_name_the_form(codec: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(TEXT.encode(codec))
    form = Format(encodings=("utf-8", "utf-16-le", "utf-16-be"))
    found = {p.encoding: p.rows[0] for p in probes(path, form, max_expanded_bytes=NO_LIMIT)}
    assert [name for name, row in found.items() if row == ("id", "name")] == [codec]
    assert outcome(path, layout(["id", "name"], encoding=codec)).records[2] == ("2", "Łódź 日本 𝄞")


@pytest.mark.parametrize("codec", ["cp1252", "latin-1"])
def test_western_text_is_told_from_utf8(codec: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(LATIN.encode(codec))
    assert encodings(path) == ["cp1252"]
    assert encodings(path, "utf-8", codec) == [codec]
    found = outcome(path, layout(["id", "name"], encoding=codec), batch_bytes=3)
    assert found.records == {1: ("1", "Zoë")}
    assert found.places == {1: (2, "1,Zoë")}


def test_it_is_told_however_late_the_first_letter_beyond_ascii_comes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"id,name\n" + b"1,x\n" * 600_000 + "2,€\n".encode("cp1252"))
    assert encodings(path) == ["cp1252"]
    path.write_bytes(b"id,name\n" + b"1,x\n" * 600_000 + "2,€\n".encode())
    assert encodings(path)[0] == "utf-8"


def test_a_damaged_line_does_not_change_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes("id,name\n1,Zoë\n2,".encode() + b"\xe9\n")
    assert encodings(path)[0] == "utf-8"
    found = outcome(path, layout(["id", "name"]))
    assert found.records == {1: ("1", "Zoë")}
    assert found.broken == {2: (3, "BAD_ENCODING", "2,\\xe9")}


def test_a_damaged_line_is_no_reason_not_to_read_the_only_encoding(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"id,name\n1,x\n2,\xe9\n")
    assert encodings(path, "utf-8") == ["utf-8"]
    assert encodings(path) == ["cp1252"]


@pytest.mark.parametrize("batch_bytes", [1, 7, 1 << 20])
@pytest.mark.parametrize(
    ("codec", "bad", "raw"),
    [
        ("cp1252", b"2,\x81\x8d!", "2,\\x81\\x8d!"),
        ("utf-16-le", "2,".encode("utf-16-le") + b"\x0a\xd8" + "!".encode("utf-16-le"), "2,\\x0a\\xd8!"),
        ("utf-16-be", "2,".encode("utf-16-be") + b"\xd8\x22" + "!".encode("utf-16-be"), "2,\\xd8\\x22!"),
    ],
)
def test_what_cannot_be_decoded_costs_its_record(
    codec: str, bad: bytes, raw: str, batch_bytes: int, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes("id,name\n1,ë\n".encode(codec) + bad + "\n3,ë\n".encode(codec))
    found = outcome(path, layout(["id", "name"], encoding=codec), batch_bytes=batch_bytes)
    assert found.records == {1: ("1", "ë"), 3: ("3", "ë")}
    assert found.broken == {2: (3, "BAD_ENCODING", raw)}


def test_half_a_character_at_the_end_costs_the_last_record(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes("id,name\n1,ë\n2,x".encode("utf-16-le") + b"A")
    found = outcome(path, layout(["id", "name"], encoding="utf-16-le"))
    assert found.records == {1: ("1", "ë")}
    assert found.broken == {2: (3, "BAD_ENCODING", "2,x\\x41")}
