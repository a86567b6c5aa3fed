"""OFX and QFX, SGML (1.x) and XML (2.x), to elements: transactions of bank, card and investment accounts.

One record is one STMTTRN of a bank or card statement, or one transaction of an investment statement's INVTRANLIST
(BUYSTOCK, SELLMF, INCOME, INVBANKTRAN, ...). A transaction in which a field stands twice, or that ends without its end
tag, is one broken record (BAD_ELEMENT). Two passes: the securities are named behind the transactions.

Fields (COLUMNS), texts as in the file without outer white space, with `&amp;` and the like replaced, "" where there is
none:
- kind: the tag of the record; message: STMTRS (bank), CCSTMTRS (card) or INVSTMTRS (investments);
- CURDEF, BANKID, BROKERID, ACCTID, ACCTTYPE: of the statement and of its ..ACCTFROM;
- those named like their element, wherever in the record it stands (a name with a dot: directly or further below that
  aggregate; the same name without a dot: anywhere else);
- numbers (`_NUMBERS`): with a point for a decimal comma, which the specification allows, as it forbids to group digits;
  a comma that is the only mark and has three digits behind it stays, as it may group them all the same;
- TICKER, SECNAME: of the security with the record's UNIQUEID, from the file's SECLIST;
- time: when DTTRADE, else DTPOSTED says the time of day, that as ISO 8601 with its offset (without one it is GMT, as
  the specification says): `20240301120000.000[-5:EST]` is `2024-03-01T12:00:00.000-05:00`; a text that is no OFX time
  as it is; "" for a day alone.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from nexus_data.errors import FileError
from nexus_data.readers.elements import Element
from nexus_data.readers.encodings import shown
from nexus_data.readers.window import Window, line_ends

_LEAVES = (
    "TRNTYPE",
    "DTPOSTED",
    "DTUSER",
    "DTTRADE",
    "DTSETTLE",
    "TRNAMT",
    "FITID",
    "CORRECTFITID",
    "CORRECTACTION",
    "REVERSALFITID",
    "CHECKNUM",
    "REFNUM",
    "NAME",
    "PAYEE.NAME",
    "MEMO",
    "CURRENCY.CURSYM",
    "CURRENCY.CURRATE",
    "ORIGCURRENCY.CURSYM",
    "ORIGCURRENCY.CURRATE",
    "UNIQUEID",
    "UNIQUEIDTYPE",
    "UNITS",
    "UNITPRICE",
    "COMMISSION",
    "TAXES",
    "FEES",
    "LOAD",
    "WITHHOLDING",
    "ACCRDINT",
    "TOTAL",
    "BUYTYPE",
    "SELLTYPE",
    "OPTBUYTYPE",
    "OPTSELLTYPE",
    "INCOMETYPE",
    "TFERACTION",
    "SUBACCTFUND",
)
_NUMBERS = frozenset(
    {"TRNAMT", "TOTAL", "UNITS", "UNITPRICE", "COMMISSION", "TAXES", "FEES", "LOAD", "WITHHOLDING", "ACCRDINT"}
)
_STATEMENT = ("CURDEF", "BANKID", "BROKERID", "ACCTID", "ACCTTYPE")
COLUMNS = ("kind", "message", *_STATEMENT, *_LEAVES, "TICKER", "SECNAME", "time")

_STATEMENTS = ("STMTRS", "CCSTMTRS", "INVSTMTRS")
_BANK = frozenset({"STMTTRN", "STMTTRNP"})
_INVESTMENT = frozenset(
    {
        "BUYDEBT",
        "BUYMF",
        "BUYOPT",
        "BUYOTHER",
        "BUYSTOCK",
        "CLOSUREOPT",
        "INCOME",
        "INVBANKTRAN",
        "INVEXPENSE",
        "JRNLFUND",
        "JRNLSEC",
        "MARGININTEREST",
        "REINVEST",
        "RETOFCAP",
        "SELLDEBT",
        "SELLMF",
        "SELLOPT",
        "SELLOTHER",
        "SELLSTOCK",
        "SPLIT",
        "TRANSFER",
    }
)
_ACCOUNT = frozenset({"BANKACCTFROM", "CCACCTFROM", "INVACCTFROM"})
_APART = ("PAYEE", "CURRENCY", "ORIGCURRENCY", "BANKACCTTO", "CCACCTTO", "IMAGEDATA", "LOANPMTINFO")
# A comment, a declaration and a CDATA section are no tags; what looks like one inside of them is none either.
_TOKEN = re.compile(
    rb"<(?:\?.*?\?|!--.*?--|!\[CDATA\[.*?\]\]|(?P<closes>/?)(?P<tag>[A-Za-z0-9._]{1,64})\s*(?P<empty>/?))>", re.DOTALL
)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_ENTITY = re.compile(r"&(?:#(\d{1,6})|(amp|lt|gt|quot|apos|nbsp));")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": "\u00a0"}
_TIME = re.compile(
    r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(\.\d+)?\s*(?:\[\s*([+-]?)(\d{1,2})(?:[.:](\d{1,2}))?\s*(?::[^\]]*)?\])?"
)
_COMMA = re.compile(r"[+-]?\d*,(?:\d{1,2}|\d{4,})")
_DAY = re.compile(r"\d{8}")
_HEAD = re.compile(rb"<OFX\s*>", re.IGNORECASE)
_MAX_SECURITIES = 200_000


@dataclass(frozen=True, slots=True)
class _Token:
    """A tag, and the text behind it; None for an aggregate or an end tag. start, end: byte offsets in the text, the
    end being that of the tag."""

    tag: str
    closes: bool
    text: str | None
    start: int
    end: int
    line: int


@dataclass(slots=True)
class _Open:
    """A record that is being read. inside: the aggregates in it that are open. start: its byte offset."""

    kind: str
    start: int
    line: int
    fields: dict[str, str] = field(default_factory=dict)
    inside: list[str] = field(default_factory=list)
    broken: bool = False


class _Tape:
    """The tags of a text in order. keep: the byte offset from which on the text must stay at hand; None: from here."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.keep: int | None = None
        self._base = 0

    def text(self, start: int, end: int) -> str:
        """What stands between two byte offsets."""
        return shown(self.window.data[start - self._base : end - self._base], transcoded=self.window.transcoded)

    def tokens(self) -> Iterator[_Token]:
        self.window.fill()
        at, line, counted = 0, self.window.line, 0
        found: re.Match[bytes] | None = None
        while True:
            data = self.window.data
            found = found or _tag(data, at)
            following = _tag(data, found.end()) if found else None
            if following is None and not self.window.final:
                forget = min(at, at if self.keep is None else self.keep - self._base)
                if forget > counted:
                    line, counted = line + line_ends(data, counted, forget), forget
                self.window.drop(forget)
                self._base, at, counted, found = self._base + forget, at - forget, counted - forget, None
                self.window.fill()
            elif found is None:
                return
            else:
                line, counted = line + line_ends(data, counted, found.start()), found.start()
                behind = following.start() if following else len(data)
                yield self._token(found, behind, line)
                at, found = found.end(), following

    def _token(self, found: "re.Match[bytes]", behind: int, line: int) -> _Token:
        start, end = self._base + found.start(), self._base + found.end()
        tag = found["tag"].decode("ascii").upper()
        value: str | None = _plain(self.text(end, self._base + behind))
        if found["closes"]:
            value = None
        elif not value and not found["empty"] and not self.window.data.startswith(b"</" + found["tag"] + b">", behind):
            # Without a text it is an aggregate, unless its own end tag follows at once.
            value = None
        return _Token(tag, bool(found["closes"]), value, start, end, line)


