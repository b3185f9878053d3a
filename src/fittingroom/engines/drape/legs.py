"""Where trousers, shorts and skirts go: waist on the old waistband, one part per leg, or rows across both for a skirt.

Invariant: both leg parts share the control points of the line from waist to crotch, so that no seam opens there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fittingroom.engines.drape.body import SIDES, Body, Side, along, smooth
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.outline import march, row_edges
from fittingroom.engines.drape.parts import Part, polygon
from fittingroom.engines.drape.person import Person
from fittingroom.engines.drape.torso import CYLINDER, MARK_SIDES
from fittingroom.engines.drape.types import Cut, Garment
from fittingroom.engines.protocol import Mask

HIP_HALF = 0.56
RISE = 0.22
FULL_LENGTH = 0.68
# Radius of a leg in sw at fractions of hip -> ankle: hip, mid thigh, knee, calf, ankle.
LEG_AT = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
LEG_RADIUS = np.array([0.29, 0.25, 0.18, 0.165, 0.115])
ROWS = 12
ACROSS = np.array([-1.0, -0.33, 0.33, 1.0])


@dataclass(frozen=True, slots=True)
class LowerFit:
    """waist, crotch: heights in sw below the shoulders (`v`). waist_half, hip_half: sw. reach: covered fraction of the
    leg, hip -> ankle. scale: picture px per garment px."""

    waist_v: float
    crotch_v: float
    waist_half: float
    hip_half: float
    reach: float
    scale: float


def leg_radius(body: Body, fraction: FloatArray) -> FloatArray:
    """Half width of a bare leg, px."""
    return np.asarray(body.sw * np.interp(fraction, LEG_AT, LEG_RADIUS), np.float32)


def fit_lower(garment: Garment, person: Person, body: Body) -> LowerFit:
    """Waist height, widths and length from the worn clothes and the garment's marks."""
    m = garment.marks
    waist_v = _old_waist_v(person, body)
    hip_half = _measured_half(person, body, body.hip_v + 0.12, HIP_HALF)
    waist_half = min(hip_half, _measured_half(person, body, waist_v + 0.05, 0.9 * HIP_HALF))
    width = float(np.linalg.norm(m["hip_right"] - m["hip_left"]))
    scale = 2 * hip_half * body.sw / max(width, 1.0)
    hem = _hem_y(garment)
    waist_y = (m["waist_left"][1] + m["waist_right"][1]) / 2
    leg = float(np.mean([limb.length for limb in body.legs]))
    hip_y = waist_y + (body.hip_v - waist_v) * body.sw / scale
    reach = (hem - hip_y) * scale / max(leg, 1.0)
    if garment.cut is Cut.TROUSERS and reach > FULL_LENGTH:
        reach = 1.0
    return LowerFit(waist_v, body.hip_v + RISE, waist_half, hip_half, float(np.clip(reach, 0.12, 1.06)), scale)


def lower_parts(garment: Garment, person: Person, body: Body, fit: LowerFit) -> list[Part]:
    """The parts to draw, in order."""
    if garment.cut is Cut.SKIRT:
        return [_skirt(garment, body, fit)]
    return [_leg(garment, person, body, fit, side) for side in SIDES]


def hem_height(body: Body, fit: LowerFit) -> float:
    """v of the hem on the mean of both legs."""
    points = [along(limb.points, np.array([fit.reach * limb.length], np.float32))[0][0] for limb in body.legs]
    return float(np.mean([body.coords(p)[1] for p in points]))


def _leg(garment: Garment, person: Person, body: Body, fit: LowerFit, side: Side) -> Part:
    m, name, sign = garment.marks, MARK_SIDES[side], (-1.0, 1.0)[side]
    mid = (m["waist_left"] + m["waist_right"]) / 2
    crotch = m["crotch"]
    target, source = _hip_block(garment, body, fit, sign, mid, crotch)
    limb = body.legs[side]
    line = smooth(limb.points)
    total = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
    first = max(0.02, (fit.crotch_v - body.hip_v) * body.sw / total)
    hip, hem_out, hem_in = m[f"hip_{name}"], m[f"hem_out_{name}"], m[f"hem_in_{name}"]
    middle = _centre(body, fit.crotch_v)
    for t in np.linspace(0.0, 1.0, ROWS)[1:]:
        a, b = crotch[1] + t * (hem_in[1] - crotch[1]), hip[1]
        outer = hip + max(0.0, (a - b) / max(hem_out[1] - b, 1.0)) * (hem_out - hip)
        inner = crotch + t * (hem_in - crotch)
        left, right = (outer, inner) if side == 0 else (inner, outer)
        lx, rx = row_edges(
            garment.alpha, float(a), float(left[0]), float(right[0]), 0.25 * abs(float(right[0] - left[0]))
        )
        fraction = first + t * (max(fit.reach, first + 0.05) - first)
        point, tangent = (v[0] for v in along(line, np.array([fraction * total], np.float32)))
        normal = np.array([tangent[1], -tangent[0]], np.float32)
        radius = float(leg_radius(body, np.array([fraction]))[0])
        half = max(0.5 * 0.82 * (rx - lx) * fit.scale, 1.05 * radius)
        for c in ACROSS:
            target.append(_inside(point + c * half * normal, middle, sign, t))
            source.append(np.array([(lx + rx) / 2 + c * (rx - lx) / 2, a], np.float32))
    return Part(
        f"leg_{name}",
        np.stack(target).astype(np.float32),
        np.stack(source).astype(np.float32),
        garment.alpha * _leg_side(garment, side, mid),
        None,
    )


