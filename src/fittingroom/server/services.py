"""The parts of a running server, made from the settings and fitted to each other.

This is the one place that knows every room below the command line. Invariant: parts start in the order of their
needs and stop in the reverse order, also when a later one fails to start.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from fittingroom import pipeline
from fittingroom.accounts import Database, Directory, Limits, Vault
from fittingroom.accounts.issuing import Issuer
from fittingroom.accounts.jobs import JobDesk
from fittingroom.accounts.ledger import Billing
from fittingroom.accounts.limits import Permits, Rates
from fittingroom.dispatch.local import LocalDispatcher
from fittingroom.dispatch.ray.dispatcher import RayDispatcher
from fittingroom.engines.choice import Choice, settled
from fittingroom.images.decode import probe
from fittingroom.images.fetch import Fetcher
from fittingroom.images.hosted import HostingFetcher
from fittingroom.images.limits import PictureLimits
from fittingroom.jobs.runner import Runner
from fittingroom.jobs.telling import Teller
from fittingroom.moderation.hook import ReviewHook
from fittingroom.private import read_or_make_secret
from fittingroom.results import LocalResults, ObjectResults, sweep_forever
from fittingroom.settings import Settings
from fittingroom.tracing import Tracing, otlp
from fittingroom.wire.metrics import Metrics


@dataclass(frozen=True)
class LocalServices:
    """What actions and the wire need, on this one machine."""

    settings: Settings
    choice: Choice
    vault: Vault
    database: Database
    keys: Directory
    tokens: Issuer
    billing: Billing
    limits: Limits
    fetcher: HostingFetcher
    hook: ReviewHook
    dispatcher: LocalDispatcher | RayDispatcher
    results: LocalResults | ObjectResults
    jobs: JobDesk
    metrics: Metrics
    tracing: Tracing

    @property
    def permits(self) -> Permits:
        """Running jobs."""
        return self.limits.permits

    @property
    def rates(self) -> Rates:
        """Requests per second."""
        return self.limits.rates

    def probe(self, data: bytes, *, parameter: str) -> None:
        """Look at a photo's header. Raises `ApiError`."""
        probe(data, parameter=parameter, limits=PictureLimits.of_photos(self.settings.images))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Everything started, for as long as the block runs; then drained and closed."""
        async with AsyncExitStack() as stack:
            stack.callback(self.database.close)
            stack.push_async_callback(asyncio.to_thread, self.tracing.close)
            await self.keys.start()
            stack.push_async_callback(self.keys.stop)
            stack.push_async_callback(self.billing.stop)
            await self.billing.start()
            stack.push_async_callback(self.jobs.stop)
            stack.push_async_callback(self.limits.close)
            await self.fetcher.start()
            stack.push_async_callback(self.fetcher.close)
            await self.hook.start()
            stack.push_async_callback(self.hook.close)
            await self.results.start()
            sweeping = asyncio.create_task(sweep_forever(self.results.sweep, self.settings.results.sweep_interval))
            stack.callback(sweeping.cancel)
            await self.dispatcher.start()
            stack.push_async_callback(self.dispatcher.drain, self.settings.dispatch.grace)
            await self.limits.settle()  # late, since engines load meanwhile
            runner = Runner(self, self.billing, self.jobs, self.settings, self.keys.account, self.tracing)
            stack.push_async_callback(runner.stop)
            await runner.start()
            # Connections of their own: slow receivers of callbacks must not keep photos from being fetched.
            poster = Fetcher(self.settings.fetch)
            stack.push_async_callback(poster.close)
            await poster.start()
            teller = Teller(self.jobs, poster, self.settings.jobs)
            stack.push_async_callback(teller.stop)
            await teller.start()
            yield


def local_services(settings: Settings) -> LocalServices:
    """Make the parts; nothing runs yet. Raises `AccountError`, `VaultError`, `ObjectsError` or `RegistryError`."""
    settings, choice = settled(settings)
    vault = Vault.open(settings.data_dir, settings.accounts.master_key)
    database = Database.open(settings.data_dir, settings.accounts.url)
    directory = Directory(database, vault, settings.accounts.refresh)
    metrics = Metrics()
    billing = Billing(database, settings.billing)
    services = LocalServices(
        settings=settings,
        choice=choice,
        vault=vault,
        database=database,
        keys=directory,
        tokens=Issuer(directory, database, vault),
        billing=billing,
        limits=Limits.of(settings),
        fetcher=HostingFetcher(settings.fetch),
        hook=ReviewHook(settings.moderation, use_proxy_env=settings.fetch.use_proxy_env),
        dispatcher=_dispatcher(settings, metrics),
        results=kept_results(settings),
        jobs=JobDesk(database, vault, settings.jobs, billing.counter.gateway_id),
        metrics=metrics,
        tracing=otlp.tracing(settings.trace),
    )
    _tell(services)
    return services


def _dispatcher(settings: Settings, metrics: Metrics) -> LocalDispatcher | RayDispatcher:
    """Whoever does the work, as set. Raises `RayMissing`."""
    if settings.dispatch.kind == "ray":
        return RayDispatcher(settings, pipeline.render, metrics.rendered)
    return LocalDispatcher(settings, pipeline.render, metrics.rendered)


def _tell(services: LocalServices) -> None:
    """What `/metrics` shows beyond requests and the dispatcher's status."""
    metrics, queue = services.metrics, services.settings.dispatch.queue
    metrics.tell("permits_in_use", "Permits of running jobs that this gateway holds.", lambda: services.permits.in_use)
    metrics.tell_states(
        "submitted_jobs", "Submitted jobs of all gateways that have not ended.", lambda: services.jobs.unended
    )
    metrics.tell("queue_limit", "Jobs that may wait for a worker.", lambda: queue)
    if isinstance(services.dispatcher, LocalDispatcher):
        metrics.tell("worker_memory_bytes", "Resident memory of all worker processes.", services.dispatcher.memory)


def kept_results(settings: Settings) -> LocalResults | ObjectResults:
    """Where results by URL lie. Raises OSError where their key cannot be read, `ObjectsError` where no bucket is."""
    if settings.results.url is not None:
        return ObjectResults(settings.results.url, settings.objects, lifetime=settings.results.lifetime)
    chosen = settings.results.signing_key
    secret = (
        chosen.get_secret_value().encode()
        if chosen is not None
        else read_or_make_secret(settings.data_dir / "results.key", lambda: secrets.token_bytes(32))
    )
    return LocalResults(
        settings.data_dir / "results",
        secret,
        lifetime=settings.results.lifetime,
        max_total_bytes=settings.results.max_total_bytes,
    )