def _tag(data: bytes, at: int) -> "re.Match[bytes] | None":
    return next((found for found in _TOKEN.finditer(data, at) if found["tag"]), None)


def is_ofx(head: bytes) -> bool:
    """Whether a text (UTF-8) begins like OFX: a header, then the element OFX."""
    return _HEAD.search(head) is not None


def securities(window: Window) -> dict[str, tuple[str, str]]:
    """TICKER and SECNAME of every security in SECLIST, by UNIQUEID."""
    found: dict[str, tuple[str, str]] = {}
    info: dict[str, str] | None = None
    for token in _Tape(window).tokens():
        if token.tag == "SECINFO":
            if token.closes and info is not None:
                found[info.get("UNIQUEID", "")] = (info.get("TICKER", ""), info.get("SECNAME", ""))
            info = None if token.closes else {}
        elif info is not None and token.text is not None:
            info[token.tag] = token.text
        if len(found) > _MAX_SECURITIES:
            raise FileError(f"{window.name}: more than {_MAX_SECURITIES} securities")
    return found


def elements(window: Window, known: Mapping[str, tuple[str, str]]) -> Iterator[Element]:
    """Every transaction. known: what `securities` found. FileError if the file ends before its end tag."""
    tape = _Tape(window)
    reader = _Reader(tape, known)
    for token in tape.tokens():
        yield from reader.take(token)
    if reader.path or reader.record:
        raise FileError(f"{window.name}: ends inside of {'/'.join(reader.path)}; fetch it again")


