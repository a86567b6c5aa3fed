"""One bad record costs one record: which ones, where they stand and what they say, whatever the chunks."""

from pathlib import Path

import pytest

from tests.readers.reading import layout, outcome

COLUMNS = ("id", "name", "amount")
HEADER = b"id,name,amount\n"
GOOD = [(str(i), f"n{i}", f"{i}.50") for i in range(1, 6)]

# name: (bytes after the header, {record: (line, code, raw)}, {record: values} of the records that are not as in GOOD)
CASES: dict[str, tuple[bytes, dict[int, tuple[int, str, str]], dict[int, tuple[str, ...]]]] = {
    "too few fields": (
        b"1,n1,1.50\n2,n2\n3,n3,3.50\n",
        {2: (3, "TOO_FEW_FIELDS", "2,n2")},
        {},
    ),
    "too many fields": (
        b"1,n1,1.50\n2,n2,2.50,more\n3,n3,3.50\n",
        {2: (3, "TOO_MANY_FIELDS", "2,n2,2.50,more")},
        {},
    ),
    "an empty surplus field is one too many": (
        b"1,n1,1.50\n2,n2,2.50,\n3,n3,3.50\n",
        {2: (3, "TOO_MANY_FIELDS", "2,n2,2.50,")},
        {},
    ),
    "a quote that never closes, at the start": (
        b'"1,n1,1.50\n2,n2,2.50\n3,n3,3.50\n',
        {1: (2, "UNCLOSED_QUOTE", '"1,n1,1.50')},
        {},
    ),
    "a quote that never closes, in the middle": (
        b'1,n1,1.50\n2,"n2,2.50\n3,n3,3.50\n',
        {2: (3, "UNCLOSED_QUOTE", '2,"n2,2.50')},
        {},
    ),
    "a quote that never closes, at the end": (
        b'1,n1,1.50\n2,n2,2.50\n3,n3,"3.50',
        {3: (4, "UNCLOSED_QUOTE", '3,n3,"3.50')},
        {},
    ),
    "two quotes that never close do not swallow what is between": (
        b'1,"n1,1.50\n2,n2,2.50\n3,"n3,3.50\n4,n4,4.50\n',
        {1: (2, "UNCLOSED_QUOTE", '1,"n1,1.50'), 3: (4, "UNCLOSED_QUOTE", '3,"n3,3.50')},
        {},
    ),
    "a quote that closes with too many fields": (
        b'1,"n1,1.50\n2,n2,2.50\n3,",3.50,4\n4,n4,4.50\n',
        {1: (2, "UNCLOSED_QUOTE", '1,"n1,1.50'), 3: (4, "UNCLOSED_QUOTE", '3,",3.50,4')},
        {},
    ),
    "text after a closing quote": (
        b'1,n1,1.50\n2,"n2"x,2.50\n3,n3,3.50\n',
        {2: (3, "BAD_QUOTE", '2,"n2"x,2.50')},
        {},
    ),
    "a space after a closing quote is text": (
        b'1,n1,1.50\n2,"n2" ,2.50\n3,n3,3.50\n',
        {2: (3, "BAD_QUOTE", '2,"n2" ,2.50')},
        {},
    ),
    "a quote inside an unquoted field is text": (
        b'1,n1,1.50\n2,6" nail,2.50\n3,n3,3.50\n',
        {},
        {2: ("2", '6" nail', "2.50")},
    ),
    "two such quotes on two lines": (
        b'1,6" nail,1.50\n2,9" nail,2.50\n3,n3,3.50\n',
        {},
        {1: ("1", '6" nail', "1.50"), 2: ("2", '9" nail', "2.50")},
    ),
    "a quote after a space opens nothing": (
        b'1,n1,1.50\n2, "n,2.50\n3,n3,3.50\n',
        {},
        {2: ("2", ' "n', "2.50")},
    ),
    "a quoted line end": (
        b'1,n1,1.50\n2,"n\n\n2",2.50\n3,n3\n4,n4,4.50\n',
        {3: (6, "TOO_FEW_FIELDS", "3,n3")},
        {2: ("2", "n\n\n2", "2.50")},
    ),
    "a record that looks whole inside a quoted field": (
        b'1,n1,1.50\n2,"n\n3,n3,3.50\n",2.50\n3,n3,3.50\n4\n',
        {4: (7, "TOO_FEW_FIELDS", "4")},
        {2: ("2", "n\n3,n3,3.50\n", "2.50")},
    ),
    "an undecodable byte": (
        b"1,n1,1.50\n2,n\xff2,2.50\n3,n3,3.50\n",
        {2: (3, "BAD_ENCODING", "2,n\\xff2,2.50")},
        {},
    ),
    "an undecodable byte in a quoted field of two lines": (
        b'1,n1,1.50\n2,"n\n\xff2",2.50\n3,n3,3.50\n',
        {2: (3, "BAD_ENCODING", '2,"n\n\\xff2",2.50')},
        {},
    ),
    "a NUL": (
        b"1,n1,1.50\n2,n\x002,2.50\n3,n3,3.50\n",
        {2: (3, "NUL", "2,n\\x002,2.50")},
        {},
    ),
    "blank lines are no records but count as lines": (
        b"\n1,n1,1.50\n \t \n\n2\n3,n3,3.50\n\n",
        {2: (6, "TOO_FEW_FIELDS", "2")},
        {},
    ),
    "every line end there is": (
        b"1,n1,1.50\r\n2,n2,2.50\n3,n3,3.50\r4,n4\r\n5,n5,5.50",
        {4: (5, "TOO_FEW_FIELDS", "4,n4")},
        {},
    ),
    "empty fields are empty text": (
        b'1,,\n,"",\n3,n3,3.50\n',
        {},
        {1: ("1", "", ""), 2: ("", "", "")},
    ),
    "outer spaces stay": (
        b"1,  n1 , 1.50 \n2,n2,2.50\n",
        {},
        {1: ("1", "  n1 ", " 1.50 ")},
    ),
    "a doubled quote is one": (
        b'1,"n""1""",1.50\n2,"""",2.50\n',
        {},
        {1: ("1", 'n"1"', "1.50"), 2: ("2", '"', "2.50")},
    ),
    "a byte order mark further on is text": (
        b"\xef\xbb\xbf1,n1,1.50\n2,n2,2.50\n",
        {},
        {1: ("\ufeff1", "n1", "1.50")},
    ),
    "bytes that look like a zlib container": (
        b"x\x01,n1,1.50\n2,n2,2.50\n",
        {},
        {1: ("x\x01", "n1", "1.50")},
    ),
    "nothing but the header": (b"", {}, {}),
}


