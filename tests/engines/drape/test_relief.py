"""Shading taken apart from print, colour and cut: folds stay, drawings go."""

from __future__ import annotations

import numpy as np
import pytest

from fittingroom.engines.drape.raster import Raster, raster
from fittingroom.engines.drape.relief import integrate, read_relief

SHAPE = (240, 200)
CLOTH = np.zeros(SHAPE, np.float32)
CLOTH[30:210, 30:170] = 1.0
YS, XS = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]].astype(np.float32)
FOLDS = 0.12 * np.sin(XS / 7.0)
INNER = np.s_[50:190, 50:150]


@pytest.fixture
def grid() -> Raster:
    return raster(SHAPE, 60.0)


def photo(reflectance: np.ndarray, log: np.ndarray) -> np.ndarray:
    """Cloth of a reflectance (H, W, 3) or colour under shading exp(log), before a bright wall."""
    cloth = (np.broadcast_to(reflectance, (*SHAPE, 3)) + 12.0) * np.exp(log)[..., None] - 12.0
    wall = np.full((*SHAPE, 3), 235.0)
    noise = np.random.default_rng(3).normal(0, 1.0, (*SHAPE, 3))
    return np.clip(np.where(CLOTH[..., None] > 0, cloth, wall) + noise, 0, 255).astype(np.uint8)


def alike(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a[INNER].ravel(), b[INNER].ravel())[0, 1])


@pytest.mark.parametrize("shape", [(20, 30), (21, 30), (20, 31), (33, 17), (2, 2)])
def test_integrate_undoes_differences(shape: tuple[int, int]) -> None:
    field = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    field -= field.mean()
    found = integrate(np.diff(field, axis=1), np.diff(field, axis=0))
    np.testing.assert_allclose(found - found.mean(), field, atol=2e-3)


@pytest.mark.parametrize("colour", [(230, 228, 225), (150, 30, 40), (60, 60, 62), (20, 90, 200)])
def test_folds_of_plain_cloth_are_found(grid: Raster, colour: tuple[int, int, int]) -> None:
    relief = read_relief(photo(np.array(colour, float), FOLDS), CLOTH, grid)
    assert alike(relief.folds, FOLDS) > 0.9
    assert relief.trust > 0.8
    assert 0.05 < relief.spread < 0.12


@pytest.mark.parametrize("ink", [(20, 20, 20), (230, 60, 60), (90, 140, 225)])
def test_a_print_leaves_no_step(grid: Raster, ink: tuple[int, int, int]) -> None:
    reflectance = np.full((*SHAPE, 3), 205.0)
    reflectance[90:150, 70:130] = ink
    relief = read_relief(photo(reflectance, np.zeros(SHAPE)), CLOTH, grid)
    inside, outside = relief.folds[100:140, 80:120].mean(), relief.folds[100:140, 45:60].mean()
    assert abs(inside - outside) < 0.03
    shaded = read_relief(photo(reflectance, FOLDS), CLOTH, grid)
    assert alike(shaded.folds, FOLDS) > 0.6


def test_stripes_are_not_trusted(grid: Raster) -> None:
    reflectance = np.where(((YS // 8) % 2 == 0)[..., None], 220.0, 50.0) * np.ones(3)
    relief = read_relief(photo(reflectance, np.zeros(SHAPE)), CLOTH, grid)
    assert relief.trust < 0.3
    assert np.abs(relief.folds).max() < 0.15


def test_the_garments_border_leaves_no_rim(grid: Raster) -> None:
    relief = read_relief(photo(np.full(3, 40.0), np.zeros(SHAPE)), CLOTH, grid)
    assert np.abs(relief.folds[CLOTH > 0]).max() < 0.05
    assert (relief.folds[CLOTH == 0] == 0).all()
    assert (relief.shade[CLOTH == 0] == 0).all()


def test_without_cloth_there_is_nothing(grid: Raster) -> None:
    relief = read_relief(photo(np.full(3, 40.0), FOLDS), np.zeros(SHAPE, np.float32), grid)
    assert relief.trust == 0.0
    assert relief.spread == 0.0
    assert not relief.folds.any()
    assert relief.folds.shape == grid.size
