"""Arms that the photo does not show to their end: a hand in a pocket, behind the back or inside a long sleeve.

An arm painted down to its wrist needs a hand there, or it ends as a stump on the garment. So a long sleeve covers the
whole of such an arm, a bare one goes under the garment where the photo lets it go under the old one, and what of an
arm lies below its first bare stretch was behind the old garment's trunk and stays behind the new one's.
Invariant: where a hand is seen at the arm's end and nothing hides the arm, nothing here changes it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.body import SIDES, Side
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.protocol import Mask

HAND_FROM, HAND_WIDE = 0.9, 3.5
"""Where along an arm its hand is sought, and within how many radii of its line."""

HAND_AREA = 0.012
"""Least area of a visible hand, sw squared: a thumb on a pocket's edge is one."""

PAINTED_UP_TO = 0.86
"""From this fraction of the arm on, a sleeve takes the rest of an arm without a hand."""

NO_BARE_ARM = 2.0
POCKET, FADE = 0.84, 0.12
"""Where a bare arm without a hand begins to go under the garment, and over which further share it is gone."""

BARE, FEWEST = 0.6, 3
BINS = 20
CORE = 0.5
SOFT = 0.03


def hand_shown(scene: Scene, side: Side) -> bool:
    """Whether the photo shows this arm's hand, or may have it outside the frame."""
    x, y = scene.body.arms[side].points[-1]
    height, width = scene.shape
    if not (0 <= x < width and 0 <= y < height):
        return True
    field = scene.arms[side]
    near = (field.fraction > HAND_FROM) & (field.ratio < HAND_WIDE)
    return float(scene.hands[near].sum()) > HAND_AREA * scene.body.sw**2


def bare_from(scene: Scene, reach: float, side: Side) -> float:
    """The fraction of the arm from which it is bare under a sleeve of this `reach`: never at the end of a long one
    out of which no hand comes."""
    return NO_BARE_ARM if reach > PAINTED_UP_TO and not hand_shown(scene, side) else reach


def under_trunk(scene: Scene) -> Mask:
    """float32 (H, W): how far the new trunk lies in front of the painted arms, 0..1."""
    out = np.zeros(scene.shape, np.float32)
    bare = [_bare_bins(scene, side) for side in SIDES]
    # Sleeves are a pair: what one arm shows of them holds for the other one.
    firsts = [int(np.argmax(runs)) + 1 for runs in map(_runs, bare) if runs.any()]
    for side in SIDES:
        covered = np.flatnonzero(~bare[side][min(firsts) :]) if firsts else np.zeros(0, int)
        if covered.size:
            start, soft = (min(firsts) + float(covered[0])) / BINS, SOFT
        elif not hand_shown(scene, side):
            start, soft = POCKET, FADE
        else:
            continue
        field = scene.arms[side]
        out = np.maximum(out, np.clip((field.fraction - start) / soft, 0.0, 1.0) * (field.ratio < HAND_WIDE))
    return np.asarray(out, np.float32)


def _bare_bins(scene: Scene, side: Side) -> NDArray[np.bool_]:
    """Which of BINS equal lengths of the arm show skin along its core."""
    field = scene.arms[side]
    core = (field.ratio < CORE) & (field.fraction > 0.0) & (field.fraction < 1.0)
    at = (field.fraction[core] * BINS).astype(int)
    count = np.bincount(at, minlength=BINS)
    shown = np.bincount(at, weights=scene.person.skin[core], minlength=BINS)
    return np.asarray((shown > BARE * count) | (count == 0))


def _runs(bare: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(np.convolve(bare, np.ones(FEWEST), "valid") == FEWEST)
