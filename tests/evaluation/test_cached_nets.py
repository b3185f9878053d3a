"""Networks' answers on disk: asked once, the same cold and warm, anew for any other picture or argument."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fittingroom.engines.drape.nets import Pose
from fittingroom.evaluation import cached_nets as module
from fittingroom.evaluation.cached_nets import CachedNets

PICTURE = np.random.default_rng(1).integers(0, 256, (40, 30, 3), np.uint8)


class Counting:
    """Stands for `Nets` and counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def cloth(self, rgb: np.ndarray, area: int = 0) -> np.ndarray:
        self.asked.append("cloth")
        return np.repeat(rgb[..., :1].astype(np.float32) / 255, 4, axis=-1) + area

    def pose(self, rgb: np.ndarray) -> Pose | None:
        self.asked.append("pose")
        if rgb.mean() < 1:
            return None
        points = np.full((33, 2), 300.123, np.float32)
        return Pose(
            points, np.ones(33, np.float32), np.zeros(33, np.float32), np.full(rgb.shape[:2], 1 / 3, np.float32)
        )

    def inpaint(self, rgb: np.ndarray, hole: np.ndarray) -> np.ndarray:
        self.asked.append("inpaint")
        return np.where(hole[..., None], 7, rgb).astype(np.uint8)


@pytest.fixture
def real() -> Counting:
    return Counting()


def cached(folder: Path, real: Counting) -> CachedNets:
    return CachedNets(folder, lambda: real)  # type: ignore[arg-type,return-value]


def test_the_same_question_is_asked_once(tmp_path: Path, real: Counting) -> None:
    first = cached(tmp_path / "new", real).cloth(PICTURE, area=1)
    again = cached(tmp_path / "new", real).cloth(PICTURE, area=1)
    assert (first == again).all()
    assert again.dtype == np.float32
    assert np.abs(again - Counting().cloth(PICTURE, 1)).max() < 1e-3
    assert real.asked == ["cloth"]


def test_networks_are_loaded_only_when_an_answer_is_missing(tmp_path: Path, real: Counting) -> None:
    cached(tmp_path, real).pose(PICTURE)

    def never() -> object:
        raise AssertionError("loaded although the answer was there")

    assert CachedNets(tmp_path, never).pose(PICTURE) is not None  # type: ignore[arg-type]


def test_another_picture_argument_or_method_asks_anew(tmp_path: Path, real: Counting) -> None:
    nets = cached(tmp_path, real)
    nets.cloth(PICTURE)
    nets.cloth(PICTURE, area=2)
    nets.cloth(PICTURE.reshape(30, 40, 3))
    nets.cloth(PICTURE + np.uint8(1))
    hole = np.zeros((40, 30), bool)
    nets.inpaint(PICTURE, hole)
    assert (nets.inpaint(PICTURE, ~hole) == 7).all()
    assert real.asked == ["cloth"] * 4 + ["inpaint"] * 2


def test_a_pose_comes_back_exactly_and_nobody_stays_nobody(tmp_path: Path, real: Counting) -> None:
    nets = cached(tmp_path, real)
    for _ in range(2):
        pose = nets.pose(PICTURE)
        assert isinstance(pose, Pose)
        assert (pose.points == np.float32(300.123)).all()
        assert pose.mask.shape == (40, 30)
        assert nets.pose(np.zeros((5, 5, 3), np.uint8)) is None
    assert real.asked == ["pose", "pose"]


def test_other_code_or_weights_make_old_answers_worthless(
    tmp_path: Path, real: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached(tmp_path, real).pose(PICTURE)
    monkeypatch.setattr(module.inspect, "getsource", lambda of: "changed")
    cached(tmp_path, real).pose(PICTURE)
    assert real.asked == ["pose", "pose"]


def test_only_what_nets_can_is_asked(tmp_path: Path, real: Counting) -> None:
    with pytest.raises(AttributeError, match="no method depth"):
        cached(tmp_path, real).depth(PICTURE)


def test_an_answer_that_cannot_be_kept_is_an_error(
    tmp_path: Path, real: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(real, "pose", lambda rgb: "text")
    with pytest.raises(TypeError, match="str cannot be kept"):
        cached(tmp_path, real).pose(PICTURE)
    assert not list(tmp_path.glob("*.npz"))