UNTOLD = ("a record that looks whole inside a quoted field", "every line end there is")
"""Where records are lines of their own, or end otherwise than lines do, reading may not tell where they start."""


@pytest.mark.parametrize("batch_bytes", [1, 7, 30, 1 << 20])
@pytest.mark.parametrize("name", CASES)
def test_only_the_bad_records_are_broken(name: str, batch_bytes: int, tmp_path: Path) -> None:
    body, broken, other = CASES[name]
    path = tmp_path / "file"
    path.write_bytes(HEADER + body)
    found = outcome(path, layout(COLUMNS), batch_bytes=batch_bytes)
    assert found.broken == broken
    good = {number: other.get(number, GOOD[number - 1]) for number in found.records}
    assert found.records == good
    assert set(other) <= set(found.records)
    assert found.repeated == []
    assert found.kept or not good or name in UNTOLD


def test_the_number_of_records_is_the_number_of_lines_that_are_not_blank(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(HEADER + b"1,n1,1.50\n\n2\n3,n3,3.50\n")
    found = outcome(path, layout(COLUMNS))
    assert list(found.records) == [1, 3]
    assert found.places == {1: (2, "1,n1,1.50"), 3: (5, "3,n3,3.50")}


@pytest.mark.parametrize("batch_bytes", [1, 40, 1 << 20])
def test_a_repeated_header_is_counted_but_is_no_record(batch_bytes: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(HEADER + b'1,n1,1.50\nid,name,amount\nid,name,other\n"id",name,amount\n2\n')
    found = outcome(path, layout(COLUMNS), batch_bytes=batch_bytes)
    assert found.records == {1: ("1", "n1", "1.50"), 3: ("id", "name", "other")}
    assert found.repeated == [2, 4]
    assert found.places[4] == (5, '"id",name,amount')
    assert found.broken == {5: (6, "TOO_FEW_FIELDS", "2")}


def test_padding_forgives_missing_and_empty_surplus_fields_only(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(HEADER + b'1\n2,n2,2.50,,\n3,n3,3.50,,x\n4,"a\nb"\n')
    found = outcome(path, layout(COLUMNS, ragged="pad"))
    assert found.records == {1: ("1", "", ""), 2: ("2", "n2", "2.50"), 4: ("4", "a\nb", "")}
    assert found.broken == {3: (4, "TOO_MANY_FIELDS", "3,n3,3.50,,x")}


def test_without_quoting_a_quote_is_text(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(HEADER + b'1,"n1,1.50\n2,"n2",2.50\n')
    found = outcome(path, layout(COLUMNS, quote=""))
    assert found.records == {1: ("1", '"n1', "1.50"), 2: ("2", '"n2"', "2.50")}
    assert found.broken == {}


def test_a_tab_is_a_delimiter_before_it_is_white_space(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"id\tname\tamount\n\t\t\n1\tn1\t1.50\n  \n")
    found = outcome(path, layout(COLUMNS, delimiter="\t"))
    assert found.records == {1: ("", "", ""), 2: ("1", "n1", "1.50")}


def test_missing_optional_columns_are_there_and_empty(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(HEADER + b"1,n1,1.50\n2\n")
    found = outcome(path, layout(COLUMNS, expected=(*COLUMNS, "note")))
    assert found.records == {1: ("1", "n1", "1.50", "")}


def test_rows_before_the_header_are_no_records_but_lines(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b'Statement of "X\n\n"From,\n' + HEADER + b"1,n1,1.50\n2\n")
    found = outcome(path, layout(COLUMNS, header_row=2), batch_bytes=5)
    assert found.records == {1: ("1", "n1", "1.50")}
    assert found.places == {1: (5, "1,n1,1.50")}
    assert found.broken == {2: (6, "TOO_FEW_FIELDS", "2")}


def test_without_a_header_the_first_row_is_data(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"1,n1,1.50\n2,n2,2.50")
    found = outcome(path, layout(COLUMNS, header_row=None))
    assert found.records == {1: ("1", "n1", "1.50"), 2: ("2", "n2", "2.50")}
    assert found.places[1] == (1, "1,n1,1.50")


def test_a_header_of_two_lines(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b'id,"na\nme",amount\n1,n1,1.50\n')
    found = outcome(path, layout(COLUMNS), batch_bytes=3)
    assert found.places == {1: (3, "1,n1,1.50")}


def test_a_single_column(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b'id\n1\n\n""\n   \n4,5\n"6"\n')
    found = outcome(path, layout(["id"]))
    assert found.records == {1: ("1",), 2: ("",), 4: ("6",)}
    assert found.broken == {3: (6, "TOO_MANY_FIELDS", "4,5")}


@pytest.mark.parametrize("batch_bytes", [50_000, 1 << 22])
def test_a_stray_quote_looks_ahead_ten_thousand_lines_at_most(batch_bytes: int, tmp_path: Path) -> None:
    rows = [b"%d,n,1\n" % i for i in range(30_000)]
    rows[5] = b'5,"n,1\n'
    rows[20_005] = b'5",n,1\n'
    path = tmp_path / "file"
    path.write_bytes(HEADER + b"".join(rows))
    found = outcome(path, layout(COLUMNS), batch_bytes=batch_bytes)
    assert found.broken == {6: (7, "UNCLOSED_QUOTE", '5,"n,1')}
    assert found.records[20_006] == ('5"', "n", "1")
    assert len(found.records) == 29_999


def test_a_field_of_many_lines_is_read_whole(tmp_path: Path) -> None:
    text = "\n".join(f"line {i}" for i in range(9_000))
    path = tmp_path / "file"
    path.write_bytes(HEADER + b'1,"' + text.encode() + b'",1.50\n2,n2,2.50\n')
    found = outcome(path, layout(COLUMNS), batch_bytes=1000)
    assert found.records == {1: ("1", text, "1.50"), 2: ("2", "n2", "2.50")}
    assert found.places[2] == (9_002, "2,n2,2.50")
