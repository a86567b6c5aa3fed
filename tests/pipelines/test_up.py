"""`nexus up`: everything answers, files are taken in by themselves, and the end of it leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from itertools import chain, repeat
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

from nexus_data.errors import ServiceError
from nexus_data.settings import Settings
from nexus_data.status import status
from nexus_data.tokens import issue
from pipelines.cli.children import children, watch
from pipelines.cli.ports import free_port
from tests.pipelines.rows import ANN, USERS

SLEEPER = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(600)"]
QUITTER = [sys.executable, "-c", "print('no space left'); raise SystemExit(3)"]


def test_a_child_that_ends_by_itself_is_named_with_its_last_words(tmp_path: Path) -> None:
    commands = {"sleeper": SLEEPER, "quitter": QUITTER}
    with (
        pytest.raises(ServiceError, match=r"(?s)quitter ended by itself \(status 3\).*no space left"),
        children(commands, env=os.environ, logs=tmp_path) as started,
    ):
        watch(started)
    assert [child.process.poll() is not None for child in started] == [True, True]


def test_the_same_children_do_not_start_twice_and_a_killed_parent_does_not_free_their_place(tmp_path: Path) -> None:
    program = (
        "import os, sys, pathlib; from pipelines.cli.children import children\n"
        f"with children({{'sleeper': {SLEEPER!r}}}, env=os.environ, logs=pathlib.Path(sys.argv[1])) as started:\n"
        "    print(started[0].process.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False)
    orphan = int(killed.stdout)
    again = children({"sleeper": SLEEPER}, env=os.environ, logs=tmp_path)
    with pytest.raises(ServiceError, match=f"sleeper \\(process {orphan}\\)"), again:
        pass
    os.kill(orphan, signal.SIGKILL)


def test_up_serves_takes_files_in_and_ends_with_ctrl_c_even_if_that_is_sent_twice(installation: Settings) -> None:
    ports = {"NEXUS_UI_PORT": free_port("127.0.0.1", 23_000), "NEXUS_API_PORT": free_port("127.0.0.1", 28_000)}
    environ = {**os.environ, **{name: str(port) for name, port in ports.items()}}
    command = [sys.executable, "-m", "pipelines.cli", "up"]
    with _ended(subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True)) as process:
        assert process.stderr is not None
        said = _until(process.stderr, "Ctrl-C")
        for name, path in (("NEXUS_UI_PORT", "/server_info"), ("NEXUS_API_PORT", "/health/ready")):
            assert f"127.0.0.1:{ports[name]}" in said
            assert _get(ports[name], path) == 200
        place = installation.home / "landing" / "nexus"
        place.mkdir()
        (place / "users.csv").write_text(f"{USERS}\n{ANN}\n", encoding="utf-8")
        with _client(installation, ports["NEXUS_API_PORT"]) as client:
            task = _ask(client)
            assert _generation(installation, patience=300) >= 1
            done = _ended_task(client, task, patience=300)
        assert (done["status"], done["progress"], done["result"]["published"]) == ("completed", 100, 1), done
        _insist(process, patience=180)
        assert process.returncode == 0
    for port in ports.values():
        with pytest.raises(ConnectionRefusedError):
            _get(port, "/")


def _client(settings: Settings, port: int) -> httpx.Client:
    bearer = issue(settings, "bob", lifetime=timedelta(hours=2))
    headers = {"Authorization": f"Bearer {bearer}", "Idempotency-Key": "one"}
    return httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v3/frenly-ai", headers=headers, timeout=180)


def _ask(client: httpx.Client) -> str:
    sent = client.post("/uploads", params={"name": "users.csv"}, content=f"{USERS}\n{ANN.replace('ann', 'bob')}\n")
    asked = {"type": "process_dataset", "parameters": {"uploads": [sent.json()["upload_id"]]}}
    made = client.post("/tasks", json=asked)
    assert (sent.status_code, made.status_code) == (201, 201), (sent.text, made.text)
    return str(made.json()["task_id"])


def _ended_task(client: httpx.Client, task_id: str, *, patience: float) -> dict[str, Any]:
    deadline = time.monotonic() + patience
    while (task := client.get(f"/tasks/{task_id}").json())["finished_at"] is None and time.monotonic() < deadline:
        time.sleep(1)
    return dict(task)


def _insist(process: "subprocess.Popen[str]", *, patience: float) -> None:
    """Ctrl-C, and then again and again: some of it while the first is being obeyed."""
    process.send_signal(signal.SIGINT)
    deadline = time.monotonic() + patience
    for time_between in chain([0] * 10_000, repeat(0.1)):
        if process.poll() is not None or time.monotonic() > deadline:
            return
        process.send_signal(signal.SIGTERM)
        time.sleep(time_between)


@contextmanager
def _ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """The process, which does not outlive a failed assertion: Popen by itself would wait for it for ever."""
    with process:
        try:
            yield process
        except BaseException:
            process.terminate()
            raise


def _until(stream: IO[str], word: str) -> str:
    said = ""
    for line in stream:
        said += line
        if word in line:
            return said
    raise AssertionError(said)


def _get(port: int, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=180)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def _generation(settings: Settings, *, patience: float) -> int:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and not status(settings).generation:
        time.sleep(1)
    return status(settings).generation
