"""Whether the garment kept its colour: CIEDE2000 between what is worn and what was photographed.

Two views of it. `seen` compares pixel by pixel with the warped garment before any light was put on it, so shading
counts as a difference; `mean` compares the garment's mean colour with its photo's, which holds for any engine.
The formula is that of Sharma, Wu and Dalal (2005), as scikit-image has it; below 1 nobody sees a difference, about 3
is told side by side.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.protocol import RgbImage
from fittingroom.evaluation.photos import EvaluationError

RIM = 7
"""Width in px of the erosion that leaves the mixed pixels of an edge out."""
FEWEST = 200


def ciede2000(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.float64]:
    """Differences (...,) of sRGB colours (..., 3), 0..255. Raises `EvaluationError` without scikit-image."""
    try:
        from skimage.color import deltaE_ciede2000, rgb2lab  # noqa: PLC0415
    except ImportError as error:
        raise EvaluationError("scikit-image is missing: pip install 'fittingroom[eval]'") from error
    first, second = (rgb2lab(np.asarray(colours, np.float64) / 255.0) for colours in (one, other))
    return np.asarray(deltaE_ciede2000(first, second))  # type: ignore[no-untyped-call]


def seen(result: RgbImage, flat: NDArray[Any], where: NDArray[np.bool_]) -> float | None:
    """Median over the inside of `where` between the picture and the unlit warped garment, both (H, W, 3)."""
    inside = inner(where)
    return None if inside.sum() < FEWEST else float(np.median(ciede2000(result[inside], flat[inside])))


def mean(result: RgbImage, where: NDArray[np.bool_], garment: RgbImage, cut: NDArray[np.bool_]) -> float | None:
    """Between the mean colour of the worn garment and of its photo, each inside its mask; the mean is of light."""
    inside, whole = inner(where), inner(cut)
    if min(inside.sum(), whole.sum()) < FEWEST:
        return None
    return float(ciede2000(_mean_colour(result[inside]), _mean_colour(garment[whole])))


def inner(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask without its rim."""
    return cv2.erode(mask.astype(np.uint8), np.ones((RIM, RIM), np.uint8)) > 0


def _mean_colour(colours: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(np.mean((colours / 255.0) ** 2.2, axis=0) ** (1 / 2.2) * 255.0)
