"""Statement lines of MT940 messages, by what readers/mt940.py documents and the SWIFT grammar of field 61."""

import re
from collections.abc import Iterator, Mapping
from datetime import date

from nexus_data.verify.delimited import Raw
from nexus_data.verify.text import shown

_TAGGED = re.compile(r"\s*:(\d\d[A-Z]?|NS):(.*)", re.DOTALL)
_DATES = re.compile(r"(\d{6})(\d\d|\s\s)?(\d\d|\s\s)?")
_MARK = re.compile(r"(R?[DC])([A-Z])?[\n ]?([\d,]{1,15})", re.IGNORECASE)
_CODE = re.compile(r"[A-Z][A-Z0-9 ]{3}", re.IGNORECASE)


class _Field:
    """tag: its name; texts: the lines of its content; source: as they stand in the file."""

    def __init__(self, tag: str, text: str, source: str, line: int) -> None:
        self.tag, self.texts, self.source, self.line = tag, [text], [source], line


def records(lines: Iterator[str]) -> Iterator[tuple[Mapping[str, str], Raw]]:
    """Every statement line with its fields by their names."""
    message: dict[str, str] = {}
    together: list[_Field] = []
    for each in _fields(lines):
        if together and each.tag not in ("86", "NS"):
            yield _record(together, message)
            together = []
        first = each.texts[0].strip()
        if each.tag == "61" or together:
            together.append(each)
        elif each.tag == "20":
            message = {"reference": "\n".join(each.texts).strip()}
        elif each.tag in ("25", "25P"):
            message["account"] = first
        elif each.tag in ("28", "28C"):
            message["statement_number"] = first
        elif each.tag in ("60F", "60M"):
            message["currency"] = first[7:10]
    if together:
        yield _record(together, message)


def _fields(lines: Iterator[str]) -> Iterator[_Field]:
    field: _Field | None = None
    for number, line in enumerate(lines, 1):
        source = shown(line)
        text = source.rstrip("\r\n")
        tagged = _TAGGED.fullmatch(text)
        if tagged or text.strip() == "-" or text.startswith(("-}", "{")):
            if field:
                yield field
            field = _Field(tagged[1], tagged[2], source, number) if tagged else None
        elif field:
            field.texts.append(text)
            field.source.append(source)
    if field:
        yield field


def _record(together: list[_Field], message: Mapping[str, str]) -> tuple[Mapping[str, str], Raw]:
    line = together[0]
    source = "".join(text for each in together for text in each.source).rstrip("\r\n")
    told = [text.strip() for each in together[1:] if each.tag == "86" for text in each.texts]
    said = _line("\n".join(line.texts).rstrip())
    if said is None:
        return {}, Raw(None, "BAD_ELEMENT", line.line, source)
    return {**message, **said, "details": " ".join(filter(None, told))}, Raw((), None, line.line, source)


def _line(text: str) -> dict[str, str] | None:
    dates = _DATES.match(text)
    marked = _MARK.match(text, dates.end()) if dates else None
    if not dates or not marked:
        return None
    code = _CODE.match(text, marked.end())
    first, newline, supplementary = text[code.end() if code else marked.end() :].partition("\n")
    if "\n" in supplementary:
        return None
    # Sixteen characters of the customer's reference, //, 23 of the bank's; what goes on behind is supplementary.
    customer = first.partition("//")[0][:16]
    rest = first[len(customer) :]
    bank = rest[2:25] if rest.startswith("//") else ""
    over = rest[2 + len(bank) :] if rest.startswith("//") else rest
    if over and newline:
        return None
    if not code and customer.strip():
        return None
    value, entry = dates[1], (dates[2] or "").strip() + (dates[3] or "").strip()
    return {
        "value_date": _iso(_day(value)) or value,
        "booking_date": _booked(value, entry),
        "mark": marked[1],
        "funds_code": marked[2] or "",
        "amount": marked[3].removesuffix(","),
        "type": (code[0] if code else "").strip(),
        "customer_reference": customer.strip(),
        "bank_reference": bank.strip(),
        "supplementary": (over or supplementary).strip(),
    }


def _booked(value: str, entry: str) -> str:
    day = _day(value)
    if not entry:
        return _iso(day) or value
    if day is None:
        return entry
    near = [one for year in (day.year, day.year - 1, day.year + 1) if (one := _of(year, entry))]
    return min(near, key=lambda one: abs(one.toordinal() - day.toordinal())).isoformat() if near else entry


def _day(text: str) -> date | None:
    year = int(text[:2])
    return _of(year + (1900 if year >= 80 else 2000), text[2:])


def _of(year: int, text: str) -> date | None:
    try:
        return date(year, int(text[:2]), int(text[2:]))
    except ValueError:
        return None


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
