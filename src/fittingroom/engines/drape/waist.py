"""What the worn lower garment tells of waist and hips: which pixels it has, where its waistband runs, how wide it is.

A new waistband belongs exactly on the old one where that is seen (a tucked-in top, a bare belly), and at its own rise
behind a top that hangs over it. Invariant: the waistband found never lies below the first visible row of the old
garment, so that no old cloth is left above the new.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.body import Body
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.person import Person
from fittingroom.engines.protocol import Mask

TORSO = 1.6
HIPS_TO_SHOULDERS = 1.12
NATURAL_WAIST = 0.40
TUCKED = 0.30
TOP_SHARE = 0.25
BAND_TOP = 0.75
RUN = 4
ABOVE = 0.08
MAX_DROP = 0.16
MAX_SHIFT = 0.2
WIDEST = (1.4, 1.18)
THIGH = 0.2
NEAR_EDGE = 0.05
TILT, BEND = 0.06, (-0.10, 0.35)
"""Slope and curvature (per sw) that a waistband across the trunk may have."""
UPPER_SHARE = 10.0
HIGHEST, LOWEST = 0.75, 0.10
"""Above (sw over the hip joints) the old garment has swallowed a part of the top; below no waistband is worn, and what
ends there is hidden by something in front."""
SWALLOWED = (1.10, 1.06)
COLUMNS = np.linspace(-0.48, 0.48, 17)
RIM = 0.035


@dataclass(frozen=True, slots=True)
class Waist:
    """The upper edge of the old lower garment. v: its height on the axis, in sw below the shoulders. u, drop: float32
    (N,), how far it lies below v at u (both sw). shown: it is a waistband in sight, not the hem of a top that hangs
    over it."""

    v: float
    u: FloatArray
    drop: FloatArray
    shown: bool


def grounded(person: Person, body: Body) -> Body:
    """The frame for a lower garment: where the shoulders lie outside the picture they are a guess, and the body is
    taken as upright, its unit from the hips' outline instead."""
    height, width = person.alpha.shape
    if person.pose is None or all(0 <= x < width and 0 <= y < height for x, y in body.shoulders):
        return body
    hips = (body.hips[0] + body.hips[1]) / 2
    down, across = np.array([0, 1], np.float32), np.array([1, 0], np.float32)
    cloth = np.asarray(person.lower + person.full > 0.5)
    joints = abs(float(body.hips[1][0] - body.hips[0][0]))
    reach = [
        extents(cloth, person.alpha, hips[None], (sign * across)[None], 4.0 * joints, 0.1 * joints)[0][0]
        for sign in (-1, 1)
    ]
    seen = [float(r) for r in reach if np.isfinite(r)]
    sw = 2 * float(np.mean(seen)) / HIPS_TO_SHOULDERS if seen else joints / 0.55
    sw = float(np.clip(sw, 1.3 * joints, 2.6 * joints))
    return replace(body, sw=sw, origin=np.asarray(hips - TORSO * sw * down, np.float32), ux=across, uy=down, turned=0.0)


def worn_lower(person: Person, body: Body) -> Mask:
    """The pixels of the worn lower garment, float32 (H, W): a skirt is often taken for a dress, which is one only
    where no top is worn above it; of a dress or jumpsuit only what lies below the waist is meant. A waistband of
    its own colour is often taken for a top."""
    v = heights(body, person.alpha.shape)
    below = np.clip((v - body.hip_v + NATURAL_WAIST) / 0.04, 0.0, 1.0)
    chest = _box(person.upper, body, 0.2, body.hip_v - 0.4)
    part = np.maximum(below, v > 0.5 * body.hip_v) if chest > TOP_SHARE else below
    return np.asarray(np.clip(person.lower + person.full * part + _bands(person, v, body.hip_v), 0.0, 1.0), np.float32)


