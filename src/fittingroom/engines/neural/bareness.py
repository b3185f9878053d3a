"""Whether a made picture bares the trunk where the photo shows it dressed: such a picture is never shown.

A new neckline, short sleeves and short legs show neck, arms and legs; belly, back and hips stay covered, whatever
the network made of them. The trunk is measured between the chest and the hips, between the arms' lines. Invariant: only
what is cloth in the photo and skin in the made picture counts, so that skin that the photo shows is no offence.
"""

from __future__ import annotations

import numpy as np

from fittingroom.engines.neural.body import Body

BELOW_NECKLINE, BELOW_HIPS, HALF_WIDTH = 0.5, 0.25, 0.42
"""The trunk, in shoulder distances: from here below the shoulders, to here below the hip joints, this far aside."""

SURE = 0.6
MOST_BARE = 0.04
"""Share of the trunk that may be mistaken for skin, as hands before it and skin-coloured prints are."""


def bared(body: Body, after: Body) -> float:
    """Share of the trunk, 0..1, that is cloth in the photo (`body`) and skin in the made picture (`after`)."""
    u, v = body.coordinates
    trunk = (v > BELOW_NECKLINE) & (v < body.axes.hip_v + BELOW_HIPS) & (np.abs(u) < HALF_WIDTH)
    dressed = trunk & (body.cloth > 0.5) & (body.hands < 0.3)
    if not dressed.any():
        return 0.0
    return float((dressed & (after.skin > SURE) & (after.cloth < 0.5) & (after.hands < 0.3)).sum() / dressed.sum())


def is_covered(body: Body, after: Body) -> bool:
    """Whether the made picture may be shown at all; give `refused=not is_covered(...)` to `Judgement`."""
    return bared(body, after) <= MOST_BARE
