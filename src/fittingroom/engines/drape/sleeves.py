"""Where a sleeve goes: along its arm, as two rails.

The outer rail runs from the shoulder tip to the outer end of the cuff, the inner one from the armpit to its inner
end, both along the garment's outline; in the picture they become the arm's centre line plus and minus half a width.
Invariant: the rails keep the handedness they have in the garment photo, so a sleeve can never be drawn mirrored.
"""

from __future__ import annotations

import numpy as np

from fittingroom.engines.drape.body import Body, Limb, Side, along, smooth
from fittingroom.engines.drape.girth import EASE
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.outline import contour_of, march, path_between, resample
from fittingroom.engines.drape.parts import Part, polygon
from fittingroom.engines.drape.person import Person
from fittingroom.engines.drape.torso import MARK_SIDES, Fit
from fittingroom.engines.drape.types import Cut, Garment

SAMPLES = 24
NOMINAL_ARM = 1.60
SNAP = 0.86
LONG_SNAP = 0.45
NEAR_HEM = 0.72
BELOW_ARMPIT = 0.05
FLAT_TO_ROUND = 0.66
ROLLED = 0.62
SNUG = 1.08
SOFT_BEND = 4.0
BEND = 4
ROUND_SHOULDER = 0.45
SHOULDER_RANGE = (0.80, 1.30)
OUTSIDE = 1.2
CUFF_BULGE = 0.22
WIDEN_OUT, WIDEN_IN, HEAD = 0.02, 0.008, 0.015
# Radius of a bare arm in sw at these fractions of its length: shoulder, mid upper arm, elbow, wrist.
RADIUS_AT = np.array([0.0, 0.25, 0.5, 1.0])
RADIUS = np.array([0.165, 0.15, 0.125, 0.085])


def arm_radius(body: Body, fraction: FloatArray) -> FloatArray:
    """Half width of a bare arm, px, at fractions 0..1 of its length."""
    return np.asarray(body.sw * np.interp(fraction, RADIUS_AT, RADIUS), np.float32)


def sleeve_reach(garment: Garment, body: Body, fit: Fit, side: Side) -> float:
    """The fraction of the arm that the sleeve covers, 0..1; long sleeves snap to the wrist.

    Never less than a little below the armpit, where the shortest sleeve's inner edge must lie.
    """
    name = MARK_SIDES[side]
    outer = path_between(
        contour_of(garment.alpha), garment.marks[f"shoulder_{name}"], garment.marks[f"cuff_out_{name}"]
    )
    length = float(np.linalg.norm(np.diff(outer, axis=0), axis=1).sum()) * fit.scale
    fraction = length / (NOMINAL_ARM * body.sw)
    most = ROLLED if fit.rolled else 1.0
    if fraction > (LONG_SNAP if garment.cut is Cut.LONG_SLEEVE or _hangs_to_hem(garment, name) else SNAP):
        return most
    line = smooth(body.arms[side].points)
    return max(min(fraction, most), _projection(line, fit.pits[side]) / max(body.arms[side].length, 1.0) + BELOW_ARMPIT)


def _hangs_to_hem(garment: Garment, name: str) -> bool:
    """Whether the sleeve ends near the hem's height, as a long one on a hanger does, whatever its outline."""
    m = garment.marks
    top, hem = m[f"shoulder_{name}"][1], (m["hem_left"][1] + m["hem_right"][1]) / 2
    return bool((m[f"cuff_out_{name}"][1] - top) / max(hem - top, 1.0) > NEAR_HEM)


