"""The standard formats by name: how a file of each is told, which columns it has, and how it is read.

Each format's own module says what its records and their fields are.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nexus_data.errors import FileError
from nexus_data.readers import camt, ibflex, msproject, mt940, ofx
from nexus_data.readers.batch import Batch
from nexus_data.readers.containers import HEAD_BYTES, Member, members, read_up_to
from nexus_data.readers.elements import Element, batches
from nexus_data.readers.encodings import Utf8, bom_encoding, known_encoding
from nexus_data.readers.layout import FileKind, Layout
from nexus_data.readers.window import Window
from nexus_data.readers.xml_elements import declared_encoding, root_path


@dataclass(frozen=True, slots=True)
class Standard:
    """columns: of every record. recognise: whether the head of a text (UTF-8) is of this format. xml: whether the
    text names its own encoding. elements: the records of one member, given its path in messages and the file."""

    columns: Sequence[str]
    recognise: Callable[[bytes], bool]
    xml: bool
    elements: Callable[["Text"], Iterator[Element]]


@dataclass(frozen=True, slots=True)
class Text:
    """One member of a file, to be read from its beginning as often as needed."""

    path: Path
    member: Member
    encoding: str
    batch_bytes: int
    max_expanded_bytes: int

    @property
    def name(self) -> str:
        return self.member.where(self.path)

    def stream(self) -> Utf8:
        """The member itself; only once."""
        return Utf8(self.member.source, self.encoding)

    def window(self) -> Window:
        return Window(self.stream(), name=self.name, batch_bytes=self.batch_bytes)

    def again(self) -> Iterator[Window]:
        """Another look at the same member, from its beginning."""
        for member in members(self.path, max_expanded_bytes=self.max_expanded_bytes):
            if member.name == self.member.name:
                yield Window(Utf8(member.source, self.encoding), name=self.name, batch_bytes=self.batch_bytes)


def named_encoding(path: Path, kind: FileKind, *, max_expanded_bytes: int) -> Sequence[str]:
    """What the file says of its own encoding if it is XML. FileError if nobody knows that encoding, or if the
    members do not agree in it: all of a file is read in one.
    """
    if not STANDARDS[kind].xml:
        return ()
    heads = [head for member in members(path, max_expanded_bytes=max_expanded_bytes) if (head := _head(member))]
    named = {name.lower(): name for head in heads if bom_encoding(head) is None for name in [declared_encoding(head)]}
    for name in named.values():
        if not known_encoding(name):
            raise FileError(f"{path} is declared to be in {name}, an encoding that nobody knows; save it as UTF-8")
    if len(named) > 1:
        raise FileError(f"{path} has members declared to be in {', '.join(named)}: land those of each encoding apart")
    return tuple(named) or ("utf-8",)


def recognised(path: Path, kind: FileKind, encoding: str, *, max_expanded_bytes: int) -> bool:
    """Whether the first member that is not empty is of this format."""
    for member in members(path, max_expanded_bytes=max_expanded_bytes):
        if head := read_up_to(Utf8(member.source, encoding), HEAD_BYTES):
            return STANDARDS[kind].recognise(head)
    return False


def read_standard(path: Path, layout: Layout, *, batch_bytes: int, max_expanded_bytes: int) -> Iterator[Batch]:
    """Every record of every member. FileError as `containers.members`, and if a member is not well-formed."""
    form, record = STANDARDS[layout.kind], 1
    for member in members(path, max_expanded_bytes=max_expanded_bytes):
        found = form.elements(Text(path, member, layout.encoding, batch_bytes, max_expanded_bytes))
        for batch in batches(found, layout, form.columns, record=record, member=member.name, batch_bytes=batch_bytes):
            yield batch
            record += len(batch.elements)


def _head(member: Member) -> bytes:
    return read_up_to(member.source, HEAD_BYTES)


def _camt(message: camt.Message, columns: Sequence[str]) -> Standard:
    def recognise(head: bytes) -> bool:
        return root_path(head, 2) == message.root

    def elements(text: Text) -> Iterator[Element]:
        return camt.elements(text.stream(), message, name=text.name)

    return Standard(columns, recognise, xml=True, elements=elements)


def _msproject(text: Text) -> Iterator[Element]:
    return msproject.elements(text.stream(), name=text.name)


def _ibflex(text: Text) -> Iterator[Element]:
    return ibflex.elements(text.stream(), name=text.name)


def _mt940(text: Text) -> Iterator[Element]:
    return mt940.elements(text.window())


def _ofx(text: Text) -> Iterator[Element]:
    known = [ofx.securities(window) for window in text.again()]
    return ofx.elements(text.window(), known[0] if known else {})


def _is_ibflex(head: bytes) -> bool:
    return root_path(head, 2) == ibflex.ROOT


def _is_msproject(head: bytes) -> bool:
    return root_path(head, 1) == msproject.ROOT and b"schemas.microsoft.com/project" in head


STANDARDS: dict[str, Standard] = {
    "camt052": _camt(camt.MESSAGES["camt052"], camt.REPORT_COLUMNS),
    "camt053": _camt(camt.MESSAGES["camt053"], camt.COLUMNS),
    "camt054": _camt(camt.MESSAGES["camt054"], camt.REPORT_COLUMNS),
    "ibflex": Standard(ibflex.COLUMNS, _is_ibflex, xml=True, elements=_ibflex),
    "msproject": Standard(msproject.COLUMNS, _is_msproject, xml=True, elements=_msproject),
    "mt940": Standard(mt940.COLUMNS, mt940.is_mt940, xml=False, elements=_mt940),
    "ofx": Standard(ofx.COLUMNS, ofx.is_ofx, xml=False, elements=_ofx),
}
