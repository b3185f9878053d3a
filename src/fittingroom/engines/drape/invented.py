"""Which part of a painted scene is made up: MI-GAN puts toys, birds and rags into the middle of a large hole.

Close to the scene it is anchored and continues what it sees, and so it does on plain ground. What it invents has a
colour that nothing has that is seen near by, at about the same height. Invariant: within ANCHORED of the scene nothing
is doubted, and a colour that stands beside the hole at the same height never is.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.protocol import Mask, RgbImage

ANCHORED = (0.003, 0.010)
"""Distance from the scene up to which the painter is believed, and from which it must be proved, of the longer side."""

GRID_SIDE = 96
DARK = 0.6
"""Weight of lightness beside hue: shadows of the scene fall into the hole, too."""

ROW, COLUMN = 0.012, 0.035
"""Distance, of the longer side, that counts as one unit of CIELAB."""

FITS, FOREIGN = 7.0, 12.0
"""CIELAB distance, with that of the place, up to which a colour is the scene's, and from which it is invented."""

SOFT = 1.0


def invented(painted: RgbImage, hole: NDArray[np.bool_]) -> Mask:
    """float32 (H, W), 0..1: how far `painted` (uint8 (H, W, 3)) is made up within `hole` (bool (H, W)); 0 elsewhere."""
    side = max(hole.shape)
    size = tuple(max(2, round(n * GRID_SIDE / side)) for n in hole.shape[::-1])
    small = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    inside, scene = small > 0.5, small < 0.01
    if not (inside.any() and scene.any()):
        return np.zeros(hole.shape, np.float32)
    lab: FloatArray = cv2.cvtColor(cv2.resize(painted, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB).astype(
        np.float32
    )
    lab[..., 0] *= DARK * 100.0 / 255.0
    gap = np.zeros(inside.shape, np.float32)
    gap[inside] = _nearest(_placed(lab, inside), _placed(lab, scene))
    doubt = np.clip((gap - FITS) / (FOREIGN - FITS), 0.0, 1.0)
    wide = cv2.GaussianBlur(cv2.dilate(doubt, np.ones((3, 3), np.uint8)), (0, 0), SOFT)
    depth = cv2.distanceTransform(np.asarray(hole, np.uint8), cv2.DIST_L2, 5) / side
    deep = np.clip((depth - ANCHORED[0]) / (ANCHORED[1] - ANCHORED[0]), 0.0, 1.0)
    return np.asarray(cv2.resize(wide, hole.shape[::-1], interpolation=cv2.INTER_LINEAR) * deep, np.float32)


def _placed(lab: FloatArray, where: NDArray[np.bool_]) -> FloatArray:
    """Colour and place of the pixels `where`, (N, 5), in units of CIELAB."""
    ys, xs = np.nonzero(where)
    unit = max(where.shape)
    return np.asarray(np.column_stack([lab[where], ys / unit / ROW, xs / unit / COLUMN]), np.float32)


def _nearest(points: FloatArray, others: FloatArray) -> FloatArray:
    """Distance of each of `points` (N, 5) to the nearest of `others` (M, 5)."""
    squares = np.sum(others**2, axis=1)
    gaps = squares[None] - 2.0 * points @ others.T
    return np.asarray(np.sqrt(np.maximum(gaps.min(axis=1) + np.sum(points**2, axis=1), 0.0)), np.float32)
