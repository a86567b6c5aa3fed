"""Tasks asked for become one run each, and are followed to their end, whoever is killed in between."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import dagster as dg
import pytest
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteRepositoryOrigin
from psycopg.types.json import Jsonb

from nexus_data.background.uploads import Upload, sweep
from nexus_data.landing import Landing
from nexus_data.pipeline import run_all
from nexus_data.postgres.connect import connection
from nexus_data.settings import Settings
from nexus_data.sql import query
from pipelines.definitions import defs
from pipelines.instance import opened
from pipelines.task_sensor import background_tasks
from tests.pipelines.rows import ANN, USERS

Row = dict[str, Any]


@pytest.fixture
def instance(installation: Settings) -> Iterator[dg.DagsterInstance]:
    with opened(installation) as found:
        yield found


def ask(settings: Settings, user_id: str = "ann", type_: str = "process_dataset", **parameters: Any) -> str:
    """What POST /frenly-ai/tasks writes."""
    task_id = str(uuid4())
    values = {"task_id": task_id, "user_id": user_id, "type": type_, "title": None, "priority": "high"}
    key = {"parameters": Jsonb(parameters), "idempotency_key": task_id, "request_sha256": ""}
    with connection(settings.postgres_url or "") as database:
        database.execute(query("background/insert"), values | key)
    return task_id


def state(settings: Settings, task_id: str) -> Row:
    with connection(settings.postgres_url or "") as database:
        cursor = database.execute("SELECT * FROM background_tasks WHERE task_id = %s", (task_id,))
        row = cursor.fetchone()
        assert row is not None
        return dict(zip([column.name for column in cursor.description or ()], row, strict=True))


def cancel(settings: Settings, task_id: str) -> None:
    with connection(settings.postgres_url or "") as database:
        database.execute(query("background/cancel"), {"task_id": task_id})


def look(instance: dg.DagsterInstance) -> list[dg.RunRequest]:
    result = background_tasks(dg.build_sensor_context(instance=instance, definitions=defs))
    return list(result.run_requests or []) if isinstance(result, dg.SensorResult) else []


def execute(instance: dg.DagsterInstance, request: dg.RunRequest) -> dg.ExecuteInProcessResult:
    job = defs.resolve_job_def(str(request.job_name))
    return job.execute_in_process(
        instance=instance, run_config=request.run_config, tags=request.tags, raise_on_error=False
    )


def uploaded(settings: Settings, text: str, *, name: str = "users.csv", user_id: str = "ann") -> str:
    upload = Upload(settings.home, user_id, name)
    upload.write(text.encode())
    upload_id = upload.kept()
    upload.close()
    return upload_id


def test_an_upload_is_taken_in_by_one_run_and_its_outcome_told(
    installation: Settings, instance: dg.DagsterInstance
) -> None:
    upload = uploaded(installation, f"{USERS}\n{ANN}\nbroken\n")
    task_id = ask(installation, uploads=[upload])
    (request,) = look(instance)
    (again,) = look(instance)
    assert request.run_key == again.run_key == task_id, "a look that died is repeated, and Dagster makes one run a key"
    assert request.tags["dagster/priority"] == "1"
    assert sweep(installation.home, wanted={upload}, now=2e12) == 0

    run = execute(instance, request)
    assert look(instance) == []
    task = state(installation, task_id)
    assert (task["status"], task["progress"], task["run_id"]) == ("completed", 100, run.run_id)
    assert task["created_at"] <= task["started_at"] <= task["finished_at"]
    result = task["result"]
    assert (result["published"], result["rejected"], result["balanced"], result["generation"]) == (1, 1, True, 1)
    assert [(one["name"], one["status"], one["published"]) for one in result["files"]] == [
        ("users.csv", "published", 1)
    ]
    assert str(installation.home) not in str(result), "where things lie on the server is nobody's business"

    assert sweep(installation.home, wanted=set()) == 0, "an upload may be named for a day"
    assert sweep(installation.home, wanted=set(), now=2e12) == 1
    late = ask(installation, uploads=[upload])
    assert look(instance) == []
    assert "send the file again" in state(installation, late)["error_message"]


def test_what_has_landed_is_taken_in_for_its_user_alone(installation: Settings, instance: dg.DagsterInstance) -> None:
    for user in ("ann", "bob"):
        place = installation.home / "landing" / "nexus" / user
        place.mkdir(parents=True)
        (place / "users.csv").write_text(f"{USERS}\n{ANN.replace('ann', user)}\n")
    tasks = [ask(installation, user_id=user) for user in ("ann", "../nexus/bob", "eve", ".")]
    (request,) = look(instance)
    config = request.run_config["ops"]["raw_files"]["config"]
    assert request.run_key == tasks[0]
    assert config["paths"] == [str(installation.home / "landing" / "nexus" / "ann")]
    assert [state(installation, one)["status"] for one in tasks[1:]] == ["failed"] * 3
    assert "nothing has landed for you" in state(installation, tasks[1])["error_message"]


def test_a_cleanup_tells_what_would_go_and_what_went(installation: Settings, instance: dg.DagsterInstance) -> None:
    place = installation.home / "landing" / "nexus"
    place.mkdir(parents=True)
    tried = ask(installation, type_="cleanup_old_data", dry_run=True)
    done = ask(installation, type_="cleanup_old_data", dry_run=False)
    requests = {str(one.run_key): one for one in look(instance)}
    for task_id in (tried, done):
        assert execute(instance, requests[task_id]).success
    look(instance)
    told = [state(installation, task_id) for task_id in (tried, done)]
    assert [one["status"] for one in told] == ["completed", "completed"]
    assert [one["result"]["dry_run"] for one in told] == [True, False]
    assert told[1]["result"]["cleanup_id"] == told[1]["run_id"]


def test_a_report_is_written_and_named_by_its_id(installation: Settings, instance: dg.DagsterInstance) -> None:
    file = installation.home / "users.csv"
    file.write_text(f"{USERS}\n{ANN}\n")
    run_all(installation, [Landing(file)])
    task_id = ask(installation, type_="generate_report", period="2024-03", formats=["html"])
    (request,) = look(instance)
    assert execute(instance, request).success
    look(instance)
    task = state(installation, task_id)
    (report,) = task["result"]["reports"]
    assert (task["status"], report["user_id"], report["format"], report["generation"]) == (
        "completed",
        "ann",
        "html",
        1,
    )


def test_a_failed_run_tells_the_librarys_own_error(installation: Settings, instance: dg.DagsterInstance) -> None:
    task_id = ask(installation, uploads=[uploaded(installation, f"{USERS}\n{ANN}\n")])
    (request,) = look(instance)
    (installation.home / "last-published-run").write_text("elsewhere")
    # Opening a run is tried again by Dagster; what matters here is the last try.
    assert not execute(instance, request.with_replaced_attrs(tags=request.tags | {"dagster/max_retries": "0"})).success
    look(instance)
    task = state(installation, task_id)
    assert task["status"] == "failed"
    assert task["error_message"].startswith(f"{installation.home} was last published to another database")


def test_a_task_is_cancelled_with_its_run_and_before_it_has_one(
    installation: Settings, instance: dg.DagsterInstance
) -> None:
    upload = uploaded(installation, f"{USERS}\n{ANN}\n")
    early, queued = (ask(installation, uploads=[upload]) for _ in range(2))
    requests = {str(one.run_key): one for one in look(instance)}
    assert set(requests) == {early, queued}
    run = _made(instance, requests[queued], dg.DagsterRunStatus.QUEUED)
    for task_id in (early, queued):
        cancel(installation, task_id)
        assert state(installation, task_id)["status"] == "pending", "claimed: only the scheduler knows of its run"
    assert look(instance) == []
    assert [state(installation, one)["status"] for one in (early, queued)] == ["cancelled", "cancelled"]
    assert instance.get_run_by_id(run.run_id).status is dg.DagsterRunStatus.CANCELED  # type: ignore[union-attr]


def test_a_run_whose_process_died_is_tried_again_before_the_task_fails(
    installation: Settings, instance: dg.DagsterInstance
) -> None:
    task_id = ask(installation, uploads=[uploaded(installation, f"{USERS}\n{ANN}\n")])
    (request,) = look(instance)
    first = _died(installation, instance, request)
    look(instance)
    assert instance.get_run_by_id(first.run_id).status is dg.DagsterRunStatus.FAILURE  # type: ignore[union-attr]
    assert state(installation, task_id)["status"] == "running", "Dagster's daemon tries it again"
    last = _died(installation, instance, request.with_replaced_attrs(tags=request.tags | {"dagster/max_retries": "0"}))
    look(instance)
    task = state(installation, task_id)
    assert (task["status"], task["run_id"]) == ("failed", last.run_id)
    assert last.run_id in task["error_message"]


def _died(settings: Settings, instance: dg.DagsterInstance, request: dg.RunRequest) -> dg.DagsterRun:
    run = _made(instance, request, dg.DagsterRunStatus.STARTED)
    lock = settings.home / "dagster" / "alive" / run.run_id
    lock.parent.mkdir(exist_ok=True)
    lock.touch()
    return run


def _made(instance: dg.DagsterInstance, request: dg.RunRequest, status: dg.DagsterRunStatus) -> dg.DagsterRun:
    """The run as Dagster's daemon makes it."""
    job = defs.resolve_job_def(str(request.job_name))
    location = RegisteredCodeLocationOrigin("nexus_data")
    origin = RemoteRepositoryOrigin(location, "__repository__").get_job_origin(job.name)
    return instance.create_run_for_job(
        job, run_config=request.run_config, tags=request.tags, status=status, remote_job_origin=origin
    )


def test_a_database_of_an_earlier_release_has_no_tasks(installation: Settings) -> None:
    with connection(installation.postgres_url or "") as database:
        database.execute("DROP TABLE background_tasks")
    with opened(installation) as instance:
        assert look(instance) == []
