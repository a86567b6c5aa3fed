"""Flex query XML of Interactive Brokers to elements: one record is one element of a section that tells of movements.

Of each `FlexQueryResponse/FlexStatements/FlexStatement` these are the elements of its `Trades` (`Trade`, `Order`,
`Lot`, `WashSale`, `SymbolSummary`, `AssetSummary`), `CashTransactions`, `Transfers`, `CorporateActions` and
`TradeConfirms`. Positions, balances, accruals, and what tells the same movements once more (the statement of funds) are
no records.

Fields (COLUMNS), texts as in the file without outer white space, "" where there is none:
- section: what it stands in; element: what it is called;
- level: its `levelOfDetail`, else its name in capitals where that says one: ORDER, LOT, WASHSALE, SYMBOLSUMMARY,
  ASSETSUMMARY;
- account: its `accountId`, else that of its statement;
- the others are attributes of that name; whoever makes the query chooses which of them there are.
"""

from collections.abc import Iterator

from nexus_data.errors import FileError
from nexus_data.readers.containers import Source
from nexus_data.readers.elements import Element
from nexus_data.readers.xml_elements import Node, parts

_ATTRIBUTES = (
    "acctAlias",
    "model",
    "currency",
    "fxRateToBase",
    "assetCategory",
    "subCategory",
    "symbol",
    "description",
    "conid",
    "securityID",
    "securityIDType",
    "cusip",
    "isin",
    "figi",
    "listingExchange",
    "underlyingConid",
    "underlyingSymbol",
    "multiplier",
    "strike",
    "expiry",
    "putCall",
    "tradeID",
    "relatedTradeID",
    "reportDate",
    "dateTime",
    "date",
    "tradeDate",
    "tradeTime",
    "settleDateTarget",
    "settleDate",
    "exDate",
    "transactionType",
    "exchange",
    "quantity",
    "tradePrice",
    "price",
    "tradeMoney",
    "proceeds",
    "amount",
    "cashTransfer",
    "positionAmount",
    "value",
    "taxes",
    "tax",
    "commission",
    "commissionCurrency",
    "ibCommission",
    "ibCommissionCurrency",
    "netCash",
    "openCloseIndicator",
    "notes",
    "code",
    "type",
    "direction",
    "company",
    "accountName",
    "cost",
    "fifoPnlRealized",
    "origTradePrice",
    "origTradeDate",
    "origTradeID",
    "origOrderID",
    "buySell",
    "transactionID",
    "ibOrderID",
    "orderID",
    "ibExecID",
    "execID",
    "extExecID",
    "brokerageOrderID",
    "orderReference",
    "orderTime",
    "openDateTime",
    "actionDescription",
    "actionID",
    "clientReference",
    "accruedInt",
)
COLUMNS = ("section", "element", "level", "account", *_ATTRIBUTES)
ROOT = ("FlexQueryResponse", "FlexStatements")
_SECTIONS = ("Trades", "CashTransactions", "Transfers", "CorporateActions", "TradeConfirms")
_LEVELS = ("Order", "Lot", "WashSale", "SymbolSummary", "AssetSummary")
_RECORDS = ("Trade", "CashTransaction", "Transfer", "CorporateAction", "TradeConfirm", *_LEVELS)
_STATEMENT = (*ROOT, "FlexStatement")


def elements(source: Source, *, name: str) -> Iterator[Element]:
    """Every record of every statement. FileError as `xml_elements.parts`, and for a document of another kind."""
    account = ""
    marks = ("FlexStatements", "FlexStatement")
    for number, part in enumerate(parts(source, records=_RECORDS, sliced=_RECORDS, marks=marks, name=name)):
        if number == 0 and part.path != ROOT:
            raise FileError(f"{name}: no answer to a Flex query, unlike what lies before it: land it apart")
        if part.path == _STATEMENT:
            account = part.node.attributes.get("accountId", "")
        elif len(part.path) == 5 and part.path[:3] == _STATEMENT and part.path[3] in _SECTIONS:
            yield Element(_fields(part.node, part.path[3], account), part.node.raw.decode(), part.node.line)


def _fields(node: Node, section: str, account: str) -> dict[str, str]:
    told = {name: text for name in _ATTRIBUTES if (text := node.attributes.get(name, "").strip())}
    level = node.attributes.get("levelOfDetail", "").strip() or (node.tag.upper() if node.tag in _LEVELS else "")
    own = node.attributes.get("accountId", "").strip() or account.strip()
    return {**told, "section": section, "element": node.tag, "level": level, "account": own}
