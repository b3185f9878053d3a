"""The endpoint `/`: one request in, one envelope out.

`_serve` reads like the order of checks of the published service: method, the address's rate, size, body, action,
signature, region, permission, the account's rate, parameters, then the action itself with its values, permit and work.
Invariant: every answer is HTTP 200 with a RequestId and a published code; a fault of ours is logged with its traceback
and answered as InternalError.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from fittingroom.accounts import access
from fittingroom.accounts.cam import Address
from fittingroom.accounts.records import KeyRecord
from fittingroom.actions import registry
from fittingroom.actions.context import RequestContext
from fittingroom.actions.registry import Action
from fittingroom.actions.services import Services
from fittingroom.errors import ApiError
from fittingroom.settings import Settings
from fittingroom.tracing import Tracing, failed, note, span
from fittingroom.wire import envelope
from fittingroom.wire.address import Addresses, counted_as
from fittingroom.wire.binding import bind
from fittingroom.wire.body import FREE_BYTES, BodyBudget, BodyShare, ClientGone, TooLarge, read_body
from fittingroom.wire.common import language, require
from fittingroom.wire.hosts import base_url, candidates
from fittingroom.wire.intake import FORM_TYPE, Arrived, take_in
from fittingroom.wire.metrics import Metrics, outcome
from fittingroom.wire.running import Runner
from fittingroom.wire.trail import Trail
from fittingroom.wire.verify import Verifier

log = structlog.get_logger(__name__)

_TRACE_ID = re.compile(rb"[\x21-\x7e]{1,128}")


class Api:
    """The ASGI application behind `/`. clock: Unix seconds, for timestamps of signatures. metrics: count requests.
    tracing: begins their traces."""

    def __init__(
        self, services: Services, settings: Settings, clock: Callable[[], float], metrics: Metrics, tracing: Tracing
    ) -> None:
        self._metrics = metrics
        self._tracing = tracing
        self._services = services
        self._settings = settings
        self._verifier = Verifier(services.keys, settings.wire, clock)
        self._runner = Runner()
        self._bodies = BodyBudget(settings.wire.max_buffered_bytes)
        self._addresses = Addresses(settings.server.trusted_proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        headers = _first_headers(scope)
        trail = Trail(scope["method"], language(headers.get("x-tc-language", b"").decode("latin-1")))
        parent = headers.get("traceparent", b"").decode("latin-1")
        with (
            bound_contextvars(request_id=trail.request_id),
            self._tracing.request("request", trail.request_id, parent),
        ):
            await self._answer(scope, headers, receive, send, trail)
            _trace(trail)

    async def _answer(
        self, scope: Scope, headers: dict[str, bytes], receive: Receive, send: Send, trail: Trail
    ) -> None:
        self._metrics.in_flight.inc()
        try:
            response = await self._guarded(scope, headers, receive, trail)
            trace_id = headers.get("x-tc-traceid", b"").strip()
            if _TRACE_ID.fullmatch(trace_id):
                response.headers["X-TC-TraceId"] = trace_id.decode("ascii")
            if trail.body_pending:
                response.headers["Connection"] = "close"
            await response(scope, receive, send)
        except ClientGone:
            trail.code = "ClientGone"
        finally:
            self._metrics.in_flight.dec()
            self._metrics.answered(trail)
            trail.write()

    async def _guarded(self, scope: Scope, headers: dict[str, bytes], receive: Receive, trail: Trail) -> Response:
        """The answer, whatever happens; only `ClientGone` passes."""
        try:
            with self._bodies.share() as share:
                return await self._serve(scope, headers, receive, trail, share)
        except ClientGone:
            raise
        except ApiError as error:
            refusal = error
        except Exception:
            log.exception("internal_error")
            refusal = ApiError("internal")
        trail.code, trail.reason, trail.cause = refusal.code, refusal.reason, refusal.cause
        return envelope.failure(refusal, trail.request_id, trail.language)

    async def _serve(
        self, scope: Scope, headers: dict[str, bytes], receive: Receive, trail: Trail, share: BodyShare
    ) -> Response:
        if scope["method"] not in {"GET", "POST"}:
            raise ApiError("unsupported_protocol")
        address = self._addresses.of(scope)
        await self._count(address, scope["method"], receive, trail, share)
        with span("receive"):
            arrived = await self._receive(scope, headers, receive, trail, share)
        intake = take_in(arrived, strict_service=self._settings.wire.strict_service)
        trail.language, trail.client = intake.common.language, intake.common.client
        name = require(intake.common.action, "Action")
        action = registry.find(name, require(intake.common.version, "Version"))
        trail.action = action.name
        with span("authenticate"):
            signed = intake.signed(action.product)
            caller = await self._verifier.identify(signed, self._hosts(arrived), intake.common.token)
        trail.account = caller.principal.account.name
        self._verifier.check_region(intake.common.region)
        with span("authorize"):
            await self._admit(caller, action, intake.common.region or "", address, trail)
        request = bind(action.request, intake.parameters(), text_only=intake.text_only)
        context = self._context(scope, arrived, trail, caller, address)
        result = await self._runner.run(
            action.handle(request, context, self._services),
            receive,
            deadline=context.deadline,
            seconds=self._settings.limits.deadline,
        )
        return envelope.success(result.model_dump(by_alias=True), trail.request_id)

    async def _count(
        self, address: Address | None, method: str, receive: Receive, trail: Trail, share: BodyShare
    ) -> None:
        """Refuse an address that asks too often, before any work; a guessed signature counts like a right one."""
        try:
            await self._services.rates.count_address(counted_as(address))
        except ApiError:
            if method == "POST":
                await self._discard(receive, trail, share)
            raise

    async def _discard(self, receive: Receive, trail: Trail, share: BodyShare) -> None:
        """Read a refused request's body unless it is large, so that its client gets to read the answer."""
        trail.body_pending = True
        try:
            await read_body(receive, share, limit=FREE_BYTES, timeout=self._settings.wire.body_timeout)
            trail.body_pending = False
        except TooLarge as error:
            trail.body_pending = not error.complete
        except ApiError:
            log.debug("refused_body_too_slow")

    async def _admit(
        self, caller: KeyRecord, action: Action, region: str, address: Address | None, trail: Trail
    ) -> None:
        """Refuse a caller whose account's lists or policies do not let them do this from here, or who is too quick."""
        if action.asked:
            access.check(
                caller.caller(), action.permission, region=region, address=address, request_id=trail.request_id
            )
        else:
            caller.principal.account.lists.check(address)
        account = caller.principal.account
        await self._services.rates.count_account(account.id, action.permission, account.rate)

    async def _receive(
        self, scope: Scope, headers: dict[str, bytes], receive: Receive, trail: Trail, share: BodyShare
    ) -> Arrived:
        """The request with its body, within the limits of its method and content type."""
        wire = self._settings.wire
        query: bytes = scope["query_string"]
        arrived = Arrived(scope["method"], headers, query, b"")
        if arrived.method == "GET":
            if len(query) > wire.max_query_bytes:
                raise ApiError("request_too_large", limit=wire.max_query_bytes)
            trail.bytes_in = len(query)
            return arrived
        is_form = arrived.media_type == FORM_TYPE
        limit = wire.max_form_bytes if is_form else wire.max_json_bytes
        trail.body_pending = True
        try:
            body = await read_body(receive, share, limit=limit, timeout=wire.body_timeout)
        except TooLarge as error:
            trail.body_pending = not error.complete
            raise ApiError("form_too_large" if is_form else "request_too_large", limit=limit) from error
        trail.body_pending = False
        trail.bytes_in = len(body)
        return Arrived(arrived.method, headers, query, body)

    def _hosts(self, arrived: Arrived) -> tuple[str, ...]:
        return candidates(
            arrived.header("host") or "",
            forwarded=self._forwarded(arrived, "x-forwarded-host"),
            public=self._settings.wire.public_hosts,
        )

    def _forwarded(self, arrived: Arrived, name: str) -> str | None:
        """A proxy's header, nearest client first, when the operator trusts it."""
        value = arrived.header(name) if self._settings.wire.trust_forwarded_host else None
        return value.partition(",")[0].strip() if value else None

    def _context(
        self, scope: Scope, arrived: Arrived, trail: Trail, caller: KeyRecord, address: Address | None
    ) -> RequestContext:
        base = base_url(
            scope,
            host=self._forwarded(arrived, "x-forwarded-host") or arrived.header("host") or "",
            proto=self._forwarded(arrived, "x-forwarded-proto"),
            public_url=self._settings.results.public_url,
        )
        return RequestContext(
            request_id=trail.request_id,
            caller=caller,
            address=address,
            language=trail.language,
            base_url=base,
            deadline=trail.started + self._settings.limits.deadline,
            settings=self._settings,
        )


def _trace(trail: Trail) -> None:
    """How the request ended."""
    note(action=trail.action or "none", code=trail.code, outcome=outcome(trail.code))
    if outcome(trail.code) == "failed":
        failed(trail.code)


def _first_headers(scope: Scope) -> dict[str, bytes]:
    """Lower-case name -> raw value; of a repeated header the first counts."""
    headers: dict[str, bytes] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), value)
    return headers
