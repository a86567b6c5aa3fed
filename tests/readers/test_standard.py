"""The standard formats: every element is a record with its own text and line, whatever the batches; damage holds files.

Libraries that read whole files into models of their own are the yardstick for what stands in them.
"""

import gzip
import io
import itertools
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import mt940 as mt940_library
import pytest
from ofxtools.Parser import OFXTree

from nexus_data.contract.model import Format
from nexus_data.errors import FileError
from nexus_data.readers import camt, ibflex, msproject, mt940, ofx
from nexus_data.readers.batch import Batch
from nexus_data.readers.layout import FileKind, Layout
from nexus_data.readers.probe import probes
from nexus_data.readers.read import read
from nexus_data.readers.xml_elements import parts
from tests.contracts.golden_case import GOLDEN
from tests.readers.reading import NO_LIMIT, Outcome, layout, outcome

COLUMNS = {
    "camt052": camt.REPORT_COLUMNS,
    "camt053": camt.COLUMNS,
    "camt054": camt.REPORT_COLUMNS,
    "ibflex": ibflex.COLUMNS,
    "msproject": msproject.COLUMNS,
    "mt940": mt940.COLUMNS,
    "ofx": ofx.COLUMNS,
}
FILES: tuple[tuple[FileKind, Path], ...] = (
    ("camt053", GOLDEN / "iso20022/camt053/version_02/input.xml"),
    ("camt053", GOLDEN / "iso20022/camt053/version_08/input.xml"),
    ("camt053", GOLDEN / "iso20022/camt053/latin/input.xml"),
    ("camt052", GOLDEN / "iso20022/camt052/day/input.xml"),
    ("camt054", GOLDEN / "iso20022/camt054/credits/input.xml"),
    ("ibflex", GOLDEN / "interactive_brokers/flex_xml/activity/input.xml"),
    ("msproject", GOLDEN / "msproject/tasks/plan/input.xml"),
    ("mt940", GOLDEN / "swift/mt940/bank/input.sta"),
    ("mt940", GOLDEN / "swift/mt940/message/input.mt940"),
    ("ofx", GOLDEN / "ofx/statements/sgml_bank/input.ofx"),
    ("ofx", GOLDEN / "ofx/statements/sgml_comma/input.ofx"),
    ("ofx", GOLDEN / "ofx/statements/xml_investments/input.qfx"),
)
EACH = pytest.mark.parametrize(("kind", "path"), FILES, ids=lambda value: str(value).rsplit("golden/")[-1])


def form_of(path: Path, kind: FileKind) -> Layout:
    (probe,) = probes(path, Format(kind=kind), max_expanded_bytes=NO_LIMIT)
    assert probe.rows == (COLUMNS[kind],)
    return layout(probe.rows[0], kind=kind, encoding=probe.encoding, header_row=0)


def read_file(path: Path, kind: FileKind, *, batch_bytes: int = 1 << 20) -> Outcome:
    return outcome(path, form_of(path, kind), batch_bytes=batch_bytes)


def fields(found: Outcome, kind: str, number: int) -> dict[str, str]:
    return dict(zip(COLUMNS[kind], found.records[number], strict=True))


def is_kind(path: Path, kind: FileKind) -> bool:
    return bool(list(probes(path, Format(kind=kind), max_expanded_bytes=NO_LIMIT)))


@EACH
def test_batches_do_not_change_what_is_read(kind: FileKind, path: Path) -> None:
    assert read_file(path, kind, batch_bytes=1) == read_file(path, kind, batch_bytes=700) == read_file(path, kind)


@EACH
def test_the_raw_text_stands_in_the_file_at_its_line(kind: FileKind, path: Path) -> None:
    found = read_file(path, kind)
    text = path.read_bytes().decode(form_of(path, kind).encoding)
    placed = [*found.places.values(), *((line, raw) for line, _, raw in found.broken.values())]
    assert placed
    for line, raw in placed:
        below = "".join(text.splitlines(keepends=True)[line - 1 :])
        first, found_at, _ = below.partition(raw)
        assert found_at, raw
        assert "\n" not in first


