"""Folds where a body makes them, as a height field of soft ridges.

Cloth folds where it is held, pressed or pulled: it fans out from the armpit, is compressed in the bend of an elbow,
bunches over a waistband, pulls across the trunk, falls from the waist of a skirt and breaks over knee and shoe. Each
fold is one stroke, a ridge with a shallower valley beside it that swells and fades along a bent line; a smooth noise
bends all of them, so that no two are alike. Heights are in shoulder distances. Invariant: the same seed gives the same
folds, and far from a stroke the field is 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from fittingroom.engines.drape.composite import visible_box
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.parts import Drawn
from fittingroom.engines.drape.raster import Raster

WANDER = 0.022
WANDER_SIZE = 0.13
VALLEY, VALLEY_AT, VALLEY_WIDE = 0.75, 1.9, 1.25
REACH = 4.5
BEND = 0.016
SEEN_BEND = 0.4


@dataclass(frozen=True, slots=True)
class Fold:
    """start, end: float32 (2,) picture px; the ridge is highest near its start. bend: how far its middle is off the
    chord, width: its sigma at the start and at the end, height: all in shoulder distances."""

    start: FloatArray
    end: FloatArray
    bend: float
    width: tuple[float, float]
    height: float


def height_field(folds: list[Fold], grid: Raster, rng: np.random.Generator) -> FloatArray:
    """The folds' height above the smooth cloth, float32 (h, w) on the raster, in shoulder distances."""
    field = np.zeros(grid.size, np.float32)
    noise = rng.standard_normal((2, *grid.size)).astype(np.float32)
    wander = [_unit_noise(grid.blur(n, WANDER_SIZE)) * WANDER * grid.unit for n in noise]
    for fold in folds:
        _add(field, fold, wander, grid)
    return field


def bent(drawn: Drawn, height: FloatArray, grid: Raster) -> Drawn:
    """The part with its pattern moved over the folds' slopes, so that stripes bend with the cloth; its outline
    stays."""
    area = visible_box(drawn.alpha)
    if not any(s.stop - s.start > 1 for s in area):
        return drawn
    ys, xs = (np.arange(s.start, s.stop, dtype=np.float32) for s in area)
    px = grid.shape[0] / grid.size[0]
    slopes = slope(height, grid)
    moves = [np.ascontiguousarray(grid.up(s)[area]) * np.float32(BEND * grid.unit * px) for s in slopes]
    mx, my = xs[None] + moves[0], ys[:, None] + moves[1]
    if max(float(np.abs(m).max()) for m in moves) < SEEN_BEND:
        return drawn
    rgb = drawn.rgb.copy()
    rgb[area] = cv2.remap(drawn.rgb, mx, my, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return replace(drawn, rgb=rgb)


def slope(height: FloatArray, grid: Raster) -> tuple[FloatArray, FloatArray]:
    """Rise of a height field per unit to the right and downwards."""
    dx, dy = (cv2.Sobel(height, cv2.CV_32F, i, 1 - i, ksize=3, scale=grid.unit / 8) for i in (1, 0))
    return np.asarray(dx, np.float32), np.asarray(dy, np.float32)


def _add(field: FloatArray, fold: Fold, wander: list[FloatArray], grid: Raster) -> None:
    start, end = grid.points(np.stack([fold.start, fold.end]))
    chord = end - start
    length = max(float(np.linalg.norm(chord)), 1e-3)
    along_axis = chord / length
    reach = (REACH * max(fold.width) + abs(fold.bend)) * grid.unit + 2
    low, high = np.minimum(start, end) - reach, np.maximum(start, end) + reach
    x0, y0 = (max(0, int(v)) for v in low)
    x1, y1 = min(grid.size[1], int(high[0]) + 1), min(grid.size[0], int(high[1]) + 1)
    if x1 <= x0 or y1 <= y0:
        return
    box = np.s_[y0:y1, x0:x1]
    ys, xs = np.mgrid[y0:y1, x0:x1].astype(np.float32)
    dx, dy = xs + wander[0][box] - start[0], ys + wander[1][box] - start[1]
    t = (dx * along_axis[0] + dy * along_axis[1]) / length
    inside = np.clip(t, 0.0, 1.0)
    off = (dy * along_axis[0] - dx * along_axis[1]) / grid.unit - 4.0 * fold.bend * inside * (1.0 - inside)
    width = fold.width[0] + (fold.width[1] - fold.width[0]) * inside
    beyond = np.maximum(np.abs(t - inside) * length / grid.unit, 0.0) / (2.0 * width)
    swell = np.minimum(1.0, 0.35 + inside / 0.25) * (1.0 - inside) ** 0.9 * np.exp(-(beyond**2))
    ridge = np.exp(-0.5 * (off / width) ** 2)
    valley = np.exp(-0.5 * ((off - VALLEY_AT * width) / (VALLEY_WIDE * width)) ** 2)
    field[box] += (fold.height * swell * (ridge - VALLEY * valley)).astype(np.float32)


def _unit_noise(values: FloatArray) -> FloatArray:
    return np.asarray(values / max(float(values.std()), 1e-6), np.float32)
