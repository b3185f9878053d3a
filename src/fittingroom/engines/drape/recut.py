"""A second look at garment photos that u2net-cloth is unsure about: the cut is completed on the photo's own colours.

On patterned floors, for plain dark cloth and beside hangers the network often finds only a part of the garment; but
what it is sure of tells the garment's colours, and the frame's border the background's. GrabCut (Rother et al., 2004)
asks both. Invariant: where the network is sure of the garment, or the new cut is no better, its own answer is returned.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.protocol import RgbImage

SIDE = 288
UNSURE = (0.15, 0.85)
DOUBTFUL, LOST = 0.15, 2.5
"""Area of unsure pixels over that of found ones: from the first a second look is taken; from the second what was found
is no fair part of the garment, and its level is found anew."""
SURE, CLEAR, RING, ROUNDS = 0.85, 0.3, 3, 5
TEARS, LARGER = 0.02, 1.3
"""A new cut may be less compact than the network's by this much, or more where it is this much larger."""
LARGEST = 0.92


def recut(photo: RgbImage, probability: FloatArray) -> FloatArray:
    """Probability of garment float32 (H, W), completed where `probability`, the network's, is unsure of it."""
    size = _reduced(probability.shape)
    small = np.asarray(cv2.resize(probability, size, interpolation=cv2.INTER_AREA), np.float32)
    unsure = ambiguity(small)
    if unsure < DOUBTFUL:
        return probability
    if unsure > LOST:
        small = _levelled(small)
    found = _grab_cut(np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8), small)
    if found is None or not _better(found, small > 0.5):
        return probability
    wide = cv2.GaussianBlur(found.astype(np.float32), (0, 0), 0.7)
    return np.asarray(cv2.resize(wide, probability.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def ambiguity(probability: FloatArray) -> float:
    """Area of unsure pixels over that of found ones."""
    unsure = (probability > UNSURE[0]) & (probability < UNSURE[1])
    return float(unsure.sum() / max(float((probability > 0.5).sum()), 1.0))


def _reduced(shape: tuple[int, ...]) -> tuple[int, int]:
    zoom = min(1.0, SIDE / max(shape))
    return max(8, round(shape[1] * zoom)), max(8, round(shape[0] * zoom))


def _levelled(probability: FloatArray) -> FloatArray:
    """`probability` spread out so that one half parts its two kinds of pixels (Otsu)."""
    levels = np.asarray(np.rint(probability * 255), np.uint8)
    level, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    top = max(float(np.percentile(probability, 99)), 2e-2)
    return np.asarray(np.interp(probability, [0.0, max(float(level) / 255, 1e-2), top], [0.0, 0.5, 1.0]), np.float32)


def _grab_cut(photo: RgbImage, probability: FloatArray) -> NDArray[np.bool_] | None:
    """The garment by colours, bool (H, W); None where the network leaves no sure cloth or no sure background."""
    marks = np.full(probability.shape, cv2.GC_PR_BGD, np.uint8)
    marks[probability > 0.5] = cv2.GC_PR_FGD
    core = cv2.erode((probability > SURE).astype(np.uint8), np.ones((5, 5), np.uint8))
    marks[core > 0] = cv2.GC_FGD
    ring = np.ones(probability.shape, bool)
    ring[RING:-RING, RING:-RING] = False
    marks[ring & (probability < CLEAR)] = cv2.GC_BGD
    if not ((marks == cv2.GC_FGD).any() and (marks == cv2.GC_BGD).any()):
        return None
    return grab_cut(photo, marks, ROUNDS)


def grab_cut(photo: RgbImage, marks: NDArray[np.uint8], rounds: int) -> NDArray[np.bool_]:
    """OpenCV's GrabCut of an RGB picture (H, W, 3) from its marks (H, W), which are left as they are; repeatable."""
    found = marks.copy()
    cv2.setRNGSeed(0)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    bgr = np.ascontiguousarray(photo[..., ::-1])
    cv2.grabCut(bgr, found, (0, 0, 1, 1), *models, rounds, cv2.GC_INIT_WITH_MASK)
    return np.asarray((found == cv2.GC_FGD) | (found == cv2.GC_PR_FGD))


def _better(found: NDArray[np.bool_], before: NDArray[np.bool_]) -> bool:
    """Whether the new cut is more of the garment: larger, or as compact, and not the whole picture."""
    if found.mean() > LARGEST or found.sum() < before.sum():
        return False
    return bool(found.sum() > LARGER * before.sum() or _compact(found) > _compact(before) - TEARS)


def _compact(mask: NDArray[np.bool_]) -> float:
    """Area of the largest piece over that of its convex hull."""
    pieces, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not pieces:
        return 0.0
    main = max(pieces, key=cv2.contourArea)
    return float(cv2.contourArea(main) / max(cv2.contourArea(cv2.convexHull(main)), 1.0))
