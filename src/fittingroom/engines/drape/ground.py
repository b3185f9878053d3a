"""The plain ground of a product photo, where u2net-cloth takes it for cloth: fog beside white garments on white.

What is surely ground tells its colour, which changes slowly over the picture. Unsure pixels of that very colour, even
and joined to the frame's border, are ground; cloth of the same colour is parted from it by its own edge and shadow, and
by what the network is sure of. Invariant: nothing that the network is sure of is taken away, and a photo whose border
is not plain is left as it is.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.protocol import RgbImage

SIDE = 512
GROUND, SURE, LEAST = 0.15, 0.95, 0.01
"""Below the first a pixel is surely ground, above the second surely cloth; fog of less than a share of the cloth's area
is left alone."""

RING, RING_SEEN, PLAIN = 0.02, 0.5, 2.0
"""The frame's border, of the longer side; the share of it that must be ground; its median deviation, CIELAB."""

ALIKE, EVEN = 3.0, 0.5
"""CIELAB: from the ground's own colour, and a change per px."""

BROAD = 12.0
"""Over how many px of an eighth of SIDE the ground's colour is evened out."""

CLEARED = 0.05


def without_ground(photo: RgbImage, probability: FloatArray) -> FloatArray:
    """Probability of garment float32 (H, W), at most CLEARED on plain ground that `probability` is unsure of."""
    zoom = min(1.0, SIDE / max(probability.shape))
    size = max(16, round(probability.shape[1] * zoom)), max(16, round(probability.shape[0] * zoom))
    seen = np.asarray(cv2.resize(probability, size, interpolation=cv2.INTER_AREA), np.float32)
    unsure = (seen >= GROUND) & (seen < SURE)
    ring = _ring(seen.shape) & (seen < GROUND)
    if unsure.sum() < LEAST * (seen >= SURE).sum() or ring.sum() < RING_SEEN * _ring(seen.shape).sum():
        return probability
    small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
    lab = np.asarray(cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), (0, 0), 0.8), np.float32)
    if np.median(np.abs(lab[ring] - np.median(lab[ring], axis=0)), axis=0).max() > PLAIN:
        return probability
    alike = np.linalg.norm(lab - _continued(lab, seen < GROUND), axis=-1) < ALIKE
    found = _joined(alike & (_change(lab) < EVEN) & unsure, seen < GROUND, ring)
    cleared = cv2.resize(found.astype(np.float32), probability.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.5
    return np.asarray(np.where(cleared, np.minimum(probability, CLEARED), probability), np.float32)


def _ring(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    width = max(2, round(RING * max(shape)))
    ring = np.ones(shape, bool)
    ring[width:-width, width:-width] = False
    return ring


def _continued(lab: FloatArray, ground: NDArray[np.bool_]) -> FloatArray:
    """The ground's colour everywhere, float32 (H, W, 3): a broad mean of what is surely ground, away from its rim."""
    size = max(2, lab.shape[1] // 8), max(2, lab.shape[0] // 8)
    inner = cv2.erode(ground.astype(np.float32), np.ones((5, 5)), borderType=cv2.BORDER_CONSTANT, borderValue=1.0)
    weight = cv2.resize(inner, size, interpolation=cv2.INTER_AREA)[..., None]
    colour = cv2.resize(lab * inner[..., None], size, interpolation=cv2.INTER_AREA)
    total = cv2.GaussianBlur(weight, (0, 0), BROAD)[..., None]
    mean = cv2.GaussianBlur(colour, (0, 0), BROAD) / np.maximum(total, 1e-6)
    mean[total[..., 0] < 1e-3] = np.median(lab[ground], axis=0)
    return np.asarray(cv2.resize(mean, lab.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _change(lab: FloatArray) -> FloatArray:
    """How fast the colour changes, CIELAB per px."""
    across, down = (cv2.Sobel(lab, cv2.CV_32F, dx, 1 - dx, scale=0.125) for dx in (1, 0))
    return np.asarray(np.sqrt((across**2 + down**2).sum(axis=-1)), np.float32)


def _joined(fog: NDArray[np.bool_], ground: NDArray[np.bool_], ring: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The fog that hangs together with the border through ground, without threads a few px wide."""
    _, labels = cv2.connectedComponents((fog | ground).astype(np.uint8), connectivity=4)
    reached = fog & np.isin(labels, np.unique(labels[ring]))
    return np.asarray(cv2.morphologyEx(reached.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3))) > 0)
