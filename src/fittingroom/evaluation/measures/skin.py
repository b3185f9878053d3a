"""The safety rule on one picture: no skin where the trunk or the hips were clothed.

`zone` says where none may be; two witnesses look there. `painted` asks the engine's own layers: any skin, even under
the new garment, is a fault, so that no lifted layer could show it. `shown` asks a network that saw the finished
picture only; it takes beige cloth for skin, therefore pixels of the new garment do not count for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.protocol import Mask

BREAST, WAIST, CROTCH = 0.36, 1.1, 0.12
"""Heights in shoulder distances: where the trunk begins (below the deepest neckline and its soft edge), where it ends
and the hips begin, and how far below the hip joints the hips end."""
TRUNK_HALF, HIPS_HALF = 0.42, 0.48
CLOTHED, BARE, PAINTED = 0.6, 0.6, 0.02
SPECK = 5


def zone(u: NDArray[Any], v: NDArray[Any], hip_v: float, clothed: Mask, limbs: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Trunk and hips where the photo shows cloth, without the limbs that may hang in front.

    u, v: (H, W), right and down from the middle of the shoulders in shoulder distances. hip_v: height of the hip
    joints. clothed: probability of any garment in the photo. limbs: pixels of arms and hands.
    """
    waist = min(WAIST, hip_v)
    trunk = (np.abs(u) < TRUNK_HALF) & (v > BREAST) & (v <= waist)
    hips = (np.abs(u) < HIPS_HALF) & (v > waist) & (v < hip_v + CROTCH)
    return np.asarray((trunk | hips) & (clothed > CLOTHED) & ~limbs)


def painted(skin_alphas: Iterable[Mask], where: NDArray[np.bool_]) -> int:
    """Pixels of `where` in which any layer of skin is drawn; 0 is promised."""
    found = np.zeros(where.shape, bool)
    for alpha in skin_alphas:
        found |= alpha > PAINTED
    return int((found & where).sum())


def shown(skin: Mask, cloth: Mask, touched: NDArray[np.bool_], where: NDArray[np.bool_]) -> int:
    """Pixels of `where` that changed, are no new garment, and look like skin to a network; specks do not count.

    skin: its probability, seen on the result. cloth: alpha of the new garment. touched: pixels that changed.
    """
    found = (skin > BARE) & (cloth < 0.5) & touched & where
    opened = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_OPEN, np.ones((SPECK, SPECK), np.uint8))
    return int(opened.sum())
