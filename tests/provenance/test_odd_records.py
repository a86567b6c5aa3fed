"""Raw text exactly as it stands: records over several lines, other encodings, containers, workbooks, elements."""

import gzip
import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from nexus_data.errors import FileError
from nexus_data.landing import discover
from nexus_data.pipeline import run_all
from nexus_data.postgres.connect import connection
from nexus_data.provenance import operation, trace
from nexus_data.provenance.asking import ask
from nexus_data.provenance.documents import Trace
from nexus_data.readers.layout import FileKind, Layout
from nexus_data.readers.locate import Located, find_record
from nexus_data.settings import Settings

HEADER = (
    "exec_id,transact_time,user_id,account_id,type,category,amount,currency,side,symbol,security_id,last_qty,last_px,"
)
HEADER += "commission,commission_currency,venue,milestone_id,description"


def _line(name: str, description: str) -> str:
    return f"{name},2024-03-05T10:00:00Z,u1,A1,expense,fee,1.50,EUR,,,,,,,,,,{description}"


@pytest.fixture
def traced(settings: Settings) -> dict[str, Trace]:
    """Operations of files in odd containers, traced, by their exec_id."""
    folder = settings.home / "files"
    folder.mkdir()
    wrapped = "\r\n".join([HEADER, _line("E1", "plain"), "", _line("E2", '"two ""quoted""\r\nlines, one record"'), ""])
    (folder / "wrapped.csv").write_bytes(wrapped.encode())
    wide = "\n".join([HEADER, _line("E4", "Gebühr €"), ""])
    (folder / "wide.csv").write_bytes(wide.encode("utf-16"))
    with gzip.open(folder / "packed.csv.gz", "wb") as packed:
        packed.write("\n".join([HEADER, _line("E5", '"a\nb"'), ""]).encode())
    with zipfile.ZipFile(folder / "several.zip", "w") as archive:
        archive.writestr("a/first.csv", "\n".join([HEADER, _line("E6", "in the first"), ""]))
        archive.writestr("second one.csv", "\n".join([HEADER, "", _line("E7", "in the second"), ""]))
    run_all(settings, discover(settings, [folder], user="u1"))
    with connection(str(settings.postgres_url)) as database:
        names = database.execute("SELECT exec_id, operation_id::text FROM trading_operations").fetchall()
    url = str(settings.postgres_url)
    return {exec_id: trace(settings, ask(url, operation(name))) for exec_id, name in names}


def test_raw_text_lines_members_and_encodings(traced: dict[str, Trace]) -> None:
    told = {name: found.record for name, found in traced.items()}
    assert all(not found.problems and found.record and found.record.intact for found in traced.values())
    places = {name: (one.line, one.last_line, one.member, one.encoding) for name, one in told.items() if one}
    assert places == {
        "E1": (2, 2, "", "utf-8"),
        "E2": (4, 5, "", "utf-8"),
        "E4": (2, 2, "", "utf-16"),
        "E5": (2, 3, "", "utf-8"),
        "E6": (2, 2, "a/first.csv", "utf-8"),
        "E7": (3, 3, "second one.csv", "utf-8"),
    }
    raws = {name: one.raw for name, one in told.items() if one}
    assert raws["E2"] == _line("E2", '"two ""quoted""\r\nlines, one record"')
    assert raws["E4"] == _line("E4", "Gebühr €")
    assert raws["E7"] == _line("E7", "in the second")
    description = {name: {f.name: f for f in found.fields}["description"] for name, found in traced.items()}
    assert description["E2"].texts[0].text == 'two "quoted"\r\nlines, one record'
    assert (description["E2"].texts[0].position, description["E2"].value) == (18, 'two "quoted"\r\nlines, one record')


def _layout(kind: FileKind, columns: tuple[str, ...], **more: object) -> Layout:
    plain = {"encoding": "utf-8", "delimiter": "", "quote": '"', "header_row": 0, "ragged": "reject"}
    return Layout(kind=kind, columns=columns, expected=columns, **{**plain, **more})  # type: ignore[arg-type]


def _find(path: Path, layout: Layout, number: int) -> Located:
    return find_record(path, layout, number, batch_bytes=1 << 20, max_expanded_bytes=1 << 30)


def test_a_record_of_an_old_encoding_stands_as_it_reads(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes("Nr;Text\n1;Gebühr\n2;für Ärzte €\n".encode("cp1252"))
    found = _find(path, _layout("csv", ("Nr", "Text"), encoding="cp1252", delimiter=";"), 2)
    assert (found.place.line, found.place.raw) == (3, "2;für Ärzte €")


def test_a_row_of_a_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Other"
    sheet = book.create_sheet("Trades 2024")
    for cells in (["id", "amount"], ["a", 1.5], [None, None], ["b", 2]):
        sheet.append(cells)
    book.save(tmp_path / "book.xlsx")
    with zipfile.ZipFile(tmp_path / "book.zip", "w") as archive:
        archive.write(tmp_path / "book.xlsx", "inside/book.xlsx")
    layout = _layout("xlsx", ("id", "amount"), sheet="Trades 2024")
    found, packed = _find(tmp_path / "book.xlsx", layout, 2), _find(tmp_path / "book.zip", layout, 2)
    assert (found.place.line, found.place.raw, found.member) == (4, '{"id": "b", "amount": "2"}', "")
    assert (packed.place, packed.member) == (found.place, "inside/book.xlsx")


def test_an_element_of_an_array_over_several_lines(tmp_path: Path) -> None:
    path = tmp_path / "array.json"
    path.write_text('[\n  {"id": "a"},\n  {\n    "id": "b"\n  }\n]\n')
    found = _find(path, _layout("json", ("id",), header_row=None), 2)
    assert (found.place.line, found.place.last_line, found.place.raw) == (3, 5, '{\n    "id": "b"\n  }')
    assert found.record["id"].item() == "b"


def test_a_row_of_parquet_has_no_line(tmp_path: Path) -> None:
    pl.DataFrame({"id": ["a", "b"]}).write_parquet(tmp_path / "rows.parquet")
    found = _find(tmp_path / "rows.parquet", _layout("parquet", ("id",), header_row=None), 2)
    assert (found.place.line, found.place.last_line, found.place.raw) == (None, None, '{"id": "b"}')


def test_a_record_that_is_not_there_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "short.csv"
    path.write_text("id\na\n")
    with pytest.raises(FileError, match=r"short\.csv has no record 2"):
        _find(path, _layout("csv", ("id",), delimiter=","), 2)
