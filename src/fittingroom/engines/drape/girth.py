"""How wide the trunk hangs at each height, and which place of the cloth comes to lie there.

Cloth hangs from chest and shoulders: its width is the garment's own, drawn only partly towards a slimmer body. The
worn clothes tell where the body's sides are, as far as no arm lies in the way. Every profile is smoothed over the
rows and the garment's middle is put on one straight line of the body, or stripes and prints would wave. Seen from the
front a trunk is nearer to a cylinder than to a plane, hence the sine spacing of the columns. Invariant: the control
points keep their left-right order in every row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fittingroom.engines.drape.body import SIDES, Body, Side, along, smooth
from fittingroom.engines.drape.legs import leg_radius
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.outline import march, row_edges
from fittingroom.engines.drape.person import Person
from fittingroom.engines.drape.types import Garment
from fittingroom.engines.protocol import FitStyle

CYLINDER = 0.80
COLUMNS = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
ROWS, DRESS_ROWS = 9, 16
CHEST_HALF = 0.535
WIDER = 1.6
PULL = {FitStyle.SLIM: 0.85, FitStyle.REGULAR: 0.45, FitStyle.OVERSIZED: 0.0}
EASE = {FitStyle.SLIM: 0.97, FitStyle.REGULAR: 1.0, FitStyle.OVERSIZED: 1.12}
SLIMMEST = 0.62
LOOSE = 0.06
NARROWEST = 0.27
SKIRT_FROM = 0.35
SAG, SKIRT_SAG = 0.035, 0.022
LEAN = 0.12
ARM_ROOM = 0.95
LEGS_FROM, ROUND_LEG = 0.25, 1.12


@dataclass(frozen=True, slots=True)
class Hang:
    """Heights between which the cloth hangs, in sw below the shoulders: armpits (left, right) and hem.

    stretched: how much the length was drawn out. scale: picture px per garment px for lengths.
    """

    pits: FloatArray
    hem_v: float
    stretched: float
    scale: float


def trunk_rows(
    garment: Garment, person: Person, body: Body, hang: Hang, dress: bool, style: FitStyle = FitStyle.REGULAR
) -> tuple[FloatArray, FloatArray]:
    """Control points of the trunk from armpits to hem: target and source, float32 (rows * 5, 2).

    hang.pits: float32 (2, 2), u and v of both armpits.
    """
    steps = np.linspace(0.0, 1.0, DRESS_ROWS if dress else ROWS)
    left, right = cloth_edges(garment, steps)
    pit_v = float(hang.pits[:, 1].mean())
    v = pit_v + (hang.hem_v - pit_v) * _spread(steps, hang.stretched)
    edges = _worn_edges(garment, person, body, hang, dress, style, v, right[:, 0] - left[:, 0])
    lean = _lean(edges, v - pit_v)
    middle = (left + right) / 2
    middle = middle[:1] + steps[:, None] * (middle[-1:] - middle[:1])
    sag = (SAG + (SKIRT_SAG * max(0.0, hang.hem_v - body.hip_v) if dress else 0.0)) * np.clip((v - pit_v) / 1.2, 0, 1.5)
    wave = np.sin(CYLINDER * np.pi * COLUMNS / 2) / np.sin(CYLINDER * np.pi / 2)
    outer = np.where(COLUMNS[None] < 0, lean[:, None] + edges[0][:, None], edges[1][:, None] - lean[:, None])
    u = lean[:, None] + wave[None] * outer
    slant = float(np.diff(hang.pits[:, 1])[0] / max(float(np.diff(hang.pits[:, 0])[0]), 0.3))
    down = v[:, None] + slant * (1.0 - steps[:, None]) * u + sag[:, None] * (1.0 - COLUMNS[None] ** 2)
    target = body.origin + body.sw * (u[..., None] * body.ux + down[..., None] * body.uy)
    way = np.where(COLUMNS[None, :, None] < 0, (middle - left)[:, None], (right - middle)[:, None])
    source = middle[:, None] + COLUMNS[None, :, None] * way
    return target.reshape(-1, 2).astype(np.float32), source.reshape(-1, 2).astype(np.float32)


def cloth_edges(garment: Garment, steps: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The garment's own left and right side, float32 (K, 2) px, at fractions from armpit (0) to hem (1)."""
    m = garment.marks
    ends = [(m[f"armpit_{s}"], m[f"hem_{s}"]) for s in ("left", "right")]
    lines = [a[None] + steps[:, None] * (h - a)[None] for a, h in ends]
    off = np.zeros((2, len(steps)))
    for i in range(1, len(steps) - 1):
        lx, rx = float(lines[0][i, 0]), float(lines[1][i, 0])
        y = float(lines[0][i, 1] + lines[1][i, 1]) / 2
        found = row_edges(garment.alpha, y, lx, rx, 0.10 * (rx - lx))
        off[:, i] = found[0] - lx, found[1] - rx
    for line, shift in zip(lines, off, strict=True):
        line[:, 0] += calm(shift)
    return np.asarray(lines[0], np.float32), np.asarray(lines[1], np.float32)


