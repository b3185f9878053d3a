"""How far down a top or a dress reaches, and whether it ends in the waistband.

The length is the garment's own. The worn top may be longer: a small difference is measuring error and is drawn out
over the lower half, where nobody sees it; a larger one is drawn out only so far as a picture bears it, and said; beyond
that the new garment ends where it ends and the worn one shows below it, which is said, too. Invariant: no garment is
drawn out by more than MOST, except a dress that would end above the thighs; all drawing out above QUIET is noted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fittingroom.engines.drape.body import Body
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.person import Person
from fittingroom.engines.protocol import TryOnOptions, Tuck

QUIET, MOST = 1.15, 1.55
COVER = 0.05
MINI, SOLE = 0.50, 0.16
TUCKED = 0.12
BELOW_WAIST = 0.10
LONG_HEM = 0.55
USUAL_DRESS, SLACK = 2.7, 0.55
BAND = np.linspace(0.06, 0.22, 5)
ACROSS = (-0.2, 0.0, 0.2)

STRETCHED = "The garment is shorter than what the person wears; it is shown longer than it is."
LAYERED = "The garment is much shorter than what the person wears, which shows below it."
NO_BAND = "No waistband is visible above which the garment could be tucked in; it is shown untucked."
SHORT_DRESS = "The dress seems very short; it is shown longer than it is."


@dataclass(frozen=True, slots=True)
class Length:
    """hem_v: the hem, sw below the shoulders. stretched: how much the cloth below the armpits was drawn out, >= 1.

    waist: height at which a tucked-in top disappears, else None. short: how much it would have had to be drawn out to
    reach the worn hem. notes: what the caller should know.
    """

    hem_v: float
    stretched: float = 1.0
    waist: float | None = None
    short: float = 1.0
    notes: tuple[str, ...] = ()


def top_length(own_v: float, pit_v: float, person: Person, body: Body, options: TryOnOptions) -> Length:
    """Where a top ends. own_v, pit_v: its own hem and its armpits, sw below the shoulders."""
    own = pit_v + (own_v - pit_v) * options.length
    old = old_hem_v(person, body)
    waist, notes = _waist(own, old, person, body, options.tuck)
    if old is None or own >= old + COVER - 0.01:
        return Length(own, 1.0, waist, 1.0, notes)
    need = (old + COVER - pit_v) / max(own - pit_v, 1e-3)
    if need > MOST:
        return Length(own, 1.0, waist, need, (*notes, LAYERED))
    notes = notes if need <= QUIET else (*notes, STRETCHED)
    return Length(old + COVER, need, waist, need, notes)


def dress_length(own_v: float, pit_v: float, body: Body, options: TryOnOptions) -> Length:
    """Where a dress ends: never above the thighs, where nothing may be bared.

    The chest is the measure, and that of a dress on a hanger is narrower than worn: what would be longer than most
    dresses are is taken for longer by SLACK of the difference only; an evening gown still reaches the floor.
    """
    own_v = min(own_v, USUAL_DRESS + SLACK * max(0.0, own_v - USUAL_DRESS))
    own = min(pit_v + (own_v - pit_v) * options.length, _floor(body))
    least = body.hip_v + MINI
    if own >= least:
        return Length(own)
    need = (least - pit_v) / max(own - pit_v, 1e-3)
    return Length(least, need, None, need, (SHORT_DRESS,) if need > QUIET else ())


def _floor(body: Body) -> float:
    """Height, sw below the shoulders, of the ground on which the person stands."""
    ankles = [float(body.coords(limb.points[-1])[1]) for limb in body.legs]
    return max(ankles) + SOLE


def old_hem_v(person: Person, body: Body) -> float | None:
    """Where the worn top ends, in sw below the shoulders, over the trunk's width; None if it is not seen to end."""
    steps = np.linspace(0.4, 3.2, 113)
    heights: list[float] = []
    for u in (-0.42, -0.2, 0.0, 0.2, 0.42):
        levels, values = _column(person.upper, body, u, steps)
        top = np.nonzero(values > 0.5)[0]
        # It ends only where enough of the picture follows that is not top.
        if len(top) and len(levels) - top[-1] > 6:
            heights.append(float(levels[top[-1]]))
    return float(np.percentile(heights, 70)) if heights else None


def _waist(
    own: float, old: float | None, person: Person, body: Body, tuck: Tuck
) -> tuple[float | None, tuple[str, ...]]:
    """Height (sw) at which a tucked-in new top disappears; None where it hangs over."""
    if tuck is Tuck.OUT:
        return None, ()
    if old is None or not _band_follows(person, body, old):
        return None, (NO_BAND,) if tuck is Tuck.IN else ()
    if tuck is Tuck.AUTO and (old > body.hip_v - TUCKED or own > body.hip_v + LONG_HEM):
        return None, ()
    return (min(old + BELOW_WAIST, own) if own >= old else None), ()


def _band_follows(person: Person, body: Body, old: float) -> bool:
    """Whether trousers or a skirt begin right below the worn top: below a cropped one there is skin."""
    band = [np.median(values) for u in ACROSS if len(values := _column(person.lower, body, u, old + BAND)[1])]
    return bool(band) and float(np.median(band)) > 0.5


def _column(mask: FloatArray, body: Body, u: float, steps: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Heights within the frame and the mask there, along the body's axis at lateral position u."""
    height, width = mask.shape
    points = np.round(np.stack([body.at(u, float(v)) for v in steps])).astype(int)
    ok = (points[:, 0] >= 0) & (points[:, 0] < width) & (points[:, 1] >= 0) & (points[:, 1] < height)
    points = points[ok]
    return np.asarray(steps[ok], np.float32), np.asarray(mask[points[:, 1], points[:, 0]], np.float32)