def sleeve_part(garment: Garment, person: Person, body: Body, fit: Fit, side: Side) -> Part:
    """Control points, matte and window of one sleeve."""
    name, m = MARK_SIDES[side], garment.marks
    contour = contour_of(garment.alpha)
    outer = path_between(contour, m[f"shoulder_{name}"], m[f"cuff_out_{name}"], SAMPLES)
    inner = path_between(contour, m[f"armpit_{name}"], m[f"cuff_in_{name}"], SAMPLES)
    limb = body.arms[side]
    reach = sleeve_reach(garment, body, fit, side)
    if fit.rolled and reach == ROLLED:
        # The cloth beyond the roll lies inside it.
        outer, inner = (resample(rail[: round(ROLLED * SAMPLES)], SAMPLES) for rail in (outer, inner))
    flat = np.linalg.norm(outer - inner, axis=1)
    line = smooth(limb.points, sigma=SOFT_BEND)
    length = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
    start = _projection(line, fit.pits[side])
    steps = np.linspace(0.0, 1.0, SAMPLES)
    radius = measured_radius(person, body, limb, reach * steps, side)
    snug = SNUG * radius
    excess = np.maximum(0.5 * FLAT_TO_ROUND * EASE[fit.style] * flat * fit.scale - snug, 0.0)
    end = reach * length * (1.02 if reach == 1.0 else 1.0)
    outside = _silhouette_radius(person, body, limb, reach * steps, side, snug)
    rail_out = _rail(line, steps * end, outside + OUTSIDE * excess, side, +1)
    rail_in = _rail(line, start + steps * (end - start), snug + (2.0 - OUTSIDE) * excess, side, -1)
    rail_out = _anchored(_unbent(rail_out), fit.tips[side], 0.25 * body.sw)
    rail_in = _anchored(_unbent(rail_in), fit.pits[side], 0.25 * body.sw)
    matte = garment.alpha * polygon(sleeve_outline(garment, outer, inner), garment.alpha.shape, soft=1.0)
    cuff = (rail_out[-1] + rail_in[-1]) / 2 + CUFF_BULGE * (excess[-1] + snug[-1]) * _unit(line[-1] - line[-2])
    return Part(
        f"sleeve_{name}",
        np.concatenate([rail_out, rail_in, (rail_out + rail_in)[1:-1:4] / 2, cuff[None]]).astype(np.float32),
        np.concatenate([outer, inner, (outer + inner)[1:-1:4] / 2, (outer + inner)[-1:] / 2]).astype(np.float32),
        matte,
        _window(rail_out, rail_in, 0.05 * body.sw),
    )


def sleeve_outline(garment: Garment, outer: FloatArray, inner: FloatArray) -> FloatArray:
    """The sleeve as a polygon in the garment photo, widened so that no rim of it is missed.

    outer, inner: float32 (N, 2), its two edges. Inside it is widened less: there the trunk may lie close by.
    """
    size = float(np.hypot(*garment.alpha.shape))
    centre = (outer + inner) / 2
    # The armhole itself stays where it is; only the free edges are widened.
    fade = np.linspace(0.0, 1.0, len(outer))[:, None] ** 0.5
    tail = fade**4 * WIDEN_OUT * size * _unit(centre[-1] - centre[-2])
    wide_outer = outer + fade * WIDEN_OUT * size * _unit(outer - centre) + tail
    wide_inner = inner + fade * WIDEN_IN * size * _unit(inner - centre) + tail
    # A little of the trunk comes along, or a slit would open between the two.
    back = HEAD * size * _unit(centre[0] - centre[4])
    wide_outer[0], wide_inner[0] = wide_outer[0] + 0.3 * back, wide_inner[0] + back
    return np.asarray(np.concatenate([wide_outer, wide_inner[::-1]]), np.float32)


def measured_radius(person: Person, body: Body, limb: Limb, fraction: FloatArray, side: Side) -> FloatArray:
    """Half width of the arm where its outer side stands free against the background, else the nominal radius.

    Bounded to 0.75..1.35 of nominal: the outline there may belong to a wide old sleeve.
    """
    nominal = arm_radius(body, fraction)
    points, tangents = along(smooth(limb.points), fraction * limb.length)
    solid = person.alpha > 0.5
    found = np.array(
        [
            march(solid, point, outward(tangent, side), 3.0 * float(r)) or np.nan
            for point, tangent, r in zip(points, tangents, nominal, strict=True)
        ]
    )
    ratio = float(np.nanmedian(found / nominal)) if np.isfinite(found).sum() >= 4 else 1.0
    return np.asarray(nominal * np.clip(ratio, 0.75, 1.35), np.float32)


