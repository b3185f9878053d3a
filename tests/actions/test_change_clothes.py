"""`ChangeClothes` with recorded parts: what it checks, asks for, in which order, and what it returns."""

from __future__ import annotations

import asyncio
import base64

import pytest

from fittingroom.errors import ApiError

pytestmark = pytest.mark.anyio

LOGO = {"LogoUrl": "https://example.com/logo.png"}
PNG = base64.b64encode(b"logo bytes").decode()


async def test_the_ordinary_way(room):
    result = await room.call()
    assert base64.b64decode(result.result_image) == room.picture
    assert result.model_dump(by_alias=True) == {"ResultImage": base64.b64encode(room.picture).decode()}
    ((job, _),) = room.jobs
    assert (job.person, job.garment, job.clothes_type) == (b"ModelUrl", b"ClothesUrl", "Upper-body")
    assert (job.add_mark, job.logo, job.language, job.image_format) == (True, None, "en-US", "jpeg")
    assert (job.job_id, job.account_id) == ("11111111-2222-4333-8444-555555555555", "account-1")
    assert room.events[0] == "hold account-1 of 1"
    assert room.events[1] == f"reserve account-1 {job.job_id}"
    ending = ["review person+garment", "render", "review result", "charge", "settled", "release"]
    assert room.events[-6:] == ending
    assert set(room.events[2:-6]) == {
        f"{did} {name}" for did in ("fetched", "probed") for name in ("ModelUrl", "ClothesUrl")
    }


async def test_by_url(room):
    result = await room.call({"RspImgType": "url"})
    assert result.result_image == "https://shop.example/results/x.jpg?s=1"
    assert room.kept == [(room.picture, "image/jpeg")]
    assert room.events[-4:] == ["put", "charge", "settled", "release"]


async def test_a_url_of_another_server_is_handed_on_as_it_is(room):
    room.put_script = lambda: "https://bucket.example/x.jpg?X-Amz-Expires=3600"
    assert (await room.call({"RspImgType": "url"})).result_image == "https://bucket.example/x.jpg?X-Amz-Expires=3600"


async def test_a_result_that_cannot_be_kept_costs_nothing(room):
    def unreachable():
        raise ApiError("results_unreachable", cause="the store is down")

    room.put_script = unreachable
    with pytest.raises(ApiError, match="results_unreachable"):
        await room.call({"RspImgType": "url"})
    assert room.events[-3:] == ["put", "settled", "release"]


async def test_base64_keeps_nothing(room):
    await room.call({"RspImgType": "base64"})
    assert room.kept == []


async def test_job_takes_language_and_format(room, tools):
    await room.call(language="zh-CN", settings=tools.Settings(images={"format": "png"}))
    ((job, _),) = room.jobs
    assert (job.language, job.image_format) == ("zh-CN", "png")


@pytest.mark.parametrize("value", ["Upper-body", "Lower-body", "Dress"])
async def test_clothes_types(room, value):
    await room.call({"ClothesType": value})
    assert room.jobs[0][0].clothes_type == value


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("ClothesType", "upper-body", "Use one of Upper-body, Lower-body, Dress."),
        ("ClothesType", "", "Use one of Upper-body, Lower-body, Dress."),
        ("ClothesType", "Dress ", "Use one of Upper-body, Lower-body, Dress."),
        ("RspImgType", "URL", "Use one of base64, url."),
        ("RspImgType", "", "Use one of base64, url."),
    ],
)
async def test_choices(room, name, value, message):
    error = await room.refused({name: value})
    assert error.code == "InvalidParameterValue.ParameterValueError"
    assert error.message() == f"The value `{value}` specified in the parameter `{name}` is not valid. {message}"
    assert room.events == []


