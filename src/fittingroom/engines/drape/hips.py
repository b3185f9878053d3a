"""Where the hips of trousers, shorts and skirts are: a place by definition, so it is measured and not recognised.

The hips are the outer edges of the cloth at a fixed share of the way down the garment's axis, from the middle of the
waist to the crotch, or to the middle of a skirt's hem. Invariant: what is returned lies on the mask, or is the
given mark.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.nets import FloatArray

OF_THE_RISE, OF_THE_SKIRT = 0.7, 0.33
GAP = 0.02
"""Holes of the mask up to this length, in diagonals of the marks' box, do not end the cloth."""


def place_hips(mask: NDArray[np.bool_], marks: dict[str, FloatArray]) -> dict[str, FloatArray]:
    """`marks` of a lower garment with hip_left and hip_right on the edges of `mask` (bool (H, W)); a hip stays as it is
    where the axis leaves the mask."""
    waist = (marks["waist_left"] + marks["waist_right"]) / 2
    skirt = "crotch" not in marks
    end = (marks["hem_left"] + marks["hem_right"]) / 2 if skirt else marks["crotch"]
    centre = waist + (end - waist) * (OF_THE_SKIRT if skirt else OF_THE_RISE)
    across = marks["waist_right"] - marks["waist_left"]
    across = across / max(float(np.linalg.norm(across)), 1e-6)
    diagonal = float(np.linalg.norm(np.ptp(np.stack(list(marks.values())), axis=0)))
    out = dict(marks)
    for side, sign in (("left", -1.0), ("right", 1.0)):
        steps = np.arange(0.0, diagonal, 1.0)
        line = np.rint(centre + sign * steps[:, None] * across).astype(np.intp)
        x, y = line.T
        inside = (x >= 0) & (y >= 0) & (x < mask.shape[1]) & (y < mask.shape[0])
        cloth = np.flatnonzero(mask[y[inside], x[inside]])
        if len(cloth) and cloth[0] <= GAP * diagonal:
            breaks = np.flatnonzero(np.diff(cloth) > GAP * diagonal)
            out[f"hip_{side}"] = line[cloth[breaks[0] if len(breaks) else -1]].astype(np.float32)
    return out
