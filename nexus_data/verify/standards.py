"""Records of the standard formats, whose columns no file names: they are those of its contract."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from nexus_data.verify import camt, ibflex, layout, msproject, mt940, ofx
from nexus_data.verify.containers import members
from nexus_data.verify.delimited import Raw
from nexus_data.verify.layout import Layout
from nexus_data.verify.text import declared, lines, shown

_Found = Iterator[tuple[Mapping[str, str], Raw]]
_LINES: dict[str, Callable[[Iterator[str]], _Found]] = {
    "camt052": camt.reports,
    "camt053": camt.statements,
    "camt054": camt.notifications,
    "ibflex": ibflex.records,
    "msproject": msproject.records,
    "mt940": mt940.records,
}
KINDS = frozenset({*_LINES, "ofx"})
_XML = frozenset({"camt052", "camt053", "camt054", "ibflex", "msproject"})
_ENCODING = re.compile(rb"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_HEAD = 1 << 16


def laid_out(body: Mapping[str, Any]) -> Layout:
    """The columns of the contract's first variant: a standard has one."""
    return layout.of_names(body["variants"][0]["columns"], body)


def records(path: Path, body: Mapping[str, Any], found: Layout) -> Iterator[Raw]:
    """Every record of every member."""
    kind = body["format"]["kind"]
    columns = dict(zip(found.columns, found.names, strict=True))
    encoding = _encoding(path, body, xml=kind in _XML)
    for place, member in enumerate(members(path)):
        each = _LINES[kind](lines(member.stream, encoding)) if kind != "ofx" else _ofx(path, place, encoding, found)
        for fields, raw in each:
            if raw.code is not None:
                yield raw._replace(text=shown(raw.text))
            elif any("\0" in text for text in fields.values()):
                yield raw._replace(fields=None, code="NUL", text=shown(raw.text))
            else:
                told = [fields.get(columns[name], "") if name in columns else "" for name in found.expected]
                yield raw._replace(fields=told)


def _ofx(path: Path, place: int, encoding: str, found: Layout) -> _Found:
    def again() -> Iterator[str]:
        for number, member in enumerate(members(path)):
            if number == place:
                yield from lines(member.stream, encoding)
                return

    return ofx.records(again, found.names)


def _encoding(path: Path, body: Mapping[str, Any], *, xml: bool) -> str:
    if xml:
        head = next((head for member in members(path) if (head := member.stream.read(_HEAD))), b"")
        said = _ENCODING.match(head)
        return declared(head) or (said[1].decode() if said else "utf-8")
    wanted = body["format"].get("encodings", ("utf-8", "cp1252"))
    return next(iter(layout.encodings(path, wanted)), "utf-8")
