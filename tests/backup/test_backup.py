"""A backup is one generation, whole; restored elsewhere it serves the same numbers, and the verifier finds nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from psycopg.types.json import Jsonb

from nexus_data.background.uploads import Upload, find
from nexus_data.backup.manifest import DUMP, NAME
from nexus_data.backup.restore import restore
from nexus_data.backup.save import save
from nexus_data.errors import BackupError
from nexus_data.landing import Landing
from nexus_data.pipeline import run_all
from nexus_data.postgres.connect import connection
from nexus_data.settings import Settings
from nexus_data.sql import query
from nexus_data.tokens import signing_key
from nexus_data.verify import verify
from tests.conftest import FreshDatabase, short_folder
from tests.pipelines.rows import ANN, OPERATIONS, USERS, operation


@pytest.fixture
def published(settings: Settings, tmp_path: Path) -> Settings:
    """An installation of one generation, and a key that nobody else may have."""
    for name, header, lines in (
        ("users.csv", USERS, [ANN]),
        ("first.csv", OPERATIONS, [operation(f"e{n}", f"2024-0{n}-05T10:00:00Z") for n in (3, 4)]),
    ):
        (tmp_path / name).write_text("\n".join([header, *lines, "broken"]) + "\n")
    run_all(settings, [Landing(tmp_path / "users.csv"), Landing(tmp_path / "first.csv")])
    signing_key(settings)
    return settings


@contextmanager
def elsewhere(settings: Settings, fresh_database: FreshDatabase) -> Iterator[Settings]:
    """An empty home with an empty database."""
    with short_folder() as home, fresh_database("template0") as url:
        yield replace(settings, home=home, postgres_url=url)


def test_a_second_home_restored_from_a_backup_serves_the_same(
    published: Settings, fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    waiting = _asked(published, "waiting.csv", "pending")
    _asked(published, "over.csv", "completed")
    made = save(replace(published, api_port=8123, notify=("json://secret@host",)), tmp_path / "kept")
    assert made.generation == 1
    assert made.settings == {"NEXUS_API_PORT": "8123"}
    with elsewhere(published, fresh_database) as second:
        assert restore(second, tmp_path / "kept") == made
        report = verify(second)
        assert report.ok, report.differences
        assert _everything(second) == _everything(published)
        assert _contracts(second) == _contracts(published) != {}, "by which a later release reads its files"
        taken = find(second.home, user_id="ann", upload_id=waiting)
        assert (taken.name, taken.read_text()) == ("waiting.csv", "of waiting.csv")
        assert [one.name for one in (second.home / "uploads").glob("*/*")] == [waiting], "what a task will take in"
        assert taken.parent.parent.stat().st_mode & 0o777 == 0o700
        again = run_all(second, [Landing(tmp_path / "first.csv")])
        assert (again.published, again.duplicate) == (0, 3), "what was in is in"
        with pytest.raises(BackupError, match="is there: restore into an empty NEXUS_HOME"):
            restore(second, tmp_path / "kept")
    assert not list((tmp_path / "kept").rglob("secret*"))
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o700


def test_a_damaged_backup_is_refused_before_anything_is_touched(
    published: Settings, fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    save(published, kept)
    with pytest.raises(BackupError, match="is there already"):
        save(published, kept)
    raw = next(path for path in (kept / "home" / "raw").rglob("*") if path.is_file())
    before = raw.read_bytes()
    with elsewhere(published, fresh_database) as second:
        for damage, said in ((before[:-1] + b"?", "not as it was written"), (None, "missing")):
            raw.unlink() if damage is None else raw.write_bytes(damage)
            with pytest.raises(BackupError, match=said):
                restore(second, kept)
        raw.write_bytes(before)
        (kept / "home" / "more").write_text("")
        with pytest.raises(BackupError, match="does not belong"):
            restore(second, kept)
        (kept / "home" / "more").unlink()
        assert list(second.home.iterdir()) == []
        with connection(second.postgres_url or "") as database:
            database.execute("CREATE TABLE mine (n int)")
        with pytest.raises(BackupError, match=r"has tables \(public.mine"):
            restore(second, kept)
    (kept / NAME).write_text("{}")
    with pytest.raises(BackupError, match="is no backup"):
        restore(published, kept)


def test_a_dump_that_fails_leaves_nothing_behind(published: Settings, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "pg_dump").write_text("#!/bin/sh\necho 'no luck today' >&2\nexit 3\n")
    (programs / "pg_dump").chmod(0o755)
    with pytest.raises(BackupError, match="pg_dump ended with status 3: no luck today"):
        save(replace(published, postgres_bin=programs), tmp_path / "folder" / "kept")
    assert list((tmp_path / "folder").iterdir()) == []
    assert not (tmp_path / DUMP).exists()


def _asked(settings: Settings, name: str, status: str) -> str:
    """An upload of Ann's and a task that names it; the upload's id."""
    upload = Upload(settings.home, "ann", name)
    upload.write(f"of {name}".encode())
    upload_id = upload.kept()
    upload.close()
    about = {"task_id": name, "user_id": "ann", "type": "process_dataset", "title": None, "priority": "normal"}
    about |= {"parameters": Jsonb({"uploads": [upload_id]}), "idempotency_key": name, "request_sha256": ""}
    with connection(settings.postgres_url or "") as database:
        database.execute(query("background/insert"), about)
        database.execute("UPDATE background_tasks SET status = %s WHERE task_id = %s", (status, name))
    return upload_id


def _contracts(settings: Settings) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (settings.home / "contracts").iterdir()}


def _everything(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    tables = ("trading_operations", "quarantine", "ledger", "generations", "files", "marts.daily_totals")
    with connection(settings.postgres_url or "") as database:
        return {name: sorted(database.execute(f"SELECT * FROM {name}"), key=repr) for name in tables}  # noqa: S608
