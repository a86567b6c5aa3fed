"""A file finds its one contract, or a reason that a person can act on."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from nexus_data.contract.load import Source, load_all
from nexus_data.contract.match import Match, Unmatched, match
from nexus_data.errors import FileError
from nexus_data.readers.probe import unique_names

LIMIT = 1 << 30
PACKAGED = load_all()

SAMPLE = """
title = "Sample"
table = "user_accounts"
timezone = "UTC"
{more}
[fields]
account_source = {{ value = "sample" }}
account_id = {{ column = "Account" }}
user_id = {{ column = "Owner" }}
"""


def _contracts(root: Path, **more: str) -> tuple[Source, ...]:
    """Contracts of user accounts, by name `source__dataset`, with what each says beside its fields."""
    for name, text in more.items():
        path = root / "contracts" / Path(*name.split("__")).with_suffix(".toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SAMPLE.format(more=text), "utf-8")
    return load_all(root / "contracts")


def _file(folder: Path, content: str | bytes, name: str = "landed.csv") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def _match(
    path: Path, sources: tuple[Source, ...], *, source: str | None = None, landed_as: str | None = None
) -> Match | Unmatched:
    return match(path, sources, landed_as=landed_as or str(path), source=source, max_expanded_bytes=LIMIT)


def _matched(path: Path, sources: tuple[Source, ...], *, source: str | None = None) -> Match:
    found = _match(path, sources, source=source)
    assert isinstance(found, Match), found.reason
    return found


def _reason(path: Path, sources: tuple[Source, ...], *, source: str | None = None) -> str:
    found = _match(path, sources, source=source)
    assert isinstance(found, Unmatched)
    return found.reason


VARIANTS = """
[format]
delimiters = [";", ","]
preamble = 2
ragged = "pad"
[[variants]]
name = "old"
columns = ["Account", "Owner"]
[[variants]]
name = "new"
columns = ["Konto", "Owner", "Note", "column_4", "Owner_2"]
optional = ["Note", "column_4", "Owner_2"]
rename = { Konto = "Account" }
"""


def test_the_layout_says_how_the_bytes_lie(tmp_path: Path) -> None:
    sources = _contracts(tmp_path, sample__accounts=VARIANTS)
    path = _file(tmp_path, "A title\n\nNote; Konto ;Owner;;Owner\nn;a;o;x;y\n".encode("utf-16"))
    found = _matched(path, sources)
    assert found.source.name == "sample/accounts"
    assert (found.layout.kind, found.layout.encoding, found.layout.delimiter) == ("csv", "utf-16", ";")
    assert (found.layout.ragged, found.layout.quote, found.layout.sheet) == ("pad", '"', None)
    assert found.layout.columns == ("Note", "Account", "Owner", "column_4", "Owner_2")
    assert found.layout.expected == found.layout.columns
    assert found.path_groups == {}


def test_a_column_of_another_variant_is_expected_though_it_is_not_there(tmp_path: Path) -> None:
    sources = _contracts(tmp_path, sample__accounts=VARIANTS)
    layout = _matched(_file(tmp_path, "Account,Owner\na,o\n"), sources).layout
    assert (layout.delimiter, layout.header_row, layout.columns) == (",", 0, ("Account", "Owner"))
    assert layout.expected == ("Account", "Owner", "Note", "column_4", "Owner_2")


@pytest.mark.parametrize("lines", [0, 1, 2])
def test_the_header_is_found_within_the_preamble(tmp_path: Path, lines: int) -> None:
    sources = _contracts(tmp_path, sample__accounts=VARIANTS)
    path = _file(tmp_path, "".join(f"title {i}\n" for i in range(lines)) + "Account;Owner\na;o\n")
    assert _matched(path, sources).layout.header_row == lines


def test_the_header_is_not_looked_for_beyond_the_preamble(tmp_path: Path) -> None:
    sources = _contracts(tmp_path, sample__accounts=VARIANTS)
    path = _file(tmp_path, "one\ntwo\nthree\nAccount;Owner\na;o\n")
    assert "in row 4, and not in row 3 at the latest" in _reason(path, sources)


def test_a_table_like_no_other_is_told_by_its_first_row(tmp_path: Path) -> None:
    sources = _contracts(tmp_path, sample__accounts=VARIANTS)
    assert _reason(_file(tmp_path, "one\ntwo\n"), sources) == (
        "text, and no contract has a header like it; its first row reads: one; "
        "if it is a table, `nexus contract draft` proposes a contract for it"
    )


def test_case_counts_and_so_does_every_column(tmp_path: Path) -> None:
    sources = _contracts(tmp_path, sample__accounts='[[variants]]\ncolumns = ["Account", "Owner", "Note"]')
    reason = _reason(_file(tmp_path, "Account,owner,Noted\na,o,n\n"), sources)
    assert reason == (
        "text, and no contract has its header; the nearest is sample/accounts: missing Owner, Note; "
        "unknown owner, Noted; perhaps renamed Owner -> owner, Note -> Noted; "
        "if it is a table, `nexus contract draft` proposes a contract for it"
    )


def test_the_contract_with_most_columns_wins(tmp_path: Path) -> None:
    narrow = '[[variants]]\ncolumns = ["Account", "Owner", "Note"]\noptional = ["Note"]'
    headerless = '[format]\nheader = false\n[[variants]]\ncolumns = ["Account", "Owner"]'
    sources = _contracts(tmp_path, a__narrow=narrow, b__headerless=headerless)
    assert _matched(_file(tmp_path, "Account,Owner\n"), sources).source.name == "a/narrow"
    assert _matched(_file(tmp_path, "Kim,Lee\n"), sources).source.name == "b/headerless"


def test_a_tie_is_not_decided(tmp_path: Path) -> None:
    same = '[[variants]]\ncolumns = ["Account", "Owner"]'
    sources = _contracts(tmp_path, a__one=same, b__two=same + "\n")
    path = _file(tmp_path, "Owner,Account\no,a\n")
    assert _reason(path, sources) == "a/one and b/two read it equally well; land it under its source"
    assert _matched(path, sources, source="b").source.name == "b/two"


def test_a_source_restricts_to_its_contracts(tmp_path: Path) -> None:
    sources = _contracts(
        tmp_path,
        a__one='[[variants]]\ncolumns = ["Account", "Owner"]',
        b__two='[[variants]]\ncolumns = ["Account", "Owner", "Note"]',
    )
    path = _file(tmp_path, "Account,Owner\na,o\n")
    assert _reason(path, sources, source="b") == (
        "text, and no contract of source b has its header; the nearest is b/two: missing Note; "
        "if it is a table, `nexus contract draft` proposes a contract for it"
    )
    assert _reason(path, sources, source="c") == "there is no contract of a source 'c'; the sources are a, b"


TICKS = """
path = '(?P<owner>[a-z]+)/(?P<day>[0-9]{8})(?P<more>_x)?\\.csv$'
[format]
header = false
[[variants]]
columns = ["Account", "Owner"]
"""


def test_a_path_recognises_and_gives_its_groups(tmp_path: Path) -> None:
    sources = _contracts(tmp_path, sample__ticks=TICKS)
    path = _file(tmp_path, "a,o\n", name="kept-by-hash")
    found = _match(path, sources, landed_as="landing\\sample\\kim\\20240308.csv")
    assert isinstance(found, Match)
    assert found.path_groups == {"owner": "kim", "day": "20240308", "more": ""}
    assert (found.layout.header_row, found.layout.columns) == (None, ("Account", "Owner"))


def test_a_path_that_no_contract_takes_is_told_with_the_pattern(tmp_path: Path) -> None:
    sources = _contracts(tmp_path, sample__ticks=TICKS)
    assert _reason(_file(tmp_path, "a,o\n", name="today.csv"), sources, source="sample") == (
        f"text, and no contract of source sample takes the path {tmp_path}/today.csv: "
        r"sample/ticks takes paths like (?P<owner>[a-z]+)/(?P<day>[0-9]{8})(?P<more>_x)?\.csv$"
    )


@pytest.mark.parametrize(
    ("landed_as", "symbol"),
    [
        ("spy/20240308_trade.zip", "spy"),
        ("landing/lean/kim/BRK.B/20240308_trade.zip", "BRK.B"),
        ("Data/equity/usa/tick/aapl/20240308_trade.zip", "aapl"),
        ("equity/usa/tick/aapl/20240308_trade.zip", "aapl"),
        ("future/cme/tick/es/20240308_trade.zip", None),
        ("Data/equity/india/tick/reliance/20240308_trade.zip", None),
        ("tick/es/20240308_trade.zip", None),
        ("equity/usa/tick/aapl/20240308_quote.zip", None),
    ],
)
def test_ticks_of_other_markets_are_not_taken_for_those_of_us_stocks(
    tmp_path: Path, landed_as: str, symbol: str | None
) -> None:
    path = _file(tmp_path, "34200000,1674100,100,P,40,0\n", name="kept-by-hash")
    found = _match(path, PACKAGED, source="lean", landed_as=landed_as)
    assert (found.path_groups["symbol"] if isinstance(found, Match) else None) == symbol


def test_a_headerless_file_needs_exactly_the_columns(tmp_path: Path) -> None:
    sources = _contracts(tmp_path, sample__ticks=TICKS)
    for text, said in (("a,o,x\n", "unknown column_3"), ("a\n", "missing Owner")):
        path = _file(tmp_path, text, name="kim/20240308.csv")
        assert f"the nearest is sample/ticks: {said}" in _reason(path, sources)


def test_long_lists_are_cut(tmp_path: Path) -> None:
    sources = _contracts(tmp_path, sample__accounts='[[variants]]\ncolumns = ["Account", "Owner"]')
    path = _file(tmp_path, ",".join(["Account", *(f"c{i}" for i in range(20)), "y" * 100]) + "\n")
    assert "c9, c10 and 10 more" in _reason(path, sources)
    path = _file(tmp_path, f"Account,Owner,{'y' * 100}\n")
    assert f"unknown {'y' * 59}…;" in _reason(path, sources)


def test_what_is_no_table_says_so(tmp_path: Path) -> None:
    assert _reason(_file(tmp_path, ""), PACKAGED) == "an empty file: nothing that a contract reads"
    rubbish = bytes(range(256)) * 16
    assert _reason(_file(tmp_path, rubbish), PACKAGED) == "binary data: nothing that a contract reads"


def test_a_file_under_another_name_than_its_contract_needs_is_told_so(tmp_path: Path) -> None:
    more = 'path = "(?P<account>[0-9]{5})_[^/]*$"\n[[variants]]\ncolumns = ["Account", "Owner"]'
    sources = _contracts(
        tmp_path, sample__named=more, sample__other='[[variants]]\ncolumns = ["Account", "Owner", "Since"]'
    )
    said = _reason(_file(tmp_path, "Account,Owner\nA-1,ann\n", name="renamed.csv"), sources)
    assert "sample/named (Sample) has its header, but takes paths like (?P<account>" in said
    assert said.endswith("what the file does not say, its name or a folder above it must")


def test_rows_above_a_header_that_may_have_none_are_told(tmp_path: Path) -> None:
    sources = _contracts(tmp_path, sample__plain='[[variants]]\ncolumns = ["Account", "Owner", "Since"]')
    path = _file(tmp_path, "My export\nof today\nAccount,Owner,Since\na,o,s\n")
    assert _reason(path, sources) == (
        "text, and sample/plain has its header, but in row 3, and not in row 1 at the latest: "
        "land the file as its source gave it, or without what stands above the header"
    )


def _zipped(name: str, data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, data)
    return packed.getvalue()


_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (_OLD_OFFICE, "(.xls): save it as .xlsx or CSV"),
        (_OLD_OFFICE + "EncryptedPackage".encode("utf-16-le"), "save it without one"),
        (_zipped("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), "OpenDocument file: save it as"),
        (_zipped("in.zip", _zipped("a.csv", b"Account,Owner\n")), "packed file within a packed one"),
        (gzip.compress(gzip.compress(b"Account,Owner\n" * 50)), "packed file within a packed one"),
        (b"%PDF-1.7\n1 0 obj", "a PDF"),
        (b"<html><body><table><tr><td>Account", "a web page"),
        (b"!Type:Bank\nD01/02/24\nT-5\n^\n", "QIF"),
        (b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook/>', "save it as .xlsx or CSV"),
        (b"<FlexStatementResponse><Status>Warn</Status></FlexStatementResponse>", "not ready or failed"),
        ("Account,Owner\nA-1,ann\n".encode("utf-16-le"), "UTF-16 (little-endian) without a byte order mark"),
        ("Account,Owner\nA-1,ann\n".encode("utf-16-be"), "UTF-16 (big-endian) without a byte order mark"),
        (b'<?xml version="1.0"?>\n<x:FlexQueryResponse/>', "XML document <FlexQueryResponse>"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "declares entities"),
    ],
    ids=lambda one: one if isinstance(one, str) else "bytes",  # a packed file's have the time of packing in them
)
def test_kinds_that_nothing_reads_are_told_with_what_to_do(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(data)
    assert said in _reason(path, PACKAGED)


def test_a_table_saved_with_another_delimiter_is_told_so(tmp_path: Path) -> None:
    sources = _contracts(tmp_path, a__b="[[variants]]\ncolumns = ['Account', 'Owner']\n[format]\npreamble = 2")
    reason = _reason(_file(tmp_path, "A title\nAccount;Owner\nA-1;ann\n"), sources)
    assert "a/b has its header, but with commas between the fields, and here stand semicolons" in reason
    reason = _reason(_file(tmp_path, "Account\tOwner\nA-1\tann\n".encode("utf-16")), sources)
    assert "and here stand tabs" in reason


@pytest.mark.parametrize("hint", ["sep=,", '"sep=,"', "SEP=,"])
def test_the_line_that_tells_spreadsheets_the_delimiter_is_passed_over(tmp_path: Path, hint: str) -> None:
    sources = _contracts(tmp_path, a__b="[[variants]]\ncolumns = ['Account', 'Owner']")
    assert _matched(_file(tmp_path, f"{hint}\nAccount,Owner\nA-1,ann\n"), sources).layout.header_row == 1
    assert "in row 2, and not in row 1" in _reason(_file(tmp_path, "other\nAccount,Owner\nA-1,ann\n"), sources)


def test_a_row_of_ten_thousand_equal_cells_is_looked_at_once() -> None:
    assert unique_names(["a", "", "a", "a_2", "a"]) == ("a", "column_2", "a_3", "a_2", "a_4")
    names = unique_names(["1"] * 10_000)
    assert len(set(names)) == 10_000
    assert names[-1] == "1_10000"


def test_a_file_that_cannot_be_read_is_a_file_error(tmp_path: Path) -> None:
    with pytest.raises(FileError):
        _match(tmp_path / "gone.csv", PACKAGED)
    with pytest.raises(FileError):
        _match(tmp_path, PACKAGED)
    whole = gzip.compress(b"Account,Owner\n" * 1000)
    with pytest.raises(FileError):
        _match(_file(tmp_path, whole[: len(whole) // 2], name="cut.csv.gz"), PACKAGED)


# Sources that need several records to make one trade, or hide it in text: they must wait, not be read wrongly.
UNKNOWN = {
    "delivery notes": (
        "Lieferschein;Pos;Artikel;Menge;;Gewicht;\n4711;1;Schrauben M4;200;Stk;1,2;kg\n",
        ("no contract has a header like it; its first row reads: Lieferschein",),
    ),
    "event list": (
        "Badge,Door,Seen at,Seen by,Result,Remark\n12,North,03-Apr-2024 08:00,camera 3,let in,\n",
        ("no contract has a header like it; its first row reads: Badge, Door",),
    ),
    "prefixed json": (
        '2024-03-08T14:30:00Z {"sensor":"abc","reading":{"celsius":"1.5"}}\n',
        ("no contract has a header like it; its first row reads: 2024-03-08T14:30:00Z",),
    ),
}


@pytest.mark.parametrize("kind", UNKNOWN)
def test_what_no_contract_reads_is_unmatched_with_a_reason(tmp_path: Path, kind: str) -> None:
    text, said = UNKNOWN[kind]
    reason = _reason(_file(tmp_path, text), PACKAGED)
    assert [part for part in said if part not in reason] == [], reason


def test_a_column_name_that_says_something_is_known_by_its_pattern_and_what_it_says_is_told(tmp_path: Path) -> None:
    variant = """[[variants]]
