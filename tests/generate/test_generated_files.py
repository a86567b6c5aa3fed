"""The generated files, read by plain code of the tests' own: the same bytes every time, and as many records as said."""

import csv
import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest

from nexus_data.generate import Expectation, bulk, generate, load
from nexus_data.generate.expected import FATES, FileExpectation
from nexus_data.generate.operations import FIELDS
from tests.generate.conftest import Made
from tests.generate.plain_records import records


def _contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_same_arguments_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        generate(tmp_path / name, rows=1_500, seed=5)
    assert _contents(tmp_path / "a") == _contents(tmp_path / "b")


def test_another_seed_other_bytes(tmp_path: Path) -> None:
    for seed in (1, 2):
        generate(tmp_path / str(seed), rows=1_500, seed=seed)
    one, two = _contents(tmp_path / "1"), _contents(tmp_path / "2")
    assert one.keys() == two.keys()
    same = {Path(name).name for name in one if one[name] == two[name]}
    assert same == {"accounts.csv", "statement.csv"}  # account numbers, and a statement that nobody can read


def test_folder_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    generate(tmp_path, rows=1, seed=1)
    with pytest.raises(FileExistsError):
        generate(tmp_path, rows=1, seed=1)


@pytest.mark.parametrize("rows", [1, 2_000, 8_000])
def test_about_as_many_records_as_asked(tmp_path: Path, rows: int) -> None:
    made = generate(tmp_path, rows=rows, seed=9).totals.records
    assert max(rows, 900) * 0.9 < made < max(rows, 900) * 1.1


def test_expectation_is_read_back(dataset: Made) -> None:
    assert load(dataset.root.parent / "expected.json") == dataset.expected


def test_sums_are_written_for_people(dataset: Made) -> None:
    written = json.loads((dataset.root.parent / "expected.json").read_text(encoding="utf-8"))
    by_currency = {code: Decimal(text) for code, text in written["amount_by_currency"].items()}
    assert by_currency == dataset.expected.amount_by_currency
    assert {"EUR", "USD", "crypto:BTC"} <= by_currency.keys()
    assert sum(written["operations_by_month"].values()) == dataset.expected.rows["trading_operations"]
    assert len(written["operations_by_month"]) == 18


@pytest.mark.parametrize("name", ["dataset", "bulk_file"])
def test_expectation_balances(name: str, request: pytest.FixtureRequest) -> None:
    expected: Expectation = request.getfixturevalue(name).expected
    for one in (*expected.files, expected.totals):
        assert one.records == sum(getattr(one, fate) for fate in FATES)
    for fate in ("records", *FATES):
        assert getattr(expected.totals, fate) == sum(getattr(file, fate) for file in expected.files)
    for file in expected.files:
        assert file.rejected == len({no for one in file.rejections for no in one.records})
    published = sum(cell.operations for cell in expected.operations)
    assert published == expected.rows["trading_operations"]


@pytest.mark.parametrize("name", ["dataset", "bulk_file"])
def test_files_have_as_many_records_as_said(name: str, request: pytest.FixtureRequest) -> None:
    made: Made = request.getfixturevalue(name)
    for file in made.expected.files:
        header = file.status != "held" and not file.path.endswith(".jsonl")
        assert len(records(made.root / file.path, header=header)) == file.records, file.path


def test_every_kind_of_trouble_is_there(dataset: Made) -> None:
    expected = dataset.expected
    rules = {one.rules for file in expected.files for one in file.rejections}
    assert len(rules) >= 30
    assert {one.hop for file in expected.files for one in file.rejections} == {"read", "standardize", "deduplicate"}
    assert all(getattr(expected.totals, fate) for fate in FATES)


def _amount_is_no_number(fields: list[str]) -> bool:
    try:
        return "e" in _field(fields, "amount") or not Decimal(_field(fields, "amount")).is_finite()
    except InvalidOperation:
        return True


def _field(fields: list[str], name: str) -> str:
    return fields[FIELDS.index(name)]


_FIELD_CHECKS: dict[str, Callable[[list[str]], bool]] = {
    "UNPARSABLE:amount": _amount_is_no_number,
    "MISSING:currency": lambda fields: _field(fields, "currency") == "",
    "UNKNOWN_VALUE:category": lambda fields: _field(fields, "category") == "gambling",
    "UNKNOWN_VALUE:side": lambda fields: _field(fields, "side") not in ("", "buy", "sell", "undisclosed"),
    "TOO_PRECISE:amount": lambda fields: Decimal(_field(fields, "amount")) % Decimal("1e-18") != 0,
    "TOO_LARGE:amount": lambda fields: Decimal(_field(fields, "amount")) >= Decimal(10) ** 20,
    "NEGATIVE:amount": lambda fields: Decimal(_field(fields, "amount")) < 0,
    "UNPARSABLE:transact_time": lambda fields: _field(fields, "transact_time").startswith("2024-02-30"),
    "MISSING:date": lambda fields: _field(fields, "transact_time") == "",
    "UNKNOWN_CURRENCY:currency": lambda fields: not _field(fields, "currency").isalpha(),
    "UNKNOWN_MILESTONE:milestone_id": lambda fields: _field(fields, "milestone_id") == "ms-9999-9",
    "UNKNOWN_USER:user_id": lambda fields: _field(fields, "user_id") == "u-99999",
    "UNPARSABLE:last_px": lambda fields: _field(fields, "last_px").count(".") > 1,
    "TOO_FEW_FIELDS": lambda fields: len(fields) < len(FIELDS),
    "TOO_MANY_FIELDS": lambda fields: len(fields) > len(FIELDS),
    "BAD_QUOTE": lambda fields: _field(fields, "description").endswith(" transfer"),
    "NUL": lambda fields: "\0" in _field(fields, "description"),
    "BAD_ENCODING": lambda fields: "\udcff" in _field(fields, "description"),
    "UNCLOSED_QUOTE": lambda fields: _field(fields, "description").startswith("card fee"),
}


