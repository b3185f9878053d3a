"""A reduced grid for everything that is smoother than a pixel: depth, folds, light.

Its size follows the body, not the photo: a shoulder distance is CELLS cells, so that a width in shoulder distances is
the same number of cells on every photo, and a photo of 1600 px costs no more than one of 600. Invariant: `down` and
`up` keep a constant field constant.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fittingroom.engines.drape.nets import FloatArray

CELLS = 60.0


@dataclass(frozen=True, slots=True)
class Raster:
    """shape: (height, width) of the picture. size: of the grid. unit: cells per shoulder distance."""

    shape: tuple[int, int]
    size: tuple[int, int]
    unit: float

    def down(self, values: FloatArray) -> FloatArray:
        """A picture-sized float32 (H, W) or (H, W, C) field on the grid, averaged over each cell."""
        return np.asarray(cv2.resize(values, self.size[::-1], interpolation=cv2.INTER_AREA), np.float32)

    def near(self, values: FloatArray) -> FloatArray:
        """Like `down`, by the nearest pixel: for fields that are not finite everywhere."""
        return np.asarray(cv2.resize(values, self.size[::-1], interpolation=cv2.INTER_NEAREST), np.float32)

    def up(self, values: FloatArray) -> FloatArray:
        """A grid field float32 (h, w) at the picture's size."""
        return np.asarray(cv2.resize(values, self.shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)

    def points(self, xy: FloatArray) -> FloatArray:
        """Picture px (..., 2) as grid coordinates."""
        ratio = np.array([self.size[1] / self.shape[1], self.size[0] / self.shape[0]], np.float32)
        return np.asarray((np.asarray(xy, np.float32) + 0.5) * ratio - 0.5, np.float32)

    def blur(self, values: FloatArray, sigma: float) -> FloatArray:
        """Gaussian blur of a grid field; sigma in shoulder distances."""
        return np.asarray(cv2.GaussianBlur(values, (0, 0), max(0.3, sigma * self.unit)), np.float32)

    def blur_within(self, values: FloatArray, weight: FloatArray, sigma: float) -> FloatArray:
        """Weighted mean of the neighbourhood: what lies outside `weight` has no say."""
        return np.asarray(self.blur(values * weight, sigma) / np.maximum(self.blur(weight, sigma), 1e-4), np.float32)


def raster(shape: tuple[int, int], sw: float) -> Raster:
    """The grid for a picture of `shape` whose shoulder distance is `sw` px; never finer than the picture."""
    k = min(1.0, CELLS / max(sw, 1.0))
    size = (max(2, round(shape[0] * k)), max(2, round(shape[1] * k)))
    return Raster(shape, size, sw * size[0] / shape[0])
