"""Bookings of camt.052, camt.053 and camt.054 messages, by what readers/camt.py documents."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from nexus_data.verify.delimited import Raw
from nexus_data.verify.layout import UnreadableError
from nexus_data.verify.markup import Tree, trees

Found = tuple[Mapping[str, str], Raw]
_NOTHING = Tree("nothing", {}, 0)


def reports(lines: Iterator[str]) -> Iterator[Found]:
    """Every record of a camt.052 with its fields by their names."""
    return _records(lines, ("Document", "BkToCstmrAcctRpt", "Rpt"))


def statements(lines: Iterator[str]) -> Iterator[Found]:
    """Every record of a camt.053."""
    return _records(lines, ("Document", "BkToCstmrStmt", "Stmt"))


def notifications(lines: Iterator[str]) -> Iterator[Found]:
    """Every record of a camt.054."""
    return _records(lines, ("Document", "BkToCstmrDbtCdtNtfctn", "Ntfctn"))


def _records(lines: Iterator[str], whose: tuple[str, ...]) -> Iterator[Found]:
    about: dict[str, str] = {}
    for path, tree in trees(lines, ("Ntry", "GrpHdr", "Bal", "TxsSummry")):
        if path[:2] != whose[: len(path[:2])]:
            raise UnreadableError(f"begins with {'/'.join(path[:2])}, and not with {'/'.join(whose[:2])}")
        match path[3:]:
            case ():
                about = {} if path == whose else about
            case ("Ntry",):
                yield from _entry(tree, about)
            case ("Id",):
                about = about | _if("statement", tree)
            case ("Acct", "Id", "IBAN") | ("Acct", "Id", "Othr", "Id"):
                about = about | _if("account", tree)
            case ("Acct", "Ccy"):
                about = about | _if("account_currency", tree)


def _if(name: str, tree: Tree) -> dict[str, str]:
    text = tree.text.strip()
    return {name: text} if text else {}


def _entry(entry: Tree, about: Mapping[str, str]) -> Iterator[Found]:
    each = entry.below("NtryDtls/TxDtls")
    money = [_first(one, "Amt") or _first(one, "AmtDtls/TxAmt/Amt") for one in each]
    if len(each) < 2 or all(one is None for one in money):
        yield _record(entry, {**about, **_said(entry, each[0] if len(each) == 1 else _NOTHING, len(each))})
        return
    whole = _first(entry, "Amt")
    parts = [
        _moved(one, own.said("CdtDbtInd") or entry.said("CdtDbtInd")) for one, own in zip(money, each, strict=True)
    ]
    total = _moved(whole, entry.said("CdtDbtInd"))
    currencies = {_currency(one) for one in (whole, *money)}
    if (
        total is None
        or len(currencies) > 1
        or sum((part or 0 for part in parts), Fraction(0)) != total
        or None in parts
    ):
        yield {}, Raw(None, "SUM_DIFFERS", entry.line, entry.raw)
        return
    for number, (own, amount) in enumerate(zip(each, money, strict=True), 1):
        text = amount.text.strip() if amount else ""
        said = _said(entry, own, len(each))
        reference = own.said("Refs/AcctSvcrRef")
        fields = {**about, **said, "amount": text, "detail": str(number), "servicer_reference": reference}
        yield _record(own, fields)


def _first(tree: Tree, way: str) -> Tree | None:
    return next(iter(tree.below(way)), None)


def _record(tree: Tree, fields: Mapping[str, str]) -> Found:
    return fields, Raw((), None, tree.line, tree.raw)


def _currency(amount: Tree | None) -> str | None:
    return amount.attributes.get("Ccy") if amount else None


def _moved(amount: Tree | None, direction: str) -> Fraction | None:
    try:
        size = Fraction(Decimal(amount.text.strip())) if amount else None
    except (InvalidOperation, ValueError, OverflowError):
        return None
    return None if size is None or direction not in ("CRDT", "DBIT") else size if direction == "CRDT" else -size


def _said(entry: Tree, one: Tree, count: int) -> dict[str, str]:
    direction = one.said("CdtDbtInd") or entry.said("CdtDbtInd")
    other = "RltdPties/Dbtr" if direction == "CRDT" else "RltdPties/Cdtr"
    amount, instructed = entry.below("Amt"), one.below("AmtDtls/InstdAmt/Amt")
    codes = [[each.said(f"BkTxCd/Domn/{way}") for way in ("Cd", "Fmly/Cd", "Fmly/SubFmlyCd")] for each in (one, entry)]
    return {
        "entry_reference": entry.said("NtryRef"),
        "status": entry.said("Sts/Cd", "Sts"),
        "reversal": entry.said("RvslInd"),
        "amount": amount[0].text.strip() if amount else "",
        "currency": amount[0].attributes.get("Ccy", "") if amount else "",
        "direction": direction,
        "booking_date": entry.said("BookgDt/Dt", "BookgDt/DtTm"),
        "value_date": entry.said("ValDt/Dt", "ValDt/DtTm"),
        "batch_size": entry.said("NtryDtls/Btch/NbOfTxs"),
        "bank_code": next((code for texts in codes if (code := ".".join(filter(None, texts)))), ""),
        "proprietary_code": one.said("BkTxCd/Prtry/Cd") or entry.said("BkTxCd/Prtry/Cd"),
        "details": str(count),
        "servicer_reference": entry.said("AcctSvcrRef") or one.said("Refs/AcctSvcrRef"),
        "end_to_end_id": one.said("Refs/EndToEndId"),
        "transaction_id": one.said("Refs/TxId"),
        "instruction_id": one.said("Refs/InstrId"),
        "mandate_id": one.said("Refs/MndtId"),
        "counterparty": one.said(f"{other}/Nm", f"{other}/Pty/Nm"),
        "counterparty_account": one.said(f"{other}Acct/Id/IBAN", f"{other}Acct/Id/Othr/Id"),
        "remittance": " ".join(text for each in one.below("RmtInf/Ustrd") if (text := each.text.strip())),
        "structured_reference": one.said("RmtInf/Strd/CdtrRefInf/Ref"),
        "information": one.said("AddtlTxInf") or entry.said("AddtlNtryInf"),
        "instructed_amount": instructed[0].text.strip() if instructed else "",
        "instructed_currency": instructed[0].attributes.get("Ccy", "") if instructed else "",
    }
