"""`ChangeOutfit` with recorded parts: what it checks, asks for, pays, and returns."""

from __future__ import annotations

import base64

import pytest

from fittingroom.actions.change_outfit import ChangeOutfitRequest, handle
from fittingroom.engines.outfit import Kind, PieceReport, Worn
from fittingroom.engines.protocol import FitStyle, TryOnOptions, Tuck
from fittingroom.errors import ApiError
from fittingroom.pipeline import RenderedImage
from fittingroom.wire.binding import bind
from fittingroom.wire.parameters import nest

pytestmark = pytest.mark.anyio

TOP = {"Url": "https://example.com/top.jpg", "ClothesType": "Upper-body"}
LOWER = {"Url": "https://example.com/lower.jpg", "ClothesType": "Lower-body"}
PERSON = "https://example.com/model.jpg"
PIECES = (PieceReport(Kind.UPPER, worn=True, confidence=0.51), PieceReport(Kind.LOWER, worn=False, confidence=0.7777))
REQUEST_ID = "11111111-2222-4333-8444-555555555555"


def rendered(samples: int = 1, mask: bytes = b"") -> RenderedImage:
    others = tuple(f"sample {number}".encode() for number in range(2, samples + 1))
    return RenderedImage(
        b"sample 1", "image/jpeg", 8, 8, "fake", {}, 0.39663, ("a warning",), others=others, mask=mask, pieces=PIECES
    )


async def call(room, tools, garments=(TOP, LOWER), settings=None, **parameters):
    room.rendered = rendered(parameters.get("SampleCount", 1), b"mask" if parameters.get("WithMask") else b"")
    request = {"ModelUrl": PERSON, "Garments": list(garments), **parameters}
    asked = bind(ChangeOutfitRequest, request, text_only=False)
    return await handle(asked, room.context(settings), room)


async def refused(room, tools, garments=(TOP, LOWER), **parameters) -> ApiError:
    with pytest.raises(ApiError) as caught:
        await call(room, tools, garments, **parameters)
    return caught.value


async def test_the_ordinary_way(room, tools):
    result = await call(room, tools)
    assert result.model_dump(by_alias=True) == {
        "ResultImages": [base64.b64encode(b"sample 1").decode()],
        "Confidence": 0.397,
        "Warnings": ["a warning"],
        "Garments": [
            {"ClothesType": "Upper-body", "Worn": "Yes", "Confidence": 0.51},
            {"ClothesType": "Lower-body", "Worn": "No", "Confidence": 0.778},
        ],
        "MaskImage": None,
    }
    ((job, _),) = room.jobs
    assert (job.person, job.samples, job.with_mask, job.options.seed) == (b"ModelUrl", 1, False, 0)
    top, lower = job.garments
    assert (top.image, top.kind, top.worn, top.options) == (
        b"Garments.0.Url",
        Kind.UPPER,
        Worn.AUTO,
        TryOnOptions(),
    )
    assert (lower.parameter, lower.type_parameter) == ("Garments.1.Url", "Garments.1.ClothesType")
    assert room.events[:2] == ["hold account-1 of 1", f"reserve account-1 {REQUEST_ID}"]
    ending = ["review person+garment+garment", "render", "review result", "charge", "settled", "release"]
    assert room.events[-6:] == ending


async def test_how_each_garment_is_worn(room, tools):
    top = {**TOP, "Fit": "Slim", "Tuck": "In", "Length": 1.2, "RolledSleeves": 1, "Worn": "No"}
    await call(room, tools, [top, {"Url": TOP["Url"]}], Seed=9)
    first, second = room.jobs[0][0].garments
    assert first.options == TryOnOptions(fit=FitStyle.SLIM, tuck=Tuck.IN, length=1.2, rolled_sleeves=True)
    assert (first.worn, second.kind, second.worn) == (Worn.NO, Kind.AUTO, Worn.AUTO)
    assert room.jobs[0][0].options.seed == 9


async def test_each_sample_is_reviewed_and_paid(room, tools):
    result = await call(room, tools, SampleCount=3)
    assert [base64.b64decode(image) for image in result.result_images] == [b"sample 1", b"sample 2", b"sample 3"]
    assert room.jobs[0][0].samples == 3
    held = [event for event in room.events if event.startswith("reserve")]
    digits = REQUEST_ID.replace("-", "")
    assert held == [f"reserve account-1 {name}" for name in (REQUEST_ID, f"{digits}/2", f"{digits}/3")]
    assert (room.events.count("charge"), room.events.count("settled")) == (1, 1)
    assert "review result+result+result" in room.events
    assert all(len(event.split()[-1]) <= 36 for event in held)  # as long as the ledger's column