@pytest.mark.parametrize("name", ["ModelUrl", "ClothesUrl"])
@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "InvalidParameterValue.ImageEmpty"),
        ("  ", "InvalidParameterValue.ImageEmpty"),
        ("example.com/a.jpg", "InvalidParameterValue.UrlIllegal"),
        ("ftp://example.com/a.jpg", "InvalidParameterValue.UrlIllegal"),
        ("file:///etc/passwd", "InvalidParameterValue.UrlIllegal"),
        ("data:image/png;base64,AAAA", "InvalidParameterValue.UrlIllegal"),
        ("https://", "InvalidParameterValue.UrlIllegal"),
        ("https://[", "InvalidParameterValue.UrlIllegal"),
        ("https://user:pass@example.com/a", "InvalidParameterValue.UrlIllegal"),
        ("https://example.com/" + "a" * 10_000, "InvalidParameterValue.UrlIllegal"),
        ("https://example.com/a\r\nHost: b", "InvalidParameterValue.UrlIllegal"),
    ],
)
async def test_urls_are_refused_before_a_permit_is_taken(room, name, url, code):
    error = await room.refused({name: url})
    assert error.code == code
    assert f"`{name}`" in error.message()
    assert room.events == []


@pytest.mark.parametrize(("logo_add", "marked"), [(None, True), (0, False), (1, True), (2, True), (-1, True)])
async def test_logo_add(room, logo_add, marked):
    await room.call({"LogoAdd": logo_add})
    assert room.jobs[0][0].add_mark is marked


async def test_logo_by_url(room):
    await room.call({"LogoParam": {**LOGO, "LogoRect": {"X": 10, "Y": -5, "Width": 20, "Height": 30}}})
    ((job, _),) = room.jobs
    assert (job.logo.image, job.logo.rect) == (b"LogoParam.LogoUrl", (10, -5, 20, 30))
    assert job.logo.parameter == "LogoParam.LogoUrl"
    assert "probed LogoParam.LogoUrl" not in room.events


async def test_logo_by_base64(room):
    await room.call({"LogoParam": {"LogoImage": PNG}})
    ((job, _),) = room.jobs
    assert (job.logo.image, job.logo.rect) == (b"logo bytes", (None, None, None, None))
    assert job.logo.parameter == "LogoParam.LogoImage"
    assert "LogoParam.LogoUrl" not in room.fetched


async def test_line_breaks_in_base64_are_taken(room):
    await room.call({"LogoParam": {"LogoImage": f"{PNG[:4]}\r\n{PNG[4:]}\n"}})
    assert room.jobs[0][0].logo.image == b"logo bytes"


@pytest.mark.parametrize("image", [PNG, "not base64!"])
async def test_url_wins_over_base64(room, image):
    await room.call({"LogoParam": {**LOGO, "LogoImage": image}})
    assert room.jobs[0][0].logo.image == b"LogoParam.LogoUrl"


async def test_empty_url_leaves_base64(room):
    await room.call({"LogoParam": {"LogoUrl": "", "LogoImage": PNG}})
    assert room.jobs[0][0].logo.image == b"logo bytes"


@pytest.mark.parametrize("logo", [{}, {"LogoUrl": None}, {"LogoRect": {}}, {"LogoRect": {"X": None}}])
async def test_empty_logo_param_is_the_default_mark(room, logo):
    await room.call({"LogoParam": logo})
    assert (room.jobs[0][0].add_mark, room.jobs[0][0].logo) == (True, None)


@pytest.mark.parametrize("logo", [{"LogoRect": {"X": 1}}, {"LogoUrl": ""}, {"LogoImage": ""}])
async def test_logo_param_without_picture(room, logo):
    error = await room.refused({"LogoParam": logo})
    assert (error.code, error.reason) == ("InvalidParameter.InvalidParameter", "logo_missing")


async def test_no_mark_needs_no_logo(room):
    await room.call({"LogoAdd": 0, "LogoParam": {"LogoUrl": "nonsense", "LogoRect": {"Width": -1}}})
    assert room.jobs[0][0].logo is None
    assert "LogoParam.LogoUrl" not in room.fetched


