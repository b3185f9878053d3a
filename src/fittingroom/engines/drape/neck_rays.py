"""The collar region of a garment photo in coordinates of its own, and seen along rays from between the neck points.

An opening is nearly star-shaped about the middle of the neck line: V, scoop, square, the inside of a shirt collar. On
rays from there its edge is one radius per direction. The radii are counted from a shape, so that along the shape itself
the radius is 1 everywhere and a path that follows it is straight. Invariant: u is -1 at the left neck point and 1 at
the right one, v counts neck widths below the line between them, in every function here.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.protocol import Mask, RgbImage

RAYS = 97
RADII = np.linspace(0.35, 1.6, 90, dtype=np.float32)
UPWARD = np.deg2rad(60.0)
"""How far above the horizontal the rays of a standing collar begin: its opening goes on up to the outline."""

ABOVE = 0.5
"""Height of a shape above its pole, in neck widths."""

SHAPES = (1.0, 1.5, 2.0, 3.5)
"""Powers of the superellipses |u|^p + |v / depth|^p = 1: V, pointed scoop, scoop, square."""


@dataclass(frozen=True, slots=True)
class NeckFrame:
    """Where (u, v) lies in the photo. origin: middle of the neck points, px. along, down: unit vectors. width: px."""

    origin: FloatArray
    along: FloatArray
    down: FloatArray
    width: float

    def point(self, u: FloatArray | float, v: FloatArray | float) -> FloatArray:
        """Pixels (..., 2) of places (u, v)."""
        x = np.asarray(u, np.float32)[..., None] * (self.width / 2) * self.along
        return np.asarray(self.origin + x + np.asarray(v, np.float32)[..., None] * self.width * self.down, np.float32)

    def place(self, point: FloatArray) -> tuple[float, float]:
        """(u, v) of a pixel."""
        offset = point - self.origin
        return float(offset @ self.along) * 2 / self.width, float(offset @ self.down) / self.width

    def sample(self, picture: FloatArray, u: FloatArray, v: FloatArray) -> FloatArray:
        """`picture` (H, W) or (H, W, 3) at places (R, C); its border goes on outside."""
        at = self.point(u, v)
        x, y = np.ascontiguousarray(at[..., 0]), np.ascontiguousarray(at[..., 1])
        return np.asarray(cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def frame_of(left: FloatArray, right: FloatArray) -> NeckFrame:
    """The frame of two neck points, px."""
    width = max(float(np.linalg.norm(right - left)), 1.0)
    along = np.asarray((right - left) / width, np.float32)
    down = np.array([-along[1], along[0]], np.float32)
    return NeckFrame(np.asarray((left + right) / 2, np.float32), along, down, width)


def outline_top(alpha: Mask, frame: NeckFrame, columns: FloatArray) -> FloatArray:
    """Height v at which the cloth begins in each of `columns` (u), 1.2 where there is none."""
    heights = np.arange(-1.2, 1.2, 0.01, dtype=np.float32)
    u, v = np.meshgrid(columns, heights)
    solid = frame.sample(alpha, u, v) > 0.5
    return np.where(solid.any(axis=0), heights[solid.argmax(axis=0)], np.float32(1.2))


def lab_of(rgb: RgbImage, width: float) -> FloatArray:
    """CIELAB float32 (H, W, 3) of a picture, freed of what is finer than a neck's edge."""
    smooth = cv2.GaussianBlur(rgb, (0, 0), max(0.6, width / 200))
    return np.asarray(cv2.cvtColor(smooth.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


@dataclass(frozen=True, slots=True)
class Rays:
    """angles: float32 (T,), 0 at the right neck point, pi / 2 down. u, v: (T, R) of the radii on each ray. spacing:
    (T, R) neck widths from one radius to the next."""

    angles: FloatArray
    u: FloatArray
    v: FloatArray
    spacing: FloatArray

    def moved(self, values: FloatArray, distance: float) -> FloatArray:
        """`values` (T, R) or (T, R, 3) read `distance` neck widths farther out on each ray."""
        last = len(RADII) - 1
        at = np.clip(np.arange(len(RADII)) + distance / np.maximum(self.spacing, 1e-4), 0, last)
        low = at.astype(np.intp)
        part = (at - low).astype(np.float32)
        ray = np.arange(RAYS)[:, None]
        part = part[..., None] if values.ndim == 3 else part
        near, far = values[ray, low], values[ray, np.minimum(low + 1, last)]
        return np.asarray(near * (1 - part) + far * part, np.float32)

    def farther(self, path: NDArray[np.intp], distance: float) -> NDArray[np.intp]:
        """`path` (T,), an index of RADII per ray, moved out by `distance` neck widths."""
        step = distance / np.maximum(self.spacing[np.arange(RAYS), path], 1e-4)
        return np.clip(np.rint(path + step), 0, len(RADII) - 1).astype(np.intp)


def rays_of(pole_and_depth: tuple[float, float], power: float, half: float, standing: bool) -> Rays:
    """Rays from the height v of a pole, for a shape that reaches `depth` neck widths below it, of `power` (of SHAPES)
    and half width `half` (of the neck's)."""
    pole, depth = pole_and_depth
    reach = UPWARD if standing else 0.0
    angles = np.linspace(-reach, np.pi + reach, RAYS, dtype=np.float32)
    across, down = np.cos(angles), np.sin(angles)
    shape = (np.abs(across / half) ** power + np.abs(down) ** power) ** (-1 / power)
    radius = shape[:, None] * RADII
    u = (across[:, None] * radius).astype(np.float32)
    v = (pole + down[:, None] * radius * np.where(down > 0, depth, ABOVE)[:, None]).astype(np.float32)
    spacing = np.hypot(np.gradient(u, axis=1) / 2, np.gradient(v, axis=1)).astype(np.float32)
    return Rays(angles, u, v, spacing)
