"""The sheet or floor between a garment's legs and beside it, where u2net-cloth takes it for cloth.

What is surely ground and what is surely cloth tell which colours are whose. Unsure pixels of the ground's colours that
hang together with it are ground; what was found tells more of its colours, so this is asked some times over. Unlike
`ground.py` the ground need not be plain, only of other colours. Invariant: nothing whose colours the cloth shows as
often as the ground is taken away, and little that the network is sure of.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.colour_bins import bins_of, shares
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.protocol import RgbImage

SIDE = 512
GROUND, FOUND, SURE = 0.1, 0.5, 0.985
"""Probability below which a pixel is surely ground, from which it would be cut out, and above which it is cloth."""

FEW, ROUNDS = 400, 4
LIKE, FAINT, CLEAREST = 1.5, 1e-4, 4.0
"""Logarithm of how many times as often the ground has a colour as the cloth; a share that any colour has; and the
largest such number."""

EXTRA = 0.3
"""Of what was found so much more may go that the network is sure of and that hangs together with it."""

LEAST = 0.01
"""Share of the cloth from which there is something to take away; less is the rim of the garment itself."""

CLEARED = 0.02


def without_sheet(photo: RgbImage, probability: FloatArray) -> FloatArray:
    """Probability of garment float32 (H, W), at most CLEARED on what has the ground's colours."""
    zoom = min(1.0, SIDE / max(probability.shape))
    size = max(16, round(probability.shape[1] * zoom)), max(16, round(probability.shape[0] * zoom))
    seen = np.asarray(cv2.resize(probability, size, interpolation=cv2.INTER_AREA), np.float32)
    small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(small, (0, 0), 0.8).astype(np.float32) / 255.0
    found = _ground(bins_of(np.asarray(cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB), np.float32)), seen)
    if found.sum() < LEAST * (seen >= FOUND).sum():
        return probability
    cleared = cv2.resize(found.astype(np.float32), probability.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.5
    return np.asarray(np.where(cleared, np.minimum(probability, CLEARED), probability), np.float32)


def _ground(bins: NDArray[np.intp], seen: FloatArray) -> NDArray[np.bool_]:
    """What would be cut out and is ground, bool (H, W)."""
    cloth = cv2.erode((seen > SURE).astype(np.uint8), np.ones((7, 7))) > 0
    surely, found = np.asarray(seen < GROUND), np.zeros(seen.shape, bool)
    for _ in range(ROUNDS):
        ground = cv2.erode((surely | found).astype(np.uint8), np.ones((5, 5))) > 0
        if min(ground.sum(), cloth.sum()) < FEW:
            return np.zeros(seen.shape, bool)
        like = np.log((shares(bins, ground) + FAINT) / (shares(bins, cloth) + FAINT))
        like = np.asarray(cv2.GaussianBlur(np.clip(like, -CLEAREST, CLEAREST), (0, 0), 1.5), np.float32)
        more = _joined((like > LIKE) & ~surely & (seen < SURE), surely | found) | found
        if more.sum() == found.sum():
            break
        found = more
    found &= seen >= FOUND
    extra = _joined((like > LIKE) & (seen >= SURE), found)
    return found | extra if extra.sum() < EXTRA * found.sum() else found


def _joined(pieces: NDArray[np.bool_], ground: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What of `pieces` hangs together with `ground`, without threads a few px wide."""
    opened = cv2.morphologyEx(pieces.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3))) > 0
    _, labels = cv2.connectedComponents((opened | ground).astype(np.uint8), connectivity=4)
    reached = opened & np.isin(labels, np.unique(labels[ground]))
    return np.asarray(cv2.morphologyEx(reached.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5))) > 0)