@pytest.mark.parametrize("image", ["data:image/png;base64,AAAA", "AAA", "AA*A", "衣", "_-AA"])
async def test_bad_base64(room, image):
    error = await room.refused({"LogoParam": {"LogoImage": image}})
    assert (error.code, error.reason) == ("InvalidParameterValue.ParameterValueError", "logo_base64")
    assert room.events == []


async def test_blank_base64_is_empty(room):
    error = await room.refused({"LogoParam": {"LogoImage": " \n"}})
    assert error.code == "InvalidParameterValue.ImageEmpty"


async def test_bad_logo_url_is_named(room):
    error = await room.refused({"LogoParam": {"LogoUrl": "ftp://x"}})
    assert (error.code, "`LogoParam.LogoUrl`" in error.message()) == ("InvalidParameterValue.UrlIllegal", True)


@pytest.mark.parametrize("side", ["Width", "Height"])
@pytest.mark.parametrize("value", [0, -1, 2**62])
async def test_impossible_rectangles(room, side, value):
    error = await room.refused({"LogoParam": {**LOGO, "LogoRect": {side: value}}})
    assert error.code == "InvalidParameterValue.ParameterValueError"
    assert f"LogoParam.LogoRect.{side}" in error.message()
    assert room.events == []


@pytest.mark.parametrize(("length", "fits"), [(99, True), (100, False)])
async def test_size_limit_is_on_the_base64_form(room, tools, length, fits):
    """The limit of 100 means less than 100 characters: at most 24 groups of four, 72 bytes."""
    settings = tools.Settings(images={"max_base64_bytes": 100})
    await room.call(settings=settings)
    assert {fetch["max_bytes"] for fetch in room.fetched.values()} == {72}
    logo = {"LogoParam": {"LogoImage": "A" * (length // 4 * 4)}}
    if fits:
        await room.call(logo, settings=settings)
    else:
        assert (await room.refused(logo, settings=settings)).code == "FailedOperation.ImageSizeExceed"


async def test_published_size_limit_is_the_default(room):
    await room.call({"LogoParam": LOGO})
    (limit,) = {fetch["max_bytes"] for fetch in room.fetched.values()}
    assert -(-limit // 3) * 4 < 8 * 1024 * 1024 <= -(-(limit + 1) // 3) * 4


async def test_all_pictures_are_fetched_at_the_same_time(room):
    waiting = asyncio.Barrier(3)

    async def meet(_parameter):
        await asyncio.wait_for(waiting.wait(), 1)

    room.fetch_script = meet
    await room.call({"LogoParam": LOGO})
    assert len(room.fetched) == 3


@pytest.mark.parametrize("failing", ["ModelUrl", "ClothesUrl", "LogoParam.LogoUrl"])
async def test_one_failing_fetch_ends_the_others(room, tools, failing):
    ended = []

    async def script(parameter):
        if parameter == failing:
            await asyncio.sleep(0)
            raise tools.ApiError("image_empty", parameter=parameter)
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(parameter)

    room.fetch_script = script
    error = await room.refused({"LogoParam": LOGO})
    assert (error.reason, error.values["parameter"]) == ("image_empty", failing)
    assert len(ended) == 2
    assert room.events[0] == "hold account-1 of 1"
    assert room.events[2:] == ["settled", "release"]


async def test_a_failure_behind_the_charge_is_told_to_billing(room, tools):
    def script():
        raise tools.ApiError("internal")

    room.release_script = script
    error = await room.refused({})
    assert room.events[-3:] == ["charge", "settled", "release"]
    assert room.unanswered is error


async def test_a_probe_ends_the_job_before_the_engine(room, tools):
    def script(parameter):
        if parameter == "ClothesUrl":
            raise tools.ApiError("image_too_narrow", parameter=parameter, width=1, height=1, limit=512)

    room.probe_script = script
    error = await room.refused({})
    assert error.reason == "image_too_narrow"
    assert room.jobs == []
    assert room.events[-1] == "release"


async def test_a_fault_of_ours_is_not_hidden_by_a_callers(room, tools):
    async def script(parameter):
        if parameter == "ModelUrl":
            raise tools.ApiError("image_empty", parameter=parameter)
        try:
            await asyncio.Event().wait()
        finally:
            raise RuntimeError("closing went wrong")

    room.fetch_script = script
    with pytest.raises(RuntimeError, match="closing went wrong"):
        await room.call()


async def test_engine_errors_pass_unchanged(room, tools):
    async def script():
        raise tools.ApiError("no_person", parameter="ModelUrl")

    room.render_script = script
    assert (await room.refused({})).reason == "no_person"
    assert room.events[-1] == "release"


async def test_cancelling_gives_the_permit_back_after_the_work(room):
    stopping = asyncio.Event()

    async def script():
        try:
            await asyncio.Event().wait()
        finally:
            await stopping.wait()
            room.events.append("stopped")

    room.render_script = script
    task = asyncio.create_task(room.call())
    while "render" not in room.events:
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0.01)
    assert "release" not in room.events
    stopping.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert room.events[-3:] == ["stopped", "settled", "release"]


@pytest.mark.parametrize(("size", "fits"), [(75, True), (76, False)])
async def test_answer_limit(room, tools, size, fits):
    room.picture = b"x" * size
    settings = tools.Settings(wire={"max_response_bytes": 100})
    if fits:
        assert len((await room.call(settings=settings)).result_image) == 100
        return
    error = await room.refused({}, settings=settings)
    assert error.code == "FailedOperation.RequestEntityTooLarge"
    assert "104 bytes" in error.message()
    assert "`RspImgType` to `url`" in error.message()
    assert (await room.call({"RspImgType": "url"}, settings=settings)).result_image.startswith("https://")


async def test_deadline_goes_to_every_part(room):
    await room.call({"LogoParam": LOGO})
    deadlines = {fetch["deadline"] for fetch in room.fetched.values()} | {room.jobs[0][1]}
    assert len(deadlines) == 1


async def test_the_operators_reviewer_sees_inputs_before_the_engine_and_the_result_before_it_leaves(room):
    await room.call({"LogoParam": LOGO, "RspImgType": "url"})
    doing = [event for event in room.events if not event.startswith(("fetched", "probed", "hold", "reserve"))]
    assert doing == ["review person+garment+logo", "render", "review result", "put", "charge", "settled", "release"]
    assert [(one.role, one.data, one.parameter) for one in room.submitted] == [
        ("person", b"ModelUrl", "ModelUrl"),
        ("garment", b"ClothesUrl", "ClothesUrl"),
        ("logo", b"LogoParam.LogoUrl", "LogoParam.LogoUrl"),
        ("result", room.picture, ""),
    ]
    assert room.asked_about == ("11111111-2222-4333-8444-555555555555", room.jobs[0][1])


async def test_a_logo_in_the_request_is_reviewed_where_it_is_drawn(room):
    logo = {"LogoParam": {"LogoImage": "QUJD"}}
    await room.call(logo)
    assert ("logo", b"ABC", "LogoParam.LogoImage") in [(one.role, one.data, one.parameter) for one in room.submitted]
    room.submitted.clear()
    await room.call({**logo, "LogoAdd": 0})
    assert [one.role for one in room.submitted] == ["person", "garment", "result"]


@pytest.mark.parametrize(("refused", "last"), [("person+garment", "review"), ("result", "render")])
async def test_what_the_operators_reviewer_refuses_goes_no_further(room, tools, refused, last):
    async def script(roles):
        if roles == refused:
            raise tools.ApiError("result_refused")

    room.review_script = script
    assert (await room.refused({"RspImgType": "url"})).reason == "result_refused"
    assert "put" not in room.events
    assert ("render" in room.events) is (last == "render")
    assert room.events[-1] == "release"
