"""camt.052, camt.053 and camt.054 (ISO 20022 account reports, statements, notifications; from version .001.02 on) to
elements: bookings with their details. MESSAGES: how each calls itself, and what in it is about one account (`Rpt`,
`Stmt`, `Ntfctn`, here ABOUT); a document that calls itself otherwise is not read, so that a zip holds one kind.

One record is one booking (`Ntry`), or one transaction (`TxDtls`) of a booking of several:
- a booking with no or one `TxDtls` is one record with the booking's amount; its raw text is the `Ntry`;
- a booking with several is one record for each of them, raw text the `TxDtls`, if each has an amount (`Amt`, else
  `AmtDtls/TxAmt/Amt`) in the booking's currency and they add up to the booking's amount, each with its own
  `CdtDbtInd` where it has one. If none of them has an amount, the booking is one record. Else the booking is one broken
  record, SUM_DIFFERS: nobody can say what moved.

Fields (COLUMNS), texts as in the file without outer white space, "" where there is none:
- statement: `ABOUT/Id`; account: `ABOUT/Acct/Id/IBAN`, else `ABOUT/Acct/Id/Othr/Id`; account_currency:
  `ABOUT/Acct/Ccy`;
- entry_reference: `NtryRef`; status: `Sts/Cd`, else `Sts`; reversal: `RvslInd`;
- amount, currency, direction: `Amt`, its attribute `Ccy`, and `CdtDbtInd` (CRDT or DBIT), of the record as above;
- booking_date, value_date: `BookgDt`, `ValDt`: `Dt`, else `DtTm`;
- bank_code: `BkTxCd/Domn/Cd`, `Fmly/Cd` and `Fmly/SubFmlyCd` joined by dots, of the details, else of the booking;
  proprietary_code: `BkTxCd/Prtry/Cd` likewise;
- details: how many `TxDtls` the booking has; detail: the number of this one (from 1), "" if the record is the booking;
- servicer_reference: `AcctSvcrRef`, else `Refs/AcctSvcrRef` of the details, so that a booking has one name, told with
  details or without; where the record is one of several transactions `Refs/AcctSvcrRef` alone, as the booking's is
  of all of them; end_to_end_id, transaction_id, instruction_id, mandate_id: `Refs/EndToEndId`, `TxId`, `InstrId`,
  `MndtId`;
- counterparty, counterparty_account: of the creditor where direction is DBIT, of the debtor where it is CRDT:
  `RltdPties/Cdtr/Nm` or `Cdtr/Pty/Nm` (`Dbtr` likewise), `RltdPties/CdtrAcct/Id/IBAN` or `Othr/Id`;
- remittance: every `RmtInf/Ustrd`, joined by a space; structured_reference: `RmtInf/Strd/CdtrRefInf/Ref`;
- information: `AddtlTxInf`, else `AddtlNtryInf`;
- instructed_amount, instructed_currency: `AmtDtls/InstdAmt/Amt` and its `Ccy`;
- batch_size, not in COLUMNS, but in REPORT_COLUMNS: `NtryDtls/Btch/NbOfTxs`.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from nexus_data.errors import FileError
from nexus_data.readers.containers import Source
from nexus_data.readers.elements import Element
from nexus_data.readers.xml_elements import Node, parts

COLUMNS = (
    "statement",
    "account",
    "account_currency",
    "entry_reference",
    "status",
    "reversal",
    "amount",
    "currency",
    "direction",
    "booking_date",
    "value_date",
    "bank_code",
    "proprietary_code",
    "details",
    "detail",
    "servicer_reference",
    "end_to_end_id",
    "transaction_id",
    "instruction_id",
    "mandate_id",
    "counterparty",
    "counterparty_account",
    "remittance",
    "structured_reference",
    "information",
    "instructed_amount",
    "instructed_currency",
)
REPORT_COLUMNS = (*COLUMNS, "batch_size")


class Message(NamedTuple):
    """How a message calls itself, and what in it is about one account."""

    title: str
    root: tuple[str, str]
    about: str


MESSAGES = {
    "camt052": Message("camt.052", ("Document", "BkToCstmrAcctRpt"), "Rpt"),
    "camt053": Message("camt.053", ("Document", "BkToCstmrStmt"), "Stmt"),
    "camt054": Message("camt.054", ("Document", "BkToCstmrDbtCdtNtfctn"), "Ntfctn"),
}
_WHOLE = ("GrpHdr", "Bal", "TxsSummry", "Ntry")
_NONE = Node("TxDtls", {})
_SIGN = {"CRDT": 1, "DBIT": -1}
_STATEMENT = {
    ("Id",): "statement",
    ("Acct", "Id", "IBAN"): "account",
    ("Acct", "Id", "Othr", "Id"): "account",
    ("Acct", "Ccy"): "account_currency",
}


def elements(source: Source, message: Message, *, name: str) -> Iterator[Element]:
    """Every booking of every statement. FileError as `xml_elements.parts`, and for another message than this."""
    statement: dict[str, str] = {}
    marks = (message.root[1], message.about)
    found = parts(source, records=_WHOLE, sliced=("Ntry", "TxDtls"), marks=marks, name=name)
    for number, part in enumerate(found):
        if number == 0 and part.path != message.root:
            raise FileError(f"{name}: no {message.title}, unlike what lies before it: land messages of each kind apart")
        below = part.path[3:]
        if below == ("Ntry",):
            yield from _booking(part.node, statement)
        elif part.path == (*message.root, message.about):
            statement = {}
        elif below in _STATEMENT:
            statement[_STATEMENT[below]] = part.node.text


def _booking(entry: Node, statement: dict[str, str]) -> Iterator[Element]:
    details = list(entry.all("NtryDtls/TxDtls"))
    common = {**statement, **_of_entry(entry), "details": str(len(details))}
    amounts = [_amount(each) for each in details]
    if len(details) < 2 or not any(amounts):
        yield _element(entry, {**common, **_of_details(details[0] if len(details) == 1 else _NONE, entry)})
    elif not _adds_up(entry, details, amounts):
        yield Element({}, entry.raw.decode(), entry.line, "SUM_DIFFERS")
    else:
        for number, (each, amount) in enumerate(zip(details, amounts, strict=True), 1):
            own = {"amount": _text(amount), "detail": str(number), "servicer_reference": each.value("Refs/AcctSvcrRef")}
            yield _element(each, {**common, **_of_details(each, entry), **own})


def _element(node: Node, fields: dict[str, str]) -> Element:
    return Element(fields, node.raw.decode(), node.line)


def _of_entry(entry: Node) -> dict[str, str]:
    amount = entry.find("Amt")
    return {
        "entry_reference": entry.value("NtryRef"),
        "status": entry.value("Sts/Cd", "Sts"),
        "reversal": entry.value("RvslInd"),
        "amount": _text(amount),
        "currency": amount.attributes.get("Ccy", "") if amount else "",
        "booking_date": entry.value("BookgDt/Dt", "BookgDt/DtTm"),
        "value_date": entry.value("ValDt/Dt", "ValDt/DtTm"),
        "batch_size": entry.value("NtryDtls/Btch/NbOfTxs"),
    }


def _of_details(each: Node, entry: Node) -> dict[str, str]:
    """What the details say, or the booking where they say nothing."""
    direction = each.value("CdtDbtInd") or entry.value("CdtDbtInd")
    other = {"DBIT": "Cdtr", "CRDT": "Dbtr"}.get(direction, "Cdtr")
    instructed = each.find("AmtDtls/InstdAmt/Amt")
    return {
        "direction": direction,
        "bank_code": _bank_code(each) or _bank_code(entry),
        "proprietary_code": each.value("BkTxCd/Prtry/Cd") or entry.value("BkTxCd/Prtry/Cd"),
        "servicer_reference": entry.value("AcctSvcrRef") or each.value("Refs/AcctSvcrRef"),
        "end_to_end_id": each.value("Refs/EndToEndId"),
        "transaction_id": each.value("Refs/TxId"),
        "instruction_id": each.value("Refs/InstrId"),
        "mandate_id": each.value("Refs/MndtId"),
        "counterparty": each.value(f"RltdPties/{other}/Nm", f"RltdPties/{other}/Pty/Nm"),
        "counterparty_account": each.value(f"RltdPties/{other}Acct/Id/IBAN", f"RltdPties/{other}Acct/Id/Othr/Id"),
        "remittance": " ".join(text for node in each.all("RmtInf/Ustrd") if (text := node.text.strip())),
        "structured_reference": each.value("RmtInf/Strd/CdtrRefInf/Ref"),
        "information": each.value("AddtlTxInf") or entry.value("AddtlNtryInf"),
        "instructed_amount": _text(instructed),
        "instructed_currency": instructed.attributes.get("Ccy", "") if instructed else "",
    }


def _bank_code(node: Node) -> str:
    domain = "BkTxCd/Domn"
    codes = [node.value(f"{domain}/{path}") for path in ("Cd", "Fmly/Cd", "Fmly/SubFmlyCd")]
    return ".".join(code for code in codes if code)


def _amount(details: Node) -> Node | None:
    return details.find("Amt") or details.find("AmtDtls/TxAmt/Amt")


def _text(amount: Node | None) -> str:
    return amount.text.strip() if amount else ""


def _adds_up(entry: Node, details: Sequence[Node], amounts: Sequence[Node | None]) -> bool:
    """Whether every transaction has an amount in the booking's currency, and these are the booking's amount."""
    whole = entry.find("Amt")
    if whole is None:
        return False
    total = Decimal(0)
    for each, amount in zip(details, amounts, strict=True):
        signed = _signed(amount, each.value("CdtDbtInd") or entry.value("CdtDbtInd"))
        if signed is None or amount is None or amount.attributes.get("Ccy") != whole.attributes.get("Ccy"):
            return False
        total += signed
    return total == _signed(whole, entry.value("CdtDbtInd"))


def _signed(amount: Node | None, direction: str) -> Decimal | None:
    try:
        return None if amount is None else Decimal(amount.text.strip()) * _SIGN[direction]
    except (InvalidOperation, KeyError):
        return None
