"""Thin-plate splines (Bookstein, 1989): the smoothest map through pairs of control points.

Always used backwards (target -> source), so that every target pixel asks where its cloth comes from and no hole can
open. Evaluated on a coarse grid and interpolated, since the map is smooth.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.nets import FloatArray

GRID_STEP = 8


@dataclass(frozen=True, slots=True)
class ThinPlate:
    """A fitted spline from target points to source points."""

    centres: NDArray[np.float64]
    weights: NDArray[np.float64]
    scale: float
    shift: NDArray[np.float64]

    def __call__(self, points: FloatArray) -> FloatArray:
        """Source points for target points (N, 2)."""
        p = (points - self.shift) / self.scale
        kernel = _kernel(p, self.centres)
        affine = np.concatenate([np.ones((len(p), 1)), p], axis=1)
        return np.asarray(np.concatenate([kernel, affine], axis=1) @ self.weights, np.float32)


def fit(target: FloatArray, source: FloatArray, smoothing: float = 1e-3) -> ThinPlate:
    """Fit through N >= 3 pairs, not all on one line. smoothing: 0 interpolates; it is relative to unit spacing."""
    t = np.asarray(target, np.float64)
    shift, scale = t.mean(axis=0), float(max(t.std(), 1e-6))
    c = (t - shift) / scale
    n = len(c)
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = _kernel(c, c) + smoothing * np.eye(n)
    system[:n, n:] = np.concatenate([np.ones((n, 1)), c], axis=1)
    system[n:, :n] = system[:n, n:].T
    right = np.concatenate([np.asarray(source, np.float64), np.zeros((3, 2))])
    return ThinPlate(c, np.linalg.lstsq(system, right, rcond=None)[0], scale, shift)


def field(spline: ThinPlate, box: tuple[int, int, int, int]) -> FloatArray:
    """Source coordinates float32 (h, w, 2) for each pixel of the target box (x0, y0, x1, y1)."""
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    nx, ny = width // GRID_STEP + 2, height // GRID_STEP + 2
    xs = x0 + np.arange(nx, dtype=np.float32) * GRID_STEP
    ys = y0 + np.arange(ny, dtype=np.float32) * GRID_STEP
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    coarse = spline(grid).reshape(ny, nx, 2)
    u = np.arange(width, dtype=np.float32) / GRID_STEP
    v = np.arange(height, dtype=np.float32) / GRID_STEP
    mx, my = np.meshgrid(u, v)
    return np.asarray(cv2.remap(coarse, mx, my, cv2.INTER_LINEAR), np.float32)


def _kernel(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.float64]:
    """U(r) = r^2 log r^2, with U(0) = 0."""
    r2 = np.sum((a[:, None, :] - b[None, :, :]) ** 2, axis=-1)
    return np.asarray(np.where(r2 > 0, r2 * np.log(np.maximum(r2, 1e-12)), 0.0), np.float64)
