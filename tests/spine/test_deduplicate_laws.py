"""Laws of de-duplication: however the exports of a book are cut, repeated and ordered, the same rows are published."""

import hashlib
import itertools
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import polars as pl
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from nexus_data import lake
from nexus_data.contract.model import Contract
from nexus_data.deduplicate import keyed, snapshots
from nexus_data.deduplicate.history import SUPERSEDED, take_back
from nexus_data.deduplicate.operations import TABLE, Deduplicator, Known
from nexus_data.deduplicate.sightings import remember
from nexus_data.landing import LandedFile, save_files
from nexus_data.ledger import Generation
from nexus_data.runs import Run
from nexus_data.services import Services
from nexus_data.settings import Settings
from nexus_data.staging import MARKS_SCHEMA, MENTIONS_SCHEMA, Stage
from nexus_data.tables import CANONICAL, LAKE

Files = list[str]
"""Each file is a text, each character of it a record; which month it is in follows from the character."""

_RUNS = st.lists(st.lists(st.text(alphabet="abcABC", max_size=6), min_size=1, max_size=3), min_size=1, max_size=3)
Records = Callable[[int, str], list[dict[str, object]]]
"""The records of the file of that number."""

_KERNEL = {name: dtype for name, dtype in lake.lake_schema(TABLE).items() if name not in ("operation_id", "generation")}
_STAGED = pl.Schema({**_KERNEL, "month": pl.String(), "identity": pl.Binary(), "by_content": pl.Boolean()})


def _content(number: int, file: str) -> list[dict[str, object]]:
    """Records without an id: the same character is the same content."""
    return [_record(number, place, letter, letter, by_content=True) for place, letter in enumerate(file, 1)]


def _with_ids(number: int, file: str) -> list[dict[str, object]]:
    """Records with an id: a letter is an id, its case the content, so `a` contradicts `A`, in another month."""
    return [_record(number, place, letter, letter.lower(), by_content=False) for place, letter in enumerate(file, 1)]


def _versions(number: int, file: str) -> list[dict[str, object]]:
    """Two books of versions 0 to 3, `a` to `d` and `A` to `D`, each correcting the one before; `x` and `X` cancel 2."""
    found = []
    for place, letter in enumerate(file, 1):
        cancel = letter in "xX"
        record = _record(number, place, letter, letter, by_content=False)
        earlier = chr(ord(letter) - 1) if not cancel else "cC"[letter.isupper()]
        marks = {"action": "cancel" if cancel else "correct", "refers_to": _identity(earlier), "version": None}
        found.append(record | marks if letter not in "aA" else record)
    return found


def _numbered(number: int, file: str) -> list[dict[str, object]]:
    """Two operations, `a` to `d` and `A` to `D`, each letter a version of the same id, numbered by the source."""
    found = []
    for place, letter in enumerate(file, 1):
        name = "A" if letter.isupper() else "a"
        record = _record(number, place, letter, name, by_content=False)
        marks = {"action": "correct", "refers_to": _identity(name), "version": f"{ord(letter):03}"}
        found.append(record if letter == name else record | marks)
    return found


