"""Folds as strokes of a height field: where they are put, as high as they are told, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from fittingroom.engines.drape.folds import Fold, bent, height_field, slope
from fittingroom.engines.drape.parts import Drawn
from fittingroom.engines.drape.raster import Raster, raster

SHAPE = (240, 240)
STROKE = Fold(np.array([60.0, 120.0]), np.array([180.0, 120.0]), 0.0, (0.05, 0.05), 0.02)


@pytest.fixture
def grid() -> Raster:
    return raster(SHAPE, 120.0)


def drawn_field(folds: list[Fold], grid: Raster, seed: int = 4) -> np.ndarray:
    return height_field(folds, grid, np.random.default_rng(seed))


def test_a_ridge_and_its_valley_lie_on_the_stroke(grid: Raster) -> None:
    field = drawn_field([STROKE], grid)
    y, x = np.unravel_index(int(field.argmax()), field.shape)
    px = grid.points(np.array([[60.0, 120.0], [180.0, 120.0]]))
    assert px[0, 0] < x < px.mean(axis=0)[0], "highest near its start"
    assert abs(y - px[0, 1]) < 4
    assert 0.5 * STROKE.height < field.max() <= STROKE.height
    assert field.min() < -0.2 * STROKE.height
    assert not field[: grid.size[0] // 4].any()


def test_a_bent_stroke_leaves_its_chord(grid: Raster) -> None:
    straight, curved = (drawn_field([Fold(STROKE.start, STROKE.end, b, (0.03, 0.03), 0.02)], grid) for b in (0.0, 0.15))
    column = grid.size[1] // 2
    assert abs(int(curved[:, column].argmax()) - int(straight[:, column].argmax())) > 0.1 * grid.unit


def test_strokes_add_up_and_none_gives_nothing(grid: Raster) -> None:
    assert not drawn_field([], grid).any()
    np.testing.assert_allclose(drawn_field([STROKE, STROKE], grid), 2 * drawn_field([STROKE], grid), atol=1e-6)


def test_a_seed_repeats_its_folds_and_another_does_not(grid: Raster) -> None:
    assert (drawn_field([STROKE], grid, 4) == drawn_field([STROKE], grid, 4)).all()
    assert np.abs(drawn_field([STROKE], grid, 4) - drawn_field([STROKE], grid, 5)).max() > 0.002


@pytest.mark.parametrize("to", [(-900.0, -900.0), (60.0, 120.0), (240.0, 500.0)])
def test_strokes_beyond_the_frame_and_without_length_do_no_harm(grid: Raster, to: tuple[float, float]) -> None:
    field = drawn_field([Fold(STROKE.start - (to[0] < 0) * 900, np.array(to), 0.02, (0.03, 0.04), 0.02)], grid)
    assert np.isfinite(field).all()
    assert np.abs(field).max() <= 0.03


def test_slope_is_in_its_own_unit(grid: Raster) -> None:
    xs = np.tile(np.arange(grid.size[1], dtype=np.float32) / grid.unit * 0.3, (grid.size[0], 1))
    dx, dy = slope(xs, grid)
    np.testing.assert_allclose(dx[5:-5, 5:-5], 0.3, rtol=1e-3)
    np.testing.assert_allclose(dy[5:-5, 5:-5], 0.0, atol=1e-6)


def stripes(alpha: np.ndarray) -> Drawn:
    rgb = np.where((np.arange(SHAPE[0]) // 6 % 2)[:, None, None] > 0, 200.0, 40.0) * np.ones((*SHAPE, 3))
    return Drawn("trunk", rgb.astype(np.float32), alpha)


def test_stripes_bend_over_a_fold_and_nowhere_else(grid: Raster) -> None:
    alpha = np.zeros(SHAPE, np.float32)
    alpha[30:210, 30:210] = 1.0
    moved = bent(stripes(alpha), drawn_field([STROKE], grid), grid)
    change = np.abs(moved.rgb - stripes(alpha).rgb).max(axis=-1)
    assert change[100:140, 70:150].max() > 40
    assert change[40:70, 40:200].max() < 1.0
    assert (change[alpha == 0] == 0).all()
    assert moved.name == "trunk"


def test_flat_or_absent_cloth_is_returned_as_it_is(grid: Raster) -> None:
    alpha = np.ones(SHAPE, np.float32)
    whole = stripes(alpha)
    assert bent(whole, np.zeros(grid.size, np.float32), grid) is whole
    nothing = stripes(np.zeros(SHAPE, np.float32))
    assert bent(nothing, drawn_field([STROKE], grid), grid) is nothing
