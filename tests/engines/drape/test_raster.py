"""The reduced grid: its size follows the body, and nothing that is constant changes on the way."""

from __future__ import annotations

import numpy as np
import pytest

from fittingroom.engines.drape.raster import CELLS, raster


@pytest.mark.parametrize(
    ("shape", "sw"), [((1024, 768), 220.0), ((1600, 1200), 400.0), ((300, 200), 40.0), ((64, 64), 900.0)]
)
def test_a_shoulder_distance_has_the_same_number_of_cells(shape: tuple[int, int], sw: float) -> None:
    grid = raster(shape, sw)
    assert grid.unit <= CELLS * 1.1
    assert grid.size[0] <= shape[0]
    if sw > CELLS and min(shape) > sw:
        assert grid.unit == pytest.approx(CELLS, rel=0.02)
    if sw <= CELLS:
        assert grid.size == shape


def test_constants_stay_constant() -> None:
    grid = raster((301, 203), 150.0)
    field = np.full((301, 203), 0.7, np.float32)
    np.testing.assert_allclose(grid.down(field), 0.7, atol=1e-6)
    np.testing.assert_allclose(grid.up(grid.down(field)), 0.7, atol=1e-6)
    np.testing.assert_allclose(grid.blur(grid.down(field), 0.2), 0.7, atol=1e-5)
    assert grid.up(grid.down(field)).shape == (301, 203)


def test_points_land_where_the_pixels_do() -> None:
    grid = raster((400, 300), 200.0)
    picture = np.zeros((400, 300), np.float32)
    picture[238:243, 98:103] = 1.0
    x, y = grid.points(np.array([100.0, 240.0], np.float32))
    small = grid.down(picture)
    at = np.unravel_index(int(small.argmax()), small.shape)
    assert abs(at[0] - y) <= 0.7
    assert abs(at[1] - x) <= 0.7


def test_near_keeps_what_is_not_finite_out_of_its_neighbours() -> None:
    grid = raster((200, 200), 120.0)
    field = np.ones((200, 200), np.float32)
    field[:, 100:] = np.inf
    assert (grid.near(field)[:, :48] == 1).all()


def test_blur_within_does_not_look_outside() -> None:
    grid = raster((200, 200), 60.0)
    weight = np.zeros(grid.size, np.float32)
    weight[:, :100] = 1.0
    values = np.where(weight > 0, 5.0, -900.0).astype(np.float32)
    np.testing.assert_allclose(grid.blur_within(values, weight, 0.1)[:, :100], 5.0, atol=1e-3)
