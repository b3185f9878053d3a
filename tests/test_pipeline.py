"""One job from bytes to bytes, with an engine that paints a known patch."""

import json
import pickle
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from structlog.testing import capture_logs

from fittingroom.engines.protocol import (
    Cancelled,
    ClothesType,
    Engine,
    EngineError,
    NoGarmentFound,
    NoPersonFound,
    RefusedPicture,
    TryOnReport,
    TryOnResult,
    never_cancelled,
)
from fittingroom.errors import ApiError
from fittingroom.images.label import read_label
from fittingroom.images.mark import add_mark
from fittingroom.moderation.protocol import Role, Verdict
from fittingroom.pipeline import LogoJob, RenderJob, finish, render
from fittingroom.settings import ImageSettings

WIDTH, HEIGHT = 600, 800


class Painter:
    """Fills the middle of the person with the garment's mean colour; everything else stays."""

    name = "painter"

    def __init__(self, fails: Exception | None = None) -> None:
        self.fails = fails
        self.calls: list[tuple] = []

    def load(self) -> None:
        pass

    def try_on(self, person, garment, clothes_type, options=None, checkpoint=never_cancelled):
        self.calls.append((person, garment, clothes_type, options))
        checkpoint()
        if self.fails:
            raise self.fails
        image = person.copy()
        image[200:600, 150:450] = garment.mean(axis=(0, 1)).round()
        mask = np.zeros(person.shape[:2], np.float32)
        mask[200:600, 150:450] = 1
        return TryOnResult(image, TryOnReport("painter", mask, {"paint": 0.25}, 0.7, ("The patch is square.",)))


def picture(seed: int) -> np.ndarray:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    waves = np.stack([np.sin(x / 50 + seed), np.cos(y / 70), np.sin((x + y) / 90)], axis=-1)
    return (waves * 100 + 128).astype(np.uint8)


def file(array: np.ndarray, kind: str = "PNG", **options) -> bytes:
    buffer = BytesIO()
    Image.fromarray(array).save(buffer, kind, **options)
    return buffer.getvalue()


PERSON, GARMENT = picture(1), picture(2)
JOB = RenderJob(
    person=file(PERSON),
    garment=file(GARMENT),
    clothes_type=ClothesType.UPPER,
    job_id="0d0728ed-f777-4861-aa4b-5a6167daa0b6",
    image_format="png",
)
LOGO = file(np.full((20, 40, 3), (255, 0, 0), np.uint8))


def run(job: RenderJob = JOB, engine: Engine | None = None, checkpoint=never_cancelled, **settings):
    return render(job, engine or Painter(), checkpoint, ImageSettings(**settings), None)


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(data)))


def refusal(job: RenderJob, engine: Engine | None = None) -> ApiError:
    with pytest.raises(ApiError) as caught:
        run(job, engine)
    return caught.value


def painted() -> np.ndarray:
    return Painter().try_on(PERSON, GARMENT, ClothesType.UPPER).image


def test_the_painter_is_an_engine():
    assert isinstance(Painter(), Engine)


def test_without_a_mark_every_pixel_is_the_engines():
    rendered = run(replace(JOB, add_mark=False))
    assert np.array_equal(pixels(rendered.data), painted())
    assert (rendered.media_type, rendered.width, rendered.height) == ("image/png", WIDTH, HEIGHT)
    untouched = np.ones((HEIGHT, WIDTH), bool)
    untouched[200:600, 150:450] = False
    assert np.array_equal(pixels(rendered.data)[untouched], PERSON[untouched])


@pytest.mark.parametrize("least", [0.0, 0.7])
def test_enough_confidence_gives_a_picture(least):
    assert run(min_confidence=least).confidence == 0.7


def test_too_little_confidence_is_an_error_with_advice():
    with pytest.raises(ApiError) as caught:
        run(min_confidence=0.71)
    assert caught.value.code == "FailedOperation.GenerateImageFailed"
    assert caught.value.message().endswith("The patch is square.")
    assert "0.70" in str(caught.value.cause)


