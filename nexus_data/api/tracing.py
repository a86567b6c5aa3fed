"""Traces of requests and of the statements behind them, sent by OTLP where an endpoint is set. Nothing is loaded else.

A span says what metrics say: method, route template, status, the statement's name; nothing that a user brought.
"""

import time
from typing import TYPE_CHECKING

from litestar.types import Scope

from nexus_data.errors import SettingError

if TYPE_CHECKING:
    from opentelemetry.trace import Span


class Tracing:
    """endpoint: where a collector listens, as in http://127.0.0.1:4318. SettingError where the library is not there."""

    def __init__(self, endpoint: str) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError:
            raise SettingError(
                "NEXUS_OTLP_ENDPOINT needs OpenTelemetry: pip install 'nexus-data[tracing]', or unset it"
            ) from None
        self._provider = TracerProvider(resource=Resource({"service.name": "nexus-api"}), shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("nexus_data.api")

    def begin(self, scope: Scope) -> "Span":
        """A span of this request, current until the end of its task; it continues the trace that the caller names."""
        from opentelemetry import context, trace
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        named = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        came = TraceContextTextMapPropagator().extract(named, context=context.Context())
        span = self._tracer.start_span(str(scope.get("method")), context=came, kind=trace.SpanKind.SERVER)
        context.attach(trace.set_span_in_context(span))
        return span

    def end(self, span: "Span", *, method: str, route: str, status: int) -> None:
        """Its answer has begun."""
        from opentelemetry.trace import Status, StatusCode

        span.update_name(f"{method} {route}")
        span.set_attributes({"http.request.method": method, "http.route": route, "http.response.status_code": status})
        if status >= 500:
            span.set_status(Status(StatusCode.ERROR))
        span.end()

    def asked(self, query: str, seconds: float) -> None:
        """A statement has been answered, for the request that is current; one that several wait for is the first's."""
        from opentelemetry.trace import SpanKind

        ended = time.time_ns()
        begun = ended - round(seconds * 1e9)
        attributes = {"db.system.name": "postgresql", "db.operation.name": query}
        self._tracer.start_span(query, kind=SpanKind.CLIENT, start_time=begun, attributes=attributes).end(ended)

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()