def _bands(person: Person, v: FloatArray, hip_v: float) -> Mask:
    """Pieces called a top that begin at the waist, inside the picture: broad waistbands."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(np.asarray(person.upper > 0.5).astype(np.uint8))
    out = np.zeros(person.upper.shape, bool)
    for k in range(1, count):
        piece = labels == k
        if stats[k, cv2.CC_STAT_TOP] > 2 and float(v[piece].min()) > hip_v - BAND_TOP:
            out |= piece
    return np.asarray(
        np.where(cv2.dilate(out.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0, person.upper, 0.0), np.float32
    )


def heights(body: Body, shape: tuple[int, ...]) -> FloatArray:
    """v (sw below the shoulders) of every pixel, float32 (H, W)."""
    ys, xs = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    return np.asarray(((xs - body.origin[0]) * body.uy[0] + (ys - body.origin[1]) * body.uy[1]) / body.sw, np.float32)


def find_waist(lower: Mask, person: Person, body: Body) -> Waist | None:
    """The upper edge of the worn lower garment across the trunk; None where nothing of it is in sight there."""
    steps = np.arange(body.hip_v - 0.95, body.hip_v + 0.5, 0.015)
    found: list[tuple[float, float]] = []
    over: list[bool] = []
    for u in COLUMNS:
        points = np.stack([body.at(float(u), float(v)) for v in steps])
        inside = sample(np.asarray(lower > 0.5), points)
        runs = np.convolve(inside, np.ones(RUN), "valid") == RUN
        v = float(steps[int(np.argmax(runs))])
        # Where the backdrop is above, this is the side of the hip and no upper edge.
        if runs.any() and sample(np.asarray(person.alpha > 0.5), body.at(float(u), v - ABOVE)[None])[0]:
            found.append((float(u), v))
            over.append(bool(sample(np.asarray(person.upper > 0.5), body.at(float(u), v - ABOVE)[None])[0]))
    if len(found) < 4:
        return None
    u, v = np.array(found).T
    smooth = _smooth_edge(u, v)
    top = float(min(np.interp(0.0, u, smooth), body.hip_v + 0.2))
    if top < body.hip_v - HIGHEST:
        return None
    drop = np.clip(smooth - top, -MAX_DROP, MAX_DROP)
    seen = float(np.mean(over)) < 0.5 and top < body.hip_v - LOWEST
    shown = seen or top < body.hip_v - TUCKED
    return Waist(top, np.asarray(u, np.float32), np.asarray(drop, np.float32), shown)


def _smooth_edge(u: FloatArray, v: FloatArray) -> FloatArray:
    """An edge measured column by column, without the columns that a hand or a tie hides: a flat parabola through most
    of it, raised until most of what was measured lies on it or below."""
    weight = np.ones(len(u))
    fit = np.full(len(u), float(np.median(v)))
    for _ in range(4):
        fit = np.polyval(np.polyfit(u, v, 2 if len(u) > 6 else 0, w=weight), u)
        # A column whose edge lies lower is hidden more likely than one whose edge lies higher is false.
        weight = 1.0 / (1.0 + (np.where(v > fit, 2.0, 1.0) * (v - fit) / NEAR_EDGE) ** 2)
    c, b, _ = np.polyfit(u, fit, 2)
    flat = np.clip(b, -TILT, TILT) * u + np.clip(c, *BEND) * u**2
    near = np.abs(v - fit) < 2 * NEAR_EDGE
    rest = (v - flat)[near] if near.any() else v - flat
    return np.asarray(flat + np.percentile(rest, UPPER_SHARE), np.float32)


def halves(
    mask: NDArray[np.bool_],
    person: Person,
    body: Body,
    vs: FloatArray,
    usual: FloatArray,
    widest: tuple[float, float] = WIDEST,
) -> FloatArray:
    """Half widths (sw) of what is worn, left and right of the axis, float32 (N, 2), at the heights `vs`.

    usual: float32 (N,), what a body has there. Hips stand out to one side in many poses, so the middle may lie up
    to MAX_SHIFT off the axis; half the whole width stays within 0.8..widest of `usual` (first row, last row). Where a
    hand or a bag hides a side the middle is that of the nearest rows.
    """
    (left, at_left), (right, at_right) = (_out(mask, person.alpha, body, vs, sign) for sign in (-1.0, 1.0))
    # Where one side is hidden, the other leaves this much for it, and before the hand it goes at least as far as seen.
    left, right = (
        np.where(np.isnan(a), np.fmax(seen, np.clip(2 * usual - b, 0.6 * usual, 1.2 * usual)), a)
        for a, b, seen in ((left, right, at_left), (right, left, at_right))
    )
    middle, half = (right - left) / 2, (left + right) / 2
    known = np.isfinite(middle)
    at = np.arange(len(vs))
    middle = np.interp(at, at[known], middle[known]) if known.any() else np.zeros(len(vs))
    middle = np.clip(middle, -MAX_SHIFT, MAX_SHIFT)
    # A wide old skirt says little of the hips, its waistband all of the waist.
    limit = np.linspace(*widest, len(vs)) * usual
    half = np.clip(np.where(known, half, usual), 0.8 * usual, limit)
    return np.asarray(np.stack([half - middle, half + middle], axis=1), np.float32)


def _out(
    mask: NDArray[np.bool_], alpha: Mask, body: Body, vs: FloatArray, sign: float
) -> tuple[FloatArray, FloatArray]:
    """`extents` from the axis to one side, sw; begun inside the thigh, as the legs may part at these heights."""
    points = np.stack([body.at(sign * THIGH, float(v)) for v in vs])
    ways = np.repeat((sign * body.ux)[None], len(vs), axis=0)
    true, seen = (d / body.sw + THIGH for d in extents(mask, alpha, points, ways, 1.5 * body.sw, RIM * body.sw))
    return np.asarray(true, np.float32), np.asarray(seen, np.float32)


def extents(
    mask: NDArray[np.bool_], alpha: Mask, points: FloatArray, ways: FloatArray, limit: float, rim: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How far (px) `mask` goes on from each of `points` along unit `ways`: (true edges, what is seen), float32 (N,).

    Both are NaN where it does not start inside or does not end within `limit`. The first is NaN, too, where it ends at
    another part of the person (`alpha`): a hand, a bag or the other leg hides the true edge, which lies farther out.
    rim: width (px) of the soft edge of `alpha` beyond `mask`.
    """
    steps = np.arange(0.0, max(limit, 2.0), 1.0, dtype=np.float32)
    path = points[:, None, :] + steps[None, :, None] * ways[:, None, :]
    inside = sample(mask, path)
    first = np.argmin(inside, axis=1)
    ends = ~inside.all(axis=1) & inside[:, 0]
    past = points + (first + rim)[:, None] * ways
    hidden = sample(np.asarray(alpha > 0.5), np.asarray(past, np.float32))
    seen = np.where(ends, first, np.nan).astype(np.float32)
    return np.where(hidden, np.nan, seen).astype(np.float32), seen


def sample(mask: NDArray[np.bool_], points: FloatArray) -> NDArray[np.bool_]:
    """`mask` at points (..., 2); outside the picture it is False."""
    at = np.round(points).astype(int)
    limit = np.array(mask.shape[::-1])
    ok = np.all((at >= 0) & (at < limit), axis=-1)
    at = np.clip(at, 0, limit - 1)
    return np.asarray(mask[at[..., 1], at[..., 0]] & ok)


def _box(mask: Mask, body: Body, top: float, bottom: float) -> float:
    """Mean of `mask` over the middle of the trunk between two heights."""
    points = np.stack([body.at(float(u), float(v)) for u in COLUMNS[4:-4:2] for v in np.linspace(top, bottom, 9)])
    return float(sample(np.asarray(mask > 0.5), points).mean())
