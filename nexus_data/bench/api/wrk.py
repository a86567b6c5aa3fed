"""One load by wrk, and what its readers saw. What is asked for is decided elsewhere."""

import resource
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import msgspec

from nexus_data.errors import RunError

_SCRIPT = Path(__file__).with_name("load.lua")
_TIMEOUT_SECONDS = 10
_MOST_FILES = 512
_CONNECTIONS_A_THREAD = 500


class Seen(msgspec.Struct, frozen=True):
    """Answers by status; latencies in microseconds over all of them.

    bad: of 400 and above, without those that are 429 or 503 with Retry-After. connect, read, write, timeout: what else
    failed.
    """

    requests: int
    microseconds: int
    p50: int
    p95: int
    p99: int
    statuses: dict[str, int]
    bad: int
    connect: int
    read: int
    write: int
    timeout: int

    @property
    def failed(self) -> int:
        """All that no reader may see."""
        return self.bad + self.connect + self.read + self.write + self.timeout


@dataclass(frozen=True, slots=True)
class Load:
    """tokens, bodies: files, one a line, taken in turn. pause: milliseconds between two requests of a reader, mean."""

    path: str
    method: str = "GET"
    tokens: Path | None = None
    bodies: Path | None = None
    connections: int = 64
    seconds: int = 10
    pause: int = 0


def demand_wrk(*, connections: int) -> str:
    """Where wrk is. RunError, which says how to get it, when it is not there; or when so many files may not be open."""
    program = shutil.which("wrk")
    if program is None:
        raise RunError(
            "wrk makes the load and is not on the PATH: apt-get install wrk (Debian), brew install wrk (macOS)"
        )
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = connections + _MOST_FILES
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise RunError(
            f"{connections} connections need {needed} open files and {hard} are allowed: ulimit -Hn {needed}"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
    return program


def run(program: str, url: str, load: Load) -> Seen:
    """Put it on the server at that URL. RunError when wrk fails."""
    # wrk looks through all timers of a thread at each of its steps: 5,000 of them take it as much CPU as the API takes.
    threads = max(1, load.connections // _CONNECTIONS_A_THREAD)
    command = [program, f"-t{threads}", f"-c{load.connections}", f"-d{load.seconds}", f"--timeout={_TIMEOUT_SECONDS}"]
    command += ["-s", str(_SCRIPT), url, "--", str(load.tokens or "-"), load.method, load.path]
    done = subprocess.run(  # noqa: S603 - wrk, with our own script
        [*command, str(load.pause), str(load.bodies or "-"), str(threads)], capture_output=True, text=True, check=False
    )
    last = (done.stdout.strip().splitlines() or [""])[-1]
    if done.returncode != 0 or not last.startswith("{"):
        raise RunError(f"wrk ended with status {done.returncode}: {(done.stderr or done.stdout).strip()[-500:]}")
    return msgspec.json.decode(last, type=Seen)
