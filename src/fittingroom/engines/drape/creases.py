"""Which folds a pose makes in which garment: the catalogue that `folds` draws from.

The places are read off what was drawn (where its hem and its sleeves end), so that they hold for every fit. Invariant:
the same garment on the same body with the same seed has the same folds.
"""

from __future__ import annotations

import numpy as np

from fittingroom.engines.drape.body import SIDES, Body, Limb, Side, along, smooth
from fittingroom.engines.drape.folds import Fold
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.parts import Drawn, union
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.protocol import Mask

ARMPIT = (0.50, 0.52)
LONG = 0.30


def pose_folds(scene: Scene, drawn: list[Drawn], rng: np.random.Generator) -> list[Fold]:
    """The folds of a worn garment, of which `drawn` are the parts."""
    body = scene.body
    parts = {d.name: d.alpha for d in drawn}
    if "skirt" in parts:
        return _skirt(body, parts["skirt"], rng)
    if "trunk" not in parts:
        legs = union(list(parts.values()))
        reach = _reach(legs, body.legs)
        return trouser_folds(body, body.hip_v + 0.22, reach, rng)
    out = armpit_fans(body, rng) if len(parts) > 1 else []
    for side, name in zip(SIDES, ("sleeve_left", "sleeve_right"), strict=True):
        if name in parts and body.arms[side].seen:
            out += sleeve_folds(body, side, _reach(parts[name], (body.arms[side],)), rng)
    hem = _hem_v(parts["trunk"], body)
    if hem > body.hip_v + LONG:
        return out + _skirt(body, parts["trunk"], rng)
    below = body.at(0.0, hem + 0.06)
    tucked = _value(scene.person.lower, below) > 0.5 and hem < body.hip_v - 0.1
    return out + trunk_folds(body, hem, _ends(parts["trunk"], body, hem - 0.06), tucked, rng)


def _skirt(body: Body, mask: Mask, rng: np.random.Generator) -> list[Fold]:
    hem = _hem_v(mask, body)
    top = max(
        body.hip_v - 0.35, body.coords(np.array([0.0, float(np.nonzero(mask.max(axis=1) > 0.5)[0].min(initial=0))]))[1]
    )
    heights = np.linspace(top, hem - 0.04, 6)
    ends = np.array([_ends(mask, body, float(v)) for v in heights])
    return falling_folds(body, heights, ends, rng)


def _hem_v(mask: Mask, body: Body) -> float:
    """Height (sw) at which the part ends on the body's axis."""
    steps = np.linspace(0.3, 5.0, 236)
    values = [_value(mask, body.at(0.0, float(v))) for v in steps]
    seen = np.nonzero(np.array(values) > 0.5)[0]
    return float(steps[seen[-1]]) if len(seen) else body.hip_v


def _ends(mask: Mask, body: Body, v: float) -> tuple[float, float]:
    """Left and right end (sw) of the part at height v."""
    steps = np.linspace(-1.6, 1.6, 129)
    seen = steps[[_value(mask, body.at(float(u), v)) > 0.5 for u in steps]]
    return (float(seen[0]), float(seen[-1])) if len(seen) else (-0.5, 0.5)


def _reach(mask: Mask, limbs: tuple[Limb, ...]) -> float:
    """How far along the limbs the mask covers their centre lines, 0..1."""
    steps = np.linspace(0.0, 1.0, 41).astype(np.float32)
    far = 0.0
    for limb in limbs:
        points, _ = along(smooth(limb.points), steps * limb.length)
        far = max([far, *(float(t) for t, p in zip(steps, points, strict=True) if _value(mask, p) > 0.5)])
    return far


def _value(mask: Mask, point: FloatArray) -> float:
    x, y = round(float(point[0])), round(float(point[1]))
    return float(mask[y, x]) if 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1] else 0.0


