"""What the network made is shown inside the change mask only; all else is the photo.

The mask's edge is feathered inwards, never outwards, so that the photo stays exact up to the mask's border.
Invariant: where the mask is 0 the result is the photo, bit for bit.
"""

from __future__ import annotations

import cv2
import numpy as np

from fittingroom.engines.protocol import Mask, RgbImage

FEATHER = 0.004
"""Width of the feather, in parts of the photo's shorter side, where the caller names none."""


def paste(made: RgbImage, photo: RgbImage, mask: Mask, feather: float | None = None) -> RgbImage:
    """`made` inside `mask`, `photo` outside it; uint8 (H, W, 3).

    made, photo: uint8 of one shape (H, W, 3). mask: float32 (H, W) 0..1. feather: px over which `made` fades in from
    the mask's border inwards; 0 leaves the mask as it is. Raises ValueError for shapes that do not agree.
    """
    if made.shape != photo.shape or mask.shape != photo.shape[:2]:
        raise ValueError(f"shapes differ: made {made.shape}, photo {photo.shape}, mask {mask.shape}")
    share = feathered(mask, feather)[..., None]
    blend = photo.astype(np.float32) * (1.0 - share) + made.astype(np.float32) * share
    return np.where(share > 0.0, np.clip(np.rint(blend), 0, 255), photo).astype(np.uint8)


def feathered(mask: Mask, feather: float | None = None) -> Mask:
    """`mask`, float32 (H, W), falling to 0 over `feather` px towards its border; the picture's border is none."""
    width = FEATHER * min(mask.shape) if feather is None else feather
    if width <= 0:
        return mask
    inside = cv2.distanceTransform(np.asarray(mask > 0.0, np.uint8), cv2.DIST_L2, 5)
    t = np.clip(inside / (width + 1.0), 0.0, 1.0)
    return np.asarray(mask * (t * t * (3.0 - 2.0 * t)), np.float32)
