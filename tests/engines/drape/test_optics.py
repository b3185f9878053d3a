"""The camera's blur and grain, measured and given to what is drawn."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from mannequin import Look, Mannequin, draw_mannequin

from fittingroom.engines.drape import optics


@pytest.fixture
def drawn() -> Mannequin:
    return draw_mannequin(Look())


@pytest.mark.parametrize("sigma", [0.7, 1.1, 1.6])
def test_the_photos_blur_is_measured_at_the_outline(drawn: Mannequin, sigma: float) -> None:
    person = drawn.person()
    wide = cv2.resize(person.rgb, None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)
    soft = cv2.resize(cv2.GaussianBlur(wide, (0, 0), 4 * sigma), person.rgb.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert optics.edge_blur(replace(person, rgb=soft)) == pytest.approx(sigma, rel=0.25)


def test_without_clear_edges_the_usual_blur_is_taken(drawn: Mannequin) -> None:
    flat = replace(drawn.person(), rgb=np.full_like(drawn.rgb, 120))
    assert optics.edge_blur(flat) == optics.USUAL_BLUR


def test_a_matte_is_as_soft_as_it_should_be_and_not_fatter() -> None:
    alpha = np.zeros((80, 120), np.float32)
    alpha[10:70, 40:80] = 1.0
    slopes = []
    for sigma in (0.6, 1.5):
        soft = optics.matte(alpha, sigma)
        assert soft[40, 60] > 0.99
        assert soft[40, 30] < 0.01
        assert soft[40, 39] < 0.5 < soft[40, 43]
        slopes.append(float(np.abs(np.diff(soft[40])).max()))
    assert slopes[0] > slopes[1]


def test_a_matte_has_no_jagged_rim() -> None:
    ys, xs = np.mgrid[0:100, 0:100].astype(np.float32)
    stairs = np.asarray(xs > 2 * (ys // 2) * 0.5 + 20, np.float32)
    soft = optics.matte(stairs, 0.8)
    inside = soft[20:80].cumsum(axis=1)[:, -1]
    steps = np.abs(np.diff(inside, 2))
    assert steps.max() < np.abs(np.diff(stairs[20:80].sum(axis=1), 2)).max() * 0.6


def test_grain_measures_the_photos_noise(drawn: Mannequin) -> None:
    def level(amount: float) -> float:
        noise = np.random.default_rng(2).normal(0, amount, drawn.rgb.shape)
        photo = np.clip(np.full(drawn.rgb.shape, 120) + noise, 0, 255).astype(np.uint8)
        return float(optics.grain(replace(drawn.person(), rgb=photo), np.random.default_rng(1)).std())

    assert level(0.0) < 0.1
    assert level(0.0) < level(1.5) < level(4.0) < 6.0


def test_grain_repeats_with_its_seed(drawn: Mannequin) -> None:
    first, again, other = (optics.grain(drawn.person(), np.random.default_rng(s)) for s in (5, 5, 6))
    assert (first == again).all()
    assert (first != other).any()
    assert first.shape == drawn.cloth.shape
    assert abs(float(first.mean())) < 0.1
