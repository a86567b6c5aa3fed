"""SWIFT MT940 (customer statement message) to elements: one record is one statement line, `:61:` with its `:86:`.

Where a field begins and ends is told by its tag at the start of a line (`:61:`, `:86:`, ...) or by a line that is `-`
or begins with `-}` or `{`. A statement line is read by the grammar of the library mt-940, as texts: its models are not
used, because they put the 29th or 30th of February on the 28th. A line that this grammar does not know is one broken
record, BAD_ELEMENT.

Fields (COLUMNS), texts as in the file without outer white space, "" where there is none:
- reference: `:20:`; account: `:25:`, without what follows a line end (`:25P:` has the bank's code there);
  statement_number: `:28:` or `:28C:`; currency: of the last `:60F:` or `:60M:` of the message;
- value_date: YYYY-MM-DD of the line's value date; booking_date: the same of its entry date (MMDD), in the year that is
  nearest to the value date, else the value date. Digits that are no day stay as they are: `240230`, `0230`;
- mark: C, D, RC or RD; funds_code; amount: the digits with their comma, without one that nothing follows;
- type: the identification code (`NTRF`); customer_reference, bank_reference; supplementary: the text on the line below;
- details: every line of the `:86:` that follows, joined by a space.
Two-digit years are of 1980 to 2079.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from mt940.tags import Statement

from nexus_data.errors import FileError
from nexus_data.readers.elements import Element
from nexus_data.readers.encodings import shown
from nexus_data.readers.window import Window, line_ends

COLUMNS = (
    "reference",
    "account",
    "statement_number",
    "currency",
    "value_date",
    "booking_date",
    "mark",
    "funds_code",
    "amount",
    "type",
    "customer_reference",
    "bank_reference",
    "supplementary",
    "details",
)
_LINE = Statement().re
_FIELD = re.compile(r":(\d\d[A-Z]?|NS):(.*)", re.DOTALL)
_HEAD = re.compile(rb"(?:\A|[\r\n])[ \t]*:20:[^\r\n]*[\r\n]+(?:[^\r\n]*[\r\n]+){0,40}?:60[FM]:[CD]\d{6}[A-Z]{3}")
_FIRST_YEAR = 1980
_MAX_FIELD = 1 << 20


@dataclass(frozen=True, slots=True)
class _Field:
    """A tagged field: its tag and what it says (lines parted by LF), and its text as in the file with its line."""

    tag: str
    value: str
    raw: str
    line: int


def is_mt940(head: bytes) -> bool:
    """Whether a text (UTF-8) begins like a statement message: a reference, and an opening balance below it."""
    return _HEAD.search(head) is not None


def elements(window: Window) -> Iterator[Element]:
    """Every statement line. FileError if a message ends without its closing balance."""
    above: dict[str, str] = {}
    line: _Field | None = None
    details: list[_Field] = []
    closed = True
    for each in _fields(window):
        if line is not None and each.tag not in ("86", "NS"):
            yield _element(line, details, above)
            line, details = None, []
        if each.tag == "20":
            _demand_close(window, above, closed=closed)
            above, closed = {"reference": each.value.strip()}, False
        elif each.tag == "61":
            line = each
        elif line is not None:
            details.append(each)
        else:
            closed |= each.tag in ("62F", "62M")
            above |= _above(each)
    if line is not None:
        yield _element(line, details, above)
    _demand_close(window, above, closed=closed)


def _demand_close(window: Window, above: dict[str, str], *, closed: bool) -> None:
    if not closed:
        which = above.get("statement_number") or above["reference"]
        raise FileError(f"{window.name}: statement {which} ends without its closing balance (:62F:); fetch it again")


def _above(each: _Field) -> dict[str, str]:
    first = each.value.partition("\n")[0].strip()
    match each.tag:
        case "25" | "25P":
            return {"account": first}
        case "28" | "28C":
            return {"statement_number": first}
        case "60F" | "60M":
            return {"currency": first[7:10]}
    return {}


def _element(line: _Field, details: list[_Field], above: dict[str, str]) -> Element:
    raw = "".join(each.raw for each in (line, *details)).rstrip("\r\n")
    found = _LINE.match(line.value.rstrip())
    parts = {name: (text or "").strip() for name, text in found.groupdict().items()} if found else {}
    # The grammar lets the identification code be missing; a reference then would be the rest of anything.
    if not parts or (not parts["id"] and parts["customer_reference"]):
        return Element({}, raw, line.line, "BAD_ELEMENT")
    value = _day(parts["year"], parts["month"], parts["day"])
    told = [one.strip() for each in details if each.tag == "86" for one in each.value.split("\n")]
    return Element(
        {
            **above,
            "value_date": value.isoformat() if value else parts["year"] + parts["month"] + parts["day"],
            "booking_date": _booking(parts, value),
            "mark": parts["status"],
            "funds_code": parts["funds_code"],
            "amount": parts["amount"].removesuffix(","),
            "type": parts["id"],
            "customer_reference": parts["customer_reference"],
            "bank_reference": parts["bank_reference"],
            "supplementary": parts["extra_details"],
            "details": " ".join(text for text in told if text),
        },
        raw,
        line.line,
    )


def _booking(parts: dict[str, str], value: date | None) -> str:
    """The entry date, whose year is not written."""
    month, day = parts["entry_month"], parts["entry_day"]
    if not month:
        return value.isoformat() if value else parts["year"] + parts["month"] + parts["day"]
    if value is None:
        return month + day
    days = [_date(year, month, day) for year in (value.year, value.year - 1, value.year + 1)]
    near = min((one for one in days if one is not None), key=lambda one: abs((one - value).days), default=None)
    return near.isoformat() if near else month + day


def _day(year: str, month: str, day: str) -> date | None:
    return _date(_FIRST_YEAR + (int(year) - _FIRST_YEAR) % 100, month, day)


def _date(year: int, month: str, day: str) -> date | None:
    try:
        return date(year, int(month), int(day))
    except ValueError:
        return None


def _fields(window: Window) -> Iterator[_Field]:
    """The tagged fields of all messages, in order."""
    open_field: _Field | None = None
    for text, line in _lines(window):
        plain = text.rstrip("\r\n")
        found = _FIELD.fullmatch(plain.lstrip())
        if found is None and open_field is not None and not plain.startswith(("-}", "{")) and plain.strip() != "-":
            open_field = _Field(open_field.tag, f"{open_field.value}\n{plain}", open_field.raw + text, open_field.line)
            if len(open_field.raw) > _MAX_FIELD:
                raise FileError(f"{window.name}: line {open_field.line}: a field of more than {_MAX_FIELD} characters")
            continue
        if open_field is not None:
            yield open_field
        open_field = _Field(found[1], found[2], text, line) if found else None
    if open_field is not None:
        yield open_field


def _lines(window: Window) -> Iterator[tuple[str, int]]:
    """Each line with its end, and its number."""
    window.fill()
    while window.data:
        whole = len(window.data) if window.final else max(window.data.rfind(b"\n"), window.data.rfind(b"\r", 0, -1)) + 1
        if not whole:
            window.fill()
            continue
        number = window.line
        for line in window.data[:whole].splitlines(keepends=True):
            yield shown(line, transcoded=window.transcoded), number
            number += line_ends(line)
        window.drop(whole)
        window.top_up()
