"""SSIM as scikit-image takes it."""

from __future__ import annotations

import builtins

import numpy as np
import pytest

from fittingroom.evaluation.measures.likeness import ssim
from fittingroom.evaluation.photos import EvaluationError

PHOTO = np.random.default_rng(5).integers(0, 256, (40, 30, 3), np.uint8)


def test_equal_is_one_and_noise_costs() -> None:
    assert ssim(PHOTO, PHOTO) == pytest.approx(1.0)
    little = np.clip(PHOTO.astype(int) + 5 * np.sign(PHOTO.astype(int) - 128), 0, 255).astype(np.uint8)
    assert 0.9 < ssim(PHOTO, little) < 1.0
    assert ssim(PHOTO, 255 - PHOTO) < 0


def test_the_whole_range_of_a_byte_is_meant() -> None:
    """Two flat greys differ in luminance alone: (2ab + c) / (a^2 + b^2 + c), c = (.01 * 255)^2."""
    one, other = np.full((9, 9, 3), 100, np.uint8), np.full((9, 9, 3), 50, np.uint8)
    c = (0.01 * 255) ** 2
    assert ssim(one, other) == pytest.approx((2 * 100 * 50 + c) / (100**2 + 50**2 + c))


def test_without_scikit_image_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: object) -> object:
        if name.startswith("skimage"):
            raise ImportError(name)
        return real(name, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(EvaluationError, match=r"fittingroom\[eval\]"):
        ssim(PHOTO, PHOTO)