@EACH
def test_every_format_knows_its_own_files_only(kind: FileKind, path: Path) -> None:
    assert [other for other in COLUMNS if is_kind(path, other)] == [kind]  # type: ignore[arg-type]


@EACH
def test_containers_and_several_members(kind: FileKind, path: Path, tmp_path: Path) -> None:
    data, once = path.read_bytes(), read_file(path, kind)
    packed = tmp_path / "packed.gz"
    packed.write_bytes(gzip.compress(data))
    assert read_file(packed, kind) == once
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        for name in ("a", "b"):
            archive.writestr(name, data)
    twice = read_file(tmp_path / "two.zip", kind)
    count = len(once.records) + len(once.broken)
    assert twice.records == once.records | {number + count: row for number, row in once.records.items()}
    members = [batch.member for batch in batches(tmp_path / "two.zip", kind)]
    assert members == ["a", "b"]


def batches(path: Path, kind: FileKind, *, batch_bytes: int = 1 << 20) -> Iterator[Batch]:
    return read(path, form_of(path, kind), batch_bytes=batch_bytes, max_expanded_bytes=NO_LIMIT)


@pytest.mark.parametrize(
    ("kind", "path"), [each for each in FILES if each[1].suffix != ".mt940"], ids=lambda value: str(value)[-30:]
)
def test_a_file_that_ends_too_early_is_no_evidence(kind: FileKind, path: Path, tmp_path: Path) -> None:
    data = path.read_bytes()
    cut = tmp_path / "cut"
    cut.write_bytes(data[: len(data) * 9 // 10])
    with pytest.raises(FileError, match=r"cut.*(not well-formed|ends)"):
        list(batches(cut, kind))


def test_xml_that_is_not_well_formed_half_way_is_no_evidence(tmp_path: Path) -> None:
    path = tmp_path / "file.xml"
    text = FILES[0][1].read_text("utf-8").replace("<Sts>BOOK</Sts>", "<Sts>BOOK</Status>", 1)
    path.write_text(text, "utf-8")
    with pytest.raises(FileError, match=r"file\.xml: line 13: not well-formed XML \(mismatched tag\)"):
        list(batches(path, "camt053"))


BOMB = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(12))


@pytest.mark.parametrize(
    "doctype",
    [
        f"<!DOCTYPE Document [{BOMB}]>",
        '<!DOCTYPE Document [<!ENTITY l11 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Document SYSTEM "http://localhost/never.dtd">',
    ],
    ids=["billion laughs", "another file", "external"],
)
def test_a_document_type_definition_is_refused(doctype: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb.xml"
    head, _, rest = FILES[0][1].read_text("utf-8").partition("<Document")
    use = "&l11;" if "l11" in doctype else "x"
    path.write_text(f"{head}{doctype}<Document{rest.replace('thank you', use)}", "utf-8")
    form = form_of(FILES[0][1], "camt053")
    tracemalloc.start()
    with pytest.raises(FileError, match=r"bomb\.xml: it has a document type definition"):
        list(read(path, form, batch_bytes=1 << 20, max_expanded_bytes=NO_LIMIT))
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()


def test_memory_does_not_follow_the_file(tmp_path: Path) -> None:
    head, _, rest = FILES[0][1].read_text("utf-8").partition("      <Ntry>")
    entry = "      <Ntry>" + rest.partition("</Ntry>")[0] + "</Ntry>\n"
    tail = "    </Stmt></BkToCstmrStmt></Document>"
    peaks = []
    for count in (400, 1600):
        path = tmp_path / f"{count}.xml"
        path.write_text(head + entry * count + tail, "utf-8")
        tracemalloc.start()
        assert sum(batch.records.height for batch in batches(path, "camt053", batch_bytes=1 << 16)) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0] < 6 << 20


@pytest.mark.parametrize(
    ("inside", "why"),
    [
        ("<x>" * 200 + "</x>" * 200, "nested deeper than 100"),
        ("<x>" + "y" * 200_000 + "</x>", "an element of more than 100000 bytes"),
        ("<x>yyyy</x>" * 50_000, "an element of more than 100000 bytes"),
    ],
    ids=["deep", "long", "wide"],
)
@pytest.mark.parametrize("around", ["Ntry", "Bal"])
def test_elements_without_end_do_not_fill_the_memory(inside: str, why: str, around: str) -> None:
    text = io.BytesIO(f"<Document>\n<{around}>{inside}</{around}></Document>".encode())
    with pytest.raises(FileError, match=f"^it: line 2: {why}|elements {why}"):
        list(parts(text, records=("Ntry", "Bal"), sliced=("Ntry",), name="it", max_bytes=100_000))


def test_an_encoding_that_nobody_knows_is_told(tmp_path: Path) -> None:
    path = tmp_path / "odd.xml"
    path.write_text(FILES[0][1].read_text("utf-8").replace("UTF-8", "KLINGON-1"), "utf-8")
    with pytest.raises(FileError, match="declared to be in KLINGON-1"):
        list(probes(path, Format(kind="camt053"), max_expanded_bytes=NO_LIMIT))


def test_the_details_of_a_booking_are_its_amount_or_one_broken_record() -> None:
    found = read_file(FILES[0][1], "camt053")
    batch = [fields(found, "camt053", number) for number in (2, 3, 4)]
    assert [(each["amount"], each["direction"], each["detail"]) for each in batch] == [
        ("100.10", "DBIT", "1"),
        ("209.90", "DBIT", "2"),
        ("10.00", "CRDT", "3"),
    ]
    assert {each["details"] for each in batch} == {"3"}
    assert found.broken[5][1] == "SUM_DIFFERS"
    assert found.broken[5][2].startswith("<Ntry>")
    assert (fields(found, "camt053", 6)["amount"], fields(found, "camt053", 6)["detail"]) == ("55.00", "")
    assert found.places[2][1].startswith("<TxDtls>")


def test_a_statement_without_an_account_has_not_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "file.xml"
    path.write_text(
        FILES[0][1].read_text("utf-8").replace("<Acct><Id><Othr><Id>0000000003</Id></Othr></Id></Acct>", "")
    )
    assert fields(read_file(path, "camt053"), "camt053", 10)["account"] == ""


def test_reports_within_the_day_are_no_statements(tmp_path: Path) -> None:
    path = tmp_path / "file.xml"
    path.write_text(FILES[0][1].read_text("utf-8").replace("BkToCstmrStmt", "BkToCstmrAcctRpt"))
    assert not is_kind(path, "camt053")


def test_an_element_without_content_is_its_own_text_alone() -> None:
    text = b'<R>\n<T a="1 > 0"/>\n<T/></R>'.replace(b"</R>", b"<T></T><T><U/></T></R>")
    found = [part.node.raw for part in parts(io.BytesIO(text), records=("T",), sliced=("T",), name="it")]
    assert found == [b'<T a="1 > 0"/>', b"<T/>", b"<T></T>", b"<T><U/></T>"]


def test_messages_of_two_kinds_in_one_zip_hold_it(tmp_path: Path) -> None:
    path = tmp_path / "both.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for kind in ("camt053", "camt054"):
            archive.writestr(kind, next(file for name, file in FILES if name == kind).read_bytes())
    with pytest.raises(FileError, match=r"both\.zip \(member camt054\): no camt\.053"):
        list(batches(path, "camt053"))


def test_members_of_two_encodings_in_one_zip_hold_it(tmp_path: Path) -> None:
    path = tmp_path / "both.zip"
    text = next(file for name, file in FILES if name == "camt053").read_text("utf-8").partition("?>")[2]
    for first, second, apart in (("UTF-8", "utf-8", False), ("UTF-8", "ISO-8859-1", True)):
        with zipfile.ZipFile(path, "w") as archive:
            for name, encoding in (("a.xml", first), ("b.xml", second)):
                archive.writestr(name, f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding))
        if not apart:
            assert is_kind(path, "camt053")
            continue
        with pytest.raises(FileError, match=r"both\.zip has members declared to be in utf-8, iso-8859-1: land those"):
            is_kind(path, "camt053")


