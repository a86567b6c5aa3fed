"""Transactions of OFX files, SGML or XML, by what readers/ofx.py documents."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nexus_data.verify.delimited import Raw
from nexus_data.verify.layout import UnreadableError
from nexus_data.verify.markup import Piece, pieces
from nexus_data.verify.text import shown

_TAG = re.compile(r"<(/?)([A-Za-z0-9._]{1,64})\s*(/?)>")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_ENTITY = re.compile(r"&(?:#(\d{1,6})|(amp|lt|gt|quot|apos|nbsp));")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": "\u00a0"}
_STATEMENTS = {"STMTRS", "CCSTMTRS", "INVSTMTRS"}
_ACCOUNTS = {"BANKACCTFROM", "CCACCTFROM", "INVACCTFROM"}
_ACCOUNT_SAYS = {"BANKID", "BROKERID", "ACCTID", "ACCTTYPE"}
_BANK = {"STMTTRN", "STMTTRNP"}
_TRADES = (
    "BUYDEBT BUYMF BUYOPT BUYOTHER BUYSTOCK CLOSUREOPT INCOME INVBANKTRAN INVEXPENSE JRNLFUND JRNLSEC MARGININTEREST "
    "REINVEST RETOFCAP SELLDEBT SELLMF SELLOPT SELLOTHER SELLSTOCK SPLIT TRANSFER"
)
_INVESTMENT = set(_TRADES.split())
_APART = {"PAYEE", "CURRENCY", "ORIGCURRENCY", "BANKACCTTO", "CCACCTTO", "IMAGEDATA", "LOANPMTINFO"}
_NUMBERS = {"TRNAMT", "TOTAL", "UNITS", "UNITPRICE", "COMMISSION", "TAXES", "FEES", "LOAD", "WITHHOLDING", "ACCRDINT"}
_COMMA = re.compile(r"[+-]?\d*,(?:\d{1,2}|\d{4,})")
_ZONE = re.compile(r"([+-]?)(\d{1,2})(?:[.:](\d{1,2}))?")


@dataclass(slots=True)
class _Tag:
    """A tag with the pieces from it to the next tag. leaf: its text; None: of an aggregate, or an end tag."""

    name: str
    closes: bool
    leaf: str | None
    own: Piece
    behind: list[Piece]


@dataclass(slots=True)
class _Open:
    kind: str
    line: int
    source: list[str] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)


def records(again: Callable[[], Iterator[str]], names: Sequence[str]) -> Iterator[tuple[Mapping[str, str], Raw]]:
    """Every transaction with its fields by their names. again: the lines of the text, from the first one."""
    known = _securities(_tags(again()))
    place = _Place()
    record: _Open | None = None
    for tag in _tags(again()):
        if record is not None and tag.closes and tag.name == record.kind:
            record.source.append(tag.own.text)
            yield _finished(record, place.about, known, names)
            record = None
        elif record is not None and not place.breaks(tag):
            _take(record, tag)
        else:
            if record is not None:
                yield {}, _broken(record)
            record = place.move(tag)
    if place.path or record:
        raise UnreadableError(f"ends inside of {'/'.join(place.path)}")


class _Place:
    """Where in the file: the aggregates that are open, and what the statement says of itself."""

    def __init__(self) -> None:
        self.path: list[str] = []
        self.about: dict[str, str] = {}

    def move(self, tag: _Tag) -> _Open | None:
        """Past a tag outside of records, or into the record that it begins."""
        if tag.closes:
            self.path = self.path[: _last(self.path, tag.name)]
        elif tag.leaf is not None:
            if tag.name == "CURDEF" or (tag.name in _ACCOUNT_SAYS and self.path and self.path[-1] in _ACCOUNTS):
                self.about[tag.name] = tag.leaf
        elif self._is_record(tag):
            return _Open(tag.name, tag.own.line, [tag.own.text, *(piece.text for piece in tag.behind)])
        else:
            self.path.append(tag.name)
            if tag.name in _STATEMENTS:
                self.about = {"message": tag.name}
        return None

    def breaks(self, tag: _Tag) -> bool:
        """Whether a record that has not ended must end before this tag."""
        return tag.name in self.path if tag.closes else tag.leaf is None and self._is_record(tag)

    def _is_record(self, tag: _Tag) -> bool:
        if "INVTRANLIST" in self.path:
            return tag.name in _INVESTMENT
        return tag.name in _BANK and not _STATEMENTS.isdisjoint(self.path)


def _tags(lines: Iterator[str]) -> Iterator[_Tag]:
    waiting: list[Piece] = []
    for piece in pieces(lines, _TAG):
        if piece.tag is not None and waiting:
            yield _tag(waiting, piece)
            waiting = []
        if piece.tag is not None or waiting:
            waiting.append(piece)
    if waiting:
        yield _tag(waiting, None)


def _tag(found: list[Piece], following: Piece | None) -> _Tag:
    own, behind = found[0], found[1:]
    closes, name, empty = own.tag.groups() if own.tag else ("", "", "")
    text = _CDATA.sub(lambda cdata: cdata[1], shown("".join(piece.text for piece in behind)))
    leaf = _ENTITY.sub(lambda one: chr(int(one[1])) if one[1] else _ENTITIES[one[2]], text).strip()
    ended = following is not None and following.text == f"</{name}>"
    says = not closes and bool(leaf or empty or ended)
    return _Tag(name.upper(), bool(closes), leaf if says else None, own, behind)


def _last(path: Sequence[str], name: str) -> int:
    """Where the innermost of that name stands; behind all when there is none."""
    return max((place for place, one in enumerate(path) if one == name), default=len(path))


def _take(record: _Open, tag: _Tag) -> None:
    record.source += [tag.own.text, *(piece.text for piece in tag.behind)]
    if tag.closes:
        record.inside = record.inside[: _last(record.inside, tag.name)]
    elif tag.leaf is None:
        record.inside.append(tag.name)
    else:
        apart = next((name for name in reversed(record.inside) if name in _APART), None)
        record.said.append((f"{apart}.{tag.name}" if apart else tag.name, tag.leaf))


def _broken(record: _Open) -> Raw:
    return Raw(None, "BAD_ELEMENT", record.line, shown("".join(record.source)).rstrip())


def _finished(
    record: _Open, about: Mapping[str, str], known: Mapping[str, Mapping[str, str]], names: Sequence[str]
) -> tuple[Mapping[str, str], Raw]:
    said = [(name, text.replace(",", ".") if _pointed(name, text) else text) for name, text in record.said]
    wanted = [name for name, _ in said if name in names]
    raw = _broken(record)
    if len(wanted) > len(set(wanted)):
        return {}, raw
    fields = dict(said)
    security = known.get(fields.get("UNIQUEID", ""), {})
    named = {
        "kind": record.kind,
        "TICKER": security.get("TICKER", ""),
        "SECNAME": security.get("SECNAME", ""),
        "time": _time(fields.get("DTTRADE") or fields.get("DTPOSTED", "")),
    }
    return {**about, **fields, **named}, raw._replace(fields=(), code=None)


def _pointed(name: str, text: str) -> bool:
    return name in _NUMBERS and _COMMA.fullmatch(text) is not None


def _securities(tags: Iterator[_Tag]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    info: dict[str, str] | None = None
    for tag in tags:
        if tag.name == "SECINFO":
            if tag.closes and info is not None:
                found[info.get("UNIQUEID", "")] = info
            info = None if tag.closes else {}
        elif info is not None and tag.leaf is not None:
            info[tag.name] = tag.leaf
    return found


def _time(text: str) -> str:
    """`YYYYMMDDHHMMSS.XXX[offset:name]`, seconds and what follows may be missing, as ISO 8601; nothing for a day."""
    if re.fullmatch(r"\d{8}", text):
        return ""
    stamp, bracket, zone = text.partition("[")
    found = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(\.\d+)?", stamp.rstrip())
    if found is None or (bracket and not zone.endswith("]")):
        return text
    year, month, day, hour, minute, second, part = found.groups()
    offset = "Z"
    if bracket:
        said = _ZONE.fullmatch(zone[:-1].partition(":")[0].strip()) or _ZONE.fullmatch(zone[:-1].strip())
        if said is None:
            return text
        minutes = said[3] or "00"
        offset = f"{said[1] or '+'}{said[2]:0>2}:{int(minutes) * 6 if len(minutes) == 1 else int(minutes):02}"
    return f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}{part or ''}{offset}"
