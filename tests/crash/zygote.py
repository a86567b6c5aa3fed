"""A process that has everything imported and forks a child for each run: a child that starts cold costs seconds.

It reads one job a line and answers in lines of JSON: the child's process id, what the child says, how it ended.
`python -m tests.crash.zygote`; tests talk to it through `Zygote`.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.crash.moments import Moment, arm, count

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Job:
    """What a child does. task: run or rebuild. moment: when to act; None: never.

    act: kill (itself), tell (go on), wait (go on once the file `go` is there). counted: say which moments there are.
    limit: bytes that no file of the child may exceed; 0: any.
    """

    task: str
    run_id: str
    home: str
    postgres_url: str | None
    redis_url: str | None
    files: tuple[str, ...] = ()
    months: tuple[str, ...] = ()
    moment: str | None = None
    act: str = "kill"
    go: str = ""
    counted: bool = False
    limit: int = 0


@dataclass(slots=True)
class Ended:
    """How a child ended: status as of waitpid; summary of a finished run; error: what it raised, its class first."""

    killed: bool = False
    reached: bool = False
    summary: dict[str, Any] | None = None
    error: str | None = None
    counted: dict[tuple[str, str], int] | None = None


class Zygote:
    """The parent's side: one child at a time."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def carry_out(self, job: Job, *, meanwhile: Any = None) -> Ended:
        """Have a child do the job. meanwhile: called with the child's process id once the moment is reached."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asdict(job)) + "\n")
        self._process.stdin.flush()
        ended, pid = Ended(), 0
        for line in self._process.stdout:
            said = json.loads(line)
            pid = said.get("pid", pid)
            if "reached" in said:
                ended.reached = True
                if meanwhile is not None:
                    meanwhile(pid)
            ended.summary = said.get("summary", ended.summary)
            ended.error = said.get("error", ended.error)
            if "counted" in said:
                ended.counted = {(function, event): n for function, event, n in said["counted"]}
            if "status" in said:
                ended.killed = os.WIFSIGNALED(said["status"]) and os.WTERMSIG(said["status"]) == signal.SIGKILL
                return ended
        raise AssertionError(f"the zygote ended: {self._process.wait()}")


@contextmanager
def zygote() -> Iterator[Zygote]:
    """A running zygote."""
    command = [sys.executable, "-m", "tests.crash.zygote"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Zygote(process)
        finally:
            assert process.stdin
            process.stdin.close()
            process.wait(timeout=180)


def _say(**what: Any) -> None:
    os.write(1, (json.dumps(what) + "\n").encode())


def _serve() -> None:
    import nexus_data.pipeline
    import nexus_data.publish  # noqa: F401

    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        job = Job(**json.loads(line))
        pid = os.fork()
        if pid == 0:
            _child(job)
        _, status = os.waitpid(pid, 0)
        _say(status=status)


def _child(job: Job) -> None:
    status = 1
    try:
        _say(pid=os.getpid())
        if job.moment is not None:
            arm(Moment.of(job.moment), lambda: _act(job))
        if job.counted:
            seen = count(lambda: _work(job))
            _say(counted=[[function, event, n] for (function, event), n in seen.items()])
        else:
            _work(job)
        status = 0
    except Exception as error:  # noqa: BLE001 - whatever it is, the test judges it
        _say(error=f"{type(error).__name__}: {error}"[:2000])
    finally:
        os._exit(status)


def _act(job: Job) -> None:
    if job.act == "kill":
        _say(reached=True)
        os.kill(os.getpid(), signal.SIGKILL)
    _say(reached=True)
    while job.act == "wait" and not Path(job.go).exists():
        time.sleep(0.002)


def _work(job: Job) -> None:
    import resource

    from nexus_data.landing import discover
    from nexus_data.pipeline import run_all
    from nexus_data.publish import rebuild
    from nexus_data.runs import open_run
    from nexus_data.settings import Settings

    if job.limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (job.limit, resource.RLIM_INFINITY))
    settings = Settings(home=Path(job.home), postgres_url=job.postgres_url, redis_url=job.redis_url, lock_timeout=300)
    if job.task == "rebuild":
        with open_run(settings, run_id=job.run_id) as run:
            rebuild(run, job.months)
        return
    summary = run_all(settings, discover(settings, [Path(file) for file in job.files], user="u1"), run_id=job.run_id)
    _say(summary={name: getattr(summary, name) for name in ("published", "balanced", "generation", "cache")})


if __name__ == "__main__":
    _serve()
