"""Where the trunk of a top or dress goes: shoulders, neckline, armholes, side seams, hem.

Lengths come from the garment's own proportions, widths from the body: in a flat photo the cloth shows half of the
way round a body, so its width is no measure of how wide it looks when worn. Seen from the front a trunk is nearer to
a cylinder than to a plane, hence the sine spacing of the columns. Invariant: the control points keep their
left-right order in every row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fittingroom.engines.drape.body import SIDES, Body, Side, along
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.outline import contour_of, march, path_between, row_edges
from fittingroom.engines.drape.parts import Part, polygon
from fittingroom.engines.drape.person import Person
from fittingroom.engines.drape.types import Cut, Garment
from fittingroom.engines.protocol import Mask

CYLINDER = 0.80
ARMPIT_HALF = 0.535
COLUMNS = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
# Silhouette height over the shoulder joints' line, in sw, at these half widths: a relaxed frontal person.
SLOPE_U = np.array([0.0, 0.18, 0.30, 0.56, 0.62])
SLOPE_V = np.array([-0.26, -0.235, -0.165, -0.075, -0.02])
MAX_STRETCH = 2.5
TORSO = 1.6
MINI = 0.62
TIGHT, WIDE = 1.28, 1.6
OVERLAP = 0.15
LOOSE = 0.06
MARK_SIDES = ("left", "right")


@dataclass(frozen=True, slots=True)
class Fit:
    """How the garment sits. scale: picture px per garment px for lengths. tips, pits: shoulder tips and armpits in the
    picture (left, right). hem_v: hem in sw below the shoulders. stretched: how much the length was drawn out. slope:
    float32 (N, 2), u and v of the shoulders' silhouette from tip to tip."""

    scale: float
    tips: tuple[FloatArray, FloatArray]
    pits: tuple[FloatArray, FloatArray]
    neck_half: float
    neck_front_v: float
    hem_v: float
    stretched: float
    slope: FloatArray


def old_hem_v(person: Person, body: Body) -> float | None:
    """Where the worn top ends, in sw below the shoulders, over the trunk's width; None if it is not seen to end."""
    height, width = person.alpha.shape
    steps = np.linspace(0.4, 3.2, 113)
    heights: list[float] = []
    for u in (-0.42, -0.2, 0.0, 0.2, 0.42):
        points = np.round(np.stack([body.at(u, v) for v in steps])).astype(int)
        ok = (points[:, 0] >= 0) & (points[:, 0] < width) & (points[:, 1] >= 0) & (points[:, 1] < height)
        points, levels = points[ok], steps[ok]
        top = np.nonzero(person.upper[points[:, 1], points[:, 0]] > 0.5)[0]
        # It ends only where enough of the picture follows that is not top.
        if len(top) and len(levels) - top[-1] > 6:
            heights.append(float(levels[top[-1]]))
    return float(np.percentile(heights, 70)) if heights else None


def fit_trunk(garment: Garment, person: Person, body: Body, dress: bool) -> Fit:
    """Decide scale, shoulder, armpit and hem positions from marks and body."""
    m, sw = garment.marks, body.sw
    sleeved = garment.cut is not Cut.SLEEVELESS
    shoulder_width = max(_dx(m, "shoulder"), 1.0)
    armpit_width = max(_dx(m, "armpit"), 1.0)
    # A turned person's shoulders look narrow while the trunk keeps its length.
    unit = max(sw, body.hip_v * sw / TORSO)
    by_armpit = unit / armpit_width
    scale = float(np.sqrt(0.95 * unit / shoulder_width * by_armpit)) if sleeved else 0.95 * by_armpit
    tip_half = float(np.clip(0.5 * shoulder_width * scale / sw, *((0.575, 0.63) if sleeved else (0.40, 0.60))))
    neck_half = float(np.clip(0.55 * _dx(m, "neck") * scale / sw, 0.20, min(0.50, tip_half - 0.04)))
    tip_half = min(tip_half, max(0.42, _shoulder_half(person, body)))
    tips = tuple(body.at(side * tip_half, shoulder_height(person, body, side * tip_half)) for side in (-1, 1))
    shoulder_y = (m["shoulder_left"][1] + m["shoulder_right"][1]) / 2
    armpit_y = (m["armpit_left"][1] + m["armpit_right"][1]) / 2
    drop = float(np.clip((armpit_y - shoulder_y) * scale / sw, 0.42, 0.74))
    pits = tuple(body.at(side * ARMPIT_HALF, drop) for side in (-1, 1))
    hem_y = (m["hem_left"][1] + m["hem_right"][1]) / 2
    natural = drop + (hem_y - armpit_y) * scale / sw
    hem_v, stretched = natural, 1.0
    old = old_hem_v(person, body)
    if not dress and old is not None and natural < old + 0.04:
        stretched = min(MAX_STRETCH, (old + 0.05 - drop) / max(natural - drop, 1e-3))
        hem_v = drop + (natural - drop) * stretched
    neck_y = (m["neck_left"][1] + m["neck_right"][1]) / 2
    front = float((m["neck_front"][1] - neck_y) * scale / sw)
    if dress and natural < body.hip_v + MINI:
        hem_v, stretched = body.hip_v + MINI, (body.hip_v + MINI - drop) / max(natural - drop, 1e-3)
    us = np.array([-tip_half, -0.4, -neck_half, 0.0, neck_half, 0.4, tip_half])
    slope = np.array([(u, shoulder_height(person, body, float(u))) for u in us], np.float32)
    neck_v = float((slope[2, 1] + slope[4, 1]) / 2)
    return Fit(scale, (tips[0], tips[1]), (pits[0], pits[1]), neck_half, neck_v + front, hem_v, stretched, slope)


