"""Skirts: rows across both legs, from the waistband to the hem.

From the waist the cloth follows the hips; below them it falls as the photo's own outline flares, but never inside the
legs. Its rows hang as rings seen from above, so the hem is curved. Invariant: the control points keep their
left-right order in every row and go down from row to row.
"""

from __future__ import annotations

import numpy as np

from fittingroom.engines.drape.body import SIDES, Body
from fittingroom.engines.drape.legs import Leg
from fittingroom.engines.drape.lower_fit import AROUND_WAIST, LowerFit
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.outline import contour_of, path_between
from fittingroom.engines.drape.parts import Part
from fittingroom.engines.drape.torso import MARK_SIDES
from fittingroom.engines.drape.trousers import BAND_DEPTH, band_dips, sag, spread
from fittingroom.engines.drape.types import Garment

ROWS = 14
COLUMNS = np.array([-1.0, -0.6, -0.2, 0.2, 0.6, 1.0])
STEEPEST = 0.34
"""Slope of the sides of the widest cone in which a skirt falls; what is flared more lies in folds."""
LEG_ROOM, TIGHT = 1.06, 1.25
MORE_SAG = (-0.15, 0.3)


def skirt(garment: Garment, body: Body, fit: LowerFit, legs: tuple[Leg, Leg]) -> Part:
    """The skirt as one part."""
    rails = _source_rails(garment)
    vs = np.linspace(fit.waist_v, hem_v(body, fit, legs), ROWS)
    sides = _sides(body, fit, legs, vs, np.linalg.norm(rails[1] - rails[0], axis=1))
    own = _own_sag(garment)
    dips = band_dips(garment, rails[0][0] + (COLUMNS[:, None] + 1) / 2 * (rails[1][0] - rails[0][0]))
    target, source = [], []
    for k, v in enumerate(vs):
        middle = (sides[k, 1] - sides[k, 0]) / 2
        half = (sides[k, 1] + sides[k, 0]) / 2
        t = k / (ROWS - 1)
        hang = t * float(np.clip(sag(body, fit, float(v)) - own, *MORE_SAG)) * half
        for c in COLUMNS:
            u = middle + float(spread(np.array([c], np.float32))[0]) * half
            target.append(body.at(u, float(v) + fit.band(u, min(1.0, 2 * t)) + hang * (1 - c * c)))
        line = rails[0][k] + (COLUMNS[:, None] + 1) / 2 * (rails[1][k] - rails[0][k])
        source.extend(line + dips * max(0.0, 1 - t / BAND_DEPTH))
    return Part("skirt", np.stack(target).astype(np.float32), np.stack(source).astype(np.float32), garment.alpha)


def hem_v(body: Body, fit: LowerFit, legs: tuple[Leg, Leg]) -> float:
    """v of the hem: the mean of both legs' ends of cover."""
    ends = [leg.at(leg.centre, np.array([reach], np.float32))[0] for leg, reach in zip(legs, fit.reach, strict=True)]
    return max(float(body.coords(np.stack(ends))[:, 1].mean()), fit.waist_v + 0.3)


def _own_sag(garment: Garment) -> float:
    """How far the hem in the photo hangs below the line between its corners, over half its width."""
    left, right = garment.marks["hem_left"], garment.marks["hem_right"]
    width = max(float(right[0] - left[0]), 1.0)
    columns = np.linspace(left[0] + 0.35 * width, right[0] - 0.35 * width, 9).astype(int)
    columns = np.clip(columns, 0, garment.alpha.shape[1] - 1)
    cloth = garment.alpha[:, columns] > 0.5
    lowest = garment.alpha.shape[0] - 1 - np.argmax(cloth[::-1], axis=0)
    line = left[1] + (columns - left[0]) / width * (right[1] - left[1])
    return float(np.median((lowest - line)[cloth.any(axis=0)])) / (width / 2) if cloth.any() else 0.0


def _source_rails(garment: Garment) -> tuple[FloatArray, FloatArray]:
    """Left and right side of the skirt in its photo at ROWS heights, (ROWS, 2) each."""
    contour = contour_of(garment.alpha)
    left, right = (
        path_between(contour, garment.marks[f"waist_{s}"], garment.marks[f"hem_{s}"], ROWS) for s in MARK_SIDES
    )
    return left, right


def _sides(body: Body, fit: LowerFit, legs: tuple[Leg, Leg], vs: FloatArray, flat: FloatArray) -> FloatArray:
    """Half widths (sw) left and right of the axis at heights vs, float32 (ROWS, 2)."""
    natural = _hanging(0.5 * AROUND_WAIST * fit.scale * flat / body.sw, vs, fit.ease)
    on_body = np.stack([fit.side_at(np.minimum(vs, fit.crotch_v), s) for s in SIDES], axis=1)
    waist_fade = np.clip((vs - fit.waist_v) / max(fit.crotch_v - fit.waist_v, 1e-3), 0, 1)[:, None]
    # At the waist the body decides, the photo's own outline further down, and the legs always need their room.
    hips = np.where(vs[:, None] < fit.crotch_v, on_body, 0.0)
    needed = np.maximum(hips, _leg_sides(body, legs, vs))
    free = np.maximum(natural[:, None] + 0.5 * np.maximum(on_body[0] - natural[0], 0.0), 0.05)
    wide = np.maximum(needed, waist_fade * free + (1 - waist_fade) * on_body)
    padded = np.pad(wide, ((2, 2), (0, 0)), mode="edge")
    soft = np.sum([w * padded[i : i + len(wide)] for i, w in enumerate((0.1, 0.2, 0.4, 0.2, 0.1))], axis=0)
    return np.concatenate([on_body[:1], soft[1:]]).astype(np.float32)


def _hanging(flat: FloatArray, vs: FloatArray, ease: float) -> FloatArray:
    """Half widths at heights vs (sw) of a skirt whose flat half widths are `flat`: its sides run outward no more
    steeply than those of the widest cone."""
    down = np.maximum(np.diff(vs), 1e-3)
    slope = ease * STEEPEST * np.tanh(np.diff(flat) / down / STEEPEST)
    return np.asarray(flat[0] + np.concatenate([[0.0], np.cumsum(slope * down)]), np.float32)


def _leg_sides(body: Body, legs: tuple[Leg, Leg], vs: FloatArray) -> FloatArray:
    """How far out (sw) each leg reaches at heights vs; 0 above the legs."""
    out = np.zeros((len(vs), 2), np.float32)
    for side, sign in zip(SIDES, (-1.0, 1.0), strict=True):
        leg = legs[side]
        # Trousers under it are tight enough to say how far out the leg goes, or they go with the rest.
        half = np.maximum(LEG_ROOM * leg.bare, np.minimum(leg.half, TIGHT * leg.bare))
        edge = body.coords(leg.centre + half[:, None] * leg.outward)
        order = np.argsort(edge[:, 1])
        out[:, side] = np.interp(vs, edge[order, 1], sign * edge[order, 0], left=0.0)
    return np.maximum(out, 0.0)
