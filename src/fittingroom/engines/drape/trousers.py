"""Trousers and shorts: one part per leg, hung from the waistband.

A leg is two rails, the outer seam from the waist over the hip down and the inner seam from the crotch down, with rows
between them. The rails follow the leg as it shows; where the new width is near the old one it takes the old outline,
which is the truth of this body. Invariant: both parts share the control points of the line from waist to crotch, so
that no seam opens there.
"""

from __future__ import annotations

import numpy as np

from fittingroom.engines.drape.body import SIDES, Body, Side
from fittingroom.engines.drape.girth import CYLINDER
from fittingroom.engines.drape.legs import Leg
from fittingroom.engines.drape.lower_fit import LowerFit
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.outline import contour_of, path_between, resample, row_edges
from fittingroom.engines.drape.parts import Part, polygon
from fittingroom.engines.drape.torso import MARK_SIDES
from fittingroom.engines.drape.types import Garment
from fittingroom.engines.protocol import Mask

RISE_ROWS = np.array([0.0, 0.3, 0.65])
LEG_ROWS = np.linspace(0.0, 1.0, 13)
ACROSS = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
HANG = 0.80
"""Visible over flat width of a hanging trouser leg: a tube would show 2/pi, a crease keeps it wider."""
ON_SKIN = 1.03
WIDEST = 0.42
"""Half width (sw) of the widest trouser leg there is; a garment cut out wrongly asks for more."""
NEAR = (0.12, 0.30)
ASKED = 0.3
HIP_FADE, CROTCH_FADE = 0.30, 0.22
PARTING, PUSHED = 0.008, 0.35
"""Half the gap (sw) between two legs side by side, and how much of what it costs in width goes to the outer side."""
DIP, BAND_DEPTH = 0.30, 0.35
SAG = (0.05, 0.06, 0.17)


def sag(body: Body, fit: LowerFit, v: float) -> float:
    """How far the front of a ring round the body hangs below its sides, over its half width: the camera stands about
    as high as the chest and looks down on it, the more the lower it lies."""
    return float(np.clip(SAG[0] + SAG[1] * (v - fit.waist_v), 0.0, SAG[2]))


def spread(c: FloatArray) -> FloatArray:
    """Where evenly spaced columns of cloth appear on a cylinder seen from the front, -1..1."""
    return np.asarray(np.sin(CYLINDER * np.pi * c / 2) / np.sin(CYLINDER * np.pi / 2), np.float32)


def band_dips(garment: Garment, line: FloatArray) -> FloatArray:
    """From the points of a line between both ends of the waistband, float32 (N, 2) px, down or up to the cloth's edge:
    lying flat a waistband often runs in a curve, which is not worn. 0 where no edge is near."""
    height, width = garment.alpha.shape
    reach = max(2, round(DIP * float(np.ptp(line[:, 0]))))
    out = np.zeros((len(line), 2), np.float32)
    for i, (x, y) in enumerate(line):
        top, column = max(0, round(float(y)) - reach), int(np.clip(round(float(x)), 0, width - 1))
        cloth = garment.alpha[top : min(height, round(float(y)) + reach + 1), column] > 0.5
        if cloth.any() and not cloth[0]:
            out[i, 1] = top + int(np.argmax(cloth)) - y
    return out


def trouser_legs(garment: Garment, body: Body, fit: LowerFit, legs: tuple[Leg, Leg]) -> list[Part]:
    """Both legs, left first."""
    return [_part(garment, body, fit, legs, side) for side in SIDES]


def _part(garment: Garment, body: Body, fit: LowerFit, legs: tuple[Leg, Leg], side: Side) -> Part:
    name = MARK_SIDES[side]
    outer, inner = _source_rails(garment, side)
    target, source = _rise(garment, body, fit, side, outer[0])
    rail_out, rail_in, drop = _target_rails(body, fit, legs, side, np.linalg.norm(outer - inner, axis=1))
    for c in ACROSS:
        # From the inner seam (-1) to the outer one (+1).
        across = (1 + spread(np.array([c], np.float32))[0]) / 2
        target.append(rail_in + across * (rail_out - rail_in) + drop * (1 - c * c))
        source.append(inner + (c + 1) / 2 * (outer - inner))
    return Part(
        f"leg_{name}",
        np.concatenate(target).astype(np.float32),
        np.concatenate(source).astype(np.float32),
        np.asarray(garment.alpha * _leg_side(garment, side), np.float32),
    )


