"""Bytes of kept files go when nothing served needs them, and what stands for them is proved all the same."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

from nexus_data import cleanup, holds, lake
from nexus_data.cleanup.step import Cleaned
from nexus_data.holds import Scope
from nexus_data.landing import Landing
from nexus_data.pipeline import run_all
from nexus_data.provenance import operation, trace
from nexus_data.provenance.asking import ask as asked
from nexus_data.results import RunSummary
from nexus_data.settings import Settings
from nexus_data.tables.trading_operations import TRADING_OPERATIONS
from nexus_data.verify import verify
from tests.upkeep.conftest import HEADER, Ask, demand_clean, keeping, line, months

Take = Callable[..., RunSummary]

_LATER = datetime.now(UTC) + timedelta(days=800)
_RETENTION = "trading_operations=12m, raw=12m, landing=never"
_TOLD = "bytes removed by retention on"


def _without_id(day: str, *, amount: str = "10.25") -> str:
    """A purchase that only its content tells from another."""
    return line(0, day, amount=amount).replace("E0", "", 1)


@pytest.fixture
def kept(settings: Settings) -> Settings:
    return keeping(settings, _RETENTION)


@pytest.fixture
def filled(take: Take) -> None:
    """Three files of one user: the second repeats records of the first, with and without ids, the third both."""
    bare = _without_id("2024-03-07")
    take(ann=[line(1, "2024-03-05"), line(2, "2024-04-05"), bare, bare])
    take(ann=[line(3, "2024-03-06"), line(1, "2024-03-05"), bare, bare, bare])
    take(ann=[line(4, "2026-02-01"), bare, line(2, "2024-04-05"), line(3, "2024-03-06")])


def _clean(settings: Settings) -> Cleaned:
    return cleanup.clean(settings, now=_LATER)


def _raw(done: Cleaned) -> dict[str, str]:
    """Why each stays, empty of those that go: by the first words of their reason, their names."""
    found = [one for one in (*done.removed, *done.refused) if one.kind == "raw_files"]
    return {one.reason.partition(",")[0]: one.refused for one in found}


def _names(settings: Settings) -> set[str]:
    """The SHA-256 of whose bytes are kept."""
    return {path.name for path in (settings.home / "raw").glob("??/*")}


@pytest.mark.usefixtures("filled")
def test_bytes_go_after_their_months_and_all_is_proved_without_them(
    settings: Settings, kept: Settings, ask: Ask
) -> None:
    assert _raw(cleanup.plan(settings, now=_LATER)) == {}, "never, unless somebody says so"
    assert _raw(cleanup.plan(kept)) == {}, "not yet"
    served = "operations of 2024-03, 2024-04 are served, and shown with their records"
    assert _raw(cleanup.plan(kept, now=_LATER))["ann-E1.csv"] == served
    demand_clean(settings)
    before = _names(settings)

    # What needs them goes first: months are judged before files, and leave with the very same cleanup's next.
    _clean(kept)
    assert months(ask) == []
    assert _raw(cleanup.plan(kept, now=_LATER)) == {"ann-E1.csv": "", "ann-E3.csv": "", "ann-E4.csv": ""}
    demand_clean(settings)
    held = holds.add(settings, Scope(file="ann-E4.csv"), reason="case 7", made_by="eve")
    done = _clean(kept)
    assert _raw(done) == {"ann-E1.csv": "", "ann-E3.csv": "", "ann-E4.csv": f"under hold {held.hold_id}: case 7"}
    ((left,),) = ask("SELECT sha256 FROM files WHERE name = 'ann-E4.csv'")
    assert _names(settings) == {left} < before
    noted = ask("SELECT item, state FROM cleanups WHERE kind = 'raw_files' AND state = 'done' AND bytes > 0")
    assert {item for item, _ in noted} == before - {left}
    ((found,),) = (ask("SELECT count(*) FROM files WHERE size > 0 AND records > 0"),)
    assert found == (3,), "what they were stays"

    told = [text for text in demand_clean(settings) if _TOLD in text]
    assert [text[:29] for text in told] == ["9 records of 2 kept files: by"]
    assert _raw(_clean(kept)) == {"ann-E4.csv": f"under hold {held.hold_id}: case 7"}


@pytest.fixture
def gone(take: Take, filled: None, kept: Settings) -> Settings:  # noqa: ARG001 - comes after them
    """The bytes of all three files are gone."""
    demand_clean(kept)
    _clean(kept)
    _clean(kept)
    assert _names(kept) == set()
    return kept


def test_later_files_repeat_correct_and_bring_back_what_is_gone(gone: Settings, take: Take, ask: Ask) -> None:
    bare = _without_id("2024-03-07")
    again = take(ann=[line(5, "2024-03-30"), line(1, "2024-03-05"), bare, bare, bare, bare])
    assert (again.published, again.duplicate) == (2, 4)
    assert "2024-03" in months(ask), "a late record brings its month back whole"
    demand_clean(gone)

    revised = gone.home / "revised.csv"
    revised.write_text(f"{HEADER},exec_type,exec_ref_id,revision\n{line(9, '2024-03-05', amount='9.5')},G,E1,1\n")
    assert run_all(gone, [Landing(revised, user="ann")]).published == 1
    assert ask("SELECT exec_id, superseded_reason FROM superseded_operations") == [("E1", "correction")]
    demand_clean(gone)

    ((operation_id,),) = ask("SELECT operation_id::text FROM trading_operations WHERE exec_id = 'E3'")
    traced = trace(gone, asked(str(gone.postgres_url), operation(operation_id)))
    assert traced.file is not None
    assert (traced.file.removed or "").startswith(_TOLD)
    assert (traced.problems, traced.record, traced.file.kept) == ((), None, "")


def test_the_very_file_is_known_again(gone: Settings, take: Take) -> None:
    bare = _without_id("2024-03-07")
    again = take(ann=[line(1, "2024-03-05"), line(2, "2024-04-05"), bare, bare])
    assert (again.published, again.duplicate, again.balanced) == (0, 4, True)
    assert len(_names(gone)) == 1
    assert [text[:29] for text in demand_clean(gone) if _TOLD in text] == ["9 records of 2 kept files: by"], (
        "read again"
    )
    assert _raw(_clean(gone)) == {"ann-E1.csv": ""}
    demand_clean(gone)


def test_rows_that_were_altered_or_lost_since_are_named(gone: Settings, ask: Ask) -> None:
    root = lake.table_path(gone.home, TRADING_OPERATIONS.name).as_uri()
    sound = DeltaTable(root).version()
    for change, kind in (
        (pl.lit(1, pl.Int64()).alias("row_fp"), "lake_sum"),
        ((pl.col("amount") + 1).alias("amount"), "lake_cell"),
        (pl.lit("E77").alias("exec_id"), "lake_cell"),
    ):
        _say_version(ask, _altered(gone, sound, change))
        assert kind in verify(gone).counts
    DeltaTable(root).delete("exec_id = 'E1'")
    _say_version(ask, DeltaTable(root).version())
    assert "lake_sum" in verify(gone).counts
    _say_version(ask, sound)
    demand_clean(gone)


def _altered(settings: Settings, version: int, change: pl.Expr) -> int:
    """Write a version of the lake's table of operations anew with one row altered; the version that this makes."""
    root = lake.table_path(settings.home, TRADING_OPERATIONS.name).as_uri()
    rows = pl.from_arrow(DeltaTable(root, version=version).to_pyarrow_table())
    assert isinstance(rows, pl.DataFrame)
    mine = pl.col("exec_id").eq_missing(pl.lit("E3"))
    altered = pl.concat([rows.filter(~mine), rows.filter(mine).with_columns(change)])
    arrow = altered.to_arrow(compat_level=pl.CompatLevel.oldest())
    write_deltalake(root, arrow, mode="overwrite", partition_by=["month"])
    return DeltaTable(root).version()


