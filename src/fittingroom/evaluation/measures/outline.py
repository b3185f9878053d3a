"""Whether a garment is worn where it is really worn: outlines compared on photos of persons who wear it.

Hair, face, arms and hands hide parts of the true outline and say nothing about the fit, so they are left out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FEWEST = 500


def outline_iou(new: NDArray[np.bool_], worn: NDArray[np.bool_], ignored: NDArray[np.bool_]) -> float | None:
    """Intersection over union of two masks (H, W) outside `ignored`; None where the true one is hardly there."""
    seen = ~ignored
    if (worn & seen).sum() < FEWEST:
        return None
    return float((new & worn & seen).sum() / ((new | worn) & seen).sum())