def _source_rails(garment: Garment, side: Side) -> tuple[FloatArray, FloatArray]:
    """Outer and inner seam in the garment photo at LEG_ROWS, from the crotch's height to the hem, (N, 2) each."""
    m, name = garment.marks, MARK_SIDES[side]
    contour = contour_of(garment.alpha)
    start = np.array([_outer_x(garment, side, float(m["crotch"][1])), m["crotch"][1]], np.float32)
    outer = path_between(contour, start, m[f"hem_out_{name}"], len(LEG_ROWS))
    inner = path_between(contour, m["crotch"], m[f"hem_in_{name}"], len(LEG_ROWS))
    return _at(outer), _at(inner)


def _at(path: FloatArray) -> FloatArray:
    return np.asarray(resample(path, len(LEG_ROWS)), np.float32)


def _outer_x(garment: Garment, side: Side, y: float) -> float:
    """The outer seam's x at height y between waist and crotch: the outline near the line waist -> hip -> crotch."""
    m, name = garment.marks, MARK_SIDES[side]
    waist, hip, hem = m[f"waist_{name}"], m[f"hip_{name}"], m[f"hem_out_{name}"]
    expected = float(np.interp(y, [waist[1], hip[1], max(hem[1], hip[1] + 1)], [waist[0], hip[0], hem[0]]))
    near = 0.14 * abs(float(m["hip_right"][0] - m["hip_left"][0]))
    edges = row_edges(garment.alpha, y, expected, expected, near)
    return edges[side]


def _rise(
    garment: Garment, body: Body, fit: LowerFit, side: Side, hip: FloatArray
) -> tuple[list[FloatArray], list[FloatArray]]:
    """Rows from the waistband to above the crotch, from the shared middle line to the outer seam."""
    m, name, sign = garment.marks, MARK_SIDES[side], (-1.0, 1.0)[side]
    middle, crotch = (m["waist_left"] + m["waist_right"]) / 2, m["crotch"]
    columns = np.linspace(0.0, 1.0, 4)
    target, source = [], []
    dips = np.zeros((len(columns), 2), np.float32)
    for t in RISE_ROWS:
        v = fit.waist_v + t * (fit.crotch_v - fit.waist_v)
        half = float(fit.side_at(np.array([v], np.float32), side)[0])
        centre = _centre_u(fit, v)
        u = centre + spread(columns.astype(np.float32)) * (sign * half - centre)
        hang = t * sag(body, fit, v) * half * (1 - (u / max(half, 1e-3)) ** 2)
        row = [body.at(float(a), v + fit.band(float(a), t) + float(b)) for a, b in zip(u, hang, strict=True)]
        target.append(np.stack(row))
        inner = middle + t * (crotch - middle)
        y = (1 - t) * m[f"waist_{name}"][1] + t * hip[1]
        outer = np.array([_outer_x(garment, side, float(y)), y], np.float32) if t > 0 else m[f"waist_{name}"]
        line = inner + columns[:, None] * (outer - inner)
        dips = band_dips(garment, line) if t == 0 else dips
        source.append(line + dips * max(0.0, 1 - t / BAND_DEPTH))
    return target, source


def crotch_point(body: Body, fit: LowerFit) -> FloatArray:
    """Where both inner seams meet."""
    half = float(fit.sides[-1].mean())
    return body.at(_centre_u(fit, fit.crotch_v), fit.crotch_v + sag(body, fit, fit.crotch_v) * half)


def _centre_u(fit: LowerFit, v: float) -> float:
    return 0.6 * fit.middle(v)


