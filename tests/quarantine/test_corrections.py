"""Correction files are read strictly: what is wrong is named by line and field, and then nothing is applied."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nexus_data.errors import QuarantineError
from nexus_data.quarantine.corrections import read_corrections
from tests.quarantine.conftest import Correct
from tests.spine.conftest import Ask, Land, RunFiles, operation

Write = Callable[..., Path]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["a.csv,0,amount,1"], "line 2, record: '0' is no record number"),
        (["a.csv,1,amount,1", "a.csv,x,amount,1"], "line 3, record: 'x' is no record number"),
        ([",1,amount,1"], "line 2, file: empty"),
        (["a.csv,1,,1"], "line 2, field: empty"),
        (["a.csv,1,amount"], "line 2: 3 fields instead of the four"),
        (["a.csv,1,amount,1", "a.csv,1,amount,2"], "line 3, field: amount of record 1 is in line 2 already"),
        (['a.csv,1,amount,"1', "2", '"x'], "line 2: "),
        ([], "there is no correction in it"),
    ],
)
def test_what_is_wrong_is_named_by_line_and_field(corrections: Write, lines: list[str], told: str) -> None:
    with pytest.raises(QuarantineError, match=told):
        read_corrections(corrections(*lines), made_by="ann", reason="a letter")


def test_another_header_is_refused(corrections: Write) -> None:
    with pytest.raises(QuarantineError, match="the first line must be file,record,field,text"):
        read_corrections(corrections("a.csv,1,amount,1", header="file;record;field;text"), made_by="ann", reason="x")


@pytest.mark.parametrize(("by", "why"), [("", "a letter"), ("ann", " ")])
def test_who_and_why_must_be_said(corrections: Write, by: str, why: str) -> None:
    with pytest.raises(QuarantineError, match="who made these corrections, and why"):
        read_corrections(corrections("a.csv,1,amount,1"), made_by=by, reason=why)


def test_a_text_may_span_lines_and_begin_with_a_byte_order_mark(corrections: Write) -> None:
    path = corrections('a.csv,1,description,"two', 'lines"', "a.csv,2,amount,")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    found = read_corrections(path, made_by="ann", reason="a letter")
    assert [(one.line, one.record, one.text) for one in found.lines] == [(2, 1, "two\nlines"), (4, 2, "")]


def test_lines_that_mean_no_record_or_column_apply_nothing(
    run: RunFiles, correct: Correct, land: Land, ask: Ask
) -> None:
    run(land("a.csv", [operation(1), operation(2, amount="?"), operation(3, amount="?")]), user="u1")
    run(land("a.csv", [operation(4, amount="?"), operation(5)]), user="u2")
    with pytest.raises(QuarantineError) as error:
        correct(
            "a.csv,1,amount,1",
            "b.csv,2,amount,2.25",
            "a.csv,9,amount,2.25",
            "a.csv,2,price,2.25",
            "a.csv,2,amount,2.25",
            user="u1",
        )
    told = str(error.value)
    for line in (
        "line 3, file: no file in quarantine has the name or SHA-256 'b.csv'",
        "line 2, record: record 1 of 'a.csv' was never in quarantine",
        "line 4, record: record 9 of 'a.csv' was never in quarantine",
        "line 5, field: 'a.csv' has no column 'price'; it has exec_id,",
    ):
        assert line in told
    assert ask("SELECT count(*) FROM corrections") == [(0,)]
    assert correct("a.csv,2,amount,2.25", user="u1").published == 1
    with pytest.raises(QuarantineError, match="not in quarantine any more: published in generation 3"):
        correct("a.csv,2,amount,8", user="u1")


def test_a_name_that_several_files_have_is_not_guessed(run: RunFiles, correct: Correct, land: Land, ask: Ask) -> None:
    run(land("a.csv", [operation(1, amount="?")]), user="u1")
    run(land("a.csv", [operation(2, amount="?")]), user="u1")
    with pytest.raises(QuarantineError, match=r"line 2, file: 'a\.csv' is several files"):
        correct("a.csv,1,amount,1")
    ((sha256,),) = ask("SELECT sha256 FROM files WHERE generation = 2")
    assert correct(f"{sha256[:10]},1,amount,2.25").published == 1
    assert ask("SELECT exec_id FROM trading_operations") == [("E2",)]
