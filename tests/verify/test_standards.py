"""The verifier's scanners of standard formats beside the readers: the same records, texts, lines; of odd files too."""

import random
from pathlib import Path

import pytest

from nexus_data.contract.model import Format
from nexus_data.errors import FileError
from nexus_data.readers.layout import FileKind
from nexus_data.readers.probe import probes
from nexus_data.readers.standard import STANDARDS
from nexus_data.verify import standards
from tests.contracts.golden_case import GOLDEN
from tests.readers.reading import NO_LIMIT, Outcome, layout, outcome

FILES: tuple[tuple[FileKind, str], ...] = (
    ("camt053", "iso20022/camt053/version_02/input.xml"),
    ("camt053", "iso20022/camt053/version_08/input.xml"),
    ("camt053", "iso20022/camt053/latin/input.xml"),
    ("camt052", "iso20022/camt052/day/input.xml"),
    ("camt054", "iso20022/camt054/credits/input.xml"),
    ("ibflex", "interactive_brokers/flex_xml/activity/input.xml"),
    ("msproject", "msproject/tasks/plan/input.xml"),
    ("mt940", "swift/mt940/bank/input.sta"),
    ("mt940", "swift/mt940/message/input.mt940"),
    ("ofx", "ofx/statements/sgml_bank/input.ofx"),
    ("ofx", "ofx/statements/sgml_comma/input.ofx"),
    ("ofx", "ofx/statements/xml_investments/input.qfx"),
)
EACH = pytest.mark.parametrize(("kind", "name"), FILES)
TRIALS = 20


def read(path: Path, kind: FileKind) -> Outcome:
    (probe,) = probes(path, Format(kind=kind), max_expanded_bytes=NO_LIMIT)
    return outcome(path, layout(probe.rows[0], kind=kind, encoding=probe.encoding, header_row=0))


def read_again(path: Path, kind: FileKind) -> tuple[dict[int, tuple[str, ...]], dict[int, tuple[int, str | None, str]]]:
    """Fields of the records that are whole; line, code and text of every record."""
    body = {"format": {"kind": kind}, "variants": [{"columns": list(STANDARDS[kind].columns)}]}
    found = list(standards.records(path, body, standards.laid_out(body)))
    places = {number: (raw.line or 0, raw.code, raw.text) for number, raw in enumerate(found, 1)}
    return {number: tuple(raw.fields) for number, raw in enumerate(found, 1) if raw.fields is not None}, places


def assert_alike(path: Path, kind: FileKind) -> None:
    one, (records, places) = read(path, kind), read_again(path, kind)
    assert one.records == records
    assert {number: (line, None, raw) for number, (line, raw) in one.places.items()} | one.broken == places


@EACH
def test_reads_as_the_reader_does(kind: FileKind, name: str) -> None:
    assert_alike(GOLDEN / name, kind)


@EACH
def test_reads_damaged_files_as_the_reader_does(kind: FileKind, name: str, tmp_path: Path) -> None:
    chance = random.Random(name)  # noqa: S311 - nothing secret
    lines = (GOLDEN / name).read_bytes().splitlines(keepends=True)
    read_alike = 0
    for trial in range(TRIALS):
        path = tmp_path / f"{trial}-{Path(name).name}"
        path.write_bytes(b"".join(damaged(lines, chance)))
        try:
            read(path, kind)
        except (FileError, ValueError):
            continue
        assert_alike(path, kind)
        read_alike += 1
    assert read_alike > TRIALS / 20


def damaged(lines: list[bytes], chance: random.Random) -> list[bytes]:
    """The file with a few lines left out, doubled, cut short, or ended or marked up otherwise."""
    found = list(lines)
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(min(4, len(found) // 2), len(found) - 1)
        line = found[place]
        cut = chance.randrange(len(line) + 1)
        odd = chance.choice(
            [b"&amp;", b"<!-- <Ntry> <STMTTRN> -->", b"<![CDATA[<a & b>]]>", b"&#233;", b"\xe4", b"//", b"\0"]
        )
        found[place] = chance.choice(
            [b"", line * 2, line[:cut], line.rstrip() + b"\r\n", line[:cut] + odd + line[cut:], b"\n" + line]
        )
    return found