def _target_rails(
    body: Body, fit: LowerFit, legs: tuple[Leg, Leg], side: Side, flat: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Outer and inner seam in the picture at LEG_ROWS and how far the rows' middles hang, (N, 2) px each."""
    sign, leg = (-1.0, 1.0)[side], legs[side]
    start = max(0.02, (fit.crotch_v - body.hip_v) * body.sw / max(leg.limb.length, 1.0))
    at = np.asarray(start + LEG_ROWS * (max(fit.reach[side], start + 0.04) - start), np.float32)
    centre, outward = leg.at(leg.centre, at), leg.at(leg.outward, at)
    hanging = np.minimum(0.5 * HANG * fit.ease * fit.scale * flat, WIDEST * body.sw)
    half = _half_widths(leg, at, hanging, 1.0 if fit.ease == 1.0 else ASKED)
    inner = _inner_half(body, leg, legs[1 - side], at, half)
    rail_out = centre + (half + PUSHED * (half - inner))[:, None] * outward
    rail_in = centre - inner[:, None] * outward
    hip_half = float(fit.side_at(np.array([fit.crotch_v], np.float32), side)[0])
    fade_out, fade_in = (np.clip(1 - (at - start) / f, 0, 1)[:, None] for f in (HIP_FADE, CROTCH_FADE))
    fade_out, fade_in = (f * f * (3 - 2 * f) for f in (fade_out, fade_in))
    rail_out = rail_out + fade_out * (body.at(sign * hip_half, fit.crotch_v) - rail_out[0])
    rail_in = rail_in + fade_in * (crotch_point(body, fit) - rail_in[0])
    down = np.stack([-sign * outward[:, 1], sign * outward[:, 0]], axis=1)
    v = body.coords(centre)[:, 1]
    hang = np.array([sag(body, fit, float(a)) for a in v]) * half * LEG_ROWS
    return rail_out, rail_in, np.asarray(hang[:, None] * down, np.float32)


def _half_widths(leg: Leg, at: FloatArray, hanging: FloatArray, trust: float) -> FloatArray:
    """Half width of the new leg: as it hangs, never narrower than the leg itself, the old outline where near it.

    trust: weight of the old outline, smaller where a certain ease was asked for."""
    shown, bare = leg.at(leg.half, at), leg.at(leg.bare, at)
    half = np.maximum(hanging, ON_SKIN * bare)
    apart = np.abs(half / np.maximum(shown, 1e-3) - 1)
    keep = trust * np.clip((NEAR[1] - apart) / (NEAR[1] - NEAR[0]), 0, 1)
    return np.asarray(half + keep * (shown - half), np.float32)


def _inner_half(body: Body, leg: Leg, other: Leg, at: FloatArray, half: FloatArray) -> FloatArray:
    """Half width towards the other leg: wide legs side by side press on each other and stay two; where the legs
    themselves overlap in the picture, one is in front of the other and nothing presses."""
    between = leg.at(leg.centre, at) - other.at(other.centre, at)
    room = np.sum(between * leg.at(leg.outward, at), axis=1) / 2 - PARTING * body.sw
    return np.asarray(np.minimum(half, np.maximum(room, ON_SKIN * leg.at(leg.bare, at))), np.float32)


def _leg_side(garment: Garment, side: Side) -> Mask:
    """1 on this leg's side of the line waist middle -> crotch -> between the hems, a little overlap kept."""
    h, w = garment.alpha.shape
    m = garment.marks
    middle, crotch = (m["waist_left"] + m["waist_right"]) / 2, m["crotch"]
    hems = (m["hem_in_left"] + m["hem_in_right"]) / 2
    overlap = 0.006 * w * (1 if side == 0 else -1)
    edge = 0.0 if side == 0 else float(w)
    end = crotch + (hems - crotch) * (h - crotch[1]) / max(float(hems[1] - crotch[1]), 1.0)
    line = [
        (edge, 0.0),
        (middle[0] + overlap, 0.0),
        (middle[0] + overlap, middle[1]),
        (crotch[0] + overlap, crotch[1]),
        (end[0] + overlap, float(h)),
        (edge, float(h)),
    ]
    return polygon(np.array(line, np.float32), (h, w), soft=1.0)
