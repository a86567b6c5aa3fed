"""JSON: exact numbers, flat names, and one broken element costs itself."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nexus_data.contract.model import Format
from nexus_data.errors import FileError
from nexus_data.readers.probe import probes
from tests.readers.reading import NO_LIMIT, Outcome, layout, outcome

many = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
BATCHES = pytest.mark.parametrize("batch_bytes", [1, 20, 1 << 20])


def read_text(path: Path, text: str | bytes, kind: str, columns: Sequence[str], batch_bytes: int = 1 << 20) -> Outcome:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    (probe,) = probes(path, Format(kind="json" if kind == "json" else "jsonl"), max_expanded_bytes=NO_LIMIT)
    expected = dict.fromkeys([*columns, *probe.rows[0]])
    return outcome(path, layout(probe.rows[0], kind=kind, expected=tuple(expected)), batch_bytes=batch_bytes)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1.10", "1.10"),
        ("1e5", "1e5"),
        ("-0", "-0"),
        ("0", "0"),
        ("-0.0", "-0.0"),
        ("123456789012345678901234567890.1234567890123456789", "123456789012345678901234567890.1234567890123456789"),
        ("9" * 5000, "9" * 5000),
        ("1E400", "1E400"),
        ("null", ""),
        ("true", "true"),
        ("false", "false"),
        ('"a\\u00e9\\n\\""', 'aé\n"'),
        ('[1.10, 2, {"x": [1e5, "é"]}]', '[1.10,2,{"x":[1e5,"é"]}]'),
        ("[]", "[]"),
    ],
)
@pytest.mark.parametrize("kind", ["json", "jsonl"])
def test_a_value_is_read_exactly(kind: str, value: str, text: str, tmp_path: Path) -> None:
    line = f'{{"v": {value}, "w": "x-0, "}}'
    found = read_text(tmp_path / "file", f"[{line}]" if kind == "json" else line, kind, ["v", "w"])
    assert found.records == {1: (text, "x-0, ")}


def test_nested_objects_are_flat_and_a_null_object_has_no_fields(tmp_path: Path) -> None:
    lines = ['{"a":{"b":1.50,"c":{"d":"x"}},"e":{}}', '{"a":null}', '{"a":{"c":null}}']
    found = read_text(tmp_path / "file", "\n".join(lines), "jsonl", ["a.b", "a.c.d"])
    assert found.records == {1: ("1.50", "x"), 2: ("", ""), 3: ("", "")}


LINES: dict[str, tuple[bytes, str, str]] = {
    "no JSON": (b"{x}", "BAD_JSON", "{x}"),
    "cut off": (b'{"v":1', "BAD_JSON", '{"v":1'),
    "no object": (b"[1]", "BAD_JSON", "[1]"),
    "a constant that JSON has not": (b'{"v":NaN}', "BAD_JSON", '{"v":NaN}'),
    "a key twice": (b'{"v":1,"v":2}', "BAD_JSON", '{"v":1,"v":2}'),
    "a key twice, with spaces": (b'{"v" :1,"v" :2}', "BAD_JSON", '{"v" :1,"v" :2}'),
    "a name twice": (b'{"a.b":1,"a":{"b":2}}', "BAD_JSON", '{"a.b":1,"a":{"b":2}}'),
    "an undecodable byte": (b'{"v":"\xff"}', "BAD_ENCODING", '{"v":"\\xff"}'),
    "half of a surrogate pair": (b'{"v":"\\ud800"}', "BAD_ENCODING", '{"v":"\\ud800"}'),
    "a NUL": (b'{"v":"\x00"}', "NUL", '{"v":"\\x00"}'),
    "a NUL, escaped": (b'{"v":"\\u0000"}', "NUL", '{"v":"\\u0000"}'),
    "too deep": (b'{"v":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "BAD_JSON", ""),
}


@BATCHES
@pytest.mark.parametrize("name", LINES)
def test_one_bad_line_costs_one_record(name: str, batch_bytes: int, tmp_path: Path) -> None:
    bad, code, raw = LINES[name]
    text = b'{"v":1}\r\n\n' + bad + b'\n{"v":3,"a.b":"x"}\n{"v":4}'
    found = read_text(tmp_path / "file", text, "jsonl", ["v", "a.b"], batch_bytes)
    assert found.records == {1: ("1", ""), 3: ("3", "x"), 4: ("4", "")}
    assert found.broken == {2: (3, code, raw or bad.decode())}
    assert found.places[4] == (5, '{"v":4}')


# What stands between two good elements, on the third line; what of it is the broken record.
ELEMENTS: dict[str, tuple[str, str]] = {
    "no object": ("17", "17"),
    "a word": ("x", "x"),
    "a list": ("[1]", "[1]"),
    "a value is missing": ('{"v":}', '{"v":}'),
    "a bracket too few, and the line ends in a string": ('{"v":"2}', '{"v":"2}'),
    "the wrong bracket": ('{"v":[2}}', '{"v":[2}}'),
    "nested, balanced, wrong": ('{"v":{"x":}, "l":[{"v":1},{"v":2}]}', '{"v":{"x":}, "l":[{"v":1},{"v":2}]}'),
}


@BATCHES
@pytest.mark.parametrize("name", ELEMENTS)
def test_one_broken_element_costs_one_record(name: str, batch_bytes: int, tmp_path: Path) -> None:
    bad, raw = ELEMENTS[name]
    text = f'[\r\n {{"v":1.10}},\r\n{bad},\r\n {{"v":"]}},{{"}},\r\n {{"v":4}}\r\n]\n'
    found = read_text(tmp_path / "file", text, "json", ["v"], batch_bytes)
    assert found.records == {1: ("1.10",), 3: ("]},{",), 4: ("4",)}
    assert found.broken == {2: (3, "BAD_JSON", raw)}
    assert found.places[3] == (4, '{"v":"]},{"}')


@BATCHES
@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ('[{"v":1},\n{"v":2', '{"v":2'),
        ('[{"v":1},\n{"v":"2},3', '{"v":"2},3'),
        ('[{"v":1}\n', ""),
        ('[{"v":1}', ""),
        ('[{"v":1}]\n[{"v":2}]', '[{"v":2}]'),
    ],
)
def test_a_text_that_does_not_end_as_it_should_ends_in_one_broken_record(
    text: str, rest: str, batch_bytes: int, tmp_path: Path
) -> None:
    found = read_text(tmp_path / "file", text, "json", ["v"], batch_bytes)
    assert found.records == {1: ("1",)}
    assert list(found.broken) == [2]
    assert found.broken[2][1:] == ("BAD_JSON", rest)


@BATCHES
def test_an_array_inside_of_an_object(batch_bytes: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    before = '"n": 3, "s": "]}", "skip": [{"rows": [{"v": 0}]}]'
    path.write_text(f'{{{before}, "data": {{"rows":\n[{{"v":1}}, {{"v":2}}]}}, "t": 1}}')
    found = outcome(path, layout(["v"], kind="json", delimiter="", records="data.rows"), batch_bytes=batch_bytes)
    assert found.records == {1: ("1",), 2: ("2",)}
    assert found.places[2] == (2, '{"v":2}')


def test_a_missing_array_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "orders"
    path.write_text('{"data": {}}')
    with pytest.raises(FileError, match=r"orders has no JSON array at data\.rows"):
        outcome(path, layout([], kind="json", delimiter="", records="data.rows"))


def test_a_column_may_be_renamed_and_others_missing(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("\n".join(['{"old":1,"v":"x"}', *['{"v":"y"}'] * 99, '{"old":1,"new":2}', '{"late":3}', '{"z":4}']))
    form = layout(["new", "v"], kind="jsonl", delimiter="", expected=("new", "v", "late"))
    found = outcome(path, form)
    assert [found.records[number] for number in (1, 2, 102)] == [("1", "x", ""), ("", "y", ""), ("", "", "3")]
    assert found.broken == {
        101: (101, "BAD_JSON", '{"old":1,"new":2}'),
        103: (103, "UNKNOWN_COLUMN", '{"z":4}'),
    }


def test_the_probe_has_the_names_of_the_first_hundred_records(tmp_path: Path) -> None:
    path = tmp_path / "file"
    lines = ['{"b":1}', "{", '{"a":{"c":1},"b":2}', '{"a":null}', *['{"b":1}'] * 96, '{"z":1}']
    path.write_text("\n".join(lines))
    (probe,) = probes(path, Format(kind="jsonl"), max_expanded_bytes=NO_LIMIT)
    assert probe.rows == (("b", "a.c"),)
    path.write_text('{"rows": [{"b":1}, {"a":2}]}')
    (probe,) = probes(path, Format(kind="json", records="rows"), max_expanded_bytes=NO_LIMIT)
    assert probe.rows == (("b", "a"),)
    assert list(probes(path, Format(kind="json"), max_expanded_bytes=NO_LIMIT)) == []


@pytest.mark.parametrize("text", ["a,b\n1,2\n", '[\n{"a":1}\n]\n', "[]", ""])
def test_what_is_no_lines_of_json_has_no_probe(text: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    assert list(probes(path, Format(kind="jsonl"), max_expanded_bytes=NO_LIMIT)) == []


def test_a_long_array_on_one_line_is_no_lines_of_json(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("[" + ",".join(['{"a":"' + "x" * 1000 + '"}'] * 6000) + "]")
    assert list(probes(path, Format(kind="jsonl"), max_expanded_bytes=NO_LIMIT)) == []
    assert len(list(probes(path, Format(kind="json"), max_expanded_bytes=NO_LIMIT))) == 1


words = st.text(st.one_of(st.sampled_from('{}[]",:\\ \n'), st.characters(exclude_categories=["Cs"])), max_size=6)
words = words.filter(lambda text: "\0" not in text)


@many
@given(st.lists(st.tuples(words, st.integers()), min_size=1, max_size=9), st.integers(1, 60), st.booleans())
def test_what_a_json_writer_wrote_is_read_back(
    tmp_path: Path, rows: list[tuple[str, int]], batch_bytes: int, ascii_only: bool
) -> None:
    objects = [{"v": text, "w": number} for text, number in rows]
    wanted = {place: (text, str(number)) for place, (text, number) in enumerate(rows, 1)}
    for indent in (None, 2):
        array = json.dumps(objects, indent=indent, ensure_ascii=ascii_only)
        found = read_text(tmp_path / "array", array, "json", ["v", "w"], batch_bytes)
        assert (found.records, found.broken) == (wanted, {})
        assert [json.loads(raw) for _, raw in found.places.values()] == objects
    lines = "\n".join(json.dumps(one, ensure_ascii=ascii_only) for one in objects)
    found = read_text(tmp_path / "lines", lines, "jsonl", ["v", "w"], batch_bytes)
    assert (found.records, found.broken) == (wanted, {})


@many
@given(st.text('{}[]",:v1 \n\\', max_size=60), st.integers(1, 20), st.sampled_from(["json", "jsonl"]))
def test_the_size_of_batches_changes_nothing(tmp_path: Path, text: str, batch_bytes: int, kind: str) -> None:
    good = ['{"v":1}'] * 100
    text = f"[{','.join(good)},{text}]" if kind == "json" else "\n".join([*good, text])
    small = read_text(tmp_path / "file", text, kind, ["v"], batch_bytes)
    assert small == read_text(tmp_path / "file", text, kind, ["v"])


def test_a_name_that_the_contract_renames_may_come_up_late(tmp_path: Path) -> None:
    path = tmp_path / "late.jsonl"
    path.write_text("\n".join(['{"a": 1}'] * 150 + ['{"a": 2, "old": 3}', '{"a": 4, "odd": 5}']), encoding="utf-8")
    form = layout(["a"], kind="jsonl", expected=("a", "new"), rename={"old": "new"})
    found = outcome(path, form)
    assert found.records[151] == ("2", "3")
    assert found.broken[152][1] == "UNKNOWN_COLUMN"