def _identity(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()[:16]


def _record(number: int, place: int, letter: str, name: str, *, by_content: bool) -> dict[str, object]:
    month = 1 + (ord(letter) // 32) % 2 + ord(letter) % 2
    return {
        "file_no": number,
        "record_no": place,
        "row_fp": place,
        "file_id": b"f" * 16,
        "source": "s",
        "user_id": "u",
        "date": date(2024, month, 1),
        "month": f"2024-{month:02d}",
        "content_fp": ord(letter),
        "identity": _identity(name),
        "by_content": by_content,
    }


def _publish(home: Path, files: Files, number: int, records: Records, names: Sequence[str] = ()) -> Counter[str]:
    """One run over the files, in a group per month as a large run has them; outcomes by count.

    names: what each file is called, where it is a full export. A digit in one is a rejected record of the row a or b.
    """
    staging = home / "staging" / str(number)
    staging.mkdir(parents=True)
    run = Run(
        settings=Settings(home=home, snapshot_shrink=1.0),
        run_id=f"run{number}",
        services=Services(postgres_url="", redis_url=""),
        staging=staging,
        base=Generation(generation=number),
        started=0.0,
    )
    ids = [_landed(index, "", number).file_id for index in range(len(files))]
    rows = [{**row, "file_id": ids[index]} for index, file in enumerate(files) for row in records(index, file)]
    landings = {"file_no": list(range(len(files))), "owner": ["u"] * len(files), "implied_parents": [True] * len(files)}
    nobody = pl.DataFrame(schema={"user_id": pl.String(), "milestone_id": pl.String()})
    groups = _stage(staging, rows)
    save_files(run, [_landed(index, name, number) for index, name in enumerate(names) if name])
    _mention(staging, files, names)
    plan = snapshots.plan(run, {"": _SNAPSHOT})
    engine = Deduplicator(run, known=Known(pl.DataFrame(landings), nobody, nobody), groups=groups, plan=plan)
    decided = [part for group in groups for part in engine.decide(group)]
    engine.close()
    back = take_back(run, engine.taken)
    written = [one for part in decided for one in part.written]
    lake.append(home, TABLE, written=[*written, *back.written], gone=back.gone)
    old = [*back.rows, *(part.superseded for part in decided)]
    lake.add(home, SUPERSEDED, rows=pl.concat([lake.lake_schema(SUPERSEDED).to_frame(), *old]), run_id=run.run_id)
    lake.add(home, LAKE["operation_revisions"], rows=engine.revisions, run_id=run.run_id)
    if plan.scopes:
        out = [part.lines.filter(pl.col("outcome") == "rejected").select("file_no", "record_no") for part in decided]
        empty = pl.DataFrame(schema={"file_no": pl.Int64, "record_no": pl.Int64})
        remember(run, plan, rejected=pl.concat([empty, *out]))
    return Counter(outcome for part in decided for outcome in part.lines["outcome"])


_SNAPSHOT = msgspec.convert(
    {
        "title": "Full exports",
        "table": TABLE.name,
        "timezone": "UTC",
        "variants": [{"columns": ["a"]}],
        "fields": {},
        "snapshot": {},
    },
    Contract,
)


def _landed(number: int, name: str, run: int) -> LandedFile:
    """A landed version, with a content of its own."""
    return LandedFile(
        file_no=number,
        name=f"{name}.csv",
        landed_as=name,
        sha256=hashlib.sha256(f"{run} {number}".encode()).hexdigest(),
        size=0,
        kept="",
        user="u",
        owner="u",
        status="new",
        source="s",
        table=TABLE.name,
    )


def _stage(staging: Path, rows: Sequence[dict[str, object]]) -> list[list[str]]:
    groups = []
    for month in sorted({str(row["month"]) for row in rows}):
        frame = pl.DataFrame(
            [row for row in rows if row["month"] == month], schema={**_STAGED, "file_no": pl.Int64()}, orient="row"
        )
        folder = staging / "accepted" / TABLE.name / month
        folder.mkdir(parents=True)
        frame.select([*_STAGED, "file_no"]).write_parquet(folder / "1.parquet")
        groups.append([str(folder / "1.parquet")])
    marks = [row for row in rows if row.get("action")]
    if marks:
        (staging / "revisions").mkdir()
        columns = MARKS_SCHEMA
        frame = pl.DataFrame(marks, schema=columns, orient="row")
        frame.write_parquet(staging / "revisions" / "1.parquet")
    return groups


def _mention(staging: Path, files: Files, names: Sequence[str]) -> None:
    rows = [
        {"file_no": index, "row_id": _identity("ab"[int(char) - 1])}
        for index, (file, name) in enumerate(zip(files, names, strict=bool(names)))
        for char in file
        if name and char.isdigit()
    ]
    Stage(staging).mention(pl.DataFrame(rows, schema=MENTIONS_SCHEMA, orient="row"))


def _publish_all(
    runs: list[Files], records: Records, names: Sequence[Sequence[str]] | None = None
) -> tuple[Counter[str], Counter[str]]:
    """Every run in turn; what the lake then holds, and how often each outcome was given.

    Whatever went to the history is there once, and nothing else left.
    """
    home = Path(tempfile.mkdtemp(prefix="nexus-law-"))
    try:
        outcomes = [
            _publish(home, files, number, records, names[number] if names else ()) for number, files in enumerate(runs)
        ]
        published, history = _fps(home, TABLE.name), _fps(home, SUPERSEDED.name)
    finally:
        shutil.rmtree(home)
    total = sum(outcomes, Counter())
    assert published.total() + history.total() == total["passed"] + total["superseded"]
    return published, total


def _fps(home: Path, table: str) -> Counter[str]:
    found = lake.files(home, table)
    return Counter(map(chr, pl.read_parquet(found)["content_fp"].to_list() if found else []))


@hypothesis_settings(max_examples=25, deadline=None)
@given(_RUNS)
def test_the_published_multiplicity_is_the_largest_of_any_file(runs: list[Files]) -> None:
    published, outcomes = _publish_all(runs, _content)
    largest: Counter[str] = Counter()
    for file in itertools.chain(*runs):
        largest |= Counter(file)
    assert published == largest
    assert outcomes == Counter(
        passed=largest.total(), duplicate=sum(map(len, itertools.chain(*runs))) - largest.total()
    )


@hypothesis_settings(max_examples=25, deadline=None)
@given(_RUNS)
def test_the_first_record_of_an_id_is_published_and_others_must_equal_it(runs: list[Files]) -> None:
    published, outcomes = _publish_all(runs, _with_ids)
    records = "".join(itertools.chain(*runs))
    first = {letter.lower(): letter for letter in reversed(records)}
    assert published == Counter(first.values())
    equal = sum(first[letter.lower()] == letter for letter in records)
    assert outcomes == Counter(passed=len(first), duplicate=equal - len(first), rejected=len(records) - equal)


_REVISED = st.lists(
    st.lists(st.text(alphabet="abcdxABCDX", max_size=5), min_size=1, max_size=2), min_size=1, max_size=4
)


@hypothesis_settings(max_examples=12, deadline=None)
@given(_REVISED)
def test_the_last_of_each_chain_of_corrections_is_published_whatever_arrives_when(runs: list[Files]) -> None:
    published, outcomes = _publish_all(runs, _versions)
    there = set("".join(itertools.chain(*runs)))
    assert published == Counter(letter for book in ("abcd", "ABCD") for letter in _last_of_chains(book, there))
    assert outcomes["rejected"] == 0
    assert outcomes["passed"] + outcomes["superseded"] == len(there)


def _last_of_chains(book: str, there: set[str]) -> list[str]:
    """A correction whose predecessor nobody has seen is a chain of its own, until it is seen."""
    cancelled = there & {"x" if book.islower() else "X"}
    chains = "".join(letter if letter in there else " " for letter in book).split()
    if cancelled:
        # The cancel names the third version, which the fourth names too.
        chains = [chain for chain in chains if book[2] not in chain and chain[0] != book[3]]
    return [chain[-1] for chain in chains]


@hypothesis_settings(max_examples=12, deadline=None)
@given(st.lists(st.lists(st.text(alphabet="abcdABCD", max_size=5), min_size=1, max_size=2), min_size=1, max_size=4))
def test_the_highest_number_of_an_operation_is_published_whatever_arrives_when(runs: list[Files]) -> None:
    published, outcomes = _publish_all(runs, _numbered)
    there = set("".join(itertools.chain(*runs)))
    assert published == Counter(max(there & set(book)) for book in ("abcd", "ABCD") if there & set(book))
    assert outcomes["passed"] + outcomes["superseded"] == len(there)


_EXPORTS = st.lists(
    st.lists(st.tuples(st.sampled_from("mn"), st.text(alphabet="abAB", max_size=6)), min_size=1, max_size=3),
    min_size=1,
    max_size=3,
)


@hypothesis_settings(max_examples=12, deadline=None)
@given(_EXPORTS)
def test_what_the_newest_full_exports_show_is_published(runs: list[list[tuple[str, str]]]) -> None:
    texts, names = [[text for _, text in run] for run in runs], [[name for name, _ in run] for run in runs]
    published, _ = _publish_all(texts, _content, names)
    newest = {name: Counter(text) for run in runs for name, text in run}
    largest: Counter[str] = Counter()
    for shown in newest.values():
        largest |= shown
    assert published == largest


@hypothesis_settings(max_examples=12, deadline=None)
@given(st.lists(st.lists(st.text(alphabet="abAB", max_size=5), min_size=1, max_size=3), min_size=1, max_size=3))
def test_the_newest_full_export_says_what_an_id_means(runs: list[Files]) -> None:
    published, _ = _publish_all(runs, _with_ids, [["m"] * len(files) for files in runs])
    first = {letter.lower(): letter for letter in reversed(runs[-1][-1])}
    assert published == Counter(first.values())


_VERSIONS = st.lists(st.tuples(st.sampled_from("xy"), st.integers(1, 5)), max_size=8)


def _projects(records: Sequence[tuple[str, int]], number: int) -> pl.DataFrame:
    rows = [
        {
            "project_id": key,
            "user_id": "u",
            "name": f"{key}{version}",
            "status": "active",
            "updated_at": datetime(2024, 1, version, tzinfo=UTC),
            "record_no": place,
            "row_fp": place,
            "content_fp": ord(key) * 100 + version,
            "file_no": number,
        }
        for place, (key, version) in enumerate(records, 1)
    ]
    return pl.DataFrame(rows, schema={**lake.lake_schema(CANONICAL["projects"]), "file_no": pl.Int64()}, orient="row")


@given(st.lists(_VERSIONS, min_size=1, max_size=4))
def test_the_highest_version_is_published_however_records_arrive(runs: list[list[tuple[str, int]]]) -> None:
    table = CANONICAL["projects"]
    current = lake.lake_schema(table).to_frame()
    for records in runs:
        decision = keyed.decide(current, staged=_projects(records, 0), table=table)
        assert decision.decided.height == len(records)
        assert set(decision.decided["outcome"]) <= {"passed", "duplicate", "superseded"}
        passed = decision.decided.filter(pl.col("outcome") == "passed").height
        assert current.height + passed - decision.taken_back.height == decision.snapshot.height
        current = decision.snapshot.drop("file_no")
    highest = {key: max(v for run in runs for k, v in run if k == key) for run in runs for key, _ in run}
    assert dict(current.select("project_id", pl.col("updated_at").dt.day()).iter_rows()) == highest
