"""`ChangeOutfit`: several garments on one person in one call, in the product's convention; this server's own action.

It carries what `ChangeClothes` cannot: a type that the server finds out, a garment that somebody wears in its photo,
how each garment is worn, a seed and several samples, and in the answer confidence, warnings and the change mask.
Invariant: `order` does no work for which anybody waits, so a refusal of a value costs nothing, and the same order is
made for a direct call and for a job.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Final

from fittingroom.actions.checking import check_choice, check_picture_url, check_range
from fittingroom.actions.context import RequestContext, WorkContext
from fittingroom.actions.dressing import RETURN_TYPES, Dressed, Order, Source, dress
from fittingroom.actions.fields import Float, FromNumbered, Int64, WireModel, WireResult
from fittingroom.actions.logo import LogoParam, check_logo, logo_job, logo_source, wanted_logo
from fittingroom.actions.services import Services
from fittingroom.engines.outfit import MAX_PIECES, Kind, Worn, conflict
from fittingroom.engines.protocol import LENGTHS, ClothesType, FitStyle, TryOnOptions, Tuck
from fittingroom.errors import ApiError
from fittingroom.fittings import GarmentJob
from fittingroom.moderation.protocol import Role
from fittingroom.pipeline import RenderJob

MAX_SAMPLES: Final = 4
MAX_SEED: Final = 2**32 - 1

FITS: Final = {style.value.capitalize(): style for style in FitStyle}
TUCKS: Final = {tuck.value.capitalize(): tuck for tuck in Tuck}


class Garment(WireModel):
    """One garment. Everything but its picture may be left out."""

    url: str
    clothes_type: str = Kind.AUTO.value
    worn: str = Worn.AUTO.value
    fit: str = "Regular"
    tuck: str = "Auto"
    length: Float = 1.0
    rolled_sleeves: Int64 = 0


class ChangeOutfitRequest(WireModel):
    """On the wire `model_url` is `ModelUrl`, and so on."""

    model_url: str
    garments: Annotated[list[Garment], FromNumbered]
    seed: Int64 = 0
    sample_count: Int64 = 1
    with_mask: Int64 = 0
    logo_add: Int64 | None = None
    logo_param: LogoParam | None = None
    rsp_img_type: str | None = None


class DressedGarment(WireResult):
    """What became of a garment, in the order of `Garments`. worn: whether it was cut out of a photo of its wearer."""

    clothes_type: str
    worn: str
    confidence: float


class ChangeOutfitResult(WireResult):
    """result_images: Base64 without prefix, or URLs. mask_image: likewise, a grey PNG; None unless asked for."""

    result_images: list[str]
    confidence: float
    warnings: list[str]
    garments: list[DressedGarment]
    mask_image: str | None


async def handle(request: ChangeOutfitRequest, context: RequestContext, services: Services) -> ChangeOutfitResult:
    """Dress the person of `ModelUrl` in all of `Garments`."""
    return result(await dress(order(request, context), context, services))


def result(dressed: Dressed) -> ChangeOutfitResult:
    """The answer, from what was made."""
    rendered = dressed.rendered
    pieces = [
        DressedGarment(
            clothes_type=piece.kind.value,
            worn=(Worn.YES if piece.worn else Worn.NO).value,
            confidence=round(piece.confidence, 3),
        )
        for piece in rendered.pieces
    ]
    return ChangeOutfitResult(
        result_images=[dressed.delivered, *dressed.others],
        confidence=round(rendered.confidence, 3),
        warnings=list(rendered.warnings),
        garments=pieces,
        mask_image=dressed.mask,
    )


def details(dressed: Dressed) -> list[str]:
    """What a job's `ResultDetails` says of each file, as JSON: of a picture what the direct answer says besides the
    pictures, of the mask that it is one."""
    told = result(dressed).model_dump(by_alias=True, include={"confidence", "warnings", "garments"})
    pictures = [json.dumps(told, ensure_ascii=False)] * (1 + len(dressed.others))
    return pictures if dressed.mask is None else [*pictures, '{"Mask": true}']


def order(request: ChangeOutfitRequest, context: WorkContext) -> Order:
    """What is to be made. Raises `ApiError` for all that can be refused without work."""
    logo = wanted_logo(request.logo_add, request.logo_param)
    _check(request)
    check_logo(logo)
    mark = logo_source(logo, context.settings.images.max_base64_bytes)
    garments = {_url(number): garment for number, garment in enumerate(request.garments)}
    photos = (
        Source("ModelUrl", Role.PERSON, request.model_url),
        *(Source(parameter, Role.GARMENT, garment.url) for parameter, garment in garments.items()),
    )

    def compose(pictures: Mapping[str, bytes]) -> RenderJob:
        return RenderJob(
            person=pictures["ModelUrl"],
            garment=b"",
            clothes_type=ClothesType.UPPER,
            job_id=context.request_id,
            add_mark=request.logo_add != 0,
            logo=logo_job(logo, pictures[mark.parameter]) if logo and mark else None,
            language=context.language,
            image_format=context.settings.images.format,
            options=TryOnOptions(seed=request.seed),
            outfit=tuple(_job(garment, parameter, pictures[parameter]) for parameter, garment in garments.items()),
            samples=request.sample_count,
            with_mask=request.with_mask != 0,
            account_id=context.account.id,
        )

    sources = (*photos, mark) if mark else photos
    return Order(sources, compose, request.rsp_img_type or "base64", pictures=request.sample_count)


def _check(request: ChangeOutfitRequest) -> None:
    """Every value on its own, then whether the garments go together. Raises `ApiError`."""
    check_picture_url(request.model_url, "ModelUrl")
    if not 1 <= len(request.garments) <= MAX_PIECES:
        raise ApiError("garments_number", count=len(request.garments), limit=MAX_PIECES)
    for number, garment in enumerate(request.garments):
        _check_garment(garment, f"Garments.{number}")
    check_range(request.seed, "Seed", 0, MAX_SEED)
    check_range(request.sample_count, "SampleCount", 1, MAX_SAMPLES)
    if request.rsp_img_type is not None:
        check_choice(request.rsp_img_type, "RspImgType", RETURN_TYPES)
    kinds = [Kind(garment.clothes_type) for garment in request.garments]
    found = conflict(kinds)
    if found is not None:
        first, second = found
        values = {"one": kinds[first].value, "other": kinds[second].value}
        raise ApiError("garments_conflict", first=_type(first), second=_type(second), **values)


def _check_garment(garment: Garment, at: str) -> None:
    check_picture_url(garment.url, f"{at}.Url")
    check_choice(garment.clothes_type, f"{at}.ClothesType", tuple(Kind))
    check_choice(garment.worn, f"{at}.Worn", tuple(Worn))
    check_choice(garment.fit, f"{at}.Fit", tuple(FITS))
    check_choice(garment.tuck, f"{at}.Tuck", tuple(TUCKS))
    check_range(garment.length, f"{at}.Length", *LENGTHS)


def _job(garment: Garment, parameter: str, image: bytes) -> GarmentJob:
    options = TryOnOptions(
        fit=FITS[garment.fit],
        tuck=TUCKS[garment.tuck],
        length=garment.length,
        rolled_sleeves=garment.rolled_sleeves != 0,
    )
    type_parameter = parameter.removesuffix("Url") + "ClothesType"
    return GarmentJob(image, Kind(garment.clothes_type), Worn(garment.worn), options, parameter, type_parameter)


def _url(number: int) -> str:
    return f"Garments.{number}.Url"


def _type(number: int) -> str:
    return f"Garments.{number}.ClothesType"