def test_a_booking_of_one_transaction_goes_by_the_reference_of_the_booking(tmp_path: Path) -> None:
    path = tmp_path / "file.xml"
    own = "<Refs><AcctSvcrRef>ITS-OWN</AcctSvcrRef>"
    path.write_text(FILES[0][1].read_text("utf-8").replace("<Refs>", own))
    told = read_file(path, "camt053")
    references = [fields(told, "camt053", number)["servicer_reference"] for number in (1, 2, 3, 4)]
    assert references == ["BANKREF0001", "ITS-OWN", "ITS-OWN", "ITS-OWN"]


@pytest.mark.parametrize(
    "path", [path for kind, path in FILES if kind == "ofx"], ids=lambda path: str(path.parent.name)
)
def test_ofxtools_reads_the_same_transactions(path: Path, tmp_path: Path) -> None:
    found = read_file(path, "ofx")
    tree = OFXTree()
    tree.parse(_sound(path, found, tmp_path))
    theirs = {
        (
            (each.findtext(".//FITID") or ""),
            (each.findtext(".//TRNAMT") or each.findtext(".//TOTAL") or "").replace(",", "."),
        )
        for each in tree.iter()
        if each.tag in {"STMTTRN", "BUYSTOCK", "SELLMF", "INCOME", "REINVEST", "INVEXPENSE", "MARGININTEREST"}
    }
    ours = {
        (each["FITID"], each["TRNAMT"] or each["TOTAL"])
        for each in (fields(found, "ofx", number) for number in found.records)
        if each["kind"] not in ("STMTTRNP", "TRANSFER", "JRNLFUND")
    }
    assert {(fitid, amount.replace(",", ".")) for fitid, amount in ours} == theirs


