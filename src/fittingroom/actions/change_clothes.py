"""`ChangeClothes`: the published action, from typed parameters to a picture in Base64 or behind a URL.

The order is: check values, take the account's permit, set the price aside, fetch all pictures at once, look at their
headers, have them reviewed, render, have the result reviewed, deliver, charge. Everything that takes time happens in
the task that holds the permit; when that task is cancelled (deadline, client gone) the fetches and the engine's work
end with it. Invariant: either one picture, charged once, or one `ApiError`, and the permit and what was set aside are
back when the task has ended.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from functools import partial
from typing import Final

import structlog
from anyio import to_thread

from fittingroom.actions.context import RequestContext
from fittingroom.actions.fields import Int64, WireModel, WireResult
from fittingroom.actions.services import Services
from fittingroom.engines.protocol import ClothesType
from fittingroom.errors import ApiError
from fittingroom.images.limits import megabytes
from fittingroom.images.logo import MAX_SIDE as MAX_LOGO_SIDE
from fittingroom.images.url import check_url
from fittingroom.moderation.hook import Submission
from fittingroom.moderation.protocol import Role
from fittingroom.pipeline import LogoJob, RenderedImage, RenderJob

log = structlog.get_logger(__name__)

RETURN_TYPES = ("base64", "url")
LOGO_URL: Final = "LogoParam.LogoUrl"
LOGO_IMAGE: Final = "LogoParam.LogoImage"


class LogoRect(WireModel):
    """Where the mark goes, in pixels of the result; what is left out is chosen by the server."""

    x: Int64 | None = None
    y: Int64 | None = None
    width: Int64 | None = None
    height: Int64 | None = None


class LogoParam(WireModel):
    """The caller's own mark. Of URL and Base64 the URL wins."""

    logo_url: str | None = None
    logo_image: str | None = None
    logo_rect: LogoRect | None = None


class ChangeClothesRequest(WireModel):
    """The parameters as published; on the wire `model_url` is `ModelUrl`, and so on."""

    model_url: str
    clothes_url: str
    clothes_type: str
    logo_add: Int64 | None = None
    logo_param: LogoParam | None = None
    rsp_img_type: str | None = None


class ChangeClothesResult(WireResult):
    """`ResultImage`: Base64 without prefix, or a URL."""

    result_image: str


async def handle(request: ChangeClothesRequest, context: RequestContext, services: Services) -> ChangeClothesResult:
    """Dress the person of `ModelUrl` in the garment of `ClothesUrl`."""
    clothes_type = _check_values(request)
    logo_image = _decode_logo(request, context)
    async with (
        services.billing.answering(context.request_id),
        services.permits.hold(context.account.id, context.concurrency),
        services.billing.reserve(context.account, context.request_id) as reservation,
    ):
        person, garment, fetched_logo = await _fetch_all(request, context, services)
        job = RenderJob(
            person=person,
            garment=garment,
            clothes_type=clothes_type,
            job_id=context.request_id,
            add_mark=request.logo_add != 0,
            logo=_logo_job(request, fetched_logo or logo_image),
            language=context.language,
            image_format=context.settings.images.format,
        )
        await _review(_inputs(job), context, services)
        rendered = await services.dispatcher.render(job, deadline=context.deadline)
        _log_rendered(rendered, context)
        await _review([Submission(Role.RESULT, rendered.data)], context, services)
        result = await _deliver(rendered, request.rsp_img_type or "base64", context, services)
        await reservation.charge()
        return result


def _check_values(request: ChangeClothesRequest) -> ClothesType:
    """Everything that can be refused without work, in the order of the published table."""
    _check_url(request.model_url, "ModelUrl")
    _check_url(request.clothes_url, "ClothesUrl")
    _check_choice(request.clothes_type, "ClothesType", tuple(ClothesType))
    _check_logo(request)
    if request.rsp_img_type is not None:
        _check_choice(request.rsp_img_type, "RspImgType", RETURN_TYPES)
    return ClothesType(request.clothes_type)


def _check_url(url: str, parameter: str) -> None:
    """The form only; where it leads is the fetcher's to judge."""
    if not url.strip():
        raise ApiError("image_empty", parameter=parameter)
    check_url(url, parameter=parameter)


