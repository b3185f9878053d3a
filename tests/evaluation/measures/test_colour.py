"""CIEDE2000 against the published pairs, and the two views of a garment's colour."""

from __future__ import annotations

import builtins

import numpy as np
import pytest

from fittingroom.evaluation.measures import colour
from fittingroom.evaluation.photos import EvaluationError

RED = np.array([180, 40, 50], np.uint8)


def picture(rgb: np.ndarray) -> np.ndarray:
    return np.broadcast_to(rgb, (200, 200, 3)).astype(np.uint8)


def test_equal_colours_differ_by_nothing_and_black_from_white_by_a_hundred() -> None:
    assert colour.ciede2000(RED, RED) == pytest.approx(0, abs=1e-6)
    assert colour.ciede2000(np.zeros(3), np.full(3, 255)) == pytest.approx(100, abs=0.01)


def test_seen_is_the_median_inside_the_rim(square: np.ndarray) -> None:
    result, flat = picture(RED).copy(), picture(RED)
    result[50:53] = 255
    assert colour.seen(result, flat, square) == 0
    darker = picture(RED - 20)
    assert colour.seen(darker, flat, square) == pytest.approx(float(colour.ciede2000(RED - 20, RED)))


def test_mean_knows_the_garment_whatever_its_size(square: np.ndarray) -> None:
    stripes = picture(RED).copy()
    stripes[:, ::2] = 255
    wide = np.repeat(stripes, 2, axis=1)
    everywhere = np.ones(wide.shape[:2], bool)
    assert colour.mean(stripes, square, wide, everywhere) == pytest.approx(0, abs=0.5)
    assert colour.mean(picture(RED), square, wide, everywhere) > 15


def test_too_little_cloth_has_no_colour(square: np.ndarray) -> None:
    few = np.zeros_like(square)
    few[:12, :12] = True
    assert colour.seen(picture(RED), picture(RED), few) is None
    assert colour.mean(picture(RED), square, picture(RED), few) is None


def test_without_scikit_image_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: object) -> object:
        if name.startswith("skimage"):
            raise ImportError(name)
        return real(name, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(EvaluationError, match=r"fittingroom\[eval\]"):
        colour.ciede2000(RED, RED)
