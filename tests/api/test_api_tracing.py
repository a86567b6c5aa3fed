"""Traces, as a collector gets them by OTLP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from litestar.testing import TestClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from nexus_data.api.app import create_app
from tests.api.platform_rows import platform

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@contextmanager
def collector(spans: list[Span]) -> Iterator[str]:
    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
            spans.extend(one for r in sent.resource_spans for s in r.scope_spans for one in s.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_request_and_its_statements_are_one_trace(settings, publish, token):
    publish(1, **platform())
    spans: list[Span] = []
    with collector(spans) as endpoint:
        with TestClient(create_app(replace(settings, otlp_endpoint=endpoint))) as client:
            path = "/api/v3/projects/dashboard"
            assert client.get(path, headers={**token("ada"), "traceparent": CALLER}).status_code == 200
        (request,) = (one for one in spans if one.name == f"GET {path}")
        assert request.trace_id.hex() == CALLER.split("-")[1]
        assert request.parent_span_id.hex() == CALLER.split("-")[2]
        statement = next(one for one in spans if one.name == "cache/project_dashboard")
        assert (statement.trace_id, statement.parent_span_id) == (request.trace_id, request.span_id)
        assert statement.end_time_unix_nano >= statement.start_time_unix_nano
    assert "ada" not in str(spans)