def _check_choice(value: str, parameter: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ApiError("choice_value", value=value[:64], parameter=parameter, choices=", ".join(choices))


def _wanted_logo(request: ChangeClothesRequest) -> LogoParam | None:
    """The caller's logo, unless no mark is wanted or `LogoParam` is empty (some clients send empty objects)."""
    logo = request.logo_param
    if request.logo_add == 0 or logo is None:
        return None
    is_empty = not any(value != {} for value in logo.model_dump(exclude_none=True).values())
    return None if is_empty else logo


def _check_logo(request: ChangeClothesRequest) -> None:
    logo = _wanted_logo(request)
    if logo is None:
        return
    if logo.logo_url:
        _check_url(logo.logo_url, LOGO_URL)
    elif not logo.logo_image:
        raise ApiError("logo_missing")
    rect = logo.logo_rect or LogoRect()
    for side, value in (("Width", rect.width), ("Height", rect.height)):
        if value is not None and not 1 <= value <= MAX_LOGO_SIDE:
            raise ApiError("logo_rect_size", side=side, value=value, limit=MAX_LOGO_SIDE)


def _decode_logo(request: ChangeClothesRequest, context: RequestContext) -> bytes | None:
    """The bytes of `LogoImage`, when it is to be used. Line breaks are allowed, as MIME encoders add them."""
    logo = _wanted_logo(request)
    if logo is None or logo.logo_url or not logo.logo_image:
        return None
    text = "".join(logo.logo_image.split())
    limit = context.settings.images.max_base64_bytes
    if len(text) >= limit:
        raise ApiError("image_size_exceed", parameter=LOGO_IMAGE, limit=megabytes(limit))
    if not text:
        raise ApiError("image_empty", parameter=LOGO_IMAGE)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ApiError("logo_base64", cause=error) from error


def _logo_job(request: ChangeClothesRequest, image: bytes | None) -> LogoJob | None:
    logo = _wanted_logo(request)
    if logo is None or image is None:
        return None
    rect = logo.logo_rect or LogoRect()
    box = (rect.x, rect.y, rect.width, rect.height)
    return LogoJob(image=image, rect=box, parameter=LOGO_URL if logo.logo_url else LOGO_IMAGE)


async def _fetch_all(
    request: ChangeClothesRequest, context: RequestContext, services: Services
) -> tuple[bytes, bytes, bytes | None]:
    """All pictures at the same time; the first failure ends the others and is the answer."""
    logo = _wanted_logo(request)

    async def fetch(url: str, parameter: str) -> bytes:
        return await services.fetcher.fetch(
            url, parameter=parameter, max_bytes=context.settings.images.max_bytes, deadline=context.deadline
        )

    async def photo(url: str, parameter: str) -> bytes:
        data = await fetch(url, parameter)
        await to_thread.run_sync(partial(services.probe, data, parameter=parameter))
        return data

    try:
        async with asyncio.TaskGroup() as group:
            person = group.create_task(photo(request.model_url, "ModelUrl"))
            garment = group.create_task(photo(request.clothes_url, "ClothesUrl"))
            mark = group.create_task(fetch(logo.logo_url, LOGO_URL)) if logo and logo.logo_url else None
    except BaseExceptionGroup as failures:
        ours = (error for error in failures.exceptions if not isinstance(error, ApiError))
        raise next(ours, failures.exceptions[0]) from failures
    return person.result(), garment.result(), mark.result() if mark else None


def _inputs(job: RenderJob) -> list[Submission]:
    logo = [Submission(Role.LOGO, job.logo.image, job.logo.parameter)] if job.logo else []
    return [
        Submission(Role.PERSON, job.person, "ModelUrl"),
        Submission(Role.GARMENT, job.garment, "ClothesUrl"),
        *logo,
    ]


async def _review(submissions: list[Submission], context: RequestContext, services: Services) -> None:
    """By the operator's own reviewer; the built-in one works where pictures are decoded."""
    await services.hook.review(submissions, request_id=context.request_id, deadline=context.deadline)


async def _deliver(
    rendered: RenderedImage, way: str, context: RequestContext, services: Services
) -> ChangeClothesResult:
    if way == "url":
        path = await services.results.put(rendered.data, rendered.media_type, context.account.id)
        return ChangeClothesResult(result_image=context.base_url + path)
    size = (len(rendered.data) + 2) // 3 * 4
    limit = context.settings.wire.max_response_bytes
    if size > limit:
        raise ApiError("response_too_large", size=size, limit=limit)
    return ChangeClothesResult(result_image=base64.b64encode(rendered.data).decode("ascii"))


def _log_rendered(rendered: RenderedImage, context: RequestContext) -> None:
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
