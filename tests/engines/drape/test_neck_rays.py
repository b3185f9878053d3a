"""Coordinates of the collar region and rays in it."""

import numpy as np
import pytest

from fittingroom.engines.drape.neck_rays import RADII, RAYS, SHAPES, frame_of, outline_top, rays_of

LEFT, RIGHT = np.array([240, 120], np.float32), np.array([360, 120], np.float32)
UNIT = int(np.abs(RADII - 1.0).argmin())


def test_places_and_pixels_round_trip():
    frame = frame_of(np.array([100, 100], np.float32), np.array([180, 160], np.float32))
    assert frame.point(-1.0, 0.0) == pytest.approx([100, 100])
    assert frame.point(1.0, 0.0) == pytest.approx([180, 160])
    assert frame.place(frame.point(0.3, 0.7)) == pytest.approx((0.3, 0.7), abs=1e-5)


def test_the_outline_is_found_in_each_column():
    alpha = np.zeros((400, 600), np.float32)
    alpha[144:, :300] = 1.0
    top = outline_top(alpha, frame_of(LEFT, RIGHT), np.array([-0.5, 0.5], np.float32))
    assert top == pytest.approx([0.2, 1.2], abs=0.02)


@pytest.mark.parametrize("power", SHAPES)
def test_every_shape_goes_from_neck_point_to_neck_point_by_its_depth(power):
    rays = rays_of((0.0, 0.5), power, 1.0, standing=False)
    radius = float(RADII[UNIT])
    assert rays.u[[0, -1], UNIT] == pytest.approx([radius, -radius], abs=1e-4)
    assert rays.v[RAYS // 2, UNIT] == pytest.approx(0.5 * radius, abs=1e-4)


def test_v_and_square_differ_in_the_corners():
    pointed, square = (rays_of((0.0, 0.5), p, 1.0, standing=False).v[RAYS // 4, UNIT] for p in (SHAPES[0], SHAPES[-1]))
    assert square > 1.5 * pointed


def test_rays_of_a_standing_collar_go_up_as_well():
    rays = rays_of((-0.2, 0.5), 2.0, 0.6, standing=True)
    assert rays.v[0, UNIT] < -0.4
    assert rays.v[RAYS // 2, UNIT] == pytest.approx(0.3, abs=0.01)


def test_moving_along_a_ray_is_in_neck_widths():
    rays = rays_of((0.0, 0.5), 2.0, 1.0, standing=False)
    assert rays.moved(rays.v, 0.05)[RAYS // 2, UNIT] == pytest.approx(rays.v[RAYS // 2, UNIT] + 0.05, abs=2e-3)
    path = np.full(RAYS, UNIT)
    low = rays.farther(path, -0.05)
    assert rays.v[RAYS // 2, low[RAYS // 2]] == pytest.approx(rays.v[RAYS // 2, UNIT] - 0.05, abs=6e-3)
