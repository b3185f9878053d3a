"""The line of the shoulders as the person's own silhouette shows it, from one shoulder tip to the other.

A garment lies on the shoulders: their slope is the person's, never the flat photo's. Single measurements are noisy
(hair, a worn hood, a collar), so the heights are taken at many places, compared with a relaxed person's, bounded and
smoothed. Invariant: the line is defined from tip to tip and differs from the default by no more than the stated bounds.
"""

from __future__ import annotations

import cv2
import numpy as np

from fittingroom.engines.drape.body import Body
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.outline import march
from fittingroom.engines.drape.person import Person
from fittingroom.engines.protocol import Mask

# Silhouette height over the shoulder joints' line, in sw, at these half widths: a relaxed, dressed frontal person.
SLOPE_U = np.array([0.0, 0.18, 0.30, 0.56, 0.62])
SLOPE_V = np.array([-0.30, -0.28, -0.215, -0.12, -0.06])
NECK = 0.20
COLLAR = 0.38
LOWER, HIGHER = 0.13, 0.10
BARE_HIGHER = 0.17
COLLAR_HIGHER = 0.04
SAMPLES = 9
KERNEL = np.array([0.06, 0.24, 0.40, 0.24, 0.06])
ROUND, ROUND_EDGE = 0.07, 1.5
"""Sigma, sw, of the blur that rounds the outline at a shoulder tip, and the softness of the new edge, px."""

ROUND_REACH = (0.14, 0.22)
"""Distances from a tip, sw, up to which the outline is rounded, and from which on it is not."""


def shoulder_line(person: Person, body: Body, tip_half: float) -> FloatArray:
    """float32 (2 * SAMPLES, 2): u and v (sw) of the shoulders from the left tip to the right one.

    Between the two sides of the neck the line is level: there is no shoulder under a chin.
    """
    at = np.linspace(NECK, tip_half, SAMPLES)
    sides = [_offsets(person, body, sign * at) for sign in (-1.0, 1.0)]
    known = np.concatenate(sides)
    typical = float(np.nanmedian(known)) if np.isfinite(known).any() else 0.0
    heights = [
        usual_height(body, sign * at) + _smooth(_filled(side, typical))
        for sign, side in zip((-1.0, 1.0), sides, strict=True)
    ]
    u = np.concatenate([-at[::-1], at])
    return np.stack([u, np.concatenate([heights[0][::-1], heights[1]])], axis=1).astype(np.float32)


def rounded_shoulders(cover: Mask, tips: tuple[FloatArray, FloatArray], sw: float) -> Mask:
    """What to multiply the parts' alphas by, so that shoulder and sleeve have no corner where they meet.

    cover: float32 (H, W), their union. tips: px. Only corners near a tip are cut, by a threshold of the blurred union.
    """
    out = np.ones_like(cover)
    height, width = cover.shape
    for tip in tips:
        reach = (ROUND_REACH[1] + 3.0 * ROUND) * sw
        x0, y0 = (max(0, int(c - reach)) for c in tip)
        x1, y1 = (min(size, int(c + reach) + 2) for c, size in zip(tip, (width, height), strict=True))
        if x1 - x0 < 2 or y1 - y0 < 2:
            continue
        area = np.s_[y0:y1, x0:x1]
        blurred = cv2.GaussianBlur(cover[area], (0, 0), ROUND * sw, borderType=cv2.BORDER_REPLICATE)
        # A straight edge falls by 0.4 / sigma a pixel at one half.
        inside = np.clip((blurred - 0.5) * ROUND * sw / (0.4 * ROUND_EDGE) + 0.75, 0.0, 1.0)
        x, y = np.arange(x0, x1) - tip[0], np.arange(y0, y1) - tip[1]
        away = np.hypot(x[None], y[:, None]) / sw
        near = np.clip((ROUND_REACH[1] - away) / (ROUND_REACH[1] - ROUND_REACH[0]), 0.0, 1.0)
        out[area] *= (1.0 - near * (1.0 - inside)).astype(np.float32)
    return out


def usual_height(body: Body, u: FloatArray) -> FloatArray:
    """v (sw) of a relaxed person's shoulders at u, over a line through the two shoulder joints, which may slant."""
    (left_u, left_v), (right_u, right_v) = (body.coords(joint) for joint in body.shoulders)
    slant = (right_v - left_v) / max(float(right_u - left_u), 0.3)
    return np.asarray(np.interp(np.abs(u), SLOPE_U, SLOPE_V) + left_v + slant * (u - left_u), np.float64)


def shoulder_half(person: Person, body: Body) -> float:
    """Half width of the person's shoulders, sw: how far the silhouette reaches a little below the joints' line."""
    solid = person.alpha > 0.5
    sides = [march(solid, body.at(0.0, 0.1), sign * body.ux, 1.2 * body.sw) for sign in (-1.0, 1.0)]
    seen = [s / body.sw + 0.02 for s in sides if s is not None]
    return min(seen) if seen else 1.0


def _offsets(person: Person, body: Body, at: FloatArray) -> FloatArray:
    """Measured minus default height at each u; NaN where hair hides the shoulder or it is not seen to end."""
    solid = (person.alpha > 0.5) & (person.hair < 0.4) & (person.face < 0.4)
    out = np.full(len(at), np.nan)
    for i, u in enumerate(at):
        default = float(usual_height(body, u))
        start = body.at(float(u), default + 0.18)
        reach = march(solid, start, -body.uy, 0.42 * body.sw)
        if reach is None:
            continue
        top = start - reach * body.uy
        x, y = (int(np.clip(round(float(top[k])), 0, solid.shape[1 - k] - 1)) for k in (0, 1))
        if person.hair[max(0, y - 2), x] >= 0.3:
            continue
        # What stands up beside the neck is a worn hood or collar, unless it is skin.
        bare = person.skin[min(y + 3, solid.shape[0] - 1), x] > 0.5
        higher = BARE_HIGHER if bare else COLLAR_HIGHER if abs(u) < COLLAR else HIGHER
        out[i] = np.clip(float(body.coords(top)[1]) - default, -higher, LOWER)
    return out


def _filled(values: FloatArray, typical: float) -> FloatArray:
    """Gaps take their neighbours' value; a side that shows nothing takes the other side's."""
    known = np.isfinite(values)
    if not known.any():
        return np.full(len(values), typical)
    index = np.arange(len(values))
    return np.interp(index, index[known], values[known])


def _smooth(values: FloatArray) -> FloatArray:
    return np.convolve(np.pad(values, 2, mode="edge"), KERNEL, "valid")
