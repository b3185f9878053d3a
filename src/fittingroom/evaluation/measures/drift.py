"""Whether the body still stands as it stood: BlazePose before and after, compared joint by joint.

A result that moves an elbow or loses the person altogether is broken whatever its texture. Distances are in shoulder
distances of the photo, so that they mean the same at any size.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

JOINTS = (0, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
"""Nose, shoulders, elbows, wrists, hips, knees, ankles."""
SURE = 0.6


def drift(
    before: NDArray[Any], after: NDArray[Any], visibility: NDArray[Any], size: tuple[int, int], unit: float
) -> float | None:
    """Mean distance of the joints that are sure and in the photo, in shoulder distances.

    before, after: (33, 2) px. visibility: (33,) 0..1, in the photo. size: height and width. unit: shoulder distance,
    px. None where no joint is sure.
    """
    joints = np.array(JOINTS)
    inside = ((before[joints] >= 0) & (before[joints] < size[::-1])).all(axis=1)
    sure = joints[inside & (visibility[joints] > SURE)]
    if not len(sure):
        return None
    return float(np.linalg.norm(before[sure] - after[sure], axis=1).mean() / unit)