def test_the_advice_is_general_where_the_engine_has_none():
    class Silent(Painter):
        def try_on(self, *given):
            result = super().try_on(*given)
            return replace(result, report=replace(result.report, warnings=()))

    with pytest.raises(ApiError) as caught:
        run(engine=Silent(), min_confidence=1.0)
    assert "frontal photo" in caught.value.message()


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
def test_with_the_mark_only_the_marks_pixels_differ_from_the_engines(language):
    rendered = run(replace(JOB, language=language))
    assert np.array_equal(pixels(rendered.data), add_mark(painted(), language))
    changed = (pixels(rendered.data) != painted()).any(axis=2)
    assert 0.002 < changed.mean() < 0.05


def test_a_logo_takes_the_marks_place():
    rendered = run(replace(JOB, logo=LogoJob(LOGO, (10, 20, 100, 30))))
    expected = painted()
    expected[20:50, 10:110] = (255, 0, 0)
    assert np.array_equal(pixels(rendered.data), expected)


def test_a_logo_is_not_even_read_when_no_mark_is_wanted():
    rendered = run(replace(JOB, add_mark=False, logo=LogoJob(b"no picture")))
    assert np.array_equal(pixels(rendered.data), painted())


def test_jpeg_is_close_to_the_engines_picture_and_follows_the_quality():
    fine = run(replace(JOB, add_mark=False, image_format="jpeg"))
    assert fine.media_type == "image/jpeg"
    assert np.abs(pixels(fine.data).astype(int) - painted()).mean() < 1.5
    assert len(run(replace(JOB, image_format="jpeg"), jpeg_quality=60).data) < len(fine.data)


@pytest.mark.parametrize("image_format", ["jpeg", "png"])
@pytest.mark.parametrize("add", [True, False])
def test_every_file_is_labelled_with_the_job_marked_or_not(image_format, add):
    rendered = run(replace(JOB, image_format=image_format, add_mark=add), producer="Example Shop")
    found = read_label(rendered.data)
    fields = json.loads(found["TC260:AIGC"])
    assert (fields["ContentProducer"], fields["ProduceID"]) == ("Example Shop", JOB.job_id)
    assert found["Iptc4xmpExt:AISystemUsed"] == "fittingroom painter"


def test_nothing_of_the_callers_files_comes_back_but_pixels():
    secret = b"PRIVATE-GPS-POSITION"
    exif = Image.Exif()
    exif[0x010E] = secret.decode()
    person = file(PERSON, "JPEG", quality=95, exif=exif, comment=secret) + secret
    for image_format in ("jpeg", "png"):
        assert secret not in run(replace(JOB, person=person, image_format=image_format)).data


def test_the_engine_gets_upright_pixels_in_the_order_person_garment():
    exif = Image.Exif()
    exif[0x0112] = 6
    engine = Painter()
    rendered = run(replace(JOB, person=file(np.rot90(PERSON).copy(), "PNG", exif=exif)), engine)
    person, garment, clothes_type, options = engine.calls[0]
    assert np.array_equal(person, PERSON)
    assert np.array_equal(garment, GARMENT)
    assert (clothes_type, options) == (ClothesType.UPPER, JOB.options)
    assert (rendered.width, rendered.height) == (WIDTH, HEIGHT)


def test_stage_times_and_report_travel_with_the_file():
    rendered = run()
    assert list(rendered.stages) == ["decode", "paint", "mark", "encode"]
    assert rendered.stages["paint"] == 0.25
    assert all(seconds >= 0 for seconds in rendered.stages.values())
    assert (rendered.engine, rendered.confidence) == ("painter", 0.7)
    assert rendered.warnings == ("The patch is square.",)


def test_a_profile_that_was_not_used_becomes_a_warning():
    rendered = run(replace(JOB, person=file(PERSON, "PNG", icc_profile=b"nonsense" * 20)))
    assert "profile" in rendered.warnings[0]
    assert rendered.warnings[1:] == ("The patch is square.",)


