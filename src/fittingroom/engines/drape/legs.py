"""A leg as it shows in the photo: where its middle runs, how wide it is, and what of that is cloth.

BlazePose's joints lie a little off a leg's middle, and a new trouser leg that is off by that little leaves a strip of
the old one beside it. So the outline of what is worn corrects the joints' line wherever it is seen on both sides.
Invariant: `outward` points away from the other leg at every station.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fittingroom.engines.drape.body import Body, Limb, Side, along, smooth
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.person import Person
from fittingroom.engines.drape.waist import RIM, extents, heights, sample
from fittingroom.engines.protocol import Mask

# Radius of a leg in sw at fractions of hip -> ankle: hip, mid thigh, knee, calf, ankle.
LEG_AT = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
LEG_RADIUS = np.array([0.29, 0.25, 0.18, 0.165, 0.115])
UNDER_CLOTH = 0.9
KNEE = 0.5
STATIONS = np.linspace(0.0, 1.1, 34).astype(np.float32)
NARROWEST, WIDEST = 0.5, 1.75
MAX_SHIFT = 0.4
BELOW_HANDS = 0.75
SMOOTHING = 1.5


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg at STATIONS (fractions of the drawn line from hip to ankle). centre, outward: float32 (N, 2) px; half,
    bare: float32 (N,) px, half the width as it shows and of the leg itself. worn_to: where the old cloth on it
    ends, as a fraction; 0 where it wears none."""

    limb: Limb
    centre: FloatArray
    outward: FloatArray
    half: FloatArray
    bare: FloatArray
    worn_to: float

    def at(self, values: FloatArray, fraction: FloatArray) -> FloatArray:
        """`values` (one of the arrays above) between the stations."""
        columns = values.reshape(len(STATIONS), -1)
        out = np.stack([np.interp(fraction, STATIONS, c) for c in columns.T], axis=-1)
        return np.asarray(out if values.ndim > 1 else out[..., 0], np.float32)


def leg_radius(body: Body, fraction: FloatArray) -> FloatArray:
    """Half width of a bare leg, px."""
    return np.asarray(body.sw * np.interp(fraction, LEG_AT, LEG_RADIUS), np.float32)


def drawn_fraction(limb: Limb, true: float) -> float:
    """Fraction of the drawn line for a fraction of the true leg, whose knee is half way: foreshortening differs
    between thigh and shin."""
    steps = np.linalg.norm(np.diff(limb.points, axis=0), axis=1)
    knee = float(np.clip(steps[0] / max(float(steps.sum()), 1e-6), 0.15, 0.85))
    return float(np.interp(true, [0.0, KNEE, 1.0, 1.2], [0.0, knee, 1.0, 1.0 + 0.4 * (1 - knee)]))


def measure_leg(person: Person, body: Body, side: Side, lower: Mask) -> Leg:
    """Measure one leg. lower: the worn lower garment."""
    limb = body.legs[side]
    points, tangents = along(smooth(limb.points), STATIONS * limb.length)
    normal = np.stack([tangents[:, 1], -tangents[:, 0]], axis=1)
    outward = np.asarray(normal * np.sign(np.sum(normal * _away(body, side), axis=1, keepdims=True)), np.float32)
    outward = np.where(np.abs(outward).sum(axis=1, keepdims=True) > 0, outward, normal).astype(np.float32)
    cloth = np.asarray(lower > 0.5)
    # Below the hanging hands whatever is no cloth of ours is the leg: skin, stockings, boots.
    bare = np.where(heights(body, cloth.shape) > body.hip_v + BELOW_HANDS, person.alpha, person.skin) > 0.5
    bare &= ~cloth
    dressed = sample(cloth, points)
    radius = leg_radius(body, STATIONS)
    limit = 2.2 * float(radius[0])
    reach = np.empty((2, len(STATIONS)), np.float32)
    for i, ways in enumerate((outward, -outward)):
        for mask, rows in ((cloth, dressed), (np.asarray(bare), ~dressed)):
            if rows.any():
                reach[i, rows] = extents(mask, person.alpha, points[rows], ways[rows], limit, RIM * body.sw)[0]
    wrong = (reach < NARROWEST * radius) | (reach > WIDEST * radius)
    reach[wrong] = np.nan
    shift = _filled((reach[0] - reach[1]) / 2 / radius, 0.0)
    ratio = _filled((reach[0] + reach[1]) / 2 / radius, 1.0)
    shift, ratio = np.clip(shift, -MAX_SHIFT, MAX_SHIFT), np.clip(ratio, 0.7, 1.6)
    own = np.where(_blurred(dressed.astype(np.float32)) > 0.5, np.clip(UNDER_CLOTH * ratio, 0.75, 1.1), ratio)
    worn = np.nonzero(dressed)[0]
    return Leg(
        limb,
        np.asarray(points + outward * (shift * radius)[:, None], np.float32),
        outward,
        np.asarray(ratio * radius, np.float32),
        np.asarray(own * radius, np.float32),
        float(STATIONS[worn[-1]]) if len(worn) else 0.0,
    )


def overlap(body: Body, legs: tuple[Leg, Leg]) -> float:
    """How much the legs stand before each other, 0..1: the mean share of their width by which they overlap between
    knee and ankle, or cross."""
    below = (STATIONS > KNEE) & (STATIONS < 1.0)
    between = legs[1].centre[below] - legs[0].centre[below]
    room = legs[0].bare[below] + legs[1].bare[below]
    return float(np.clip(1.0 - between @ body.ux / np.maximum(room, 1e-3), 0.0, 1.0).mean())


def _away(body: Body, side: Side) -> FloatArray:
    """Unit direction from the other hip to this one."""
    way = body.hips[side] - body.hips[1 - side]
    return np.asarray(way / max(float(np.linalg.norm(way)), 1e-6), np.float32)


def _filled(values: FloatArray, default: float) -> FloatArray:
    """Smoothed along the leg, NaN filled from the neighbours; `default` where too little was seen."""
    seen = np.isfinite(values)
    if seen.sum() < 3:
        return np.full(len(values), default, np.float32)
    at = np.arange(len(values))
    return _blurred(np.interp(at, at[seen], values[seen]))


def _blurred(values: FloatArray) -> FloatArray:
    pad = 5
    kernel = np.exp(-0.5 * (np.arange(-pad, pad + 1) / SMOOTHING) ** 2)
    return np.asarray(np.convolve(np.pad(values, pad, mode="edge"), kernel / kernel.sum(), "valid"), np.float32)