class _Reader:
    """What has been seen so far: the open aggregates, the statement, the record that is being read."""

    def __init__(self, tape: _Tape, known: Mapping[str, tuple[str, str]]) -> None:
        self._tape, self._known = tape, known
        self.path: list[str] = []
        self._statement: dict[str, str] = {}
        self.record: _Open | None = None

    def take(self, token: _Token) -> Iterator[Element]:
        """Go one tag on; the record that it ends, or breaks off, comes out."""
        starts = not token.closes and token.text is None and self._is_record(token.tag)
        ends = token.closes and self.record is not None and token.tag == self.record.kind
        if self.record is not None and (starts or (token.closes and not ends and token.tag in self.path)):
            yield self._done(self.record, token.start, broken=True)
        if self.record is None:
            self._outside(token, starts=starts)
        elif ends:
            yield self._done(self.record, token.end, broken=False)
        else:
            _inside(self.record, token)

    def _outside(self, token: _Token, *, starts: bool) -> None:
        if token.closes:
            _close(self.path, token.tag)
        elif starts:
            self.record = _Open(token.tag, token.start, token.line)
            self._tape.keep = token.start
        elif token.text is None:
            self.path.append(token.tag)
            if token.tag in _STATEMENTS:
                self._statement = {"message": token.tag}
        elif token.tag == "CURDEF" or (token.tag in _STATEMENT and self.path and self.path[-1] in _ACCOUNT):
            self._statement[token.tag] = token.text

    def _is_record(self, tag: str) -> bool:
        if "INVTRANLIST" in self.path:
            return tag in _INVESTMENT
        return tag in _BANK and any(message in self.path for message in _STATEMENTS)

    def _done(self, record: _Open, end: int, *, broken: bool) -> Element:
        raw = self._tape.text(record.start, end).rstrip()
        self.record = self._tape.keep = None
        if record.broken or broken:
            return Element({}, raw, record.line, "BAD_ELEMENT")
        ticker, name = self._known.get(record.fields.get("UNIQUEID", ""), ("", ""))
        named = {"kind": record.kind, "TICKER": ticker, "SECNAME": name, "time": _time(record.fields)}
        return Element({**self._statement, **record.fields, **named}, raw, record.line)


def _close(path: list[str], tag: str) -> None:
    """Leave the aggregate, and those in it that have no end tag."""
    if tag in path:
        while path.pop() != tag:
            pass


def _inside(record: _Open, token: _Token) -> None:
    if token.closes:
        _close(record.inside, token.tag)
    elif token.text is None:
        record.inside.append(token.tag)
    else:
        apart = next((tag for tag in reversed(record.inside) if tag in _APART), None)
        name = f"{apart}.{token.tag}" if apart else token.tag
        record.broken |= name in record.fields and name in _LEAVES
        pointed = name in _NUMBERS and _COMMA.fullmatch(token.text)
        record.fields[name] = token.text.replace(",", ".") if pointed else token.text


def _plain(text: str) -> str:
    text = _CDATA.sub(lambda found: found[1], text)
    return _ENTITY.sub(lambda found: chr(int(found[1])) if found[1] else _ENTITIES[found[2]], text).strip()


def _time(fields: Mapping[str, str]) -> str:
    text = fields.get("DTTRADE") or fields.get("DTPOSTED", "")
    found = _TIME.fullmatch(text)
    if found is None:
        return "" if _DAY.fullmatch(text) else text
    year, month, day, hour, minute, second, fraction, sign, hours, minutes = found.groups()
    offset = f"{sign or '+'}{int(hours):02}:{_minutes(minutes)}" if hours else "Z"
    return f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}{fraction or ''}{offset}"


def _minutes(text: str | None) -> str:
    """`[-3.5:..]` is three hours and a half, `[-3.30:..]` and `[-3:30]` three hours and thirty minutes."""
    if not text:
        return "00"
    return f"{int(text) * 6:02}" if len(text) == 1 else text
