"""What a hanging sleeve hid of trousers or skirt at the hips, where a bare, thinner arm comes in its place.

Beside the hips the scene may not show through the body, so an old sleeve's inner side would stay there as a strip
between arm and hip. The lower garment goes on under it instead: its own colours, mirrored at its edge, row by row.
Invariant: only old cloth round a bared arm changes, no farther than REACH from lower garment in the same row.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.body import SIDES
from fittingroom.engines.drape.composite import Layer
from fittingroom.engines.drape.removal import BELOW_ELBOW, SLEEVE_WIDE, Removal, grown
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.protocol import Mask

REACH = 0.16
"""How far a sleeve can lie over a hip, in shoulder distances."""

LOWER, SOLID = 0.6, 3
"""Probability of lower garment from which it is one, and how many px of it in a row make an edge."""

BARED = 0.4
"""Share of a lower arm's core that must become skin."""


def hips_under_sleeves(scene: Scene, old: Mask, removal: Removal, keep: Mask) -> Layer:
    """The lower garment where the old sleeve of a bared arm lay over it."""
    person, body = scene.person, scene.body
    lower = np.asarray(person.lower > LOWER)
    rgb, alpha = person.rgb.astype(np.float32), np.zeros(scene.shape, np.float32)
    # Less than what fades into the arm's skin and hand.
    sleeve = grown(old, body.sw) * (1.0 - keep) * np.clip(1.5 - 2.0 * np.maximum(person.skin, person.lower), 0.0, 1.0)
    for side in SIDES:
        # To the right of the picture's left arm lies the trunk.
        arm, inner = scene.arms[side], 1.0 - 2.0 * side
        core = (arm.fraction > BELOW_ELBOW) & (arm.fraction < 1.0) & (arm.ratio < 0.5)
        if not body.arms[side].seen or not core.any() or removal.front[core].mean() < BARED:
            continue
        nearest, found = _inner_edge(lower, to_right=inner < 0)
        columns = np.broadcast_to(np.arange(lower.shape[1]), lower.shape)
        away = np.abs(columns - nearest)
        share = sleeve * arm.band(BELOW_ELBOW, 2.0, wide=SLEEVE_WIDE) * (found & (away < REACH * body.sw))
        share = share * (inner * arm.across > 0.0)
        mirrored = np.clip(2 * nearest - columns, 0, lower.shape[1] - 1)
        rows = np.arange(lower.shape[0])[:, None]
        source = np.where(lower[rows, mirrored], mirrored, nearest)
        rgb = np.where((share > alpha)[..., None], person.rgb[rows, source].astype(np.float32), rgb)
        alpha = np.maximum(alpha, share)
    return Layer(np.asarray(rgb, np.float32), np.asarray(alpha, np.float32))


def _inner_edge(lower: NDArray[np.bool_], to_right: bool) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Per pixel the column of the last lower garment in its row on the way out from the body, and whether there is one.

    to_right: which way that is.
    """
    seen = lower if to_right else lower[:, ::-1]
    solid = seen.copy()
    for shift in range(1, SOLID):
        solid[:, shift:] &= seen[:, :-shift]
    columns = np.broadcast_to(np.arange(seen.shape[1]), seen.shape)
    last = np.maximum.accumulate(np.where(solid, columns, -1), axis=1)
    found = last >= 0
    last = np.maximum(last - 1, 0)
    return (last, found) if to_right else (seen.shape[1] - 1 - last[:, ::-1], found[:, ::-1])
