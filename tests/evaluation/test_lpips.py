"""LPIPS: its properties on a small net, its file's safety, and the published values with the real weights."""

from __future__ import annotations

import pickle
from pathlib import Path

import cv2
import numpy as np
import pytest

from fittingroom.evaluation.lpips import LAYERS, WEIGHT, Lpips, convolve, safe_unpickle
from fittingroom.models import ModelsError, all_weights, models_dir
from fittingroom.models.store import State, state

SIZES = ((11, 3, 8), (5, 8, 8), (3, 8, 8), (3, 8, 8), (3, 8, 8))
RNG = np.random.default_rng(3)
PHOTO = cv2.GaussianBlur(RNG.integers(0, 256, (96, 80, 3), np.uint8), (0, 0), 2)


def nested() -> dict:
    convolutions = {
        f"Conv_{i}": {"kernel": RNG.normal(0, 0.1, (k, k, c, d)).astype("f4"), "bias": np.full(d, 0.01, "f4")}
        for i, (k, c, d) in enumerate(SIZES)
    }
    heads = {f"NetLinLayer_{i}": {"Conv_0": {"kernel": np.ones((1, 1, 8, 1), "f4")}} for i in range(len(LAYERS))}
    return {"AlexNet_0": convolutions, **heads}


def load(tmp_path: Path, data: object) -> Lpips:
    (tmp_path / "w").write_bytes(pickle.dumps(data))
    return Lpips.load(lambda name: tmp_path / "w")


def test_equal_is_zero_symmetric_and_grows_with_noise(tmp_path: Path) -> None:
    distance = load(tmp_path, nested())
    noise = RNG.normal(0, 1, PHOTO.shape)
    noisy = [np.clip(PHOTO + s * noise, 0, 255).astype(np.uint8) for s in (4, 16, 64)]
    assert distance(PHOTO, PHOTO) == 0.0
    values = [distance(PHOTO, picture) for picture in noisy]
    assert 0 < values[0] < values[1] < values[2]
    assert distance(noisy[1], PHOTO) == pytest.approx(values[1])
    with pytest.raises(ValueError, match="cannot be compared"):
        distance(PHOTO, PHOTO[:90])


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (1, 1), (4, 2)])
def test_the_convolution_is_opencv_s(stride: int, padding: int) -> None:
    x, kernel = RNG.normal(size=(24, 20, 2)).astype("f4"), RNG.normal(size=(5, 5, 2, 1)).astype("f4")
    whole = sum(
        cv2.filter2D(np.pad(x[..., c], padding), -1, kernel[..., c, 0], borderType=cv2.BORDER_CONSTANT)
        for c in range(2)
    )
    expected = whole[2:-2, 2:-2][::stride, ::stride]
    assert np.allclose(convolve(x, kernel, stride, padding)[..., 0], expected, atol=1e-4)


def test_a_pickle_that_wants_more_than_arrays_is_refused() -> None:
    class Bomb:
        def __reduce__(self) -> tuple:
            return (exec, ("raise SystemExit",))

    with pytest.raises(ModelsError, match=r"builtins\.exec; refused"):
        safe_unpickle(pickle.dumps({"AlexNet_0": Bomb()}))


def test_damage_and_missing_parts_are_told(tmp_path: Path) -> None:
    with pytest.raises(ModelsError, match="damaged"):
        safe_unpickle(pickle.dumps(nested())[:100])
    data = nested()
    del data["AlexNet_0"]["Conv_3"]
    with pytest.raises(ModelsError, match="Conv_3"):
        load(tmp_path, data)


@pytest.mark.weights
def test_the_real_weights_tell_blur_from_shift_as_people_do() -> None:
    """Traditional measures prefer the blurred picture, people the shifted one (figure 1 of the paper)."""
    if state(all_weights()[WEIGHT], models_dir()) is not State.PRESENT:
        pytest.skip(f"weights not pulled; bring them with: fittingroom models pull {WEIGHT}")
    distance = Lpips.load()
    bars = np.kron(RNG.integers(0, 2, (16, 16)), np.ones((8, 8)))[..., None].repeat(3, -1)
    sharp = (40 + 170 * bars).astype(np.uint8)
    blurred, shifted = cv2.GaussianBlur(sharp, (0, 0), 4), np.roll(sharp, 2, axis=1)
    assert distance(sharp, sharp) == 0
    assert distance(sharp, shifted) < 0.5 * distance(sharp, blurred)
    assert np.square(sharp - shifted.astype(float)).mean() > 0.5 * np.square(sharp - blurred.astype(float)).mean()