columns = ["Account", "Owner"]
named = { 'Account \\((?P<currency>[A-Z]{3})\\)' = "Account" }"""
    sources = _contracts(tmp_path, a__one=variant)
    found = match(
        _file(tmp_path, "Owner,Account (CHF)\nann,1\n"), sources, landed_as="", source=None, max_expanded_bytes=LIMIT
    )
    assert isinstance(found, Match)
    assert found.layout.columns == ("Owner", "Account")
    assert found.layout.constants == {"header:currency": "CHF"}
    held = match(
        _file(tmp_path, "Owner,Account (?)\nann,1\n"), sources, landed_as="", source=None, max_expanded_bytes=LIMIT
    )
    assert isinstance(held, Unmatched)


def test_of_two_contracts_that_leave_columns_unread_the_one_that_knows_more_of_them_reads_the_file(
    tmp_path: Path,
) -> None:
    little = """[[variants]]
columns = ["Account", "Owner"]
others = ['.+']"""
    much = little.replace('"Owner"', '"Owner", "Branch"')
    sources = _contracts(tmp_path, a__one=little, b__two=much)
    found = match(
        _file(tmp_path, "Owner,Branch,Account,Mood\nann,x,1,good\n"),
        sources,
        landed_as="",
        source=None,
        max_expanded_bytes=LIMIT,
    )
    assert isinstance(found, Match)
    assert found.source.name == "b/two"
