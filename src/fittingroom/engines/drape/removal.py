"""Decides what happens to each pixel of the old garment that the new one leaves uncovered.

Safety rule of this project: only arms, neck and legs that the new cut itself leaves bare become skin; the trunk and the
hips never do. Old cloth on the trunk that peeps out below a shorter garment therefore stays as it is, and what peeps
out beside it becomes background. Invariant: `behind` and `front` (the skin masks) are zero below the armpits on the
trunk and above the crotch on the legs.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.body import SIDES, Body
from fittingroom.engines.drape.limbs import LimbField
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.person import Person
from fittingroom.engines.drape.torso import Fit
from fittingroom.engines.protocol import Mask

OLD_RIM, SCENE_RIM = 0.018, 0.045
CHEST_LIMIT = 0.30
HEM_KEEP = 0.04
TRUNK_HALF = 0.30
PAST_WRIST = 1.19
CROTCH = 0.20
HIP_WIDE, HIP_SIDES = 0.9, 0.5
"""Within how many radii of the legs' lines old cloth stays on the hips: all round, and to their outer sides, where it
peeps out beside the new cloth."""

INSIDE_HEM, UNDER_ARM = 0.10, 0.03
OPAQUE = 0.98
SHRINK = 3
BLEND = 0.05
PAST_ANKLE = 1.16
INSIDE_SLEEVE = 0.04
BELOW_ELBOW = 0.55
SLEEVE_WIDE = 2.4
HIP_SIDE = 0.42


@dataclass(frozen=True, slots=True)
class Removal:
    """Soft masks float32 (H, W). plate: becomes background; it reaches under the skin, so that no soft edge lets the
    old cloth through. behind: skin of neck, chest and shoulders, under the new
    garment. front: skin of arms, over the trunk. legs: skin of legs, under the new garment."""

    plate: Mask
    behind: Mask
    front: Mask
    legs: Mask

    def without_skin(self) -> Removal:
        """The same where the person shows no skin whose colour could be continued: the old cloth stays there."""
        none = np.zeros_like(self.plate)
        return Removal(_soft(self.plate * (1.0 - self.skin)), none, none, none)

    @property
    def skin(self) -> Mask:
        """All that becomes skin."""
        return np.maximum(np.maximum(self.behind, self.front), self.legs)


def unseen(removal: Removal, cover: Mask) -> NDArray[np.bool_]:
    """Where background is needed: not below new cloth (its alpha) or skin that is opaque anyway."""
    return np.asarray((removal.plate > 0.05) & (np.maximum(cover, removal.skin) < OPAQUE))


def coordinates(body: Body, shape: tuple[int, int]) -> tuple[FloatArray, FloatArray]:
    """u and v (sw) of every pixel."""
    x, y = (np.arange(n, dtype=np.float32) for n in shape[::-1])
    # Affine in x and y: two sums of a row and a column instead of a product for every pixel.
    axes = np.asarray(np.stack([body.ux, body.uy]) / body.sw, np.float32)
    start = np.asarray(-axes @ body.origin, np.float32)
    u, v = (axes[k, 0] * x[None] + (axes[k, 1] * y[:, None] + start[k]) for k in (0, 1))
    return u, v


def disc(radius: float) -> NDArray[np.uint8]:
    """A structuring element of a radius in px, 2 at least."""
    size = 2 * max(2, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def grown(old: Mask, sw: float, rim: float = OLD_RIM) -> Mask:
    """The old garment with the rim of mixed pixels round it. rim: its width, in sw."""
    wide = cv2.dilate(old, disc(rim * sw))
    return np.asarray(cv2.GaussianBlur(np.clip((wide - 0.25) / 0.4, 0, 1), (0, 0), 1.0), np.float32)


def _swallowed(person: Person, old: Mask, sw: float) -> Mask:
    """The old garment with its rim, and towards the scene with the blur and the shadow that it leaves there."""
    scene = np.clip(1.0 - 2.0 * person.alpha, 0.0, 1.0)
    return np.asarray(np.maximum(grown(old, sw), grown(old, sw, SCENE_RIM) * scene), np.float32)


def remove_top(
    person: Person,
    body: Body,
    old: Mask,
    fit: Fit,
    arms: tuple[LimbField, LimbField],
    bare_from: tuple[float, float],
    neck: Mask,
    keep: Mask,
) -> Removal:
    """Masks for the top half. bare_from: fraction of each arm from which it is bare under the new cut.

    keep: what is never removed (hair, face, hands). Where the new garment lands does not matter here: it is drawn
    over `plate` and `behind` afterwards.
    """
    u, v = coordinates(body, person.alpha.shape)
    # What belongs to the other garment, its rim included, is not ours to remove: only the new cloth covers it.
    gone = _swallowed(person, old, body.sw) * (1.0 - keep)
    gone *= 1.0 - np.clip(grown(person.lower, body.sw) - old, 0.0, 1.0)
    bare_skin = grown(person.skin, body.sw)
    arm, beside = np.zeros_like(gone), np.zeros_like(gone)
    for side in SIDES:
        # A bare arm is thinner than the sleeve it comes out of, and begins a little inside it.
        start = max(0.0, bare_from[side] - INSIDE_SLEEVE)
        if body.arms[side].seen:
            # Where the photo shows the arm itself, nothing needs painting.
            arm = np.maximum(arm, arms[side].band(start, PAST_WRIST) * arms[side].covered(person.skin))
            beside = np.maximum(beside, arms[side].band(BELOW_ELBOW, 2.0, wide=SLEEVE_WIDE))
        # Skin that the photo shows beside the new sleeve would peep out.
        # Not beside the neck: there the skin that the photo shows over the new shoulder line is right as it is.
        beyond = np.clip((np.abs(u) - fit.neck_half - 0.12) / 0.04, 0.0, 1.0)
        gone = np.maximum(gone, bare_skin * arms[side].band(0.0, start, wide=1.8) * beyond * (1.0 - keep))
    # New skin fades into the visible one, over the rim of mixed pixels, but never into hair or face.
    fading = _fading(old, body.sw) * bare_skin * (1.0 - np.clip(2.0 * np.maximum(person.hair, person.face), 0.0, 1.0))
    whole = np.clip(gone + fading, 0.0, 1.0)
    front = whole * arm
    high = np.clip((_neckline_limit(body, fit) - v) / 0.02 + 0.5, 0, 1)
    skin = np.maximum(_shoulders(fit, u, v, max(bare_from) > 0), neck) * high
    stays = _staying(body, fit, u, v, beside)
    # It goes on a little way under the arms: where two soft edges met, the old cloth would show as a line.
    behind = whole * skin * (1.0 - cv2.erode(front, disc(UNDER_ARM * body.sw)))
    # Nobody's neck is wider than what they wear round it.
    behind *= np.clip(2.0 * person.alpha - 0.5, 0.0, 1.0)
    return Removal(_soft(gone * (1.0 - stays)), _soft(behind), _soft(front), np.zeros_like(gone))


def _shoulders(fit: Fit, u: FloatArray, v: FloatArray, sleeved: bool) -> FloatArray:
    """What a neckline may bare below the shoulder line, as far to the sides as it reaches."""
    shoulder_line = np.interp(u, fit.slope[:, 0], fit.slope[:, 1]).astype(np.float32)
    # Under a sleeved garment only the neckline can be bare; a sleeveless one leaves the shoulders, too.
    reach = fit.neck_half + 0.03 if sleeved else float(np.abs(fit.slope[:, 0]).max()) + 0.02
    inside = np.clip((v - shoulder_line) / 0.02 + 0.5, 0, 1) * np.clip((reach - np.abs(u)) / 0.02, 0, 1)
    return np.asarray(inside, np.float32)


def _staying(body: Body, fit: Fit, u: FloatArray, v: FloatArray, beside: Mask) -> FloatArray:
    """Where the old cloth stays: on the trunk below the new hem, but not the cuffs of arms that hang beside it, and
    under a neckline deeper than the limit, as neither skin nor a hole belongs on the breast."""
    outside = np.clip((np.abs(u) - HIP_SIDE) / 0.03, 0, 1)
    below = np.clip((v - fit.hem_v + HEM_KEEP) / 0.02, 0, 1) * (1.0 - beside * outside)
    trunk = np.clip((v - _neckline_limit(body, fit)) / 0.02 + 0.5, 0, 1) * (np.abs(u) < TRUNK_HALF)
    return np.asarray(np.maximum(below, trunk), np.float32)


def _neckline_limit(body: Body, fit: Fit) -> float:
    """Height (sw) below which no neckline bares anything: the armpits, at most CHEST_LIMIT."""
    pit_v = float((body.coords(fit.pits[0])[1] + body.coords(fit.pits[1])[1]) / 2)
    return min(pit_v, CHEST_LIMIT)


def remove_legs(
    person: Person,
    body: Body,
    old: Mask,
    legs: tuple[LimbField, LimbField],
    bare_from: tuple[float, float],
    keep: Mask,
    top_v: float | FloatArray,
) -> Removal:
    """Masks for the lower half: legs below the new hem are bare, everything beside them is background.

    bare_from: fraction of each leg at which the new cloth ends. top_v: height (sw), one or per pixel, above which
    nothing of the old garment is touched: waistband or trunk.
    """
    _, v = coordinates(body, person.alpha.shape)
    gone = _swallowed(person, old, body.sw) * (1.0 - keep) * np.clip((v - top_v) / 0.03, 0, 1)
    # A little of the leg lies inside the hem, which need not run square to it.
    starts = [max(0.0, end - INSIDE_HEM) for end in bare_from]
    bands = [leg.band(start, PAST_ANKLE) for leg, start in zip(legs, starts, strict=True)]
    leg = np.maximum(*(band * field.covered(person.skin) for field, band in zip(legs, bands, strict=True)))
    hips = np.clip((body.hip_v + CROTCH - v) / 0.02, 0, 1)
    # A hole before the legs would show the scene through the body; at their outer sides there is none.
    inner = (np.minimum(legs[0].ratio, legs[1].ratio) < HIP_WIDE) & (legs[0].across > -HIP_SIDES)
    stays = hips * (inner & (legs[1].across < HIP_SIDES))
    fading = _fading(old, body.sw) * grown(person.skin, body.sw) * (1.0 - keep)
    bare = np.clip(gone + fading, 0.0, 1.0) * leg * (1.0 - hips)
    none = np.zeros_like(gone)
    return Removal(_soft(gone * (1.0 - stays)), none, none, _soft(bare))


def _fading(old: Mask, sw: float) -> Mask:
    """1 on the old garment and its rim, falling to 0 beyond: how far new skin fades into the visible one."""
    size = (max(1, old.shape[1] // SHRINK), max(1, old.shape[0] // SHRINK))
    small = cv2.resize(grown(old, sw), size, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), max(0.3, BLEND * sw / 2 / SHRINK))
    return np.asarray(np.clip(2.0 * cv2.resize(soft, old.shape[::-1]), 0.0, 1.0), np.float32)


def _soft(mask: FloatArray) -> Mask:
    return np.asarray(np.clip(mask, 0.0, 1.0), np.float32)
