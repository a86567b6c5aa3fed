"""Every option by which a contract says where a text comes from and what becomes of it."""

from typing import Any

import polars as pl
import pytest

from tests.kernel.judging import facts, judge, told

Told = list[tuple[str | None, str | None]]


def read(spec: dict[str, Any], columns: dict[str, list[str]], **changes: Any) -> Told:
    """description and reasons."""
    return told(judge({"description": spec}, columns, **changes), "description")


def test_outer_white_space_of_any_kind_is_no_text_and_inner_is_kept() -> None:
    texts = [" a  b ", "\u00a0\u2009\u202fa\u202f", "\t\n", "\u00a0", "", "a\u00a0b", "\ta;\n"]
    wanted = ["a  b", "a", None, None, None, "a\u00a0b", "a;"]
    assert read({"column": "a"}, {"a": texts}) == [(text, None) for text in wanted]


def test_the_first_candidate_that_is_not_empty_wins_and_columns_of_other_variants_are_empty() -> None:
    variants = [{"columns": ["a", "b"]}, {"columns": ["c"]}, {"columns": ["old"], "rename": {"old": "d"}}]
    columns = {"a": ["1", "", " ", ""], "b": ["2", "2", "2", ""]}
    assert read({"column": "c | a | b | d"}, columns, variants=variants) == [
        ("1", None),
        ("2", None),
        ("2", None),
        (None, None),
    ]


def test_columns_are_joined_without_empty_parts() -> None:
    columns = {"a": ["x", "x", "", " "], "b": ["y", "", " y ", ""]}
    assert read({"columns": ["a", "b"]}, columns) == [("x y", None), ("x", None), ("y", None), (None, None)]
    assert read({"columns": ["b", "a"], "join": "/"}, columns)[0] == ("y/x", None)


def test_constants_and_groups_of_the_path() -> None:
    assert read({"value": "here"}, {"a": ["1", "2"]}) == [("here", None)] * 2
    assert read({"value": ""}, {"a": ["1"]}) == [(None, None)]
    known = facts(path_groups={"symbol": "ABC"})
    for spec, wanted in (({"path": "symbol"}, "ABC"), ({"path": "day"}, None)):
        result = judge({"description": spec}, {"a": ["1"]}, known=known)
        assert result["description"].to_list() == [wanted]


def test_a_sign_gives_a_text() -> None:
    sign = {"column": "n", "positive": "income", "negative": "expense"}
    texts = ["1.234,5", "-0,01", "0,00", "", "x", "1,5-"]
    fields = {"type": {"by_sign": sign}}
    german = {"decimal": ",", "thousands": ".", "accounting": True}
    result = judge(fields, {"n": texts}, numbers=german)
    assert told(result, "type") == [
        ("income", None),
        ("expense", None),
        (None, None),
        (None, None),
        (None, "UNPARSABLE:type"),
        ("expense", None),
    ]
    zero = judge({"type": {"by_sign": {**sign, "zero": "income"}, **german}}, {"n": texts})
    assert zero["type"].to_list() == ["income", "expense", "income", "income", None, "expense"]


def test_texts_that_mean_nothing() -> None:
    assert read({"column": "a", "null": ["-", "N/A"]}, {"a": ["-", "n/a", " N/A ", "a-", "--"]}) == [
        (None, None),
        (None, None),
        (None, None),
        ("a-", None),
        ("--", None),
    ]


def test_extract_takes_the_first_group_and_leaves_nothing_without_a_match() -> None:
    spec = {"column": "a", "extract": r"@\s*(\S+)\s*(\S+)"}
    assert read(spec, {"a": ["buy 5 @ 33.9 EUR", "fee", "@ x y"]}) == [("33.9", None), (None, None), ("x", None)]
    assert read({"column": "a", "extract": r"\[(.*)\]"}, {"a": ["[ x ]", "[]"]}) == [("x", None), (None, None)]
    required = judge({"category": {"column": "a", "extract": "^(fee)"}}, {"a": ["fee 1", "none"]})
    assert told(required, "category") == [("fee", None), (None, "MISSING:category")]


def test_a_map_compares_without_case_and_outer_space_and_says_what_becomes_of_the_rest() -> None:
    texts = {"a": ["kauf", " KAUF ", "verkauf", "other", "", "none"]}
    map_ = {"Kauf": "buy", "VERKAUF ": "sell", "none": ""}
    rest: dict[str, tuple[str | None, str | None]] = {
        "reject": (None, "UNKNOWN_VALUE:description"),
        "keep": ("other", None),
        "null": (None, None),
    }
    for otherwise, wanted in rest.items():
        found = read({"column": "a", "map": map_, "otherwise": otherwise}, texts)
        assert found == [("buy", None), ("buy", None), ("sell", None), wanted, (None, None), (None, None)]
    assert read({"column": "a", "map": map_}, texts)[3] == rest["reject"]
    assert read({"column": "a", "map": {"": "nothing", "x": "y"}}, {"a": ["", "x"]}) == [("nothing", None), ("y", None)]


