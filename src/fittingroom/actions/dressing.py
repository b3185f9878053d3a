"""One way from photos to a picture, for every action that dresses a person, called directly or as a job.

An action reads its parameters into an `Order`; `dress` does the rest: take the account's permit, set the price aside,
fetch all pictures at once, look at their headers, have them reviewed, render, have the result reviewed, deliver,
charge. Everything that takes time happens in the task that holds the permit; when that task is cancelled (deadline,
client gone) the fetches and the engine's work end with it. Invariant: either one picture, charged once, or one
`ApiError`, and the permit and what was set aside are back when the task has ended.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog
from anyio import to_thread

from fittingroom.actions.context import WorkContext
from fittingroom.actions.services import Reservation, Services
from fittingroom.errors import ApiError
from fittingroom.moderation.hook import Submission
from fittingroom.moderation.protocol import Role
from fittingroom.pipeline import RenderedImage, RenderJob
from fittingroom.tracing import span

log = structlog.get_logger(__name__)

RETURN_TYPES: Final = ("base64", "url")


@dataclass(frozen=True, slots=True)
class Source:
    """A picture that the caller names by URL, or sends. parameter: where, to name in messages. data: what was sent;
    then `url` is not read. Photos of people and garments are looked at once fetched, a logo is not: it has other
    limits, and the worker that draws it refuses a bad one."""

    parameter: str
    role: Role
    url: str = ""
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made, with all values checked. sources: every picture it takes, each under its own parameter, in
    the order in which they are to be reviewed. compose: the worker's job, from the pictures by their parameters. way:
    how the result is delivered, one of `RETURN_TYPES`. pictures: how many the job makes, each of which is paid."""

    sources: tuple[Source, ...]
    compose: Callable[[Mapping[str, bytes]], RenderJob]
    way: str = "base64"
    pictures: int = 1


@dataclass(frozen=True, slots=True)
class Dressed:
    """A picture that was made and charged. delivered: Base64 without prefix, or a URL. others: the further samples,
    and mask: the change mask where it was asked for, likewise."""

    rendered: RenderedImage
    delivered: str
    others: tuple[str, ...] = ()
    mask: str | None = None


async def dress(order: Order, context: WorkContext, services: Services) -> Dressed:
    """Make the picture, deliver and charge it. Raises `ApiError`; then nothing was charged."""
    async with paid(context, services, order.pictures) as payment:
        rendered = await make(order, context, services)
        with span("deliver", way=order.way):
            dressed = await deliver(rendered, order.way, context, services)
        with span("charge"):
            await payment.charge()
        return dressed


@asynccontextmanager
async def paid(context: WorkContext, services: Services, pictures: int = 1) -> AsyncIterator[Reservation]:
    """The account's permit and the price of the pictures, held inside the block; the block charges.

    An exception that leaves the block undoes the charge, also one from what this gives back at the end.
    """
    names = ledger_names(context.request_id, pictures)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(services.billing.answering(*names))
        with span("permit"):
            await stack.enter_async_context(services.permits.hold(context.account.id, context.concurrency))
        with span("reserve"):
            held = await stack.enter_async_context(services.billing.reserve(context.account, *names))
        yield held


def ledger_names(request_id: str, pictures: int) -> list[str]:
    """Under what the ledger books each picture of a request: the RequestId, and for further samples its 32 digits
    followed by /2, /3, ..., as long as a RequestId at most."""
    return [request_id, *(f"{request_id.replace('-', '')}/{number}" for number in range(2, pictures + 1))]


async def make(order: Order, context: WorkContext, services: Services) -> RenderedImage:
    """The finished picture, reviewed on both ends; for a task that holds the permit. Raises `ApiError`."""
    with span("fetch"):
        pictures = await fetch_all(order.sources, context, services)
    inputs = [Submission(one.role, pictures[one.parameter], one.parameter) for one in order.sources]
    await _review(inputs, context, services)
    with span("render"):
        rendered = await services.dispatcher.render(order.compose(pictures), deadline=context.deadline)
    _log_rendered(rendered, context)
    await _review([Submission(Role.RESULT, data) for data in (rendered.data, *rendered.others)], context, services)
    return rendered


async def fetch_all(sources: tuple[Source, ...], context: WorkContext, services: Services) -> dict[str, bytes]:
    """All pictures at the same time, by parameter; the first failure ends the others and is raised."""

    async def fetch(source: Source) -> bytes:
        if source.data is not None:
            return source.data
        limit = context.settings.images.max_bytes
        with span("picture", parameter=source.parameter):
            data = await services.fetcher.fetch(
                source.url, parameter=source.parameter, max_bytes=limit, deadline=context.deadline
            )
        if source.role is not Role.LOGO:
            await to_thread.run_sync(partial(services.probe, data, parameter=source.parameter))
        return data

    try:
        async with asyncio.TaskGroup() as group:
            tasks = {source.parameter: group.create_task(fetch(source)) for source in sources}
    except BaseExceptionGroup as failures:
        ours = (error for error in failures.exceptions if not isinstance(error, ApiError))
        raise next(ours, failures.exceptions[0]) from failures
    return {parameter: task.result() for parameter, task in tasks.items()}


async def deliver(rendered: RenderedImage, way: str, context: WorkContext, services: Services) -> Dressed:
    """All that a job made, as the caller wants it. Raises `ApiError`: response_too_large, results_full,
    results_unreachable."""
    files = [(data, rendered.media_type) for data in (rendered.data, *rendered.others)]
    if rendered.mask:
        files.append((rendered.mask, "image/png"))
    if way == "url":
        urls = [await services.results.put(*file, context.account.id) for file in files]
        delivered = [context.base_url + url if url.startswith("/") else url for url in urls]
    else:
        size = sum((len(data) + 2) // 3 * 4 for data, _ in files)
        limit = context.settings.wire.max_response_bytes
        if size > limit:
            raise ApiError("response_too_large", size=size, limit=limit)
        delivered = [base64.b64encode(data).decode("ascii") for data, _ in files]
    mask = delivered.pop() if rendered.mask else None
    return Dressed(rendered, delivered[0], tuple(delivered[1:]), mask)


async def _review(submissions: list[Submission], context: WorkContext, services: Services) -> None:
    """By the operator's own reviewer; the built-in one works where pictures are decoded."""
    with span("review", pictures=len(submissions)):
        await services.hook.review(submissions, request_id=context.request_id, deadline=context.deadline)


def _log_rendered(rendered: RenderedImage, context: WorkContext) -> None:
    log.info(
        "rendered",
        request_id=context.request_id,
        engine=rendered.engine,
        width=rendered.width,
        height=rendered.height,
        bytes=len(rendered.data),
        confidence=round(rendered.confidence, 3),
        warnings=list(rendered.warnings),
        stages={name: round(seconds, 3) for name, seconds in rendered.stages.items()},
    )
