"""Saving: a copy of everything as one generation shows it, made while no run may publish."""

import shutil
from dataclasses import fields
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

from nexus_data.background.uploads import find
from nexus_data.backup import manifest
from nexus_data.backup.manifest import DUMP, HOME, WHOLE, Manifest
from nexus_data.backup.programs import run
from nexus_data.durable import sync
from nexus_data.errors import BackupError, QuestionError
from nexus_data.postgres.connect import connection
from nexus_data.runs import open_run
from nexus_data.settings import Settings
from nexus_data.sql import query

_SECRET = ("postgres_url", "redis_url", "postgres_bin", "valkey_bin", "notify")
"""URLs hold passwords; folders of programs are this machine's."""


def save(settings: Settings, target: Path) -> Manifest:
    """Write the backup into `target`, which must not be there, or be empty; it appears whole or not at all.

    Runs wait until it is done, readers do not. Raises BackupError, and RunError like a run that cannot begin.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BackupError(f"{target} is there already: name a folder that is not, or is empty")
    part = target.with_name(f".{target.name}.{uuid4().hex}.part")
    try:
        part.mkdir(parents=True, mode=0o700)
        with open_run(settings, run_id=f"backup-{uuid4()}") as quiet:
            arguments = ["--format=custom", "--no-owner", "--no-privileges", *_LEFT_OUT, f"--file={part / DUMP}"]
            run(settings, "pg_dump", arguments, url=quiet.services.postgres_url)
            _copy(settings.home, part / HOME)
            _copy_uploads(settings.home, part / HOME, url=quiet.services.postgres_url)
            made = manifest.write(
                part,
                release=version("nexus-data"),
                created_at=datetime.now(UTC),
                generation=quiet.base.generation,
                settings=_told(settings),
            )
        _settle(part, target)
    except OSError as error:
        raise BackupError(f"{target} cannot be written: {error}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return made


_LEFT_OUT = ("--exclude-table-data=refresh_tokens", "--exclude-schema=build_*")
"""Sessions are secrets of people: they sign in again."""


def _copy(home: Path, target: Path) -> None:
    target.mkdir()
    for name in WHOLE:
        source = home / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("incoming"))
        elif source.exists():
            shutil.copy2(source, target / name)


def _copy_uploads(home: Path, target: Path, *, url: str) -> None:
    """Those that open tasks will take in; others are nobody's, and may go while they are copied."""
    with connection(url) as database:
        wanted = database.execute(query("background/uploads_wanted")).fetchall()
    for user_id, upload_id in wanted:
        try:
            folder = find(home, user_id=user_id, upload_id=upload_id).parent
        except QuestionError:
            continue  # gone: the task says so when its turn comes
        copy = target / folder.relative_to(home)
        shutil.copytree(folder, copy)
        shutil.copystat(folder.parent, copy.parent)


def _settle(part: Path, target: Path) -> None:
    """Into its place by one rename, once all of it is on the disk."""
    for path in part.rglob("*"):
        if path.is_file():
            sync(path)
    part.replace(target)
    sync(target.parent)


def _told(settings: Settings) -> dict[str, str]:
    default = Settings()
    names = [one.name for one in fields(settings) if one.name not in (*_SECRET, "home")]
    given = {name: getattr(settings, name) for name in names if getattr(settings, name) != getattr(default, name)}
    return {f"NEXUS_{name.upper()}": str(value) for name, value in given.items()}