def test_prefix_and_case_come_last_and_add_nothing_to_nothing() -> None:
    spec = {"column": "a", "map": {"ab": "Cd"}, "otherwise": "keep", "prefix": "Jira:"}
    assert read(spec, {"a": ["AB", "", "xY"]}) == [("Jira:Cd", None), (None, None), ("Jira:xY", None)]
    assert read({**spec, "case": "upper"}, {"a": ["ab"]}) == [("JIRA:CD", None)]
    assert read({**spec, "case": "lower"}, {"a": ["ab"]}) == [("jira:cd", None)]


def test_the_steps_come_in_their_order() -> None:
    spec = {"column": "a", "null": ["id=0"], "extract": "=(.*)", "map": {"1": "one"}, "prefix": "n-", "case": "upper"}
    assert read(spec, {"a": ["id=0", "id=1", "id=2"]}) == [
        (None, None),
        ("N-ONE", None),
        (None, "UNKNOWN_VALUE:description"),
    ]


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ('{"a": [1, 2.50, null]}', True),
        ("[]", True),
        ("null", True),
        ('"x"', True),
        ("1.5", True),
        ('{"a": "\\\\u0000"}', True),
        ("", True),
        ("{'a': 1}", False),
        ('{"a": 1,}', False),
        ('{"a": NaN}', False),
        ('{"a": 1} x', False),
        ('{"a": "\\u0000"}', False),
        ("nil", False),
        ("{", False),
    ],
)
def test_json_columns_hold_json_as_it_was_written(text: str, *, good: bool) -> None:
    fields = {name: {"value": "x"} for name in ("task_id", "user_id", "type")}
    fields |= {"status": {"value": "pending"}, "created_at": {"value": "2024-03-01T00:00:00Z"}}
    tasks = {**fields, "parameters": {"column": "p"}, "date": None, "category": None, "amount": None, "currency": None}
    result = judge(tasks, {"p": [text]}, table="frenly_ai_tasks")
    wanted = (text or None, None) if good else (None, "UNPARSABLE:parameters")
    assert told(result, "parameters") == [wanted]


@pytest.mark.parametrize(
    ("text", "plain", "crypto"),
    [
        ("EUR", "EUR", "EUR"),
        ("eur", "EUR", "EUR"),
        ("HRK", "HRK", "HRK"),
        ("XXX", "XXX", "XXX"),
        ("€", "EUR", "EUR"),
        ("US$", "USD", "USD"),
        ("BTC", None, "crypto:BTC"),
        ("btc", None, "crypto:BTC"),
        ("crypto:USDT", None, "crypto:USDT"),
        ("crypto:usdt", None, "crypto:USDT"),
        ("GBp", None, "crypto:GBP"),
        ("ZZZ", None, "crypto:ZZZ"),
        ("E UR", None, None),
    ],
)
def test_currencies_are_iso_codes_or_marked_as_crypto(text: str, plain: str | None, crypto: str | None) -> None:
    for allowed, wanted in ((False, plain), (True, crypto)):
        result = judge({"commission_currency": {"column": "c", "crypto": allowed}}, {"c": [text, "USD"]})
        reason = None if wanted else "UNKNOWN_CURRENCY:commission_currency"
        assert told(result, "commission_currency") == [(wanted, reason), ("USD", None)]


def test_a_record_is_its_own_users_then_the_files_then_the_accounts_then_the_default_users() -> None:
    accounts = pl.DataFrame({"account_id": ["A", "B", "A"], "user_id": ["old", "bob", "ann"]})
    columns = {"u": ["own", "", "", "", "no"], "a": ["A", "A", "B", "C", "A"]}
    fields = {"user_id": {"column": "u", "map": {"own": "own"}}, "account_id": {"column": "a"}}
    landed = judge(fields, columns, known=facts(user_id="cleo", accounts=accounts))
    assert landed["user_id"].to_list() == ["own", "cleo", "cleo", "cleo", None]
    free = judge(fields, columns, known=facts(accounts=accounts))
    assert told(free, "user_id") == [
        ("own", None),
        ("ann", None),
        ("bob", None),
        ("unassigned", None),
        (None, "UNKNOWN_VALUE:user_id"),
    ]
    assert judge({}, {"a": ["x"]})["user_id"].to_list() == ["unassigned"]


def test_users_and_accounts_are_never_the_landing_users() -> None:
    none = dict.fromkeys(("date", "category", "amount", "currency"))
    known = facts(user_id="cleo")
    fields = {**none, "user_id": {"column": "u"}, "status": {"value": "active"}}
    assert judge(fields, {"u": ["", "x"]}, known=known, table="users")["reasons"].to_list() == ["MISSING:user_id", None]
    fields = {**none, "account_id": {"column": "u"}, "account_source": {"value": "bank"}}
    assert judge(fields, {"u": ["x"]}, known=known, table="user_accounts")["reasons"].to_list() == ["MISSING:user_id"]


@pytest.mark.parametrize("space", [" ", "\t", "\n", "\u00a0", "\u2003", "\u3000"])
@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_white_space_around_a_single_late_field_is_no_part_of_it(space: str, place: str) -> None:
    names = ("first", "middle", "last")
    fields = dict(zip(("exec_id", "symbol", "description"), ({"column": name} for name in names), strict=True))
    for text in (f"{space}x", f"x{space}", f"{space}x{space}"):
        columns = {name: ["y"] * 1500 + [text if name == place else "x"] for name in names}
        last = judge(fields, columns).row(-1, named=True)
        assert (last["exec_id"], last["symbol"], last["description"]) == ("x", "x", "x")