def _say_version(ask: Ask, version: int) -> None:
    ask(
        "UPDATE generations SET lake = jsonb_set(lake::jsonb, '{trading_operations}', %s::text::jsonb) "
        "WHERE generation = (SELECT max(generation) FROM generations) RETURNING 1",
        str(version),
    )


_DYING = """
import os, signal, sys
from datetime import datetime
from nexus_data import cleanup
from nexus_data.settings import Settings

def die(event, args):
    if event == "os.remove" and "/raw/" in str(args[0]):
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(die)
cleanup.clean(Settings.from_env(), now=datetime.fromisoformat(sys.argv[1]))
"""


@pytest.mark.usefixtures("filled")
def test_a_removal_that_broke_off_is_finished_and_one_that_had_not_begun_is_judged_again(
    kept: Settings, ask: Ask
) -> None:
    demand_clean(kept)
    _clean(kept)
    demand_clean(kept)
    environment = {
        **os.environ,
        "NEXUS_HOME": str(kept.home),
        "NEXUS_POSTGRES_URL": str(kept.postgres_url),
        "NEXUS_REDIS_URL": str(kept.redis_url),
        "NEXUS_RETENTION": _RETENTION,
    }
    died = subprocess.run([sys.executable, "-c", _DYING, _LATER.isoformat()], env=environment, check=False)
    assert died.returncode == -signal.SIGKILL
    assert ask("SELECT count(*) FROM cleanups WHERE kind = 'raw_files' AND state = 'intended'") == [(3,)]
    assert len(_names(kept)) == 3, "it died as it was about to"
    assert all(_TOLD not in text for text in demand_clean(kept))

    first = next(path for path in sorted((kept.home / "raw").glob("??/*")))
    first.unlink()
    assert any(_TOLD in text for text in demand_clean(kept)), "had it died a moment later"
    holds.add(kept, Scope(user="ann"), reason="case 8", made_by="eve")
    done = _clean(kept)
    assert [one.item for one in done.finished if one.kind == "raw_files"] == [first.name]
    assert set(_raw(done).values()) == {"under hold 1: case 8"}
    assert len(_names(kept)) == 2
    assert ask("SELECT item, state FROM cleanups WHERE kind = 'raw_files'") == [(first.name, "done")]

    holds.remove(kept, 1, reason="closed", removed_by="eve")
    altered = next(path for path in sorted((kept.home / "raw").glob("??/*")))
    altered.chmod(0o600)
    altered.write_bytes(altered.read_bytes().replace(b"EUR", b"USD"))
    refused = [why for why in _raw(_clean(kept)).values() if why]
    assert [why[:43] for why in refused] == ["its bytes were altered since they were kept"]
    assert _names(kept) == {altered.name}
    assert not verify(kept).ok
    assert [why[:12] for why in _raw(cleanup.plan(kept, now=_LATER)).values()] == ["not verified"], "something differs"


