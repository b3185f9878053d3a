"""Photos from the waist down: no top is worn over the waistband that they show.

So all cloth of the band is the lower garment's, whatever colour it has and whatever the garment network takes it for;
what is overlooked of it would stay as a strip above and beside the new waistband. Invariant: for photos with joints,
and where a top hangs over the band, the answer is what it is given.
"""

from __future__ import annotations

import numpy as np

from fittingroom.engines.drape.lower_fit import LowerFit
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.protocol import Mask

BELOW_EDGE = 0.03
BAND_DEEP, BAND_ROOM = 0.35, 0.10


def whole_lower(scene: Scene, fit: LowerFit, lower: Mask) -> Mask:
    """`lower` (float32 (H, W)) with all cloth of the waistband."""
    if scene.person.pose is not None or not fit.shown:
        return lower
    u, v = scene.uv
    down = v - fit.waist_v - np.interp(u, fit.band_u, fit.band_drop)
    left, right = (fit.side_at(np.array([fit.waist_v], np.float32), side)[0] for side in (0, 1))
    beyond = np.maximum(-u - left, u - right)
    band = (down > -BELOW_EDGE) & (down < BAND_DEEP) & (beyond < BAND_ROOM)
    return np.asarray(np.maximum(lower, scene.person.cloth * band), np.float32)