def calm(values: FloatArray) -> FloatArray:
    """Median of three, then a Gaussian over neighbouring rows; both ends keep their value."""
    padded = np.pad(values, 1, mode="edge")
    middle = np.median([padded[:-2], padded[1:-1], padded[2:]], axis=0)
    kernel = np.exp(-0.5 * (np.arange(-3, 4) / 1.3) ** 2)
    wide = np.pad(middle, 3, mode="reflect", reflect_type="odd")
    out = np.convolve(wide, kernel / kernel.sum(), "valid")
    out[0], out[-1] = values[0], values[-1]
    return np.asarray(out, np.float64)


def arm_inside(body: Body, side: Side, v: float, radius: float = 0.14) -> float:
    """Distance (sw) from the axis to the inner side of the arm at height v; large where no arm hangs there."""
    limb = body.arms[side]
    points = body.coords(along(smooth(limb.points), np.linspace(0, limb.length, 40, dtype=np.float32))[0])
    near = np.abs(points[:, 1] - v) < 0.06
    if not near.any():
        return 9.0
    return float(np.min((-1.0, 1.0)[side] * points[near, 0])) - radius * ARM_ROOM


def _worn_edges(
    garment: Garment,
    person: Person,
    body: Body,
    hang: Hang,
    dress: bool,
    style: FitStyle,
    v: FloatArray,
    flat: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Left and right half width (sw) of the hanging cloth at each row."""
    squeeze = 2 * CHEST_HALF * EASE[style] / max(float(flat[0]), 1.0)
    loose = np.interp(v, [1.0, 1.5], [squeeze, max(squeeze, 0.85 * hang.scale / body.sw)]) if dress else squeeze
    own = 0.5 * flat * loose
    out = []
    for side in SIDES:
        ratio, half = 1.0, own.copy()
        for i in range(1, len(v)):
            skirt = v[i] > body.hip_v - (SKIRT_FROM if dress else 0.0)
            seen = _worn_half(person, body, side, float(v[i]))
            if seen is None and skirt and dress:
                seen = _hip_half(person, body, side, float(v[i]))
            if seen is not None:
                ratio = _drawn_in(float(own[i]), seen, 0.0 if skirt else PULL[style]) / float(own[i])
            half[i] = own[i] * ratio
            if not dress:
                half[i] = min(half[i], _silhouette_half(person, body, side, float(v[i])) + LOOSE * EASE[style])
            else:
                half[i] = max(half[i], _leg_room(body, side, float(v[i])))
        half[0] = abs(float(hang.pits[side, 0]))
        out.append(np.maximum(calm(half), 0.12))
    return out[0], out[1]


def _drawn_in(own: float, seen: float, pull: float) -> float:
    """The cloth's own half width, widened to a wider person, drawn towards a slimmer one."""
    if seen > own:
        return min(seen, WIDER * own)
    return own + pull * (max(seen, SLIMMEST * own) - own)


def _worn_half(person: Person, body: Body, side: Side, v: float) -> float | None:
    """How far the worn clothes reach from the axis at height v (sw); None where an arm or the frame hides it."""
    start, sign = body.at(0.0, v), (-1.0, 1.0)[side]
    reach = march(person.cloth > 0.5, start, sign * body.ux, 1.2 * body.sw)
    if reach is None:
        return None
    half = reach / body.sw
    # Between the legs, or where a hand hides the hip, what is seen is no side of the trunk.
    return half if NARROWEST < half < arm_inside(body, side, v) else None


def _hip_half(person: Person, body: Body, side: Side, v: float) -> float | None:
    """How far trousers or a worn skirt reach (sw): a dress covers them, though an arm hang before their side."""
    reach = march(person.lower > 0.5, body.at(0.0, v), (-1.0, 1.0)[side] * body.ux, 1.2 * body.sw)
    return None if reach is None or reach < NARROWEST * body.sw else reach / body.sw


def _leg_room(body: Body, side: Side, v: float) -> float:
    """How far out (sw) the leg reaches at height v: a dress goes round it; 0 above the legs."""
    if v < body.hip_v + LEGS_FROM:
        return 0.0
    limb = body.legs[side]
    steps = np.linspace(0.0, limb.length, 40, dtype=np.float32)
    points = body.coords(along(smooth(limb.points), steps)[0])
    near = np.abs(points[:, 1] - v) < 0.06
    radius = leg_radius(body, steps / max(limb.length, 1e-3)) / body.sw
    reach = (-1.0, 1.0)[side] * points[near, 0] + ROUND_LEG * radius[near]
    return float(reach.max()) if near.any() else 0.0


def _silhouette_half(person: Person, body: Body, side: Side, v: float) -> float:
    """How far the person reaches from the axis at height v, arms included, sw; unbounded where not seen."""
    reach = march(person.alpha > 0.5, body.at(0.0, v), (-1.0, 1.0)[side] * body.ux, 1.5 * body.sw)
    return 9.0 if reach is None or reach < NARROWEST * body.sw else reach / body.sw


def _lean(edges: tuple[FloatArray, FloatArray], down: FloatArray) -> FloatArray:
    """u of the cloth's middle at each row: one straight line from the armpits, or prints would wave."""
    centre = (edges[1] - edges[0]) / 2
    slope = float((centre * down).sum() / max(float((down**2).sum()), 1e-6))
    return np.asarray(np.clip(0.7 * slope * down, -LEAN, LEAN), np.float64)


def _spread(steps: FloatArray, stretched: float) -> FloatArray:
    """Fractions of the hanging length for fractions of the cloth: what is drawn out, is so towards the hem."""
    return np.asarray((steps + (stretched - 1.0) * steps**3) / stretched, np.float64)