def test_what_is_needed_still_is_refused(kept: Settings) -> None:
    users = "user_id,email,display_name,primary_pov_role,status,created_at\nann,a@example.org,Ann,,active,\n"
    texts = {
        "users.csv": users,
        "rejected.csv": f"{HEADER}\n{line(1, '2024-03-05')}\n{line(2, '2024-03-32')}\n",
        "all.full.csv": f"{HEADER}\n{line(3, '2024-03-05')}\n",
    }
    for name, text in texts.items():
        (kept.home / name).write_text(text, encoding="utf-8")
    run_all(kept, [Landing(kept.home / name, user=None if name == "users.csv" else "ann") for name in texts])
    demand_clean(kept)
    _clean(kept)
    demand_clean(kept)
    assert _raw(_clean(kept)) == {
        "users.csv": "its rows are of a table that is served whole",
        "rejected.csv": "1 of its records wait in quarantine: `nexus quarantine list`",
        "all.full.csv": "it corrects or cancels records of other files, or is a version of a full export",
    }
    assert len(_names(kept)) == 3


def test_generations_that_nothing_names_go(settings: Settings, take: Take, ask: Ask) -> None:
    keep = keeping(settings, "generations=12m")
    take(ann=[line(1, "2024-03-05")])
    nights = (
        "INSERT INTO generations SELECT n, 'night-' || n, now(), lake FROM generations, generate_series(2, 1010) AS n "
    )
    ask(nights + "RETURNING 1")
    assert "generations" not in {one.kind for one in cleanup.plan(keep).removed}
    planned = [(one.item, one.records) for one in cleanup.plan(keep, now=_LATER).removed if one.kind == "generations"]
    assert planned == [("up to generation 10", 9)], "the newest thousand stay, and what the ledger names"
    _clean(keep)
    assert ask("SELECT generation FROM generations ORDER BY 1 LIMIT 3") == [(1,), (11,), (12,)]
    assert "9 generations that nothing names: removed by retention" in demand_clean(settings)
    ask("DELETE FROM generations WHERE generation = 500 RETURNING 1")
    assert verify(settings).counts == {"generation_missing": 1}
