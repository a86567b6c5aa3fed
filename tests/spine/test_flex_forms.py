"""The two forms of a Flex query of Interactive Brokers, CSV and XML: what both tell is published once."""

from pathlib import Path
from xml.sax.saxutils import quoteattr

from nexus_data.landing import discover
from nexus_data.pipeline import run_all
from nexus_data.settings import Settings
from nexus_data.verify import verify
from tests.spine.conftest import Ask

_TRADE = {
    "ClientAccountID": ("accountId", "U1"),
    "CurrencyPrimary": ("currency", "USD"),
    "AssetClass": ("assetCategory", "STK"),
    "Symbol": ("symbol", "ABC"),
    "Description": ("description", "A & B <CORP>"),
    "DateTime": ("dateTime", "20240501;101500"),
    "TradeDate": ("tradeDate", "20240501"),
    "Quantity": ("quantity", "10"),
    "TradePrice": ("tradePrice", "150.25"),
    "Proceeds": ("proceeds", "-1502.5"),
    "IBCommission": ("ibCommission", "-1"),
    "IBCommissionCurrency": ("ibCommissionCurrency", "USD"),
    "IBExecID": ("ibExecID", "0000e0c2.1"),
    "Notes/Codes": ("notes", "P"),
    "LevelOfDetail": ("levelOfDetail", "EXECUTION"),
}
_CASH = {
    "ClientAccountID": ("accountId", "U1"),
    "CurrencyPrimary": ("currency", "USD"),
    "Description": ("description", "DIVIDEND"),
    "Date/Time": ("dateTime", "20240514;202000"),
    "SettleDate": ("settleDate", "20240514"),
    "Amount": ("amount", "30"),
    "Type": ("type", "Dividends"),
    "TransactionID": ("transactionID", "9001"),
    "LevelOfDetail": ("levelOfDetail", "DETAIL"),
}


def as_csv(path: Path, row: dict[str, tuple[str, str]]) -> Path:
    lines = [row, [text for _, text in row.values()]]
    path.write_text("".join(",".join(f'"{text}"' for text in line) + "\n" for line in lines), "utf-8")
    return path


def as_xml(tag: str, row: dict[str, tuple[str, str]]) -> str:
    return f"<{tag}s><{tag} {' '.join(f'{name}={quoteattr(text)}' for name, text in row.values())} /></{tag}s>"


def test_what_both_forms_tell_is_published_once(tmp_path: Path, settings: Settings, ask: Ask) -> None:
    xml = tmp_path / "3-activity.xml"
    body = as_xml("Trade", _TRADE) + as_xml("CashTransaction", _CASH)
    statement = f'<FlexStatements count="1"><FlexStatement accountId="U1">{body}</FlexStatement></FlexStatements>'
    xml.write_text(f'<FlexQueryResponse queryName="q" type="AF">{statement}</FlexQueryResponse>', "utf-8")
    files = [as_csv(tmp_path / "1-trades.csv", _TRADE), as_csv(tmp_path / "2-cash.csv", _CASH), xml]
    run = run_all(settings, discover(settings, files, user="u1"))
    assert (run.records, run.published, run.duplicate, run.rejected) == (4, 2, 2, 0)
    assert ask("SELECT exec_id FROM trading_operations ORDER BY 1") == [("0000e0c2.1",), ("9001",)]
    assert [one.told() for one in verify(settings).differences] == []
