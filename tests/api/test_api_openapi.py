"""The API keeps to its own OpenAPI: whatever that allows, and what it does not, is answered, and never by a failure."""

from contextlib import suppress
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from tests.api.platform_rows import platform

_STREAM = "text/event-stream"


def test_whatever_is_sent_is_no_failure_of_the_server(client, publish, token):
    publish(1, **platform())
    document = client.get("/schema/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    operations = [one.ok() for one in schema.get_all_operations()]
    assert len(operations) > 10
    for operation in operations:
        for mode in GenerationMode:
            # A stream has no end; its route is tested with its events.
            if _STREAM not in str(operation.definition.raw):
                _try_out(operation, mode, client, token("ada", role="auditor"))


def _try_out(operation: Any, mode: GenerationMode, client: Any, headers: dict[str, str]) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=2,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def tried(case: Any) -> None:
        sent = case.as_transport_kwargs(base_url="http://testserver")
        body = {"content": sent["data"]} if isinstance(sent.get("data"), bytes | str) else {"data": sent.get("data")}
        answer = client.request(
            sent["method"],
            sent["url"],
            params=sent.get("params"),
            headers={**_sendable(sent.get("headers") or {}), **headers},
            json=sent.get("json"),
            files=sent.get("files"),
            **({} if sent.get("json") is not None else body),
        )
        assert answer.status_code < 500, (case.method, case.path, answer.text)

    # A route without parameters has nothing that could be wrong with it.
    with suppress(Unsatisfiable):
        tried()


def _sendable(headers: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in headers.items() if str(value).isascii() and str(value).isprintable()}