def _silhouette_radius(
    person: Person, body: Body, limb: Limb, fraction: FloatArray, side: Side, snug: FloatArray
) -> FloatArray:
    """Distance, px, from the arm's line to the outer rail: round the shoulder the silhouette's own, below it `snug`."""
    points, tangents = along(smooth(limb.points, sigma=SOFT_BEND), fraction * limb.length)
    solid = person.alpha > 0.5
    ways = zip(points, outward(tangents, side), snug, strict=True)
    found = np.array([march(solid, point, way, 2.0 * float(r)) or np.nan for point, way, r in ways])
    # A little room, or the old cloth's rim would peep out.
    ratio = np.clip((found + 0.015 * body.sw) / snug, *SHOULDER_RANGE)
    known = np.isfinite(ratio)
    if known.sum() < 3:
        return snug
    ratio = np.interp(fraction, fraction[known], ratio[known])
    ratio = np.convolve(np.pad(ratio, 2, mode="edge"), np.full(5, 0.2), "valid")
    weight = np.clip(2.0 - 2.0 * fraction / ROUND_SHOULDER, 0.0, 1.0)
    return np.asarray(snug * (1.0 + weight * (ratio - 1.0)), np.float32)


def outward(tangent: FloatArray, side: Side) -> FloatArray:
    """Unit normal that points away from the trunk for an arm hanging down on this side of the picture."""
    x, y = tangent[..., 0], tangent[..., 1]
    normal = np.stack([-y, x], axis=-1)
    return np.asarray(normal if side == 0 else -normal, np.float32)


def _rail(line: FloatArray, distance: FloatArray, half: FloatArray, side: Side, sign: int) -> FloatArray:
    points, tangents = along(line, distance.astype(np.float32))
    return np.asarray(points + sign * half[:, None] * outward(tangents, side), np.float32)


def _anchored(rail: FloatArray, start: FloatArray, fade: float) -> FloatArray:
    """Shift the rail's beginning onto `start` and let the shift fade out over `fade` px."""
    run = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(rail, axis=0), axis=1))])
    weight = 1.0 - np.clip(run / fade, 0.0, 1.0)
    return np.asarray(rail + weight[:, None] * (start - rail[0]), np.float32)


def _unbent(rail: FloatArray) -> FloatArray:
    """The rail without the knot that the inner side of a sharp bend ties; both ends stay."""
    padded = np.concatenate([2 * rail[0] - rail[BEND:0:-1], rail, 2 * rail[-1] - rail[-2 : -BEND - 2 : -1]])
    kernel = np.exp(-0.5 * (np.arange(-BEND, BEND + 1) / (BEND / 2)) ** 2)
    return np.asarray(
        np.stack([np.convolve(padded[:, i], kernel / kernel.sum(), "valid") for i in (0, 1)], axis=1), np.float32
    )


def _window(outer: FloatArray, inner: FloatArray, grow: float) -> FloatArray:
    """The polygon between the rails, a little wider, so that soft cuffs are not cut."""
    centre = (outer + inner) / 2
    step = centre[-1] - centre[-2]
    tail = grow * step / max(float(np.linalg.norm(step)), 1e-6)
    back = 0.7 * grow * _unit(centre[0] - centre[4])

    def widen(rail: FloatArray) -> FloatArray:
        away = rail - centre
        return np.asarray(
            rail + grow * away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-6), np.float32
        )

    return np.asarray(
        np.concatenate(
            [
                outer[:1] + 0.3 * back,
                widen(outer),
                outer[-1:] + tail,
                inner[-1:] + tail,
                widen(inner)[::-1],
                inner[:1] + back,
            ]
        ),
        np.float32,
    )


def _projection(line: FloatArray, point: FloatArray) -> float:
    """Distance along the line of the point on it nearest to `point`."""
    index = int(np.argmin(np.sum((line - point) ** 2, axis=1)))
    return float(np.linalg.norm(np.diff(line[: index + 1], axis=0), axis=1).sum())


def _unit(v: FloatArray) -> FloatArray:
    return np.asarray(v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-6), np.float32)
