"""Traces by OpenTelemetry's SDK, sent in batches over OTLP/HTTP by a thread of the SDK's own.

No exception is recorded with its message or its traceback, since those may name what callers sent; the kind is enough,
and the log has the rest under the same RequestId. Invariant: only this module imports opentelemetry.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from fittingroom.setting_logs import TraceSettings
from fittingroom.tracing import Span, Tracing, Untraced, Value, entered

PREFIX = "fittingroom."


class TracingError(Exception):
    """Traces cannot be sent; the message is for the operator."""


def tracing(settings: TraceSettings) -> Tracing:
    """Traces as set, or none. Raises `TracingError`."""
    if settings.endpoint is None:
        return Untraced()
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased  # noqa: PLC0415
    except ImportError as error:
        raise TracingError(
            "trace.endpoint is set, but OpenTelemetry is missing: pip install 'fittingroom[otel]'"
        ) from error
    resource = Resource.create({"service.name": "fittingroom", "service.version": version("fittingroom")})
    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(settings.sample)), resource=resource, shutdown_on_exit=False
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(settings.endpoint, timeout=settings.timeout)))
    return _Otlp(provider, callers=settings.callers)


class _Otlp:
    """The SDK behind `Tracing`. callers: whether a caller's trace is gone on with."""

    def __init__(self, provider: Any, *, callers: bool) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("fittingroom")
        self._callers = callers

    @contextmanager
    def request(self, name: str, request_id: str, parent: str | None = None) -> Iterator[None]:
        """As `Tracing.request`."""
        from opentelemetry.trace import SpanKind  # noqa: PLC0415

        began = time.monotonic()
        zero = time.time_ns() - round(began * 1e9)
        attributes = {f"{PREFIX}request_id": request_id}
        made = self._tracer.start_span(
            name,
            self._context(parent),
            kind=SpanKind.SERVER,
            attributes=attributes,
            start_time=_nanoseconds(zero, began),
            record_exception=False,
            set_status_on_exception=False,
        )
        with entered(_OtlpSpan(self._tracer, made, zero)):
            yield

    def close(self) -> None:
        """As `Tracing.close`."""
        self._provider.shutdown()

    def _context(self, parent: str | None) -> Any:
        """The caller's trace, or an empty context: this process's own is nobody's business."""
        from opentelemetry.context import Context  # noqa: PLC0415
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        if parent is None or not self._callers:
            return Context()
        return TraceContextTextMapPropagator().extract({"traceparent": parent}, Context())


class _OtlpSpan:
    """zero: nanoseconds of Unix time at which `time.monotonic()` was 0, as of the trace's beginning."""

    def __init__(self, tracer: Any, made: Any, zero: int) -> None:
        self._tracer = tracer
        self._made = made
        self._zero = zero

    def child(self, name: str, begun: float, attributes: Mapping[str, Value]) -> Span:
        """As `Span.child`."""
        from opentelemetry.context import Context  # noqa: PLC0415
        from opentelemetry.trace import set_span_in_context  # noqa: PLC0415

        made = self._tracer.start_span(
            name,
            set_span_in_context(self._made, Context()),
            attributes=_named(attributes),
            start_time=_nanoseconds(self._zero, begun),
        )
        return _OtlpSpan(self._tracer, made, self._zero)

    def note(self, attributes: Mapping[str, Value]) -> None:
        """As `Span.note`."""
        self._made.set_attributes(_named(attributes))

    def fail(self, kind: str) -> None:
        """As `Span.fail`."""
        from opentelemetry.trace import StatusCode  # noqa: PLC0415

        self._made.set_status(StatusCode.ERROR, kind)

    def end(self, ended: float) -> None:
        """As `Span.end`."""
        self._made.end(_nanoseconds(self._zero, ended))


def _named(attributes: Mapping[str, Value]) -> dict[str, Value]:
    return {PREFIX + name: value for name, value in attributes.items()}


def _nanoseconds(zero: int, seconds: float) -> int:
    return zero + round(seconds * 1e9)
