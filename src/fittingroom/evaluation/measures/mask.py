"""Where a picture differs from the photo, and whether it may.

Two promises of the engine are counted here: outside the reported mask the photo is untouched, bit for bit, and the
mask itself stays at the old and the new garment. Both are properties of arrays, seen without the engine's help.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.protocol import Mask, RgbImage

REACH = 30 / 1024
"""How far from a garment a change may lie, in heights of the picture: shadows, and the edge of what is removed."""


def changed(photo: RgbImage, result: RgbImage) -> NDArray[np.bool_]:
    """Pixels (H, W) in which any channel differs."""
    return np.asarray((photo != result).any(axis=-1))


def worst_outside(photo: RgbImage, result: RgbImage, mask: Mask) -> int:
    """Largest difference of a channel, 0..255, where `mask` is zero; 0 is promised."""
    apart = np.abs(photo.astype(np.int16) - result.astype(np.int16)).max(axis=-1)
    return int(apart[mask == 0].max(initial=0))


def stray_share(photo: RgbImage, result: RgbImage, garments: NDArray[np.bool_]) -> float:
    """Share of the changed pixels that lie farther than REACH from `garments` (bool (H, W), old and new)."""
    reach = 2 * round(REACH * photo.shape[0]) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    near = cv2.dilate(garments.astype(np.uint8), kernel) > 0
    touched = changed(photo, result)
    return float((touched & ~near).sum() / max(1, int(touched.sum())))
