"""An outer layer: the worn top or dress stays, and shows in its neckline, past its cuffs and below its hem.

What is removed of the worn clothes is only what would stick out beside the outer layer, where it lies closer to the
body than they do. Invariant: nothing becomes skin under an outer layer, and nothing is removed in its neckline, below
its hem or farther down an arm than its sleeve.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fittingroom.engines.drape.body import SIDES
from fittingroom.engines.drape.removal import Removal
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.drape.torso import Fit

BESIDE_NECK, SOFT = 0.1, 0.04
"""How far beside the neckline's ends nothing is removed, and how soft that limit is, in shoulder distances."""

ARM_WIDE = 2.6
"""How wide a worn sleeve may be, in radii of the arm, to count as the arm's."""


def layered(scene: Scene, removal: Removal, fit: Fit, bare: tuple[float, float]) -> Removal:
    """What of `removal` is left for an outer layer. bare: fraction of each arm at which its sleeve ends."""
    u, v = scene.uv
    beside = np.clip((np.abs(u) - fit.neck_half - BESIDE_NECK) / SOFT, 0.0, 1.0)
    above = np.clip((fit.hem_v - v) / SOFT, 0.0, 1.0)
    arms = [scene.arms[side].band(bare[side], 2.0, wide=ARM_WIDE) for side in SIDES]
    kept = np.maximum(*arms)
    none = np.zeros_like(removal.plate)
    plate = np.asarray(removal.plate * beside * above * (1.0 - kept), np.float32)
    return replace(removal, plate=plate, behind=none, front=none, legs=none)
