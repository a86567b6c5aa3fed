"""`nexus contract draft`: what it prints, and the files that --write makes, in which nothing of anybody is left."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from nexus_data.contract.load import load
from nexus_data.draft.scrub import Scrubber
from nexus_data.draft.write import write_draft
from nexus_data.errors import ContractError
from pipelines.cli import main
from tests.draft.drafting import SETTINGS, draft

STATEMENT = (
    "Konto;Buchungstag;Umsatzart;Empfänger;Betrag;Währung\n"
    "DE0011112222;25.03.2024;Überweisung;Erika Mustermann;-1.250,75;EUR\n"
    "DE0011112222;26.03.2024;Gehalt;Beispiel GmbH;3.000,00;EUR\n"
    "DE0011112222;27.03.2024;Überweisung;Erika Mustermann;-20,00;EUR\n"
)
MARK = re.compile(r"Erika|Mustermann|Beispiel|GmbH|0011112222|1\.250,75|3\.000")


def checkout(folder: Path) -> Path:
    """A folder with the places of a checkout that drafts are written to."""
    (folder / "tests" / "contracts" / "golden").mkdir(parents=True)
    return folder


def test_a_golden_input_has_the_shape_and_nothing_of_anybody(tmp_path: Path) -> None:
    found = draft(tmp_path, STATEMENT)
    written = write_draft(found, settings=SETTINGS, checkout=checkout(tmp_path))
    lines = written.input.read_text("utf-8").splitlines()
    assert lines[0] == STATEMENT.splitlines()[0]
    assert not MARK.search("\n".join(lines))
    rows = [line.split(";") for line in lines[1:]]
    assert [row[2] for row in rows] == ["Überweisung", "Gehalt", "Überweisung"]
    assert [re.sub("[0-9]", "9", row[4]) for row in rows] == ["-9.999,99", "9.999,99", "-99,99"]
    assert rows[0][0] == rows[1][0]
    assert rows[0][3] == rows[2][3] != rows[1][3]
    assert all(re.fullmatch(r"\d\d\.03\.2024", row[1]) for row in rows)
    assert load(written.contract).contract == found.draft.contract
    assert not MARK.search(written.contract.read_text("utf-8"))


def test_the_input_becomes_what_the_file_became(tmp_path: Path) -> None:
    found = draft(tmp_path, STATEMENT)
    written = write_draft(found, settings=SETTINGS, checkout=checkout(tmp_path))
    again = draft(tmp_path, written.input.read_bytes(), name="again.csv")
    assert again.check.accepted == found.check.accepted == 3


def test_labels_above_the_header_stay_and_what_is_whose_beside_them_does_not(tmp_path: Path) -> None:
    rows = (line.split(";") for line in STATEMENT.splitlines())
    table = "".join(";".join(row[1:5]) + "\n" for row in rows)
    found = draft(tmp_path, f"Kontonummer;DE0011112222;;\nWährung;EUR;;\n\n{table}")
    written = write_draft(found, settings=SETTINGS, checkout=checkout(tmp_path))
    text = written.input.read_text("utf-8")
    assert re.match(r"Kontonummer;[A-Z]{2}\d{10};;\nWährung;EUR;;\n", text)
    assert not MARK.search(text)
    assert draft(tmp_path, text, name="again.csv").check.accepted == found.check.accepted == 3


def test_sentences_keep_the_words_that_say_what_they_mean(tmp_path: Path) -> None:
    rows = (
        "2024-03-25,Buy 3 @ 134.85 USD,-404.55,USD\n2024-03-26,Sell 1 @ 140.00 USD,140.00,USD\n"
        "2024-03-27,Dividend of the Sample Corporation of America,1.20,USD\n"
        "2024-03-28,Interest paid to Erika Mustermann in account 4711,1.30,USD\n"
    )
    found = draft(tmp_path, f"Date,Description,Amount,Currency\n{rows}")
    lines = write_draft(found, settings=SETTINGS, checkout=checkout(tmp_path)).input.read_text("utf-8").splitlines()
    texts = [line.split(",")[1] for line in lines[1:]]
    assert re.fullmatch(r"Buy [1-9] @ \d{3}\.\d\d USD", texts[0])
    assert texts[0] != "Buy 3 @ 134.85 USD"
    assert re.fullmatch(r"Dividend [a-z ]+ [A-Z][a-z]+ [A-Z][a-z]+ [a-z]+ [A-Z][a-z]+", texts[2])
    assert not re.search("Sample|America|Erika|Mustermann|4711", "\n".join(texts))


def test_nothing_is_written_over_or_while_undecided(tmp_path: Path) -> None:
    folder = checkout(tmp_path)
    with pytest.raises(ContractError, match=r"fields\.date\.formats must be decided first"):
        write_draft(draft(tmp_path, re.sub(r"2[567]\.03", "02.03", STATEMENT)), settings=SETTINGS, checkout=folder)
    found = draft(tmp_path, STATEMENT)
    write_draft(found, settings=SETTINGS, checkout=folder)
    with pytest.raises(ContractError, match="is there already"):
        write_draft(found, settings=SETTINGS, checkout=folder)


def test_the_command_prints_a_contract_and_what_it_would_take(tmp_path: Path) -> None:
    path = tmp_path / "statement.csv"
    path.write_text(STATEMENT, "utf-8")
    result = CliRunner().invoke(main, ["contract", "draft", str(path), "--source", "beispielbank", "--json"])
    told = json.loads(result.stdout)
    assert (result.exit_code, told["table"], told["records"], told["accepted"]) == (0, "trading_operations", 3, 3)
    assert told["toml"].startswith('title = "beispielbank: statement')
    plain = CliRunner().invoke(main, ["contract", "draft", str(path), "--timezone", "Europe/Berlin"])
    assert 'timezone = "Europe/Berlin"' in plain.stdout
    assert "3 records: 3 accepted, 0 rejected, 0 skipped" in plain.stderr


def test_the_command_refuses_what_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear all,\nthis is no table.\n")
    result = CliRunner().invoke(main, ["contract", "draft", str(path), "--json"])
    assert result.exit_code == 1
    assert "letter.txt" in json.loads(result.stdout)["error"]


@given(st.text(max_size=40), st.binary(min_size=1, max_size=32))
def test_scrubbed_texts_keep_their_shape_and_are_the_same_each_time(text: str, key: bytes) -> None:
    scrubber = Scrubber(key)
    for change in (scrubber.text, scrubber.number):
        assert len(change(text)) == len(text)
        assert change(text) == change(text)
        signs = [char for char in text if not char.isalpha() and not char.isdigit()]
        assert [c for c in change(text) if not c.isalpha() and not c.isdigit()] == signs


@pytest.mark.parametrize("account", ["12345678", "1723161253", "20240325"])
def test_an_account_of_digits_is_no_day(account: str) -> None:
    changed = Scrubber(b"key").any(account)
    assert len(changed) == len(account)
    assert changed[:6] != account[:6]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("25.03.2024", r"(0[1-9]|1\d|2[0-8])\.03\.2024"),
        ("2024-03-25T10:11:12.123Z", r"2024-03-(0[1-9]|1\d|2[0-8])T[0-2]\d:[0-5]\d:[0-5]\d\.\d{3}Z"),
        ("25-Mar-2024", r"(0[1-9]|1\d|2[0-8])-Mar-2024"),
        ("20240325", r"202403(0[1-9]|1\d|2[0-8])"),
        ("1723161253937", r"1723\d{9}"),
        ("2004-03-25 00:00:00+00:00", r"2004-03-(0[1-9]|1\d|2[0-8]) 00:00:00\+00:00"),
        ("2024-03-25 10:11:12+05:30", r"2024-03-(0[1-9]|1\d|2[0-8]) [0-2]\d:[0-5]\d:[0-5]\d\+05:30"),
        ("25/03/24 9:05 PM", r"(0[1-9]|1\d|2[0-8])/03/24 ([1-9]|1[0-2]):[0-5]\d PM"),
    ],
)
def test_scrubbed_times_are_times(text: str, shape: str) -> None:
    assert re.fullmatch(shape, Scrubber(b"key").time(text))
