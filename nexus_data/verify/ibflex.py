"""Movements in Flex queries of Interactive Brokers, by what readers/ibflex.py documents."""

from collections.abc import Iterator, Mapping

from nexus_data.verify.delimited import Raw
from nexus_data.verify.layout import UnreadableError
from nexus_data.verify.markup import Tree, trees

_SAID = {name: name.upper() for name in ("AssetSummary", "Lot", "Order", "SymbolSummary", "WashSale")}
_WHOLE = frozenset({"Trade", "TradeConfirm", "CashTransaction", "CorporateAction", "Transfer", *_SAID})
_PLACES = frozenset({"CashTransactions", "CorporateActions", "TradeConfirms", "Trades", "Transfers"})


def records(lines: Iterator[str]) -> Iterator[tuple[Mapping[str, str], Raw]]:
    """Every movement with its fields by their names."""
    holder = ""
    for path, tree in trees(lines, _WHOLE):
        if path[:2] != ("FlexQueryResponse", "FlexStatements")[: len(path[:2])]:
            raise UnreadableError(f"line {tree.line}: {'/'.join(path)} is of no Flex query")
        match path[2:]:
            case ("FlexStatement",):
                # An element comes when it begins and when it ends; only its beginning has attributes and a line.
                holder = tree.attributes.get("accountId", "").strip() if tree.line else holder
            case ("FlexStatement", section, name) if section in _PLACES and name in _WHOLE:
                yield _said(tree, section, holder), Raw((), None, tree.line, tree.raw)


def _said(tree: Tree, section: str, holder: str) -> dict[str, str]:
    said = {name: text.strip() for name, text in tree.attributes.items()}
    level = said.get("levelOfDetail") or _SAID.get(tree.name, "")
    about = {"section": section, "element": tree.name, "level": level, "account": said.get("accountId") or holder}
    return said | about