# --- what goes wrong ---------------------------------------------------------------------------------------------


def test_no_person_and_no_garment_are_the_callers_errors_by_parameter():
    error = refusal(JOB, Painter(NoPersonFound("no pose")))
    assert (error.reason, error.values["parameter"]) == ("no_person", "ModelUrl")
    error = refusal(replace(JOB, clothes_type=ClothesType.DRESS), Painter(NoGarmentFound("no dress")))
    assert (error.reason, error.values["parameter"]) == ("no_garment", "ClothesUrl")
    assert "Dress" in error.message()
    assert "no dress" not in error.message()
    assert "no dress" in str(error.cause)


def test_a_picture_that_the_engine_itself_refuses_failed_the_review():
    error = refusal(JOB, Painter(RefusedPicture("none of 2 attempts made a picture that may be shown")))
    assert (error.reason, error.code) == ("result_refused", "FailedOperation.GenerateImageFailed")
    assert "none of 2" in str(error.cause)


@pytest.mark.parametrize("error", [EngineError("weights are gone"), RuntimeError("bug"), Cancelled("stop")])
def test_other_failures_pass_as_they_are(error):
    with pytest.raises(type(error)):
        run(JOB, Painter(error))


@pytest.mark.parametrize(
    ("change", "reason", "parameter"),
    [
        ({"person": b""}, "image_empty", "ModelUrl"),
        ({"person": b"<html>"}, "image_decode_failed", "ModelUrl"),
        ({"garment": JOB.garment[:5000]}, "image_decode_failed", "ClothesUrl"),
        ({"garment": file(GARMENT[:512])}, "image_too_narrow", "ClothesUrl"),
        ({"person": file(np.zeros((600, 3000, 3), np.uint8))}, "image_too_wide", "ModelUrl"),
        ({"logo": LogoJob(b"GIF89a")}, "image_decode_failed", "LogoParam.LogoUrl"),
        ({"logo": LogoJob(b"", parameter="LogoParam.LogoImage")}, "image_empty", "LogoParam.LogoImage"),
    ],
)
def test_bad_pictures_are_named_and_the_engine_does_not_run(change, reason, parameter):
    engine = Painter()
    error = refusal(replace(JOB, **change), engine)
    assert (error.reason, error.values["parameter"]) == (reason, parameter)
    assert engine.calls == []


@pytest.mark.parametrize(("rect", "reason"), [((600, 0, 9, 9), "logo_rect_outside"), ((0, 0, 0, 9), "logo_rect_size")])
def test_a_logo_in_a_bad_place_costs_no_engine_run(rect, reason):
    engine = Painter()
    assert refusal(replace(JOB, logo=LogoJob(LOGO, rect)), engine).reason == reason
    assert engine.calls == []


@pytest.mark.parametrize("stop_at", [1, 2, 3])
def test_it_stops_at_every_checkpoint(stop_at):
    seen = 0

    def checkpoint():
        nonlocal seen
        seen += 1
        if seen == stop_at:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(JOB, Painter(), checkpoint)


def test_jobs_results_and_errors_survive_the_way_between_processes():
    job = replace(JOB, logo=LogoJob(LOGO, (1, None, 3, None)))
    assert pickle.loads(pickle.dumps(job)) == job
    rendered = run()
    assert pickle.loads(pickle.dumps(rendered)) == rendered
    error = pickle.loads(pickle.dumps(refusal(replace(JOB, person=b"x"))))
    assert (error.reason, error.values["parameter"]) == ("image_decode_failed", "ModelUrl")
    assert error.message("zh-CN")


def test_a_result_of_ones_own_can_be_finished_without_its_pictures():
    """What the command line and the Python API do."""
    job = RenderJob(b"", b"", ClothesType.UPPER, "id", add_mark=False, image_format="png")
    rendered = finish(Painter().try_on(PERSON, GARMENT, ClothesType.UPPER), job, ImageSettings())
    assert np.array_equal(pixels(rendered.data), painted())
    assert list(rendered.stages) == ["paint", "mark", "encode"]


