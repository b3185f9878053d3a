"""Arms and legs as they would be without cloth: where their centre lines run and how wide they are, from the outside.

Joints alone make tubes. Here a limb has the profile of an arm (deltoid, elbow, forearm, wrist) or a leg (thigh, knee,
calf, ankle; `anatomy.py`), scaled to the limb's own width: where its skin shows, line and width are the skin's, so that
what is painted meets the visible hand or foot; where cloth is worn, the limb lies inside the cloth's outline, and
against it where the cloth is tight. Only outlines are measured, never what might lie below. Invariant: wherever the
outline of the cloth is seen on both sides of a limb, the bare limb lies within it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.anatomy import anatomy, joint_of
from fittingroom.engines.drape.body import Body, Limb, Side, along, smooth
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.person import Person
from fittingroom.engines.drape.shoes import legs_into_shoes

STATIONS = 65
# How far, px over nominal, an outline is looked for; and which widths can be this limb's own skin.
SEARCH = 2.4
SLIMMEST, WIDEST_ARM, WIDEST_LEG, HAND = 0.55, 1.55, 1.9, 2.1
SCALE = (0.75, 1.25)
DEFAULT_SCALE = 0.92
TIGHT, LOOSE = 1.15, 1.30
CARRY = 0.15
WITHIN = 0.97
OUTLINE = 0.5
SHORT_HAND = 0.02
"""Share of the arm below which wrist and knuckles are too close to point anywhere: the hand points to the camera."""

RIM = 0.15
"""How much farther, in nominal half widths, a leg may reach than its visible skin."""

FREE, NEAR = 4.4, 0.7
"""Stations over which a limb's line and width are smoothed where cloth tells them, and where its skin does."""

HOLD, HOLD_TO = 7.0, 0.9
"""How many stations beyond visible skin its own outline counts, and the end of that skin: beyond it are hands."""


@dataclass(frozen=True, slots=True)
class BareLimb:
    """line: float32 (N, 2) px, from the trunk outwards. radius: float32 (N,) px. steps: float32 (N,), the fraction of
    the limb at each point; past its last joint they exceed 1."""

    line: FloatArray
    radius: FloatArray
    steps: FloatArray


def bare_arm(person: Person, body: Body, side: Side, tail: float) -> BareLimb:
    """One arm. tail: how far it goes on beyond the wrist, towards the knuckles, as a fraction of the arm."""
    return _bare(person, body, side, False, tail)


def bare_leg(person: Person, body: Body, side: Side, tail: float) -> BareLimb:
    """One leg. tail: how far it goes on straight beyond the ankle, as a fraction of the leg."""
    return _bare(person, body, side, True, tail)


def _bare(person: Person, body: Body, side: Side, leg: bool, tail: float) -> BareLimb:
    limb, widest = (legs_into_shoes(person, body)[side], WIDEST_LEG) if leg else (body.arms[side], WIDEST_ARM)
    steps = np.linspace(0.0, 1.0 + tail, STATIONS).astype(np.float32)
    nominal, bulge = _profile(limb, leg, steps, body.sw)
    bulge = bulge if side else -bulge
    path = limb.points if leg else _with_hand(limb, body.hands[side], tail)
    line, tangent = along(smooth(path, STATIONS), steps * limb.length)
    normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=-1)
    solid = (person.alpha > OUTLINE) | (person.cloth > OUTLINE)
    low, high = (reach(solid, line, way * normal, SEARCH * nominal) for way in (-1.0, 1.0))
    skin_low, skin_high = (reach(person.skin > OUTLINE, line, way * normal, SEARCH * nominal) for way in (-1.0, 1.0))
    if leg:
        # Skin that ends at a slanting hem does not end at the leg's outline.
        skin_low, skin_high = (_outer(skin, whole, nominal) for skin, whole in ((skin_low, low), (skin_high, high)))
    width = (skin_low + skin_high) / 2 / nominal
    shown = np.isfinite(width) & (width > SLIMMEST) & (width < np.where(steps < 1.0, widest, HAND))
    cloth = (low + high) / 2
    scale = _scale(width[shown & (steps < 1.0)], cloth / nominal)
    radius = nominal * _carried(width, shown, steps, scale)
    # Tight cloth is as wide as the limb in it; in wide cloth the limb is as wide as limbs are.
    filled = np.nan_to_num(np.clip((LOOSE - cloth / radius) / (LOOSE - TIGHT), 0.0, 1.0))
    radius = np.where(filled > 0, radius + filled * (WITHIN * cloth - radius), np.fmin(radius, WITHIN * cloth))
    shift = bulge + _carried((skin_high - skin_low) / 2 - bulge, shown, steps, 0.0)
    shift = np.where(shown, shift, _within(radius, low, high, shift))
    known = np.asarray(shown & (steps < HOLD_TO))
    middle, half = (_held(np.asarray(values, np.float32), known) for values in (shift, radius))
    return BareLimb(np.asarray(line + middle[:, None] * normal, np.float32), np.maximum(half, 1.0), steps)


