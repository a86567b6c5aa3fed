"""`contract check` tells what a run would do with a file, and which contracts cannot be used."""

from pathlib import Path

from nexus_data.contract.check import check_contract, check_file
from nexus_data.contract.load import load_all
from nexus_data.settings import Settings
from tests.contracts.golden_case import GOLDEN

SETTINGS = Settings()


def test_a_file_is_counted_by_outcome_rule_and_reason() -> None:
    path = GOLDEN / "schwab" / "transactions" / "plain" / "input.csv"
    check = check_file(path, load_all(), settings=SETTINGS)
    assert (check.contract, check.held) == ("schwab/transactions", "")
    assert (check.records, check.accepted, check.rejected, check.skipped) == (18, 11, 4, 3)
    assert check.rules == {
        "UNPARSABLE:type": 1,
        "UNPARSABLE:amount": 1,
        "UNPARSABLE:date": 1,
        "MISSING:amount": 1,
        "UNKNOWN_KIND": 1,
    }
    assert check.skips == {
        "shares change, no money moves": 1,
        "moves no money": 1,
        "the total of the transactions above": 1,
    }
    first = check.examples[0]
    assert (first.record_no, first.line, first.rules) == (14, 15, "UNPARSABLE:type;UNPARSABLE:amount")
    assert first.raw == "03/22/2024,Buy,ACME,ACME CORP,10,$10.00,,-$1.00.00"


def test_broken_records_and_repeated_headers_are_counted_too(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    header = "account_source,account_id,user_id\n"
    path.write_text(header + "bank,1,u\n" + header + "bank,2\n" * 7, "utf-8")
    check = check_file(path, load_all(), settings=SETTINGS)
    assert (check.records, check.accepted, check.rejected, check.skipped) == (9, 1, 7, 1)
    assert check.rules == {"TOO_FEW_FIELDS": 7}
    assert check.skips == {"repeats the header": 1}
    assert [(example.record_no, example.line, example.raw) for example in check.examples] == [
        (number, number + 1, "bank,2") for number in range(3, 8)
    ]


def test_a_file_that_no_contract_reads_is_held_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text("account_source,account_id,user\nbank,1,u\n", "utf-8")
    check = check_file(path, load_all(), settings=SETTINGS)
    assert (check.contract, check.records) == ("", 0)
    nearest = "the nearest is nexus/user_accounts: missing user_id; unknown user; perhaps renamed user_id -> user"
    assert f"{nearest}; " in check.held
    assert check.held.endswith("`nexus contract draft` proposes a contract for it")


def test_what_only_the_kernel_can_tell_is_told(tmp_path: Path) -> None:
    text = (GOLDEN.parents[2] / "nexus_data" / "contracts" / "agile" / "tasks.toml").read_text("utf-8")
    path = tmp_path / "tasks.toml"
    path.write_text(text.replace('"%Y-%m-%d"', '"%Y-%m"'), "utf-8")
    problem = check_contract(path).problem
    assert problem.startswith(f"{path}: ")
    assert "%Y-%m" in problem