class Judge:
    """Refuses the pictures of one role; remembers what it was shown."""

    def __init__(self, refused: Role | None = None) -> None:
        self.refused = refused
        self.shown: list[tuple[Role, np.ndarray]] = []

    def review(self, picture: np.ndarray, role: Role) -> Verdict:
        self.shown.append((role, picture))
        return Verdict(role, 0.9 if role is self.refused else 0.1, role is not self.refused, "judge")


def reviewed(judge: Judge, engine: Engine, job: RenderJob = JOB):
    return render(job, engine, never_cancelled, ImageSettings(), judge)


WITH_LOGO = replace(JOB, logo=LogoJob(image=LOGO, rect=(10, 20, 40, 20)))


def test_all_pictures_are_reviewed_and_the_result_as_it_leaves():
    judge = Judge()
    rendered = reviewed(judge, Painter(), WITH_LOGO)
    shown = dict(judge.shown)
    assert [role for role, _ in judge.shown] == [Role.PERSON, Role.GARMENT, Role.LOGO, Role.RESULT]
    assert np.array_equal(shown[Role.PERSON], PERSON)
    assert np.array_equal(shown[Role.GARMENT], GARMENT)
    assert (shown[Role.LOGO].shape, shown[Role.LOGO].dtype) == ((20, 40, 3), np.uint8)
    assert np.array_equal(shown[Role.RESULT], pixels(rendered.data))
    assert list(rendered.stages) == ["decode", "review", "paint", "mark", "review_result", "encode"]


def test_a_transparent_logo_is_reviewed_on_white():
    clear = np.zeros((20, 40, 4), np.uint8)
    judge = Judge()
    reviewed(judge, Painter(), replace(JOB, logo=LogoJob(image=file(clear))))
    assert (dict(judge.shown)[Role.LOGO] == 255).all()


def test_a_logo_that_is_not_drawn_is_not_reviewed():
    judge = Judge()
    reviewed(judge, Painter(), replace(WITH_LOGO, add_mark=False))
    assert Role.LOGO not in dict(judge.shown)


@pytest.mark.parametrize(
    ("role", "parameter"),
    [(Role.PERSON, "ModelUrl"), (Role.GARMENT, "ClothesUrl"), (Role.LOGO, "LogoParam.LogoUrl")],
)
def test_a_refused_input_names_its_parameter_before_the_engine_works(role, parameter):
    engine = Painter()
    with pytest.raises(ApiError) as caught:
        reviewed(Judge(role), engine, WITH_LOGO)
    assert caught.value.code == "OperationDenied.ImageIllegalDetected"
    assert f"`{parameter}`" in caught.value.message()
    assert engine.calls == []


def test_a_refused_result_does_not_leave():
    with pytest.raises(ApiError) as caught:
        reviewed(Judge(Role.RESULT), Painter())
    assert caught.value.code == "FailedOperation.GenerateImageFailed"
    assert caught.value.reason == "result_refused"


def test_each_verdict_is_logged_with_the_request_and_without_the_picture():
    with capture_logs() as logs, pytest.raises(ApiError):
        reviewed(Judge(Role.GARMENT), Painter())
    entry = {"event": "reviewed", "log_level": "info", "request_id": JOB.job_id, "reviewer": "judge"}
    assert logs == [
        {**entry, "role": "person", "score": 0.1, "allowed": True},
        {**entry, "role": "garment", "score": 0.9, "allowed": False},
    ]


def test_a_job_cancelled_during_review_does_not_reach_the_engine():
    class Late(Judge):
        def review(self, picture, role):
            checkpoints.append(role)
            return super().review(picture, role)

    checkpoints: list[Role] = []

    def checkpoint() -> None:
        if checkpoints:
            raise Cancelled("gone")

    engine = Painter()
    with pytest.raises(Cancelled):
        render(JOB, engine, checkpoint, ImageSettings(), Late())
    assert engine.calls == []
