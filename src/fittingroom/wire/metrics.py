"""What `/metrics` tells Prometheus: how many requests ended how, how long they and their stages took, what is busy.

All numbers live in a registry of their own, so two servers in one process do not mix. Invariant: every label comes from
a list that the server itself keeps short (actions, published codes, reasons, an engine's stages); no label ever holds
an account, a key, an address, or anything else that a caller chose.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from ipaddress import ip_network
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from fittingroom.accounts.cam import Address
from fittingroom.dispatch.protocol import DispatchStatus
from fittingroom.pipeline import RenderedImage
from fittingroom.settings import ServerSettings
from fittingroom.wire.address import Addresses
from fittingroom.wire.trail import Trail

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 45.0, 60.0)
OURS: Final = frozenset(
    {
        "InternalError",
        "ServiceUnavailable",
        *(f"FailedOperation.{name}" for name in ("InnerError", "RequestTimeout", "RpcFail", "ServerError", "Unknown")),
    }
)
"""Codes that say that the fault is the server's, or the time's; every other refusal is the caller's matter."""

CACHED: Final = frozenset({"person", "garment", "review"})

MOST_STAGES: Final = 64
"""Stages that are told apart; an engine with more of them has the rest counted as `other`."""

_STAGE: Final = re.compile(r"[a-z][a-z0-9_.-]{0,31}")


class Listener(Protocol):
    """Is told of each request, as `Metrics` is."""

    def answered(self, trail: Trail) -> None:
        """A request has ended."""

    def rendered(self, picture: RenderedImage, waited: float) -> None:
        """A picture is finished. waited: seconds that its job waited for a worker."""


class Metrics:
    """The numbers of one server."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "fittingroom_requests", "Requests answered.", ["action", "code"], registry=self._registry
        )
        self._refusals = Counter("fittingroom_refusals", "Refusals.", ["code", "reason"], registry=self._registry)
        self._seconds = Histogram(
            "fittingroom_request_seconds",
            "Seconds from the first byte of a request to its answer.",
            ["action", "outcome"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self._stages = Histogram(
            "fittingroom_stage_seconds",
            "Seconds per stage of finished pictures.",
            ["stage"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self._queue = Histogram(
            "fittingroom_queue_seconds",
            "Seconds that jobs of finished pictures waited for a worker.",
            buckets=SECONDS,
            registry=self._registry,
        )
        self._lookups = Counter(
            "fittingroom_cache_lookups",
            "Questions of workers to their memory of earlier photos.",
            ["role", "found"],
            registry=self._registry,
        )
        self._names: set[str] = set()
        self.in_flight = Gauge("fittingroom_requests_in_flight", "Requests being answered.", registry=self._registry)

    def watch(self, status: Callable[[], DispatchStatus]) -> None:
        """Tell of the dispatcher, too. status: asked at each reading."""
        self._registry.register(_Dispatch(status))

    def listen(self, listener: Listener) -> None:
        """Have somebody told of every request, too."""
        self._listeners.append(listener)

    def tell(self, name: str, what: str, read: Callable[[], float]) -> None:
        """Tell of one more number. read: asked at each reading, must not wait for anything."""
        Gauge(f"fittingroom_{name}", what, registry=self._registry).set_function(read)

    def tell_states(self, name: str, what: str, read: Callable[[], Mapping[str, float]]) -> None:
        """Tell of numbers by state, all of which `read` knows from the beginning; see `tell`."""
        gauge = Gauge(f"fittingroom_{name}", what, ["state"], registry=self._registry)
        for state in read():
            gauge.labels(state).set_function(lambda state=state: read()[state])  # type: ignore[misc]

    def answered(self, trail: Trail) -> None:
        """A request has ended."""
        action = trail.action or "none"
        self._requests.labels(action, trail.code).inc()
        self._seconds.labels(action, outcome(trail.code)).observe(time.monotonic() - trail.started)
        if trail.reason is not None:
            self._refusals.labels(trail.code, trail.reason).inc()
        for listener in self._listeners:
            listener.answered(trail)

    def rendered(self, picture: RenderedImage, waited: float) -> None:
        """A picture is finished. waited: seconds that its job waited for a worker."""
        self._queue.observe(waited)
        for name, seconds in picture.stages.items():
            self._stages.labels(self._stage(name)).observe(seconds)
        for role, found in picture.cache:
            if role in CACHED and found in {"hit", "miss"}:
                self._lookups.labels(role, found).inc()
        for listener in self._listeners:
            listener.rendered(picture, waited)

    def text(self) -> bytes:
        """All numbers in Prometheus' text format."""
        return generate_latest(self._registry)

    def _stage(self, name: str) -> str:
        if name in self._names:
            return name
        if len(self._names) >= MOST_STAGES or not _STAGE.fullmatch(name):
            return "other"
        self._names.add(name)
        return name


def outcome(code: str) -> str:
    """`ok`, `gone` (the client hung up), `failed` (see `OURS`) or `refused`."""
    if code in {"OK", "ClientGone"}:
        return "ok" if code == "OK" else "gone"
    return "failed" if code in OURS else "refused"


class _Dispatch(Collector):
    """The dispatcher's status as numbers, at the moment of reading."""

    def __init__(self, status: Callable[[], DispatchStatus]) -> None:
        self._status = status

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering must not ask a dispatcher that has not started."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """The present numbers."""
        status = self._status()
        yield GaugeMetricFamily("fittingroom_workers", "Worker processes.", value=status.workers)
        yield GaugeMetricFamily("fittingroom_jobs_running", "Jobs on a worker.", value=status.running)
        yield GaugeMetricFamily("fittingroom_jobs_waiting", "Jobs that wait for a worker.", value=status.waiting)
        yield CounterMetricFamily(
            "fittingroom_worker_restarts", "Workers started again after a crash or a kill.", value=status.restarts
        )


class MetricsPage:
    """The ASGI application behind `/metrics`, for `server.metrics_from` alone. otherwise: answers everybody else."""

    def __init__(self, metrics: Metrics, settings: ServerSettings, otherwise: ASGIApp) -> None:
        self._metrics = metrics
        self._addresses = Addresses(settings.trusted_proxies)
        self._admitted = tuple(ip_network(text) for text in settings.metrics_from)
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] not in {"GET", "HEAD"} or not self._admits(self._addresses.of(scope)):
            await self._otherwise(scope, receive, send)
            return
        response = Response(self._metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})
        await response(scope, receive, send)

    def _admits(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self._admitted)