def trunk_part(garment: Garment, person: Person, body: Body, fit: Fit, dress: bool) -> Part:
    """Control points and matte of the trunk."""
    m = garment.marks
    target: list[FloatArray] = []
    source: list[FloatArray] = []
    for side in SIDES:
        name, sign = MARK_SIDES[side], (-1.0, 1.0)[side]
        neck = body.at(sign * fit.neck_half, shoulder_height(person, body, sign * fit.neck_half))
        tip, pit = fit.tips[side], fit.pits[side]
        for t in (0.0, 0.5, 1.0):
            flat = (1 - t) * m[f"neck_{name}"] + t * m[f"shoulder_{name}"]
            mid_u = sign * ((1 - t) * fit.neck_half + t * abs(float(body.coords(tip)[0])))
            target.append(neck if t == 0 else tip if t == 1 else body.at(mid_u, shoulder_height(person, body, mid_u)))
            source.append(flat)
        target.append((tip + pit) / 2 + 0.03 * body.sw * (-sign) * body.ux)
        source.append(_armhole_mid(garment, name, sign))
    target.append(body.at(0.0, fit.neck_front_v))
    source.append(m["neck_front"])
    rows_target, rows_source = _rows(garment, person, body, fit, dress)
    return Part(
        "trunk",
        np.asarray(np.concatenate([np.stack(target), rows_target]), np.float32),
        np.asarray(np.concatenate([np.stack(source), rows_source]), np.float32),
        trunk_matte(garment),
    )


def shoulder_height(person: Person, body: Body, u: float) -> float:
    """v of the shoulder's silhouette at lateral position u (sw): measured where no hair hides it, else the default."""
    default = float(np.interp(abs(u), SLOPE_U, SLOPE_V))
    solid = (person.alpha > 0.5) & (person.hair < 0.4) & (person.face < 0.4)
    bare = person.hair < 0.3
    start = body.at(u, default + 0.18)
    reach = march(solid, start, -body.uy, 0.42 * body.sw)
    if reach is None:
        return default
    top = start - reach * body.uy
    x, y = (int(np.clip(round(float(top[i])), 0, solid.shape[1 - i] - 1)) for i in (0, 1))
    if not bare[max(0, y - 2), x]:
        return default
    return float(np.clip(body.coords(top)[1], default - 0.09, default + 0.12))


def _shoulder_half(person: Person, body: Body) -> float:
    """Half width of the person's shoulders, sw: how far the silhouette reaches a little below the joints' line."""
    solid = person.alpha > 0.5
    sides = [march(solid, body.at(0.0, 0.1), sign * body.ux, 1.2 * body.sw) for sign in (-1.0, 1.0)]
    seen = [s / body.sw + 0.02 for s in sides if s is not None]
    return min(seen) if seen else 1.0


def trunk_matte(garment: Garment) -> Mask:
    """The garment without its sleeves, a little overlap kept at the armholes."""
    if garment.cut is Cut.SLEEVELESS:
        return garment.alpha
    matte = garment.alpha.copy()
    for side in SIDES:
        matte *= 1.0 - polygon(sleeve_outline(garment, side, OVERLAP), matte.shape, soft=2.0)
    return matte


def sleeve_outline(garment: Garment, side: Side, start: float = 0.0) -> FloatArray:
    """The sleeve as a polygon in the garment photo, widened outwards so that no rim of it is missed.

    start: fraction of its length at which the polygon begins; 0 is the armhole.
    """
    m, name = garment.marks, MARK_SIDES[side]
    contour = contour_of(garment.alpha)
    outer = path_between(contour, m[f"shoulder_{name}"], m[f"cuff_out_{name}"])
    inner = path_between(contour, m[f"armpit_{name}"], m[f"cuff_in_{name}"])
    first = round(start * len(outer))
    grow = 0.02 * float(np.hypot(*garment.alpha.shape))
    centre = (outer + inner) / 2
    # The armhole itself stays where it is; only the free edges are widened.
    fade = np.linspace(0.0, 1.0, len(outer))[:, None] ** 0.5
    tail = fade**4 * grow * _unit(centre[-1] - centre[-2])
    wide_outer = outer + fade * grow * _unit(outer - centre) + tail
    wide_inner = inner + fade * grow * _unit(inner - centre) + tail
    return np.asarray(np.concatenate([wide_outer[first:], wide_inner[first:][::-1]]), np.float32)


