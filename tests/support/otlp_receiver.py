"""A loopback receiver of OTLP/HTTP: keeps each span that is sent to it, and the bytes as they came.

Invariant: a body that is no export of traces is a failure of the sender's and answered with 400.
"""

from __future__ import annotations

import gzip
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass
class Received:
    """spans: in the order of their ends. bodies: what was sent, unpacked."""

    spans: list[Span] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    resources: list[dict[str, str]] = field(default_factory=list)


class OtlpReceiver(ThreadingHTTPServer):
    """Use as a context manager."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received = Received()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/traces"

    def __enter__(self) -> OtlpReceiver:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def trace(self, request_id: str, seconds: float = 20, root: str = "request") -> list[Span]:
        """All spans of the request's trace, once its root has come (which ends last)."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for span in self.received.spans:
                if span.name == root and attributes(span).get("fittingroom.request_id") == request_id:
                    return [one for one in self.received.spans if one.trace_id == span.trace_id]
            time.sleep(0.05)
        raise AssertionError(f"no trace of {request_id} in {seconds} seconds")


class _Handler(BaseHTTPRequestHandler):
    server: OtlpReceiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        try:
            told = ExportTraceServiceRequest.FromString(body)
        except DecodeError:
            self.send_error(400)
            return
        received = self.server.received
        received.bodies.append(body)
        for resource in told.resource_spans:
            named = resource.resource.attributes
            received.resources.append({entry.key: entry.value.string_value for entry in named})
            received.spans += [one for scope in resource.scope_spans for one in scope.spans]
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def attributes(span: Span) -> dict[str, object]:
    """A span's attributes."""
    return {entry.key: getattr(entry.value, entry.value.WhichOneof("value")) for entry in span.attributes}


def tree(spans: list[Span]) -> dict[str, str | None]:
    """Name of each span -> name of its parent; pictures by their parameter. None: it has none in this trace."""
    names = {span.span_id: _name(span) for span in spans}
    return {_name(span): names.get(span.parent_span_id) for span in spans}


def _name(span: Span) -> str:
    parameter = attributes(span).get("fittingroom.parameter")
    return f"{span.name} {parameter}" if parameter else span.name
