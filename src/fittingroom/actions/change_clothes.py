"""`ChangeClothes`: the published action, from typed parameters to a picture in Base64 or behind a URL.

It reads its parameters into an order and leaves the work to `dressing`. Invariant: `order` does no work for which
anybody waits, so a refusal of a value costs nothing, and the same order is made for a direct call and for a job.
"""

from __future__ import annotations

from collections.abc import Mapping

from fittingroom.actions.checking import check_choice, check_picture_url
from fittingroom.actions.context import RequestContext, WorkContext
from fittingroom.actions.dressing import RETURN_TYPES, Order, Source, dress
from fittingroom.actions.fields import Int64, WireModel, WireResult
from fittingroom.actions.logo import LogoParam, check_logo, logo_job, logo_source, wanted_logo
from fittingroom.actions.services import Services
from fittingroom.engines.protocol import ClothesType
from fittingroom.moderation.protocol import Role
from fittingroom.pipeline import RenderJob


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
    dressed = await dress(order(request, context), context, services)
    return ChangeClothesResult(result_image=dressed.delivered)


def order(request: ChangeClothesRequest, context: WorkContext) -> Order:
    """What is to be made. Raises `ApiError` for all that can be refused without work, in the order of the table."""
    logo = wanted_logo(request.logo_add, request.logo_param)
    check_picture_url(request.model_url, "ModelUrl")
    check_picture_url(request.clothes_url, "ClothesUrl")
    check_choice(request.clothes_type, "ClothesType", tuple(ClothesType))
    check_logo(logo)
    if request.rsp_img_type is not None:
        check_choice(request.rsp_img_type, "RspImgType", RETURN_TYPES)
    mark = logo_source(logo, context.settings.images.max_base64_bytes)
    photos = (
        Source("ModelUrl", Role.PERSON, request.model_url),
        Source("ClothesUrl", Role.GARMENT, request.clothes_url),
    )

    def compose(pictures: Mapping[str, bytes]) -> RenderJob:
        return RenderJob(
            person=pictures["ModelUrl"],
            garment=pictures["ClothesUrl"],
            clothes_type=ClothesType(request.clothes_type),
            job_id=context.request_id,
            add_mark=request.logo_add != 0,
            logo=logo_job(logo, pictures[mark.parameter]) if logo and mark else None,
            language=context.language,
            image_format=context.settings.images.format,
            account_id=context.account.id,
        )

    return Order((*photos, mark) if mark else photos, compose, request.rsp_img_type or "base64")