def armpit_fans(body: Body, rng: np.random.Generator) -> list[Fold]:
    """Pulls from both armpits towards the chest and down the side."""
    out = []
    for side in SIDES:
        inward = (1.0, -1.0)[side]
        for angle, size in ((-38.0, 0.30), (-8.0, 0.36), (24.0, 0.34), (58.0, 0.42)):
            if rng.random() < 0.15:
                continue
            a = np.deg2rad(angle + rng.normal(0, 9))
            way = inward * np.cos(a) * body.ux + np.sin(a) * body.uy
            start = body.at(-inward * ARMPIT[0], ARMPIT[1]) + body.sw * (0.02 * way + rng.normal(0, 0.012, 2))
            reach = size * rng.uniform(0.75, 1.25) * body.sw
            out.append(_fold(start, start + reach * way, rng, 0.020, 0.034, 0.016))
    return out


def sleeve_folds(body: Body, side: Side, reach: float, rng: np.random.Generator) -> list[Fold]:
    """Folds of one sleeve that covers the fraction `reach` of its arm: across the armpit's end, the elbow, the cuff."""
    limb = body.arms[side]
    inner = (1.0, -1.0)[side]
    out = []
    spots = [(0.16, 0.55, 0.010)] if reach < 0.55 else [(0.18, 0.6, 0.010), (0.30, 0.5, 0.008)]
    if reach > 0.6:
        bent = _bend(limb)
        out += _elbow(body, side, bent, rng)
    if reach > 0.9:
        spots += [(0.84, 1.0, 0.010), (0.91, 1.0, 0.010)]
    for spot, slant, height in spots:
        at = min(spot + rng.normal(0, 0.015), 0.95 * reach)
        point, tangent = (v[0] for v in along(smooth(limb.points), np.array([at * limb.length], np.float32)))
        normal = inner * np.array([tangent[1], -tangent[0]], np.float32)
        width = 0.13 * body.sw
        start = point + width * normal
        end = point - width * rng.uniform(0.2, 0.7) * normal + slant * width * tangent
        out.append(_fold(start, end, rng, 0.018, 0.026, height))
    return out


def _elbow(body: Body, side: Side, bent: float, rng: np.random.Generator) -> list[Fold]:
    limb = body.arms[side]
    elbow = limb.points[1]
    first, second = limb.points[1] - limb.points[0], limb.points[2] - limb.points[1]
    crook = _unit(_unit(second) - _unit(first)) if bent > 0.2 else np.array([(1.0, -1.0)[side], 0.0], np.float32)
    height = 0.008 + 0.012 * min(bent, 1.2)
    out = []
    for shift in (-0.10, -0.03, 0.04, 0.11):
        at = elbow + body.sw * (shift + rng.normal(0, 0.01)) * _unit(first if shift < 0 else second)
        start = at + 0.10 * body.sw * crook
        end = at - body.sw * rng.uniform(0.03, 0.09) * crook + np.sign(shift) * 0.06 * body.sw * _unit(first)
        out.append(_fold(start, end, rng, 0.016, 0.024, height * rng.uniform(0.7, 1.2)))
    return out


def trunk_folds(
    body: Body, hem: float, ends: tuple[float, float], tucked: bool, rng: np.random.Generator
) -> list[Fold]:
    """Of a top: pulls round the waist, waves above a free hem, bunches above a waistband that holds it.

    hem: height of hem or waistband; ends: left and right end there, in sw.
    """
    out = []
    middle = (ends[0] + ends[1]) / 2
    for end in ends:
        for level, rise in ((0.98, -0.10), (1.12, 0.05), (1.27, 0.14)):
            if level > hem - 0.12 or rng.random() < 0.25:
                continue
            v = level + rng.normal(0, 0.03)
            inner = middle + (end - middle) * rng.uniform(0.25, 0.6)
            out.append(_fold(body.at(end, v), body.at(inner, v + rise), rng, 0.022, 0.034, 0.009))
    count = 7 if tucked else 5
    for k in range(count):
        u = ends[0] + (ends[1] - ends[0]) * (0.08 + 0.84 * (k + rng.uniform(0.2, 0.8)) / count)
        length = rng.uniform(0.12, 0.30) if tucked else rng.uniform(0.22, 0.50)
        start, end_point = body.at(u, hem + 0.03), body.at(u + rng.normal(0, 0.04), hem - length)
        out.append(_fold(start, end_point, rng, *((0.022, 0.034, 0.016) if tucked else (0.040, 0.052, 0.016))))
    return out


