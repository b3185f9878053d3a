"""Thin-plate splines: they meet their controls, and add no bend of their own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fittingroom.engines.drape import tps

seeds = st.integers(0, 2**32 - 1)


def scattered(seed: int, count: int = 14, size: float = 400.0) -> np.ndarray:
    """Points of a jittered grid: never two at one place, never all on a line."""
    rng = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(np.arange(4), np.arange(4)), axis=-1).reshape(-1, 2)[:count]
    return ((grid + rng.uniform(-0.3, 0.3, grid.shape)) * size / 4).astype(np.float32)


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_meets_every_control_without_smoothing(seed: int) -> None:
    target = scattered(seed)
    source = scattered(seed ^ 1) * 3 + 50
    spline = tps.fit(target, source, smoothing=0.0)
    np.testing.assert_allclose(spline(target), source, atol=0.05)


@given(seeds, st.floats(-3, 3), st.floats(-3, 3))
@settings(max_examples=30, deadline=None)
def test_is_affine_on_affine_data_whatever_the_smoothing(seed: int, a: float, b: float) -> None:
    target = scattered(seed)
    matrix, shift = np.array([[1.0, a], [b, 2.0]]), np.array([-30.0, 700.0])
    spline = tps.fit(target, target @ matrix + shift, smoothing=0.5)
    far = np.array([[-300.0, 900.0], [200.0, 200.0], [1000.0, -50.0]], np.float32)
    np.testing.assert_allclose(spline(far), far @ matrix + shift, rtol=1e-3, atol=0.5)


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_does_not_depend_on_where_or_how_large_the_target_is(seed: int) -> None:
    target, source = scattered(seed), scattered(seed ^ 7)
    asked = scattered(seed ^ 3) * 0.8
    here = tps.fit(target, source)(asked)
    there = tps.fit(target * 4 + 1000, source)(asked * 4 + 1000)
    np.testing.assert_allclose(here, there, atol=0.5)


def test_default_smoothing_stays_within_a_pixel_of_gentle_controls() -> None:
    target = scattered(3)
    source = target * 2 + 6 * np.sin(target[:, ::-1] / 60)
    assert np.abs(tps.fit(target, source)(target) - source).max() < 1.0


def test_repeated_controls_are_no_error() -> None:
    target = np.concatenate([scattered(5), scattered(5)[:4]])
    out = tps.fit(target, target + 3)(scattered(6))
    np.testing.assert_allclose(out, scattered(6) + 3, atol=0.05)


@pytest.mark.parametrize("box", [(0, 0, 40, 30), (17, 9, 18, 10), (3, 5, 131, 77), (100, 0, 108, 8)])
def test_field_is_the_spline_at_each_pixel(box: tuple[int, int, int, int]) -> None:
    target = scattered(8)
    spline = tps.fit(target, target * 1.5 + 4 * np.sin(target / 80))
    field = tps.field(spline, box)
    x0, y0, x1, y1 = box
    assert field.shape == (y1 - y0, x1 - x0, 2)
    assert field.dtype == np.float32
    xs, ys = np.meshgrid(np.arange(x0, x1), np.arange(y0, y1))
    exact = spline(np.stack([xs, ys], axis=-1).reshape(-1, 2).astype(np.float32)).reshape(field.shape)
    assert np.abs(field - exact).max() < 0.5