def _sound(path: Path, found: Outcome, folder: Path) -> Path:
    """The file without the elements that are broken, which ofxtools does not get over."""
    text = path.read_bytes()
    for _, _, raw in found.broken.values():
        text = text.replace(raw.encode(), b"")
    sound = folder / path.name
    # ofxtools takes what follows `<` for a tag, also within a text.
    sound.write_bytes(text.replace(b"A < B", b"A B").replace(b"<![CDATA[A <B> & C]]>", b"A B"))
    return sound


def test_mt940_library_reads_the_same_lines() -> None:
    path = GOLDEN / "swift/mt940/bank/input.sta"
    found = read_file(path, "mt940")
    ours = [each for number in found.records if (each := fields(found, "mt940", number))["booking_date"] != "0230"]
    text = path.read_bytes().decode("cp1252").replace("\r\n", "\n")
    # What is broken, and what it would put on another day.
    broken = (":61:24030103X", ":61:2403010301D1,00.5", ":61:240230")
    lines = [line for line in text.splitlines() if not line.startswith(broken)]
    theirs = [
        transaction.data
        for message in "\n".join(lines).split("\n-\n")
        if message.strip()
        for transaction in mt940_library.parse(message)
    ]
    for mine, data in itertools.zip_longest(ours, theirs):
        assert abs(data["amount"].amount) == abs(mt940_library.models.Amount(mine["amount"], "C").amount)
        assert (data["status"], data["id"], data["currency"]) == (mine["mark"], mine["type"], mine["currency"])
        assert str(data.get("guessed_entry_date", data["date"])) == mine["booking_date"]
