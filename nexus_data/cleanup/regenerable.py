"""What can be made again, or is a copy: old files of the lake, cache keys, staging folders, files that have landed."""

import hashlib
import re
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import redis
from deltalake import DeltaTable

from nexus_data.cleanup.kinds import Candidate, Work
from nexus_data.lake import table_path, versions
from nexus_data.landing import discover, said_by_path
from nexus_data.ledger import current_generation
from nexus_data.postgres.connect import connection
from nexus_data.raw_files import kept_path
from nexus_data.runs import is_writing
from nexus_data.sql import query

_KEY = re.compile(rb"nexus:(\d+):")
_KEYS_AT_ONCE = 500


class Unseen:
    """Readers of published data see nothing of it."""

    publishes = False

    def hide(self, _work: Work, _items: Sequence[str]) -> None:
        """Nothing is seen."""

    def begun(self, _work: Work, _item: str) -> bool:
        """As if it had: to remove what is gone already does nothing, and so it is noted."""
        return True


class LakeHistory(Unseen):
    """Parquet files that no table of the lake consists of any more, and the Delta log before its checkpoint."""

    name = "lake_history"

    def find(self, work: Work) -> Iterator[Candidate]:
        """By lake table."""
        age = work.settings.retention.lake_history
        if age is None:
            return
        for table in versions(work.settings.home):
            root = table_path(work.settings.home, table)
            files = [root / path for path in self._vacuum(work, table, dry_run=True)]
            size = sum(path.stat().st_size for path in files if path.exists())
            if files:
                yield Candidate(self.name, table, len(files), size, f"replaced more than {age} ago")

    def drop(self, work: Work, item: str) -> None:
        """Delete the files, and the log before the newest checkpoint."""
        self._vacuum(work, item, dry_run=False)
        table = DeltaTable(table_path(work.settings.home, item).as_uri())
        table.create_checkpoint()
        table.cleanup_metadata()

    def _vacuum(self, work: Work, table: str, *, dry_run: bool) -> list[str]:
        age = work.settings.retention.lake_history
        days = (work.now.date() - age.before(work.now.date())).days if age else 0
        lake = DeltaTable(table_path(work.settings.home, table).as_uri())
        return lake.vacuum(retention_hours=days * 24, dry_run=dry_run, enforce_retention_duration=False, full=True)


class CacheKeys(Unseen):
    """Keys of generations that are not current."""

    name = "cache"

    def find(self, work: Work) -> Iterator[Candidate]:
        """By generation."""
        found: dict[int, int] = {}
        for _, generation in _old_keys(work):
            found[generation] = found.get(generation, 0) + 1
        for generation, keys in sorted(found.items()):
            yield Candidate(self.name, f"generation {generation}", keys, 0, "not the current generation")

    def drop(self, work: Work, item: str) -> None:
        """Delete the keys of that generation."""
        keys = [key for key, generation in _old_keys(work) if item == f"generation {generation}"]
        with redis.Redis.from_url(work.services.redis_url, socket_connect_timeout=2, socket_timeout=30) as cache:
            for first in range(0, len(keys), _KEYS_AT_ONCE):
                cache.unlink(*keys[first : first + _KEYS_AT_ONCE])


def _old_keys(work: Work) -> list[tuple[bytes, int]]:
    with connection(work.services.postgres_url) as database:
        current = current_generation(database).generation
    try:
        with redis.Redis.from_url(work.services.redis_url, socket_connect_timeout=2, socket_timeout=30) as cache:
            keys = [(key, int(found[1])) for key in cache.scan_iter("nexus:*", 1000) if (found := _KEY.match(key))]
            # Those that run out by themselves are on their way.
            return [(key, old) for key, old in keys if old < current and cache.ttl(key) < 0]
    except redis.RedisError:
        return []  # a cache that is down holds nothing


class Staging(Unseen):
    """Folders of dead runs."""

    name = "staging"

    def find(self, work: Work) -> Iterator[Candidate]:
        """By run; none while one is under way, whose folder is nobody's to judge."""
        if is_writing(work.settings.home):
            return
        for folder in sorted((work.settings.home / "staging").glob("*")):
            files = [path for path in folder.rglob("*") if path.is_file()]
            yield Candidate(self.name, folder.name, len(files), _size(files), "left by a run that died")

    def drop(self, work: Work, item: str) -> None:
        """Delete the folder."""
        shutil.rmtree(work.settings.home / "staging" / item, ignore_errors=True)


class LandedCopies(Unseen):
    """Files in the landing folder whose content is kept by hash, unchanged, since long."""

    name = "landing"

    def find(self, work: Work) -> Iterator[Candidate]:
        """By path below the landing folder."""
        age = work.settings.retention.landing
        if age is None:
            return
        root = work.settings.home / "landing"
        before = datetime.combine(age.before(work.now.date()), datetime.min.time(), UTC).timestamp()
        for landing in discover(work.settings) if root.exists() else ():
            status = landing.path.stat()
            if status.st_ctime < before and self._is_kept(work, landing.path, landing.user):
                name = landing.path.relative_to(root).as_posix()
                yield Candidate(self.name, name, 1, status.st_size, f"kept by its content, landed more than {age} ago")

    def drop(self, work: Work, item: str) -> None:
        """Delete the copy, if it still is one."""
        root = work.settings.home / "landing"
        path = root / item
        # Another file may have landed under the name since.
        if path.exists() and self._is_kept(work, path, said_by_path(path, root)[1]):
            path.unlink()

    def _is_kept(self, work: Work, path: Path, user: str | None) -> bool:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        kept = kept_path(work.settings.home, sha256)
        if not kept.exists() or kept.stat().st_size != path.stat().st_size:
            return False
        with connection(work.services.postgres_url) as database:
            known = database.execute(query("ledger/landed_contents"), {"sha256": [sha256]}).fetchall()
        return (sha256, user or work.settings.default_user) in known


class FinishedTasks(Unseen):
    """Tasks asked for through the API that ended long ago."""

    name = "tasks"

    def find(self, work: Work) -> Iterator[Candidate]:
        """By type."""
        age = work.settings.retention.tasks
        if age is None:
            return
        with connection(work.services.postgres_url) as database:
            rows = database.execute(query("cleanup/tasks"), {"before": age.before(work.now.date())}).fetchall()
        for kind, count in rows:
            yield Candidate(self.name, kind, count, 0, f"ended more than {age} ago")

    def drop(self, work: Work, item: str) -> None:
        """Delete their rows."""
        age = work.settings.retention.tasks
        if age is not None:
            with connection(work.services.postgres_url) as database:
                about = {"before": age.before(work.now.date()), "type": item}
                database.execute(query("cleanup/tasks_delete"), about)


class Measurements(Unseen):
    """Sizes, verifications and duties of long ago."""

    name = "measurements"

    def find(self, work: Work) -> Iterator[Candidate]:
        """By table."""
        age = work.settings.retention.measurements
        if age is None:
            return
        with connection(work.services.postgres_url) as database:
            rows = database.execute(query("cleanup/measurements"), {"before": age.before(work.now.date())}).fetchall()
        for table, count in rows:
            if count:
                yield Candidate(self.name, table, count, 0, f"older than {age}")

    def drop(self, work: Work, item: str) -> None:
        """Delete the rows; the newest verification of everything stays, whatever its age."""
        age = work.settings.retention.measurements
        if age is None:
            return
        with connection(work.services.postgres_url) as database:
            database.execute(query(f"cleanup/measurements/{item}"), {"before": age.before(work.now.date())})


def _size(files: Sequence[Path]) -> int:
    return sum(path.stat().st_size for path in files)
