"""Laws of reading delimited text, for any table and any text."""

import csv
import io
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nexus_data.readers.csv_grammar import Grammar, scan
from nexus_data.readers.csv_parse import parse
from nexus_data.readers.csv_segments import Shape, segment
from tests.readers.reading import layout, outcome

many = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

# Characters that structure is made of come up often, so that fields full of them do.
texts = st.text(st.one_of(st.sampled_from('",;\n\r x\té€\ufeff'), st.characters(exclude_categories=["Cs"])), max_size=8)
texts = texts.filter(lambda text: "\0" not in text)
line_ends = st.sampled_from(["\n", "\r\n", "\r"])
delimiters = st.sampled_from([",", ";", "\t", "|"])
quotings = st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
structure = st.text('",\n\r a', max_size=60)


@st.composite
def tables(draw: st.DrawFn) -> list[tuple[str, ...]]:
    width = draw(st.integers(2, 4))
    return draw(st.lists(st.tuples(*[texts] * width), min_size=1, max_size=12))


def written(rows: Sequence[Sequence[str]], delimiter: str = ",", line_end: str = "\n", quoting: int = 0) -> bytes:
    # The csv module quotes a CR or LF only where its own line end has it, so each row is written with both.
    lines = []
    for row in rows:
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter, lineterminator="\r\n", quoting=quoting).writerow(row)
        lines.append(text.getvalue().removesuffix("\r\n") + line_end)
    return "".join(lines).encode()


@many
@given(tables(), delimiters, line_ends, quotings, st.integers(1, 200))
def test_what_a_csv_writer_wrote_is_read_back(
    tmp_path: Path, rows: list[tuple[str, ...]], delimiter: str, line_end: str, quoting: int, batch_bytes: int
) -> None:
    columns = [f"c{i}" for i in range(len(rows[0]))]
    path = tmp_path / "file"
    path.write_bytes(written([columns, *rows], delimiter, line_end, quoting))
    found = outcome(path, layout(columns, delimiter=delimiter), batch_bytes=batch_bytes)
    assert found.broken == {}
    assert found.records | dict.fromkeys(found.repeated, tuple(columns)) == dict(enumerate(rows, 1))


@many
@given(tables(), quotings, st.integers(1, 200))
def test_the_raw_text_of_a_record_reads_as_the_record(
    tmp_path: Path, rows: list[tuple[str, ...]], quoting: int, batch_bytes: int
) -> None:
    columns = [f"c{i}" for i in range(len(rows[0]))]
    path = tmp_path / "file"
    path.write_bytes(written([columns, *rows], quoting=quoting))
    found = outcome(path, layout(columns), batch_bytes=batch_bytes)
    lines = path.read_bytes().splitlines()
    for number, (line, raw) in found.places.items():
        assert next(csv.reader(io.StringIO(raw, newline=""))) == list(rows[number - 1])
        assert lines[line - 1].startswith(raw.encode().splitlines()[0])


@many
@given(structure, st.integers(1, 3), st.booleans())
def test_what_the_fast_way_proves_the_tolerant_way_finds(text: str, width: int, quoted: bool) -> None:
    _assert_same_fields(text.encode(), width, Grammar(b",", b'"' if quoted else b""))


def test_the_fast_way_takes_no_text_of_six_bytes_for_another() -> None:
    for size in range(1, 7):
        for letters in product('"a,\n', repeat=size):
            _assert_same_fields("".join(letters).encode(), 1, Grammar(b",", b'"'))


@pytest.mark.parametrize("text", ['"a"a"a"', '"a"a","', '","a"a"', '","a","', '""""a""', '"""a"a""'])
def test_text_after_a_closing_quote_is_no_part_of_a_value(text: str) -> None:
    assert parse(text.encode(), ["c0"], Grammar(b",", b'"')) is None


def _assert_same_fields(data: bytes, width: int, grammar: Grammar) -> None:
    frame = parse(data, [f"c{i}" for i in range(width)], grammar)
    if frame is None:
        return
    segments = segment(data, Shape(grammar, width, pad=False), final=True)
    assert segments.codes == {}
    raws = [segments.raw(data, record) for record in range(len(segments.heads))]
    fields = [tuple(field.decode() for field in scan(raw, 0, len(raw), grammar).fields) for raw in raws]
    assert frame.rows() == fields


@many
@given(structure, st.integers(1, 3), st.integers(1, 30), st.sampled_from(["reject", "pad"]))
def test_the_size_of_batches_changes_nothing(
    tmp_path: Path, text: str, width: int, batch_bytes: int, ragged: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(text.encode())
    form = layout([f"c{i}" for i in range(width)], header_row=None, ragged=ragged)
    assert outcome(path, form, batch_bytes=batch_bytes) == outcome(path, form)


@many
@given(structure, st.integers(1, 3), st.integers(1, 30))
def test_every_line_is_in_one_record_or_blank(tmp_path: Path, text: str, width: int, batch_bytes: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(text.encode())
    form = layout([f"c{i}" for i in range(width)], header_row=None)
    found = outcome(path, form, batch_bytes=batch_bytes)
    raws = dict(found.places.values()) | {line: raw for line, _, raw in found.broken.values()}
    covered = [piece for line in sorted(raws) for piece in raws[line].encode().splitlines() if piece.strip()]
    assert covered == [line for line in text.encode().splitlines() if line.strip()]


MALFORMED = ["x", "a,b,c,d", '"a,b,c', 'a,"b,c', 'a,b,"c', '"a"b,c,d', "a,b\x00,c"]


@many
@given(
    st.lists(st.tuples(texts, texts, st.integers(0, 99).map(str)), min_size=1, max_size=12),
    st.sampled_from(MALFORMED),
    st.data(),
    st.integers(1, 200),
)
def test_one_malformed_line_costs_one_record(
    tmp_path: Path, rows: list[tuple[str, ...]], malformed: str, data: st.DataObject, batch_bytes: int
) -> None:
    # Without quotes of their own, the other lines cannot close the malformed one by chance.
    rows = [tuple(field.translate(dict.fromkeys(map(ord, '",\n\r'))) or "v" for field in row) for row in rows]
    lines = [",".join(row) for row in rows]
    place = data.draw(st.integers(0, len(rows)))
    path = tmp_path / "file"
    path.write_bytes("\n".join(["a,b,c", *lines[:place], malformed, *lines[place:]]).encode())
    found = outcome(path, layout(["a", "b", "c"]), batch_bytes=batch_bytes)
    assert {number: line for number, (line, _, _) in found.broken.items()} == {place + 1: place + 2}
    assert [found.records[number] for number in sorted(found.records)] == rows


def test_a_stray_quote_is_proved_neither_way() -> None:
    frame = parse(b'a"b,1\nc"d,2\n', ["x", "y"], Grammar(b",", b'"'))
    assert frame is None or frame.equals(pl.DataFrame({"x": ['a"b', 'c"d'], "y": ["1", "2"]}))