def _bad_as_stated(file: FileExpectation, root: Path) -> list[tuple[int, str]]:
    """Rejected records, as number and rule, that do not break the rule; conflicts are looked at elsewhere."""
    lines = records(root / file.path, header=True)
    wrong: list[tuple[int, str]] = []
    for one in file.rejections:
        for number in one.records if one.rules != "ID_CONFLICT:exec_id" else ():
            text = lines[number - 1].decode("utf-8", "surrogateescape")
            fields = next(csv.reader([text]))
            wrong += [(number, rule) for rule in one.rules.split(";") if not _FIELD_CHECKS[rule](fields)]
    return wrong


@pytest.mark.parametrize("name", ["dataset", "bulk_file"])
def test_bad_records_are_bad_as_stated(name: str, request: pytest.FixtureRequest) -> None:
    made: Made = request.getfixturevalue(name)
    plain = [one for one in made.expected.files if one.dataset == "trading_operations" and one.status == "published"]
    assert sum(file.rejected for file in plain) > 20
    assert [(file.path, wrong) for file in plain if (wrong := _bad_as_stated(file, made.root))] == []


def _rows(bulk_file: Made) -> tuple[FileExpectation, list[list[str]]]:
    """The bulk file's expectation and its records, split at every comma (good records hold no others)."""
    file = next(one for one in bulk_file.expected.files if one.path == "operations.csv")
    lines = records(bulk_file.root / file.path, header=True)
    return file, [line.decode("utf-8", "replace").split(",") for line in lines]


def test_conflicts_have_an_earlier_id_and_another_amount(bulk_file: Made) -> None:
    rows = [
        line.decode("utf-8", "replace").split(",") for line in records(bulk_file.root / "operations.csv", header=True)
    ]
    file = next(one for one in bulk_file.expected.files if one.path == "operations.csv")
    conflicts = [no for one in file.rejections if one.rules == "ID_CONFLICT:exec_id" for no in one.records]
    first: dict[str, list[str]] = {}
    for fields in rows:
        first.setdefault(fields[0], fields)
    assert conflicts
    for number in conflicts:
        mine, earlier = rows[number - 1], first[rows[number - 1][0]]
        assert earlier is not mine
        assert earlier[FIELDS.index("amount")] != mine[FIELDS.index("amount")]


def test_published_and_duplicate_are_what_distinct_ids_say(bulk_file: Made) -> None:
    """Counts the file again: good records by exec_id are published once, their repetitions are duplicates."""
    rows = [
        line.decode("utf-8", "replace").split(",") for line in records(bulk_file.root / "operations.csv", header=True)
    ]
    file = next(one for one in bulk_file.expected.files if one.path == "operations.csv")
    bad = {no for one in file.rejections for no in one.records}
    good = [fields for number, fields in enumerate(rows, start=1) if number not in bad]
    named = [fields[0] for fields in good if fields[0]]
    assert file.published == len(set(named)) + len(good) - len(named)
    assert file.duplicate == len(named) - len(set(named))


def test_amounts_add_up_again(bulk_file: Made) -> None:
    rows = [
        line.decode("utf-8", "replace").split(",") for line in records(bulk_file.root / "operations.csv", header=True)
    ]
    file = next(one for one in bulk_file.expected.files if one.path == "operations.csv")
    bad = {no for one in file.rejections for no in one.records}
    seen: set[str] = set()
    sums: dict[str, Decimal] = {}
    for number, fields in enumerate(rows, start=1):
        if number not in bad and (not fields[0] or fields[0] not in seen):
            seen.add(fields[0])
            currency = fields[FIELDS.index("currency")]
            sums[currency] = sums.get(currency, Decimal()) + Decimal(fields[FIELDS.index("amount")])
    assert sums == bulk_file.expected.amount_by_currency


def test_bulk_is_what_the_benchmarks_ask_for(bulk_file: Made) -> None:
    file = next(one for one in bulk_file.expected.files if one.path == "operations.csv")
    assert file.records == 30_000
    assert 95 < (bulk_file.root / file.path).stat().st_size / file.records < 125
    assert 0.003 < file.rejected / file.records < 0.007
    assert 0.003 < file.duplicate / file.records < 0.007
    assert len(bulk_file.expected.operations_by_month) == 12
    assert bulk_file.expected.rows["users"] == 10_000


def test_bulk_is_the_same_again(bulk_file: Made, tmp_path: Path) -> None:
    again = bulk(tmp_path / "operations.csv", rows=30_000, seed=3)
    assert again == bulk_file.expected
    assert (tmp_path / "operations.csv").read_bytes() == (bulk_file.root / "operations.csv").read_bytes()