def _rows(garment: Garment, person: Person, body: Body, fit: Fit, dress: bool) -> tuple[FloatArray, FloatArray]:
    m = garment.marks
    count = 16 if dress else 9
    arm_l, arm_r, hem_l, hem_r = (m[k] for k in ("armpit_left", "armpit_right", "hem_left", "hem_right"))
    squeeze = 2 * ARMPIT_HALF * body.sw / max(_dx(m, "armpit"), 1.0)
    pit_v = (body.coords(fit.pits[0])[1] + body.coords(fit.pits[1])[1]) / 2
    target, source = [], []
    ratio = [1.0, 1.0]
    for t in np.linspace(0.0, 1.0, count):
        left, right = (1 - t) * arm_l + t * hem_l, (1 - t) * arm_r + t * hem_r
        y = (left[1] + right[1]) / 2
        if 0 < t < 1:
            reach = 0.10 * (right[0] - left[0])
            lx, rx = row_edges(garment.alpha, y, left[0], right[0], reach)
        else:
            lx, rx = left[0], right[0]
        v = float(pit_v + t * (fit.hem_v - pit_v))
        loose = float(np.interp(v, [1.0, 1.5], [squeeze, max(squeeze, 0.85 * fit.scale)])) if dress else squeeze
        half = 0.5 * (rx - lx) * loose / body.sw
        if t == 0.0 or not _worn_at(person, body, v):
            edges = [half * r for r in ratio]
        else:
            edges = [_half_width(person, body, v, sign, half) for sign in (-1.0, 1.0)]
            ratio = [e / half for e in edges]
        if not dress:
            edges = [
                min(e, _silhouette_half(person, body, v, s) + LOOSE) for e, s in zip(edges, (-1.0, 1.0), strict=True)
            ]
        centre = (edges[1] - edges[0]) / 2
        mean = (edges[0] + edges[1]) / 2
        for c in COLUMNS:
            u = np.sin(CYLINDER * np.pi * c / 2) / np.sin(CYLINDER * np.pi / 2)
            target.append(body.at(centre + u * mean, v))
            source.append([(lx + rx) / 2 + c * (rx - lx) / 2, left[1] + (c + 1) / 2 * (right[1] - left[1])])
    return np.asarray(target, np.float32), np.asarray(source, np.float32)


def _worn_at(person: Person, body: Body, v: float) -> bool:
    """Whether the body's axis shows clothes at height v; behind crossed arms or outside the frame it does not."""
    x, y = np.round(body.at(0.0, v)).astype(int)
    height, width = person.alpha.shape
    return bool(0 <= x < width and 0 <= y < height and person.cloth[y, x] > 0.5)


def _half_width(person: Person, body: Body, v: float, sign: float, flat: float) -> float:
    """Half width of the trunk at height v: the garment's own, drawn towards the worn outline where that is seen."""
    seen = _worn_half(person, body, v, sign)
    if seen is None:
        return flat
    if flat <= seen <= (TIGHT if _sleeve_beside(person, body, sign) else WIDE) * flat:
        return seen
    if seen < flat:
        return flat + 0.45 * (max(seen, 0.6 * flat) - flat)
    return flat


def _sleeve_beside(person: Person, body: Body, sign: float) -> bool:
    """Whether the forearm on this side is covered, so that trunk and sleeve may be one outline."""
    limb = body.arms[0 if sign < 0 else 1]
    point = along(limb.points, np.array([0.7 * limb.length], np.float32))[0][0]
    x, y = np.round(point).astype(int)
    height, width = person.alpha.shape
    return not (0 <= x < width and 0 <= y < height) or bool(person.cloth[y, x] > 0.5)


def _worn_half(person: Person, body: Body, v: float, sign: float) -> float | None:
    """How far the worn clothes reach from the axis at height v, arms left out; in sw."""
    start = body.at(0.0, v)
    reach = march(person.cloth > 0.5, start, sign * body.ux, 1.2 * body.sw)
    return None if reach is None else reach / body.sw


def _silhouette_half(person: Person, body: Body, v: float, sign: float) -> float:
    """How far the person reaches from the axis at height v, arms included, sw; unbounded where not seen."""
    reach = march(person.alpha > 0.5, body.at(0.0, v), sign * body.ux, 1.5 * body.sw)
    return 9.0 if reach is None else reach / body.sw


def _armhole_mid(garment: Garment, name: str, sign: float) -> FloatArray:
    """Middle of the armhole in the photo; for sleeveless cuts the outline curves inwards there."""
    m = garment.marks
    mid = (m[f"shoulder_{name}"] + m[f"armpit_{name}"]) / 2
    return np.asarray(mid - sign * 0.03 * _dx(m, "armpit") * np.array([1.0, 0.0]), np.float32)


def _dx(marks: dict[str, FloatArray], name: str) -> float:
    return float(np.linalg.norm(marks[f"{name}_right"] - marks[f"{name}_left"]))


def _unit(v: FloatArray) -> FloatArray:
    return np.asarray(v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-6), np.float32)
