"""What a file says once of all its records: above the header; and cells that a spreadsheet wrote as formulas."""

import io
import zipfile
from pathlib import Path

from tests.readers.reading import layout, outcome

TEXT = '''Kontonummer:;="CH93 0001";;
Bewertet in:;CHF;;

Tag;Text;Betrag
="2024-03-05";"=""007""";1
2024-03-06;="a;b";2
2024-03-06;1="2";=""
'''
ABOVE = (r"^Kontonummer:\t(?P<account>.+?)\t*$", r"^Bewertet in:\t(?P<currency>[A-Z]{3})", r"^Nobody: (?P<nobody>.*)")
FORM = layout(
    ("Tag", "Text", "Betrag"),
    delimiter=";",
    header_row=2,
    above=ABOVE,
    expected=("Tag", "Text", "Betrag", "above:account", "above:currency", "above:nobody"),
)


def test_formula_cells_are_read_as_what_they_show_and_facts_above_the_header_stand_in_every_record(
    tmp_path: Path,
) -> None:
    path = tmp_path / "statement.csv"
    path.write_text(TEXT, "utf-8")
    read = outcome(path, FORM)
    assert read.records == {
        1: ("2024-03-05", "007", "1", "CH93 0001", "CHF", ""),
        3: ("2024-03-06", '1="2"', "", "CH93 0001", "CHF", ""),
    }
    assert {number: code for number, (_, code, _) in read.broken.items()} == {2: "TOO_MANY_FIELDS"}
    assert read.places[1] == (5, '="2024-03-05";"=""007""";1')


def test_each_member_of_a_zip_has_the_facts_above_its_own_header(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for account in ("CH1", "CH2"):
            archive.writestr(f"{account}.csv", f"Kontonummer:;{account}\nBewertet in:;CHF\nTag;Text;Betrag\n1;a;2\n")
    path = tmp_path / "statements.zip"
    path.write_bytes(packed.getvalue())
    read = outcome(path, FORM)
    assert [record[3] for record in read.records.values()] == ["CH1", "CH2"]