async def test_the_mask_is_delivered_like_the_pictures(room, tools):
    result = await call(room, tools, WithMask=1)
    assert base64.b64decode(result.mask_image) == b"mask"
    result = await call(room, tools, WithMask=1, SampleCount=2, RspImgType="url")
    assert room.kept == [(b"sample 1", "image/jpeg"), (b"sample 2", "image/jpeg"), (b"mask", "image/png")]
    assert result.result_images == ["https://shop.example/results/x.jpg?s=1"] * 2
    assert result.mask_image == "https://shop.example/results/x.jpg?s=1"


async def test_all_pictures_together_must_fit_the_answer(room, tools):
    settings = tools.Settings(wire={"max_response_bytes": 35})
    assert len((await call(room, tools, settings=settings, SampleCount=2)).result_images) == 2
    with pytest.raises(ApiError) as caught:
        await call(room, tools, settings=settings, SampleCount=3)
    assert (caught.value.reason, caught.value.values["size"]) == ("response_too_large", 36)


@pytest.mark.parametrize(
    ("garments", "parameters", "reason", "named"),
    [
        ([], {}, "garments_number", "0 garments"),
        ([TOP] * 4, {}, "garments_number", "4 garments"),
        ([TOP, TOP], {}, "garments_conflict", "`Garments.0.ClothesType` (Upper-body) and `Garments.1.ClothesType`"),
        ([{**TOP, "ClothesType": "Dress"}, LOWER], {}, "garments_conflict", "(Dress) and `Garments.1.ClothesType`"),
        ([{**TOP, "ClothesType": "Hat"}], {}, "choice_value", "Garments.0.ClothesType"),
        ([TOP, {**LOWER, "Worn": "true"}], {}, "choice_value", "Garments.1.Worn"),
        ([{**TOP, "Fit": "tight"}], {}, "choice_value", "Slim, Regular, Oversized"),
        ([{**TOP, "Tuck": "in"}], {}, "choice_value", "Auto, In, Out"),
        ([{**TOP, "Length": 0.69}], {}, "number_range", "0.7 to 1.4"),
        ([{**TOP, "Length": 15}], {}, "number_range", "Garments.0.Length"),
        ([{**TOP, "Url": " "}], {}, "image_empty", "Garments.0.Url"),
        ([{**TOP, "Url": "ftp://a.example/b"}], {}, "url_scheme", "Garments.0.Url"),
        ([TOP], {"Seed": -1}, "number_range", "Seed"),
        ([TOP], {"Seed": 2**32}, "number_range", "Seed"),
        ([TOP], {"SampleCount": 0}, "number_range", "SampleCount"),
        ([TOP], {"SampleCount": 5}, "number_range", "from 1 to 4"),
        ([TOP], {"RspImgType": "png"}, "choice_value", "RspImgType"),
        ([TOP], {"LogoParam": {"LogoUrl": "", "LogoRect": {"X": 1}}}, "logo_missing", "LogoParam"),
        ([{"ClothesType": "Dress"}], {}, "missing_parameter", "Garments.0.Url"),
        ([{**TOP, "Colour": "red"}], {}, "unknown_parameter", "Garments.0.Colour"),
        ([{**TOP, "Length": "1.0"}], {}, "parameter_type", "`Garments.0.Length` is not valid"),
        ([{**TOP, "Length": float("inf")}], {}, "parameter_type", "float"),
        ([TOP], {"SampleCount": True}, "parameter_type", "integer"),
        ([TOP], {"Garments": {"0": TOP}}, "parameter_type", "`Garments` is not valid, input type should be `array`"),
    ],
)  # fmt: skip
async def test_refusals_cost_nothing(room, tools, garments, parameters, reason, named):
    error = await refused(room, tools, garments, **parameters)
    assert error.reason == reason
    assert named in error.message()
    assert error.message("zh-CN")
    assert room.events == []


def flattened(**changes: str) -> dict:
    pairs = {"ModelUrl": PERSON, "Garments.0.Url": TOP["Url"], "Garments.1.Url": LOWER["Url"], **changes}
    return nest(pairs)


async def test_lists_and_numbers_of_forms_and_queries():
    asked = bind(ChangeOutfitRequest, flattened(**{"Garments.1.Length": "1.25", "SampleCount": "2"}), text_only=True)
    assert [garment.url for garment in asked.garments] == [TOP["Url"], LOWER["Url"]]
    assert (asked.garments[1].length, asked.sample_count) == (1.25, 2)


@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"Garments.3.Url": "x"}, "Garments"),
        ({"Garments.01.Url": "x"}, "Garments"),
        ({"Garments.0.Length": "1e0"}, "Garments.0.Length"),
        ({"Garments.0.Length": "nan"}, "Garments.0.Length"),
    ],
)
async def test_lists_with_gaps_and_odd_numbers_are_refused(changes, parameter):
    with pytest.raises(ApiError) as caught:
        bind(ChangeOutfitRequest, flattened(**changes), text_only=True)
    assert (caught.value.reason, caught.value.values["parameter"]) == ("parameter_type", parameter)
