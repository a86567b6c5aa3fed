"""Installations in a known state, many times over: a home, a database and a cache that are copied, not run again."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from redis import Redis

from nexus_data.postgres.migrate import migrate
from nexus_data.services import Services
from tests.crash.moments import Key
from tests.crash.readers import Answers, ask_once
from tests.crash.scenes import Step
from tests.crash.states import State, state_of
from tests.crash.zygote import Job, Zygote

CopyDatabase = Callable[..., AbstractContextManager[str]]
"""`with copy(name, tablespace=None) as url`: a database of its own with the same content, gone at the end."""


@dataclass(frozen=True, slots=True)
class Installation:
    """A home and the services it uses."""

    home: Path
    services: Services
    files: Path

    def job(self, step: Step, **more: object) -> Job:
        """A step, as a job here."""
        return Job(
            task="rebuild" if step.months else "run",
            run_id=str(uuid4()),
            home=str(self.home),
            postgres_url=self.services.postgres_url,
            redis_url=self.services.redis_url,
            files=tuple(str(self.files / name) for name in step.files),
            months=step.months,
            **more,  # type: ignore[arg-type]
        )

    def state(self) -> State:
        """What is published here."""
        services = self.services
        return state_of(self.home, postgres_url=services.postgres_url, redis_url=services.redis_url)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What undisturbed steps come to: a copy of it, its state, what readers are told, the last step's moments."""

    database: str
    home: Path
    cache: dict[bytes, bytes]
    state: State
    answers: Answers
    moments: dict[Key, int]


@dataclass(slots=True)
class Installations:
    """Makes installations that have gone through steps. keep: copies a database for good."""

    zygote: Zygote
    services: Services
    folder: Path
    files: Path
    copy: CopyDatabase
    keep: Callable[[str], str]
    _known: dict[tuple[Step, ...], Checkpoint] = field(default_factory=dict)

    def after(self, *steps: Step) -> Checkpoint:
        """The checkpoint after these steps; made when first asked for."""
        if steps not in self._known:
            with self.at(*steps[:-1]) if steps else self._installed("template0", {}) as here:
                self._known[steps] = self._checkpoint(here, steps)
        return self._known[steps]

    @contextmanager
    def at(self, *steps: Step, folder: Path | None = None, tablespace: str | None = None) -> Iterator[Installation]:
        """An installation that has gone through the steps; its home in a folder, its database in a tablespace."""
        checkpoint = self.after(*steps)
        with self._installed(checkpoint.database, checkpoint.cache, folder=folder, tablespace=tablespace) as here:
            shutil.copytree(checkpoint.home, here.home, dirs_exist_ok=True)
            yield here

    def forget_yesterday(self) -> bool:
        """Forget checkpoints of another day than today, for marts say of which day they are; whether there were any."""
        old = [steps for steps, one in self._known.items() if one.state.day != datetime.now(UTC).date()]
        for steps in old:
            del self._known[steps]
        return bool(old)

    def _checkpoint(self, here: Installation, steps: tuple[Step, ...]) -> Checkpoint:
        moments: dict[Key, int] = {}
        if steps:
            ended = self.zygote.carry_out(here.job(steps[-1], counted=True))
            assert ended.error is None, ended
            moments = ended.counted or {}
        database = self.keep(here.services.postgres_url)
        home = shutil.copytree(here.home, self.folder / f"kept-{uuid4().hex[:8]}")
        cache = self._read_cache()
        migrate(here.services.postgres_url)  # before the first run there is nothing to ask
        return Checkpoint(database, home, cache, here.state(), ask_once(here.services), moments)

    @contextmanager
    def _installed(
        self,
        database: str,
        cache: dict[bytes, bytes],
        *,
        folder: Path | None = None,
        tablespace: str | None = None,
    ) -> Iterator[Installation]:
        home = (folder or self.folder) / uuid4().hex[:8]
        home.mkdir()
        with Redis.from_url(self.services.redis_url) as client:
            client.flushdb()
            if cache:
                client.mset(cache)  # type: ignore[arg-type]
        try:
            with self.copy(database, tablespace=tablespace) as url:
                yield Installation(home, Services(url, self.services.redis_url), self.files)
        finally:
            shutil.rmtree(home, ignore_errors=True)

    def _read_cache(self) -> dict[bytes, bytes]:
        with Redis.from_url(self.services.redis_url) as client:
            return {key: client.get(key) for key in client.scan_iter(_type="string")}  # type: ignore[misc]
