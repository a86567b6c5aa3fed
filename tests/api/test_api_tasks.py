"""Background tasks over HTTP: written down once, shown beside those of files, cancelled, and nobody else's."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from nexus_data.api.app import create_app
from nexus_data.api.task_documents import Task, Tasks, TaskStatus
from nexus_data.background.following import Standing, note, open_tasks
from nexus_data.settings import Settings
from tests.canonical_rows import row

URL = "/api/v3/frenly-ai/tasks"
ASKED = {"type": "process_dataset", "parameters": {"source": "nexus"}, "title": "March"}


def ask(client: Any, headers: dict[str, str], key: str = "k1", asked: dict[str, Any] | None = None) -> Any:
    return client.post(URL, json=asked or ASKED, headers={**headers, "Idempotency-Key": key})


def test_a_task_is_made_once_a_key(client, token):
    first, again = ask(client, token("ada")), ask(client, token("ada"))
    assert (first.status_code, again.status_code) == (201, 200)
    made = msgspec.json.decode(first.content, type=Task)
    assert again.json()["task_id"] == made.task_id
    assert (made.status, made.progress, made.origin, made.title) == ("pending", 0, "api", "March")
    assert made.parameters == {"source": "nexus", "uploads": [], "confirm_shrink": False}

    other = ask(client, token("ada"), asked={**ASKED, "title": "April"})
    assert (other.status_code, "another request" in other.json()["detail"]) == (409, True)
    assert ask(client, token("bob")).json()["task_id"] != made.task_id, "a key is its user's own"
    shown = client.get(first.headers["Location"], headers=token("ada"))
    assert shown.json() == first.json()


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ({"type": "make_coffee"}, "k"),
        ({"type": "process_dataset", "parameters": {"source": "../../etc"}}, "k"),
        ({"type": "process_dataset", "parameters": {"uploads": ["../x"]}}, "k"),
        ({"type": "process_dataset", "parameters": {"paths": ["/etc/passwd"]}}, "k"),
        ({"type": "process_dataset", "priority": "urgent"}, "k"),
        (ASKED, ""),
        (ASKED, "k" * 201),
    ],
)
def test_what_cannot_be_asked_is_refused(client, token, asked, key):
    refused = ask(client, token("ada"), key=key, asked=asked)
    assert (refused.status_code, refused.headers["Content-Type"]) == (400, "application/problem+json")
    without = client.post(URL, json=ASKED, headers=token("ada"))
    assert without.status_code == 400
    assert client.get(URL, headers=token("ada")).json()["tasks"] == []


def test_tasks_of_files_and_of_the_api_are_listed_together_page_by_page(client, token, publish):
    of_files = [
        row("frenly_ai_tasks", task_id=f"f{n}", user_id=user, created_at=datetime(2024, 1, n, tzinfo=UTC))
        for n, user in ((1, "ada"), (2, "ada"), (3, "bob"))
    ]
    publish(1, frenly_ai_tasks=of_files)
    made = [ask(client, token("ada"), key=f"k{n}").json()["task_id"] for n in range(3)]

    found, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        wanted = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        answer = client.get(URL, params=wanted, headers=token("ada"))
        page = msgspec.json.decode(answer.content, type=Tasks)
        found += [one.task_id for one in page.tasks]
        cursor, pages = page.next, pages + 1
        assert (page.generation, answer.headers["X-Data-Generation"]) == (1, "1")
    assert (found, pages) == ([*reversed(made), "f2", "f1"], 3)

    assert _ids(client, token, offset=3, limit=1) == ["f2"]
    assert _ids(client, token, origin="file") == ["f2", "f1"]
    assert _ids(client, token, status="running") == []
    assert _ids(client, token, type="process_dataset", origin="api") == [*reversed(made)]
    assert client.get(URL, params={"cursor": "x"}, headers=token("ada")).status_code == 400


def _ids(client: Any, token: Any, **wanted: Any) -> list[str]:
    return [one["task_id"] for one in client.get(URL, params=wanted, headers=token("ada")).json()["tasks"]]


def test_a_task_is_nobody_elses(client, token):
    task_id = ask(client, token("ada")).json()["task_id"]
    for method, path in (("GET", f"{URL}/{task_id}"), ("POST", f"{URL}/{task_id}/cancel")):
        theirs, absent = (
            client.request(method, path.replace(task_id, one), headers=token("bob")) for one in (task_id, "no")
        )
        assert (theirs.status_code, absent.status_code) == (404, 404)
        assert theirs.json()["detail"].replace(task_id, "no") == absent.json()["detail"]
        assert client.request(method, path).status_code == 401


def test_waiting_tasks_are_cancelled_at_once_and_claimed_ones_by_the_scheduler(client, token, settings: Settings):
    waiting, taken = (ask(client, token("ada"), key=key).json()["task_id"] for key in ("a", "b"))
    answer = client.post(f"{URL}/{waiting}/cancel", headers=token("ada"))
    assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")
    assert answer.json()["finished_at"]

    assert [one.task_id for one in open_tasks(settings)] == [taken]
    answer = client.post(f"{URL}/{taken}/cancel", headers=token("ada"))
    assert (answer.status_code, answer.json()["status"], answer.json()["finished_at"]) == (202, "pending", None)
    assert [one.cancel for one in open_tasks(settings)] == [True]

    note(settings, [Standing(taken, "completed", finished_at=datetime.now(UTC))])
    note(settings, [Standing(taken, "failed", error_message="too late")])
    late = client.post(f"{URL}/{taken}/cancel", headers=token("ada"))
    assert late.status_code == 409
    shown = client.get(f"{URL}/{taken}", headers=token("ada")).json()
    assert (shown["status"], shown["error_message"]) == ("completed", None), "what has ended stays as it ended"


def test_the_status_counts_tasks(client, token, publish):
    publish(1, frenly_ai_tasks=[row("frenly_ai_tasks", task_id="f", user_id="ada", status="completed")])
    ask(client, token("ada"))
    ask(client, token("bob"))
    answer = client.get("/api/v3/frenly-ai/status", headers=token("ada"))
    told = msgspec.json.decode(answer.content, type=TaskStatus)
    assert (told.user_id, told.generation, told.tasks) == ("ada", 1, {"completed": 1, "pending": 1})
    assert "process_dataset" in told.types


def test_an_upload_is_kept_by_content_and_bounded(client, token, settings: Settings):
    url = "/api/v3/frenly-ai/uploads"
    sent = b"date,amount\n2024-01-01,1.00\n"
    answers = [
        client.post(url, params={"name": "../../st\x01at/e.csv"}, content=sent, headers=token("ada")) for _ in range(2)
    ]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["upload_id"] == hashlib.sha256(sent).hexdigest()
    kept = [path for path in (settings.home / "uploads").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in kept] == [sent]
    assert "/" not in kept[0].name
    assert kept[0].name == answers[0].json()["name"]

    assert client.post(url, params={"name": "..."}, content=sent, headers=token("ada")).status_code == 400
    assert client.post(url, content=sent, headers=token("ada")).status_code == 400
    assert list((settings.home / "uploads").rglob("*.part")) == []


def test_nobody_fills_the_disk_with_uploads(token, settings: Settings):
    url = "/api/v3/frenly-ai/uploads"
    with TestClient(create_app(replace(settings, max_upload_bytes=100))) as client:

        def sent(size: int, number: int, user: str = "ada") -> tuple[int, str]:
            content = f"{number:03}".encode() * size
            answer = client.post(url, params={"name": "a.csv"}, content=content[:size], headers=token(user))
            return answer.status_code, answer.json().get("detail", "")

        assert sent(101, 0)[0] == 413
        assert [sent(100, number)[0] for number in range(16)] == [201] * 16
        assert sent(100, 15)[0] == 413, "the very same: its bytes come in before anybody knows"
        status, detail = sent(1, 17)
        assert (status, "larger than 1600 bytes together" in detail) == (413, True)
        assert sent(100, 17, user="bob")[0] == 201
    assert list((settings.home / "uploads").rglob("*.part")) == []


def test_a_role_that_sees_a_user_sees_the_tasks_and_cannot_end_them(client, token, publish):
    publish(1, users=[row("users", user_id="ada")])
    task_id = ask(client, token("ada")).json()["task_id"]
    auditor = token("eve", role="auditor")
    listed = client.get(URL, params={"user_id": "ada"}, headers=auditor).json()["tasks"]
    assert [one["task_id"] for one in listed] == [task_id]
    assert client.get(f"{URL}/{task_id}", headers=auditor).status_code == 200
    assert client.post(f"{URL}/{task_id}/cancel", headers=auditor).status_code == 404


def test_a_cleanup_is_asked_for_by_who_may(client, token):
    asked = {"type": "cleanup_old_data"}
    refused = ask(client, token("ada", role="auditor"), asked=asked)
    assert (refused.status_code, "compliance_officer" in refused.json()["detail"]) == (403, True)
    made = ask(client, token("ada", role="compliance_officer"), asked=asked)
    assert (made.status_code, made.json()["parameters"]) == (201, {"dry_run": True})


def test_a_report_is_asked_for_of_whom_one_sees(client, token, publish):
    publish(1, users=[row("users", user_id="ada"), row("users", user_id="bob")])

    def status(key: str, headers: dict[str, str], **parameters: Any) -> int:
        asked = {"type": "generate_report", "parameters": {"period": "2024-03", **parameters}}
        return ask(client, headers, key=key, asked=asked).status_code

    auditor = token("eve", role="auditor")
    assert status("own", token("ada")) == 201
    assert status("other", token("ada"), user_id="bob") == 404
    assert status("other", auditor, user_id="bob") == 201
    assert (status("role", token("ada"), role="judge"), status("role", auditor, role="judge")) == (403, 201)
    assert (status("bad", auditor, period="March"), status("bad", auditor, formats=["doc"])) == (400, 400)
