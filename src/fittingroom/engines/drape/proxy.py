"""A body of two and a half dimensions: how far each point of the clothed figure stands out towards the camera.

The trunk is an elliptic cylinder, row by row as wide as it is drawn; arms and legs are capsules round the body's limbs.
From their joint depth follow the normals, which light needs, and the crevices between the parts, where light does not
reach (unsharp masking of the depth, Luft, Colditz and Deussen 2006). Depths are in shoulder distances. Invariant: all
fields are finite; outside the figure the normal faces the camera.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fittingroom.engines.drape.limbs import LimbField
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.raster import Raster
from fittingroom.engines.protocol import Mask

FLATTENED = 0.62
"""Depth of a trunk over half its width."""
SQUARE = 2.1
"""Exponent of the trunk's cross-section: above 2 its front is flatter than an ellipse."""
ROW_SMOOTH = 0.10
SKIN_DEEP = 0.03
STEEPEST = 2.2
CREVICE = 0.09
CREVICE_DEPTH = 0.12
BEYOND = 0.35
WHOLE_ROW = 0.85
LIMB_LIFT = 0.6


@dataclass(frozen=True, slots=True)
class Proxy:
    """On the raster, float32: depth (h, w) in shoulder distances; normal (h, w, 3), unit, x right, y down, z towards
    the camera; open (h, w), 1 where light comes from all sides, less in crevices."""

    depth: FloatArray
    normal: FloatArray
    open: FloatArray


def proxy(trunk: Mask, limbs: list[tuple[LimbField, Mask]], grid: Raster, *, shoulders: bool) -> Proxy:
    """The figure whose trunk (or skirt) fills the mask `trunk`; each limb with the mask of what covers it, all (H, W).

    An empty mask leaves its part away. shoulders: the trunk is closed above; below it always goes on beyond its hem.
    """
    depth = trunk_depth(grid.down(trunk), grid, shoulders=shoulders)
    for limb, mask in limbs:
        depth = np.maximum(depth, _limb_depth(limb, grid.down(mask), depth if shoulders else None, grid))
    depth = grid.blur(np.asarray(depth, np.float32), SKIN_DEEP)
    # Closing fills what is narrower than the kernel: the valleys between parts, and no slope that ends in the open.
    size = 2 * max(1, round(CREVICE * grid.unit)) + 1
    closed = cv2.morphologyEx(depth, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    hollow = grid.blur(np.clip((closed - depth) / CREVICE_DEPTH, 0.0, 1.0), SKIN_DEEP)
    return Proxy(depth, normals(depth, grid.unit), np.asarray(1.0 - hollow, np.float32))


def trunk_depth(mask: FloatArray, grid: Raster, *, shoulders: bool) -> FloatArray:
    """Depth of an elliptic cylinder that fills each row of `mask` (h, w), and goes on a little beyond its ends."""
    solid = mask > 0.5
    rows = np.nonzero(solid.any(axis=1))[0]
    depth = np.zeros(mask.shape, np.float32)
    if len(rows) == 0:
        return depth
    # A slanting or curved hem narrows the last rows; the body inside does not end there.
    widths = solid[rows].sum(axis=1)
    whole = np.flatnonzero(widths > WHOLE_ROW * widths[-round(0.5 * grid.unit) :].max())
    rows = rows[: whole[-1] + 1]
    left = np.argmax(solid[rows], axis=1).astype(np.float32)
    right = mask.shape[1] - 1 - np.argmax(solid[rows, ::-1], axis=1).astype(np.float32)
    edges = np.stack([left - 0.5, right + 0.5], axis=1)
    sigma = max(0.3, ROW_SMOOTH * grid.unit)
    edges = cv2.GaussianBlur(edges, (1, 0), 1.0, sigmaY=sigma, borderType=cv2.BORDER_REPLICATE)
    more = round(BEYOND * grid.unit)
    first, last = (0 if shoulders else more), more
    edges = np.pad(edges, ((first, last), (0, 0)), mode="edge")
    rows = np.concatenate([rows[0] + np.arange(-first, 0), rows, rows[-1] + np.arange(1, last + 1)])
    centre, half = edges.mean(axis=1), np.maximum(np.ptp(edges, axis=1) / 2, 1.0)
    across = (np.arange(mask.shape[1], dtype=np.float32)[None] - centre[:, None]) / half[:, None]
    rounded = FLATTENED * half[:, None] / grid.unit * np.sqrt(np.clip(1.0 - np.abs(across) ** SQUARE, 0.0, 1.0))
    seen = (rows >= 0) & (rows < len(depth))
    depth[rows[seen]] = rounded[seen]
    return depth


def _limb_depth(limb: LimbField, cover: FloatArray, behind: FloatArray | None, grid: Raster) -> FloatArray:
    """Depth of a capsule as thick as `cover` shows it; where it lies before the trunk it stands out from it."""
    ratio = np.minimum(grid.near(limb.ratio), 9.0)
    inside = (cover > 0.5) & (ratio < 4.0)
    if not inside.any():
        return np.zeros(cover.shape, np.float32)
    wide = float(np.percentile(ratio[inside], 92))
    solid = np.asarray(ratio < wide, np.float32)
    # The distance to the capsule's edge at its deepest is its radius.
    radius = float(cv2.distanceTransform(solid.astype(np.uint8), cv2.DIST_L2, 3)[inside].max()) / grid.unit
    bulge = min(radius, 0.35) * np.sqrt(np.clip(1.0 - (ratio / wide) ** 2, 0.0, 1.0))
    lift = 0.0 if behind is None else LIMB_LIFT * grid.blur(behind, 0.08)
    return np.asarray((bulge + lift) * (bulge > 0), np.float32)


def normals(depth: FloatArray, unit: float) -> FloatArray:
    """Unit normals float32 (h, w, 3) of a depth field in shoulder distances; unit: cells per shoulder distance."""
    dx = cv2.Sobel(depth, cv2.CV_32F, 1, 0, ksize=3, scale=unit / 8)
    dy = cv2.Sobel(depth, cv2.CV_32F, 0, 1, ksize=3, scale=unit / 8)
    steep = np.hypot(dx, dy)
    tamed = STEEPEST * np.tanh(steep / STEEPEST) / np.maximum(steep, 1e-6)
    slopes = np.stack([-dx * tamed, -dy * tamed, np.ones_like(dx)], axis=-1)
    return np.asarray(slopes / np.linalg.norm(slopes, axis=-1, keepdims=True), np.float32)
