"""A part of the garment (torso, one sleeve, one leg) and how it is drawn onto the picture.

A garment is never warped in one piece: a sleeve must follow its arm without dragging the chest along. Each part has
control points, its own matte in the garment photo and a window in the picture that bounds it. Invariant: a part
paints nothing outside its window.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fittingroom.engines.drape import tps
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.protocol import Mask, Points, RgbImage

Shape = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """target, source: float32 (N, 2) pairs, picture and garment px. matte: float32, the garment photo's size.

    window: float32 (M, 2), a polygon in the picture; None leaves the part unbounded.
    """

    name: str
    target: Points
    source: Points
    matte: Mask
    window: Points | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A warped part, full picture size. rgb: float32 (H, W, 3) 0..255; alpha: float32 (H, W).

    folded: the share of it, 0..1, on which the warp turns the cloth over (its Jacobian is not positive).
    """

    name: str
    rgb: FloatArray
    alpha: Mask
    folded: float = 0.0


def draw(part: Part, cloth: RgbImage, shape: Shape) -> Drawn:
    """Warp one part onto a picture of `shape` (height, width)."""
    height, width = shape
    rgb = np.zeros((height, width, 3), np.float32)
    alpha = np.zeros((height, width), np.float32)
    box = _bounds(part, shape)
    if box is None:
        return Drawn(part.name, rgb, alpha)
    x0, y0, x1, y1 = box
    source = tps.field(tps.fit(part.target, part.source), box)
    sharp, matte = _minified(cloth, part.matte, source)
    area = np.s_[y0:y1, x0:x1]
    xs, ys = np.ascontiguousarray(source[..., 0]), np.ascontiguousarray(source[..., 1])
    rgb[area] = cv2.remap(sharp, xs, ys, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    seen = cv2.remap(matte, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    if part.window is not None:
        seen = seen * polygon(part.window - np.array([x0, y0], np.float32), (y1 - y0, x1 - x0))
    alpha[area] = seen
    return Drawn(part.name, rgb, alpha, turned_over(source, alpha[area]))


def turned_over(source: FloatArray, seen: Mask) -> float:
    """Share of the visible cells of the spline's grid on which the map (H, W, 2) keeps no handedness."""
    coarse = source[:: tps.GRID_STEP, :: tps.GRID_STEP]
    right, down = np.diff(coarse, axis=1)[:-1], np.diff(coarse, axis=0)[:, :-1]
    inside = seen[:: tps.GRID_STEP, :: tps.GRID_STEP][:-1, :-1] > 0.5
    if not inside.any():
        return 0.0
    turn = right[..., 0] * down[..., 1] - right[..., 1] * down[..., 0]
    return float((turn[inside] <= 0.0).mean())


def polygon(points: Points, shape: Shape, soft: float = 1.2) -> Mask:
    """Antialiased filled polygon, float32 (H, W)."""
    shift = 4
    mask = np.zeros(shape, np.uint8)
    fixed = np.round(np.asarray(points, np.float64) * (1 << shift)).astype(np.int32)
    cv2.fillPoly(mask, [fixed], 255, lineType=cv2.LINE_AA, shift=shift)
    return np.asarray(
        cv2.GaussianBlur(mask, (0, 0), soft).astype(np.float32) / 255.0 if soft else mask / 255.0, np.float32
    )


def _bounds(part: Part, shape: Shape) -> tuple[int, int, int, int] | None:
    points = part.target if part.window is None else part.window
    margin = 0.35 * float(np.ptp(part.target, axis=0).max()) if part.window is None else 4.0
    low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
    x0, y0 = max(0, int(low[0])), max(0, int(low[1]))
    x1, y1 = min(shape[1], int(high[0]) + 1), min(shape[0], int(high[1]) + 1)
    return (x0, y0, x1, y1) if x1 - x0 > 1 and y1 - y0 > 1 else None


def _minified(cloth: RgbImage, matte: Mask, source: FloatArray) -> tuple[RgbImage, Mask]:
    """Blur the garment photo where the warp shrinks it, against moire; sharp photos stay as they are otherwise."""
    dx = np.linalg.norm(np.diff(source, axis=1), axis=-1)
    factor = float(np.median(dx))
    if factor < 1.4:
        return cloth, matte
    sigma = 0.42 * factor
    return (
        np.asarray(cv2.GaussianBlur(cloth, (0, 0), sigma), np.uint8),
        np.asarray(cv2.GaussianBlur(matte, (0, 0), sigma), np.float32),
    )


def union(layers: list[Mask]) -> Mask:
    """Alpha of several layers over each other."""
    clear = np.ones_like(layers[0])
    for layer in layers:
        clear *= 1.0 - layer
    return np.asarray(1.0 - clear, np.float32)
