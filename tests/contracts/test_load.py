"""A wrong contract is refused with its file, the key and the reason."""

from pathlib import Path

import pytest

from nexus_data.contract.check import check_contracts
from nexus_data.contract.load import CONTRACTS, Source, load, load_all, load_of
from nexus_data.errors import ContractError

GOOD = """
title = "A sample"
table = "trading_operations"
timezone = "Europe/Amsterdam"
path = '(?P<day>[0-9]{8})\\.csv$'

[format]
delimiters = [";"]

[numbers]
decimal = ","

[[variants]]
columns = ["Day", "Kind", "Sum", "Coin"]
optional = ["Coin"]

[identity]
columns = ["exec_id"]

[fields]
date = { column = "Day", formats = ["%d-%m-%Y"] }
exec_id = { column = "Kind" }
amount = { column = "Sum", sign = "absolute" }
currency = { column = "Coin" }

[[kinds]]
name = "fee"
when = [{ column = "Kind", equals = ["Kosten"] }]
set = { category = "fee" }

[[kinds]]
name = "total"
when = [{ column = "Kind", equals = ["Totaal"] }]
skip = "a total"
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "sample" / "statement.toml"
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    return path


def test_a_good_contract_loads_under_its_path(tmp_path: Path) -> None:
    path = _write(tmp_path, GOOD)
    (source,) = load_all(tmp_path)
    assert (source.source, source.dataset, source.name, source.path) == (
        "sample",
        "statement",
        "sample/statement",
        path,
    )
    assert len(source.version) == 16
    assert source.contract.kinds[1].skip == "a total"


def test_the_version_follows_the_bytes(tmp_path: Path) -> None:
    path = _write(tmp_path, GOOD)
    before = load(path).version
    path.write_text(GOOD + "\n# a remark\n", "utf-8")
    assert load(path).version != before


def test_the_contracts_of_some_sources_are_all_of_theirs_and_no_others() -> None:
    everything = load_all()
    assert load_of(["nexus", "degiro"]) == tuple(one for one in everything if one.source in ("nexus", "degiro"))
    assert load_of([]) == ()
    assert load_of(["nexus", None]) == load_of(["nexus", "nobody"]) == everything


@pytest.mark.parametrize("source", load_all(), ids=lambda source: str(source.name))
def test_a_packaged_contract_is_named_by_its_path(source: Source) -> None:
    assert source.path == CONTRACTS / source.source / f"{source.dataset}.toml"


def test_the_packaged_contracts_can_be_used() -> None:
    checks = check_contracts()
    assert [check.problem for check in checks] == [""] * len(load_all())
    assert all(check.title and check.table for check in checks)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "A sample"', "title = ", "this is not TOML: Invalid value"),
        ('title = "A sample"\n', "", "title: this key must be given"),
        ('table = "trading_operations"', 'table = "trades"', "table: invalid enum value 'trades'"),
        ('delimiters = [";"]', 'delimitors = [";"]', "format.delimitors: there is no such key"),
        ('delimiters = [";"]', 'delimiters = [";;"]', "format.delimiters[0]: ';;' must be one ASCII character"),
        ('delimiters = [";"]', 'delimiters = ["·"]', "format.delimiters[0]: '·' must be one ASCII character"),
        ('delimiters = [";"]', 'delimiters = ["\\n"]', "format.delimiters[0]: '\\n' must be one ASCII character"),
        ('delimiters = [";"]', "delimiters = []", "format: csv needs at least one delimiter and one encoding"),
        ('delimiters = [";"]', 'encodings = ["utf-9"]', "format.encodings[0]: 'utf-9' is no encoding"),
        ('delimiters = [";"]', 'quote = "--"', "format.quote: '--' must be one ASCII character"),
        ('delimiters = [";"]', 'quote = "“"', "format.quote: '“' must be one ASCII character"),
        ('delimiters = [";"]', 'delimiters = [";"]\nquote = ";"', "format.quote: ';' is a delimiter, too"),
        ('delimiters = [";"]', "preamble = -1", "format.preamble: must be zero or more"),
        ('delimiters = [";"]', 'preamble = "3"', "format.preamble: expected `int`, got `str`"),
        ('delimiters = [";"]', "header = false\npreamble = 2", "format.header: only csv and xlsx go without"),
        ('delimiters = [";"]', 'records = "a.b"', "format.records: only json has one"),
        ('delimiters = [";"]', 'sheet = "One"', "format.sheet: only xlsx has one"),
        ('delimiters = [";"]', "header = false", "variants[0].optional: without a header no column can be left out"),
        ('decimal = ","', 'decimal = ","\nthousands = ","', "numbers.thousands: holds the decimal mark"),
        ("Europe/Amsterdam", "Europe/Atlantis", "timezone: 'Europe/Atlantis' is no IANA time zone"),
        ("(?P<day>", "(?P<day", "path: not a regular expression"),
        ('"Sum", "Coin"]\n', '"Sum", "Sum", "Coin"]\n', "variants[0].columns: 'Sum' stands twice"),
        (
            '"Sum", "Coin"]\n',
            '"Sum", "record_no", "Coin"]\n',
            "variants[0].columns: 'record_no' is the record's number",
        ),
        ('["Day",', '["Day ",', "variants[0].columns: 'Day ' is empty or has outer spaces"),
        ('optional = ["Coin"]', 'optional = ["Cion"]', "variants[0].optional: 'Cion' is not among"),
        ('optional = ["Coin"]', 'rename = { Cion = "A" }', "variants[0].rename: 'Cion' is not among"),
        ('optional = ["Coin"]', 'optional = ["Day", "Kind", "Sum", "Coin"]', "variants[0].columns: at least one"),
        ('columns = ["Day", "Kind", "Sum", "Coin"]', "columns = [1]", "variants[0].columns[0]: expected `str`"),
        ('columns = ["exec_id"]', 'columns = ["row_fp"]', "identity.columns: trading_operations has no field 'row_fp'"),
        ('columns = ["exec_id"]', 'content = ["when"]', "identity.content: trading_operations has no field 'when'"),
        ('column = "Day"', 'column = "Dag"', "fields.date.column: no variant has a column 'Dag'"),
        ('column = "Day"', "column = 5", "fields.date.column: expected `str | null`, got `int`"),
        ('column = "Day",', 'colum = "Day",', "fields.date.colum: there is no such key"),
        ('column = "Day"', 'column = "Day | Dag"', "fields.date.column: no variant has a column 'Dag'"),
        ('column = "Day"', 'column = "Day", value = "x"', "fields.date: needs exactly one of"),
        ('column = "Day"', 'path = "month"', "fields.date.path: the contract's path has no group named 'month'"),
        (', formats = ["%d-%m-%Y"]', "", "fields.date.formats: a time needs formats"),
        ("%d-%m-%Y", "dd-mm-yyyy", "fields.date.formats[0]: 'dd-mm-yyyy' is neither"),
        ('["%d-%m-%Y"]', '["iso"], zone = "Nowhere"', "fields.date.zone: 'Nowhere' is no IANA time zone"),
        ('["%d-%m-%Y"]', '["iso"], zone_column = "TZ"', "fields.date.zone_column: no variant has a column 'TZ'"),
        ('["%d-%m-%Y"]', '["iso"], factor = "2"', "fields.date.factor: means nothing for date, which is a date"),
        ('sign = "absolute"', 'sign = "abs"', "fields.amount.sign: invalid enum value 'abs'"),
        ('sign = "absolute"', 'formats = ["iso"]', "fields.amount.formats: means nothing for amount"),
        ('sign = "absolute"', "crypto = true", "fields.amount.crypto: means nothing for amount"),
        ('sign = "absolute"', 'otherwise = "keep"', "fields.amount.otherwise: means nothing without a map"),
        ('sign = "absolute"', 'factor = "1e3"', "fields.amount.factor: '1e3' is no exact decimal"),
        ('sign = "absolute"', 'decimal = ".", thousands = "."', "fields.amount.thousands: holds the decimal mark"),
        (
            'sign = "absolute"',
            'factor_by = { column = "Coin", map = { GBX = "a hundredth" } }',
            "fields.amount.factor_by.map.GBX: 'a hundredth' is no exact decimal",
        ),
        ('column = "Sum"', 'product = ["last_qty", "last_px"]', "fields.amount.product: 'last_qty' is no number field"),
        ('column = "Coin"', 'column = "Coin", extract = "["', "fields.currency.extract: not a regular expression"),
        ('column = "Coin"', 'column = "Coin", extract = "a(?=b)"', "fields.currency.extract: not a regular expression"),
        ('column = "Coin"', 'column = "Coin", extract = "EUR"', "fields.currency.extract: it needs a group"),
        ('column = "Coin"', 'column = "Coin", map = { a = 1 }', "fields.currency.map.a: expected `str`, got `int`"),
        ("currency = {", "colour = {", "fields.colour: trading_operations has no field 'colour'"),
        ("currency = {", "row_fp = {", "fields.row_fp: trading_operations has no field 'row_fp' that a file"),
        ('currency = { column = "Coin" }', "", "kinds[0]: nothing gives currency, which trading_operations requires"),
        ('currency = { column = "Coin" }', 'currency = { value = "" }', "kinds[0]: nothing gives currency"),
        (
            'currency = { column = "Coin" }',
            'currency = { column = "Coin" }\nside = { column = "Kind", map = { "K op" = "purchase" } }',
            "fields.side.map.\"K op\": 'purchase' is not among the values of side: buy, sell, undisclosed",
        ),
        (
            'currency = { column = "Coin" }',
            'currency = { column = "Coin" }\n'
            'type = { by_sign = { column = "Total", positive = "in", negative = "expense" } }',
            "fields.type.by_sign.column: no variant has a column 'Total'",
        ),
        ('set = { category = "fee" }', 'set = { category = "fees" }', "kinds[0].set.category: 'fees' is not among"),
        ('set = { category = "fee" }', 'set = { sort = "fee" }', "kinds[0].set.sort: trading_operations has no field"),
        ('set = { category = "fee" }', "", "kinds[0]: nothing gives category, which trading_operations requires"),
        (
            'set = { category = "fee" }',
            'set = { category = "fee" }\nfields = { amount = { column = "Som" } }',
            "kinds[0].fields.amount.column: no variant has a column 'Som'",
        ),
        (
            'set = { category = "fee" }',
            'set = { category = "fee" }\nfields = { category = { value = "fee" } }',
            "kinds[0].set.category: category is among the kind's fields, too",
        ),
        ('name = "total"', 'name = "fee"', "kinds[1].name: 'fee' is the name of an earlier kind"),
        ('skip = "a total"', 'skip = "a total"\nset = { category = "fee" }', "kinds[1].skip: a skipped kind has"),
        ('skip = "a total"', 'skip = " "', "kinds[1].skip: a skipped kind has a reason"),
        ('when = [{ column = "Kind", equals = ["Kosten"] }]', "", "kinds[0].when: 'fee' takes every record"),
        ('equals = ["Totaal"]', 'matches = "("', "kinds[1].when[0].matches: not a regular expression"),
        (', equals = ["Totaal"]', "", "kinds[1].when[0]: says nothing about the column"),
        (
            '{ column = "Kind", equals = ["Totaal"] }',
            '{ column = "Sort", empty = true }',
            "kinds[1].when[0].column: no",
        ),
    ],
)
def test_a_wrong_contract_says_file_key_and_reason(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    path = _write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(ContractError) as error:
        load(path)
    assert f"{path}: {said}" in str(error.value)
    (check,) = check_contracts(tmp_path)
    assert check.problem == str(error.value)


def test_every_problem_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    path = _write(tmp_path, GOOD.replace("Amsterdam", "Atlantis").replace('"Day", formats', '"Dag", formats'))
    with pytest.raises(ContractError) as error:
        load(path)
    assert str(error.value).splitlines() == [
        f"{path}: timezone: 'Europe/Atlantis' is no IANA time zone; one would be Europe/Amsterdam",
        f"{path}: fields.date.column: no variant has a column 'Dag'",
    ]


def test_identity_is_for_operations_only(tmp_path: Path) -> None:
    text = GOOD[: GOOD.index("[fields]")].replace("trading_operations", "user_accounts")
    fields = (
        '[fields]\naccount_source = { value = "x" }\naccount_id = { column = "Kind" }\nuser_id = { column = "Coin" }\n'
    )
    with pytest.raises(ContractError, match=r"identity: records of user_accounts are known by their key"):
        load(_write(tmp_path, text + fields))


def test_a_file_that_is_no_utf8_is_no_toml(tmp_path: Path) -> None:
    path = _write(tmp_path, GOOD)
    path.write_bytes(GOOD.encode().replace(b"A sample", b"\xff"))
    with pytest.raises(ContractError, match="this is not TOML"):
        load(path)


def test_a_missing_file_and_an_empty_folder_are_said(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"gone\.toml: cannot be read: No such file"):
        load(tmp_path / "gone.toml")
    with pytest.raises(ContractError, match="no contracts here"):
        load_all(tmp_path)


@pytest.mark.parametrize("place", ["statement.toml", "a/b/statement.toml", "Sample/statement.toml"])
def test_a_contract_in_the_wrong_place_is_not_overlooked(tmp_path: Path, place: str) -> None:
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).write_text(GOOD, "utf-8")
    with pytest.raises(ContractError, match="a contract's path is"):
        load_all(tmp_path)