def falling_folds(body: Body, heights: FloatArray, ends: FloatArray, rng: np.random.Generator) -> list[Fold]:
    """Of a skirt: from the hem upwards, widest and deepest below. ends: (N, 2) its left and right ends at the heights
    (N,), downwards, all in sw."""

    def at(share: float, v: float) -> FloatArray:
        left, right = (np.interp(v, heights, ends[:, i]) for i in (0, 1))
        return body.at(float(left + share * (right - left)), v)

    out = []
    top, hem = float(heights[0]), float(heights[-1])
    count = int(np.clip(round((ends[-1, 1] - ends[-1, 0]) / 0.22), 4, 9))
    for k in range(count):
        share = 0.06 + 0.88 * (k + rng.uniform(0.2, 0.8)) / count
        up = top + (hem - top) * rng.uniform(0.05, 0.5)
        out.append(
            _fold(at(share, hem + 0.04), at(share + rng.normal(0, 0.02), up), rng, 0.050, 0.026, 0.028, curl=0.03)
        )
    return out


def trouser_folds(body: Body, crotch_v: float, reach: float, rng: np.random.Generator) -> list[Fold]:
    """Of trousers: whiskers from the crotch, breaks behind the knee and over the shoe. reach: fraction of the leg."""
    out = []
    crotch = body.at(0.0, crotch_v - 0.03)
    for side, sign in zip(SIDES, (-1.0, 1.0), strict=True):
        for rise, size in ((-0.12, 0.34), (-0.02, 0.32), (0.09, 0.26)):
            start = crotch + body.sw * (0.05 * sign * body.ux + 0.5 * rise * body.uy)
            end = start + body.sw * size * rng.uniform(0.8, 1.2) * _unit(sign * body.ux + (rise - 0.25) * body.uy)
            out.append(_fold(start, end, rng, 0.018, 0.030, 0.013))
        limb = body.legs[side]
        spots = [(0.47, 0.012), (0.52, 0.013), (0.57, 0.010)] if reach > 0.62 else []
        spots += [(0.90, 0.013), (0.945, 0.015), (0.98, 0.012)] if reach > 0.9 else []
        for at, height in spots:
            way = 1.0 if rng.random() < 0.5 else -1.0
            point, tangent = (
                v[0]
                for v in along(smooth(limb.points), np.array([(at + rng.normal(0, 0.008)) * limb.length], np.float32))
            )
            normal = way * np.array([tangent[1], -tangent[0]], np.float32)
            start = point + 0.17 * body.sw * normal
            end = point - body.sw * rng.uniform(0.0, 0.12) * normal - 0.06 * body.sw * tangent
            out.append(_fold(start, end, rng, 0.020, 0.030, height))
    return out


def _fold(
    start: FloatArray,
    end: FloatArray,
    rng: np.random.Generator,
    first: float,
    last: float,
    height: float,
    curl: float = 0.02,
) -> Fold:
    k = float(np.exp(rng.normal(0, 0.22)))
    return Fold(start, end, float(rng.normal(0, curl)), (first * k, last * k), height * float(rng.uniform(0.55, 1.25)))


def _bend(limb: Limb) -> float:
    """Angle, radians, by which the limb bends at its middle joint."""
    first, second = _unit(limb.points[1] - limb.points[0]), _unit(limb.points[2] - limb.points[1])
    return float(np.arccos(np.clip(first @ second, -1.0, 1.0)))


def _unit(vector: FloatArray) -> FloatArray:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), np.float32)