def _hip_block(
    garment: Garment, body: Body, fit: LowerFit, sign: float, mid: FloatArray, crotch: FloatArray
) -> tuple[list[FloatArray], list[FloatArray]]:
    """Rows from waist to crotch for one half; the inner column is the shared middle line."""
    m, name = garment.marks, MARK_SIDES[0 if sign < 0 else 1]
    target: list[FloatArray] = []
    source: list[FloatArray] = []
    for t in (0.0, 0.33, 0.67, 1.0):
        v = fit.waist_v + t * (fit.crotch_v - fit.waist_v)
        half = fit.waist_half + min(1.0, 1.5 * t) * (fit.hip_half - fit.waist_half)
        inner = mid + t * (crotch - mid)
        level = m[f"waist_{name}"] + min(1.0, t) * (m[f"hip_{name}"] - m[f"waist_{name}"])
        y = (1 - t) * m[f"waist_{name}"][1] + t * crotch[1]
        lx, rx = row_edges(
            garment.alpha,
            float(y),
            float(level[0]),
            float(level[0]),
            0.12 * float(np.ptp([m["hip_left"][0], m["hip_right"][0]])),
        )
        outer = np.array([lx if sign < 0 else rx, y], np.float32)
        for c in (0.0, 0.5, 1.0):
            u = np.sin(CYLINDER * np.pi * c / 2) / np.sin(CYLINDER * np.pi / 2)
            target.append(_centre(body, v) + sign * u * half * body.sw * body.ux)
            source.append(np.asarray(inner + c * (outer - inner), np.float32))
    return target, source


def _skirt(garment: Garment, body: Body, fit: LowerFit) -> Part:
    m = garment.marks
    hem_v = hem_height(body, fit)
    target, source = [], []
    for t in np.linspace(0.0, 1.0, ROWS):
        left, right = (m[f"waist_{s}"] + t * (m[f"hem_{s}"] - m[f"waist_{s}"]) for s in MARK_SIDES)
        y = float((left[1] + right[1]) / 2)
        lx, rx = row_edges(garment.alpha, y, float(left[0]), float(right[0]), 0.15 * float(right[0] - left[0]))
        v = fit.waist_v + t * (hem_v - fit.waist_v)
        body_half = float(np.interp(v, [fit.waist_v, body.hip_v], [fit.waist_half, fit.hip_half]))
        half = body_half if t == 0 else max(body_half, 0.5 * 0.85 * (rx - lx) * fit.scale / body.sw)
        for c in (-1.0, -0.5, 0.0, 0.5, 1.0):
            u = np.sin(CYLINDER * np.pi * c / 2) / np.sin(CYLINDER * np.pi / 2)
            target.append(_centre(body, v) + u * half * body.sw * body.ux)
            source.append(np.array([(lx + rx) / 2 + c * (rx - lx) / 2, left[1] + (c + 1) / 2 * (right[1] - left[1])]))
    return Part("skirt", np.stack(target).astype(np.float32), np.stack(source).astype(np.float32), garment.alpha)


def _hem_y(garment: Garment) -> float:
    names = ("hem_left", "hem_right") if garment.cut is Cut.SKIRT else ("hem_out_left", "hem_out_right")
    return float(np.mean([garment.marks[n][1] for n in names]))


def _centre(body: Body, v: float) -> FloatArray:
    return body.at(0.0, v)


def _inside(point: FloatArray, middle: FloatArray, sign: float, t: float) -> FloatArray:
    """Keep the inner edge of a leg on its own side of the crotch for the first rows, where legs still touch."""
    if t > 0.35:
        return np.asarray(point, np.float32)
    over = sign * (middle[0] - point[0])
    return np.asarray(point + np.array([sign * max(0.0, float(over)), 0.0]), np.float32)


def _leg_side(garment: Garment, side: Side, mid: FloatArray) -> Mask:
    """1 on this leg's side of the line waist middle -> crotch -> straight down, a little overlap kept."""
    h, w = garment.alpha.shape
    crotch = garment.marks["crotch"]
    overlap = 0.006 * w * (1 if side == 0 else -1)
    edge = 0.0 if side == 0 else float(w)
    line = [
        (edge, 0.0),
        (mid[0] + overlap, 0.0),
        (mid[0] + overlap, mid[1]),
        (crotch[0] + overlap, crotch[1]),
        (crotch[0] + overlap, float(h)),
        (edge, float(h)),
    ]
    return polygon(np.array(line, np.float32), (h, w), soft=1.0)


def _old_waist_v(person: Person, body: Body) -> float:
    """Where the worn lower garment begins on the axis, in sw; default a third of a shoulder width above the hips."""
    default = body.hip_v - 0.28
    steps = np.linspace(body.hip_v - 0.75, body.hip_v + 0.25, 61)
    height, width = person.alpha.shape
    found: list[float] = []
    for u in (-0.2, 0.0, 0.2):
        points = np.round(np.stack([body.at(u, v) for v in steps])).astype(int)
        ok = (points[:, 0] >= 0) & (points[:, 0] < width) & (points[:, 1] >= 0) & (points[:, 1] < height)
        lower = person.lower[points[ok, 1], points[ok, 0]] > 0.5
        if lower.any():
            found.append(float(steps[ok][np.argmax(lower)]))
    return float(np.clip(np.median(found) - 0.06, body.hip_v - 0.62, body.hip_v - 0.05)) if found else default


def _measured_half(person: Person, body: Body, v: float, default: float) -> float:
    """Half width of the worn clothes at height v, mean of both sides, in sw; bounded to 0.75..1.3 of `default`."""
    sides = [march(person.cloth > 0.5, body.at(0.0, v), sign * body.ux, 1.4 * body.sw) for sign in (-1.0, 1.0)]
    seen = [s / body.sw for s in sides if s is not None]
    return float(np.clip(np.mean(seen), 0.75 * default, 1.3 * default)) if seen else default
