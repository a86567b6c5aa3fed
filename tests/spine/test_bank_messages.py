"""One booking told by several messages of the bank (camt.052, .054, .053) is one operation, also where words differ."""

from decimal import Decimal
from pathlib import Path

import pytest

from nexus_data.landing import discover
from nexus_data.pipeline import run_all
from nexus_data.settings import Settings
from nexus_data.verify import verify
from tests.spine.conftest import Ask

_ROOTS = {
    "052": ("BkToCstmrAcctRpt", "Rpt"),
    "053": ("BkToCstmrStmt", "Stmt"),
    "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}
_BATCH = "<TxDtls><Amt Ccy='EUR'>4</Amt></TxDtls><TxDtls><Amt Ccy='EUR'>6</Amt></TxDtls>"


def entry(amount: str, reference: str = "", *, text: str = "paid", status: str = "BOOK", details: str = "") -> str:
    told = f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else ""
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>{status}</Cd></Sts>'
        f"<BookgDt><Dt>2025-03-24</Dt></BookgDt>{told}<NtryDtls>{details}</NtryDtls>"
        f"<AddtlNtryInf>{text}</AddtlNtryInf></Ntry>"
    )


def message(folder: Path, order: int, kind: str, *entries: str) -> Path:
    root, about = _ROOTS[kind]
    account = "<Acct><Id><IBAN>DE00SAMP00000000000001</IBAN></Id></Acct>"
    body = f"<{about}><Id>{kind}</Id>{account}{''.join(entries)}</{about}>"
    path = folder / f"{order}-camt{kind}.xml"
    path.write_text(f"<Document><{root}>{body}</{root}></Document>", "utf-8")
    return path


@pytest.mark.usefixtures("ask")
def test_messages_of_the_same_bookings_do_not_add_up(tmp_path: Path, settings: Settings, ask: Ask) -> None:
    early = [entry("1", "R1"), entry("2", "R2"), entry("3"), entry("4", "R4", status="PDNG"), entry("5", "NONREF")]
    noted = [entry("2", "R2"), entry("10", "R10", details=_BATCH), entry("3", text="of somebody else")]
    final = [entry("1", "R1"), entry("2", "R2", text="in other words"), entry("3"), entry("3"), entry("4", "R4")]
    files = [
        message(tmp_path, 1, "052", *early),
        message(tmp_path, 2, "054", *noted),
        message(tmp_path, 3, "053", *final, entry("10", "R10")),
    ]
    run = run_all(settings, discover(settings, files, user="u1"))
    assert (run.records, run.published, run.duplicate, run.skipped, run.rejected, run.balanced) == (
        15,
        8,
        3,
        3,
        1,
        True,
    )
    amounts = [amount for (amount,) in ask("SELECT amount FROM trading_operations ORDER BY amount")]
    assert amounts == [Decimal(amount) for amount in (1, 2, 3, 3, 3, 4, 5, 10)]
    assert ask("SELECT record_no, rules FROM quarantine") == [(2, "ID_CONFLICT:exec_id")]
    assert [one.told() for one in verify(settings).differences] == []


def test_transactions_of_a_booking_are_known_in_another_order(tmp_path: Path, settings: Settings) -> None:
    people = [f"<TxDtls><Amt Ccy='EUR'>4</Amt><AddtlTxInf>{who}</AddtlTxInf></TxDtls>" for who in ("A", "B", "C")]
    day = message(tmp_path, 1, "053", entry("12", "R1", details="".join(people)))
    month = message(tmp_path, 2, "053", entry("12", "R1", details="".join(reversed(people))), entry("1", "R2"))
    run = run_all(settings, discover(settings, [day, month], user="u1"))
    assert (run.records, run.published, run.duplicate, run.rejected) == (7, 4, 3, 0)
    assert [one.told() for one in verify(settings).differences] == []