def _with_hand(arm: Limb, hand: FloatArray, tail: float) -> FloatArray:
    """The arm's polyline, longer by `tail` of its length the way the hand points; hand: wrist and knuckles."""
    way = hand[1] - hand[0]
    far = float(np.linalg.norm(way))
    if far < SHORT_HAND * arm.length or tail <= 0:
        return arm.points
    end = arm.points[-1] + way * (tail * arm.length / far)
    return np.concatenate([arm.points, np.asarray(end, np.float32)[None]])


def _outer(skin: FloatArray, whole: FloatArray, nominal: FloatArray) -> FloatArray:
    """Distances of the skin's end, NaN where dressed leg goes on beyond it."""
    return np.where(whole - skin > RIM * nominal, np.float32(np.nan), skin)


def _profile(limb: Limb, leg: bool, steps: FloatArray, sw: float) -> tuple[FloatArray, FloatArray]:
    """Ordinary half width, and how far outwards the middle lies of the line of the joints, px, at fractions (N,)."""
    usual = anatomy(leg)
    true = usual.true(steps, joint_of(limb))
    return sw * usual.along(usual.radius, true), sw * usual.along(usual.shift, true)


def _held(values: FloatArray, shown: NDArray[np.bool_]) -> FloatArray:
    """Smoothed along the limb, but as measured where its skin shows, and near by: painted and real outlines meet."""
    smooth = _smoothed(values, FREE)
    if not shown.any():
        return smooth
    # Smoothed among themselves alone: beyond the hem the cloth tells the width, and it is another one.
    weight = shown.astype(np.float32)
    among = _smoothed(values * weight, NEAR) / np.maximum(_smoothed(weight, NEAR), 1e-6)
    seen = np.flatnonzero(shown)
    apart = np.abs(np.arange(len(values))[:, None] - seen[None])
    own = (among - smooth)[seen[np.argmin(apart, axis=1)]]
    return np.asarray(smooth + np.exp(-((apart.min(axis=1) / HOLD) ** 2)) * own, np.float32)


def _carried(own: FloatArray, shown: NDArray[np.bool_], steps: FloatArray, else_: float) -> FloatArray:
    """What was measured where the limb is seen, carried on a little way beside it, fading into a default."""
    if not shown.any():
        return np.full_like(steps, else_)
    seen = np.flatnonzero(shown)
    nearest = seen[np.argmin(np.abs(np.arange(len(steps))[:, None] - seen[None]), axis=1)]
    # A hand or foot that begins at the cuff is soon a wrist or an ankle.
    carry = np.where(steps[nearest] > 1.0, CARRY / 3, CARRY)
    weight = np.exp(-((np.abs(steps - steps[nearest]) / carry) ** 1.5))
    return np.asarray(else_ + weight * (own[nearest] - else_), np.float32)


def reach(mask: NDArray[np.bool_], line: FloatArray, way: FloatArray, limit: FloatArray) -> FloatArray:
    """Distance (px) from each point (N, 2) along its unit vector to the end of `mask`; NaN where it does not end
    within its `limit`, or only at the frame, or where the point itself is not in the mask."""
    distance = np.arange(0.0, float(limit.max()) + 1.0, dtype=np.float32)
    at = np.rint(line[:, None] + distance[None, :, None] * way[:, None]).astype(np.int64)
    height, width = mask.shape
    framed = (at[..., 0] >= 0) & (at[..., 0] < width) & (at[..., 1] >= 0) & (at[..., 1] < height)
    inside = mask[np.clip(at[..., 1], 0, height - 1), np.clip(at[..., 0], 0, width - 1)] | ~framed
    first = np.argmin(inside, axis=1)
    found = np.asarray(distance[first], np.float32)
    return np.where(inside[:, 0] & ~inside.all(axis=1) & (found <= limit) & framed[:, 0], found, np.float32(np.nan))


def _scale(own: FloatArray, dressed: FloatArray) -> float:
    """How wide this person's limb is against the nominal one: from its skin, else from tight cloth."""
    if len(own) >= 3:
        return float(np.clip(np.median(own), *SCALE))
    seen = dressed[np.isfinite(dressed)]
    if len(seen) >= 4:
        return float(np.clip(0.9 * np.median(seen), SCALE[0], 1.05))
    return DEFAULT_SCALE


def _within(radius: FloatArray, low: FloatArray, high: FloatArray, shift: FloatArray) -> FloatArray:
    """`shift` sideways as far as brings a limb inside its cloth, and against an outline that is close: tight cloth."""
    least, most = radius - WITHIN * low, WITHIN * high - radius
    shift = np.where(np.isfinite(least) & ((shift < least) | (low < TIGHT * radius)), least, shift)
    shift = np.where(np.isfinite(most) & ((shift > most) | (high < TIGHT * radius)), most, shift)
    both = np.isfinite(least) & np.isfinite(most) & (low + high < 2 * TIGHT * radius)
    return np.asarray(np.where(both, (high - low) / 2, shift), np.float32)


def _smoothed(values: FloatArray, sigma: float) -> FloatArray:
    """Along the limb, its ends kept."""
    pad = int(3 * sigma)
    kernel = np.exp(-0.5 * (np.arange(-pad, pad + 1) / sigma) ** 2)
    return np.asarray(np.convolve(np.pad(values, pad, mode="edge"), kernel / kernel.sum(), "valid"), np.float32)
