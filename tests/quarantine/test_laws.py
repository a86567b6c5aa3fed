"""A law: of records corrected late the same is published as had they been right at once."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from nexus_data import checks
from nexus_data.landing import Landing
from nexus_data.pipeline import run_all
from nexus_data.postgres.connect import connection
from nexus_data.quarantine.replay import replay
from nexus_data.quarantine.request import ReplayRequest
from nexus_data.results import RunSummary
from nexus_data.services import Services
from nexus_data.settings import Settings
from tests.conftest import FreshDatabase
from tests.spine.conftest import milestone, operation, project

_DAMAGE = {"": {}, "text": {"amount": "many"}, "both": {"amount": "-1", "currency": ""}, "milestone": {}, "short": {}}

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Installation:
    """A home with a database of its own."""

    settings: Settings
    files: Path

    def run(self, **files: Sequence[str]) -> RunSummary:
        paths = [self.files / f"{name}.csv" for name in files]
        for path, lines in zip(paths, files.values(), strict=True):
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return run_all(self.settings, [Landing(path, user="u1") for path in paths])

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        with connection(str(self.settings.postgres_url)) as database:
            return database.execute(statement).fetchall()  # type: ignore[arg-type]


def _rows(letters: str, damage: Sequence[str]) -> tuple[list[Row], list[Row]]:
    """The records as they should be and as they are: small letters have ids of their own, equal capitals look alike."""
    right: list[Row] = []
    wrong: list[Row] = []
    for place, (letter, harm) in enumerate(zip(letters, damage, strict=True)):
        name = "" if letter.isupper() else f"{letter}{place}"
        row = operation(ord(letter) % 3, exec_id=name, milestone_id="m1" if harm == "milestone" else "")
        right.append(row)
        wrong.append({**row, **_DAMAGE[harm]})
    return right, wrong


def _lines(rows: Sequence[Row], damage: Sequence[str] = ()) -> list[str]:
    texts = [",".join(map(str, row.values())) for row in rows]
    cut = [text.rsplit(",", 3)[0] if harm == "short" else text for text, harm in zip(texts, damage, strict=False)]
    return [",".join(operation(1)), *(cut or texts)]


def _corrections(right: Sequence[Row], damage: Sequence[str]) -> list[str]:
    lines = ["file,record,field,text"]
    for number, (row, harm) in enumerate(zip(right, damage, strict=True), 1):
        names = {"short": list(row), "text": ["amount"], "both": ["amount", "currency"]}.get(harm, [])
        lines += [f"book.csv,{number},{name},{row[name]}" for name in names]
    return lines


_PARENTS = {
    "p": [",".join(project("p1")), ",".join(map(str, project("p1").values()))],
    "m": [",".join(milestone("m1")), ",".join(map(str, milestone("m1").values()))],
}
_PUBLISHED = (
    "SELECT operation_id, date, transact_time, user_id, account_id, exec_id, type, category, amount, currency, side, "
    "symbol, security_id, last_qty, last_px, commission, venue, milestone_id, description FROM trading_operations"
)


@contextmanager
def _installation(services: Services, fresh_database: FreshDatabase) -> Iterator[_Installation]:
    home = Path(tempfile.mkdtemp(prefix="nexus-"))
    try:
        with fresh_database() as url:
            yield _Installation(Settings(home=home / "home", postgres_url=url, redis_url=services.redis_url), home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@hypothesis_settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=st.lists(st.tuples(st.sampled_from("abAB"), st.sampled_from(list(_DAMAGE))), min_size=5, max_size=12))
def test_corrected_late_is_as_right_at_once(
    services: Services, fresh_database: FreshDatabase, records: list[tuple[str, str]]
) -> None:
    letters, damage = "".join(letter for letter, _ in records), [harm for _, harm in records]
    right, wrong = _rows(letters, damage)
    with _installation(services, fresh_database) as late, _installation(services, fresh_database) as once:
        late.run(book=_lines(wrong, damage))
        late.run(**_PARENTS)
        lines = _corrections(right, damage)
        if len(lines) > 1:
            path = late.files / "corrections.csv"
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
            assert replay(late.settings, ReplayRequest(corrections=path, made_by="a", reason="b")).balanced
        done = replay(late.settings, ReplayRequest())
        assert (done.balanced, done.rejected) == (True, 0)
        once.run(**_PARENTS, book=_lines(right))
        assert Counter(late.ask(_PUBLISHED)) == Counter(once.ask(_PUBLISHED))
        assert len(late.ask(_PUBLISHED)) == len(records)
        for check in (checks.published_rows, checks.published_fingerprints, checks.quarantine):
            assert check(str(late.settings.postgres_url), everything=True).passed
