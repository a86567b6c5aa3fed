"""Laws of de-duplication: however the exports of a book are cut, repeated and ordered, the same rows are published."""

import hashlib
import itertools
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from nexus_data import lake
from nexus_data.deduplicate import keyed
from nexus_data.deduplicate.operations import TABLE, Deduplicator, Known
from nexus_data.deduplicate.snapshots import no_snapshots
from nexus_data.ledger import Generation
from nexus_data.runs import Run
from nexus_data.services import Services
from nexus_data.settings import Settings
from nexus_data.tables import CANONICAL

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
        "identity": hashlib.sha256(name.encode()).digest()[:16],
        "by_content": by_content,
    }


def _publish(home: Path, files: Files, number: int, records: Records) -> Counter[str]:
    """One run over the files, in a group per month as a large run has them; outcomes by count."""
    staging = home / "staging" / str(number)
    staging.mkdir(parents=True)
    run = Run(
        settings=Settings(home=home),
        run_id=f"run{number}",
        services=Services(postgres_url="", redis_url=""),
        staging=staging,
        base=Generation(),
        started=0.0,
    )
    rows = [row for index, file in enumerate(files) for row in records(index, file)]
    landings = {"file_no": list(range(len(files))), "owner": ["u"] * len(files), "implied_parents": [True] * len(files)}
    nobody = pl.DataFrame(schema={"user_id": pl.String(), "milestone_id": pl.String()})
    groups = _stage(staging, rows)
    if not groups:
        return Counter()
    engine = Deduplicator(run, known=Known(pl.DataFrame(landings), nobody, nobody), groups=groups, plan=no_snapshots())
    decided = [part for group in groups for part in engine.decide(group)]
    engine.close()
    lake.append(home, TABLE, written=[one for part in decided for one in part.written])
    return Counter(outcome for part in decided for outcome in part.lines["outcome"])


def _stage(staging: Path, rows: Sequence[dict[str, object]]) -> list[list[str]]:
    groups = []
    for month in sorted({str(row["month"]) for row in rows}):
        frame = pl.DataFrame(
            [row for row in rows if row["month"] == month], schema={**_STAGED, "file_no": pl.Int64()}, orient="row"
        )
        frame.write_parquet(staging / f"{month}.parquet")
        groups.append([str(staging / f"{month}.parquet")])
    return groups


def _publish_all(runs: list[Files], records: Records) -> tuple[Counter[str], Counter[str]]:
    """Every run in turn; what the lake then holds, and how often each outcome was given."""
    home = Path(tempfile.mkdtemp(prefix="nexus-law-"))
    try:
        outcomes = [_publish(home, files, number, records) for number, files in enumerate(runs)]
        found = lake.files(home, TABLE.name)
        fps = pl.read_parquet(found)["content_fp"].to_list() if found else []
    finally:
        shutil.rmtree(home)
    return Counter(map(chr, fps)), sum(outcomes, Counter())


@hypothesis_settings(max_examples=40, deadline=None)
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


@hypothesis_settings(max_examples=40, deadline=None)
@given(_RUNS)
def test_the_first_record_of_an_id_is_published_and_others_must_equal_it(runs: list[Files]) -> None:
    published, outcomes = _publish_all(runs, _with_ids)
    records = "".join(itertools.chain(*runs))
    first = {letter.lower(): letter for letter in reversed(records)}
    assert published == Counter(first.values())
    equal = sum(first[letter.lower()] == letter for letter in records)
    assert outcomes == Counter(passed=len(first), duplicate=equal - len(first), rejected=len(records) - equal)


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
