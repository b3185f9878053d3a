"""The body of two and a half dimensions: round where it is wide, hollow between its parts, flat outside."""

from __future__ import annotations

import numpy as np
import pytest
from mannequin import Look

from fittingroom.engines.drape.limbs import LimbField
from fittingroom.engines.drape.proxy import FLATTENED, normals, proxy, trunk_depth
from fittingroom.engines.drape.raster import Raster, raster

SHAPE = (300, 240)


@pytest.fixture
def grid() -> Raster:
    return raster(SHAPE, 60.0)


def box(x0: int, x1: int, y0: int = 60, y1: int = 240) -> np.ndarray:
    mask = np.zeros(SHAPE, np.float32)
    mask[y0:y1, x0:x1] = 1.0
    return mask


def test_a_trunk_is_as_deep_as_its_width_says(grid: Raster) -> None:
    depth = trunk_depth(box(80, 160), grid, shoulders=True)
    assert depth[150, 119:121].max() == pytest.approx(FLATTENED * 40 / 60, rel=0.03)
    row = depth[150]
    assert (np.diff(row[80:119]) >= -1e-5).all()
    np.testing.assert_allclose(row[80:160], row[80:160][::-1], atol=0.02)
    assert not row[:78].any()


def test_the_trunk_goes_on_beyond_its_hem_but_ends_at_the_shoulders(grid: Raster) -> None:
    closed, open_above = (trunk_depth(box(80, 160), grid, shoulders=s) for s in (True, False))
    assert closed[245, 120] > 0.3
    assert closed[55, 120] == 0.0
    assert open_above[55, 120] > 0.3


def test_a_slanting_hem_does_not_bend_the_body(grid: Raster) -> None:
    mask = box(80, 160)
    ys, xs = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]]
    mask[ys > 240 - 0.3 * (xs - 80)] = 0.0
    figure = proxy(mask, [], grid, shoulders=True)
    assert np.abs(figure.normal[150:220, 110:130, 1]).max() < 0.25


def test_normals_are_unit_and_face_outwards(grid: Raster) -> None:
    figure = proxy(box(80, 160), [], grid, shoulders=True)
    np.testing.assert_allclose(np.linalg.norm(figure.normal, axis=-1), 1.0, atol=1e-5)
    assert figure.normal[150, 85, 0] < -0.4
    assert figure.normal[150, 155, 0] > 0.4
    np.testing.assert_allclose(figure.normal[150, 10], (0, 0, 1), atol=1e-4)


def test_normals_of_a_slope() -> None:
    ramp = np.tile(np.arange(50, dtype=np.float32) * 0.5 / 10, (40, 1))
    found = normals(ramp, 10.0)[20, 25]
    np.testing.assert_allclose(found, np.array([-0.49, 0, 1]) / np.hypot(0.49, 1), atol=0.02)


def test_only_the_valley_between_two_parts_is_hollow(grid: Raster) -> None:
    gap = proxy(box(60, 116), [(_line(124.0), box(118, 140))], grid, shoulders=True)
    alone = proxy(box(60, 116), [], grid, shoulders=True)
    assert gap.open[150, 110:122].min() < 0.8
    assert gap.open[150, 62:90].min() > 0.97
    assert alone.open[80:220].min() > 0.97
    assert gap.open.max() <= 1.0
    assert gap.open.min() >= 0.0


def _line(x: float) -> LimbField:
    ys, xs = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]].astype(np.float32)
    across = np.asarray((xs - x - 5) / 11, np.float32)
    return LimbField(np.asarray((ys - 60) / 180, np.float32), np.abs(across), across, 60.0)


def test_an_arm_before_the_trunk_stands_out_from_it(scene) -> None:
    posed = scene(Look(arms="hips"), "short")
    grid = raster(posed.shape, posed.body.sw)
    flat = proxy(posed.person.upper, [], grid, shoulders=True)
    arms = [(arm, np.asarray(arm.ratio < 1, np.float32)) for arm in posed.arms]
    full = proxy(posed.person.upper, arms, grid, shoulders=True)
    assert (full.depth >= flat.depth - 1e-4).all()
    wrist = np.round(grid.points(posed.body.arms[0].points[-1])).astype(int)
    assert full.depth[wrist[1], wrist[0]] > flat.depth[wrist[1], wrist[0]] + 0.04
    assert np.isfinite(full.depth).all()


def test_nothing_at_all_is_flat(grid: Raster) -> None:
    none = proxy(np.zeros(SHAPE, np.float32), [(_line(100.0), np.zeros(SHAPE, np.float32))], grid, shoulders=False)
    assert not none.depth.any()
    np.testing.assert_allclose(none.open, 1.0)
    np.testing.assert_allclose(none.normal[..., 2], 1.0)
