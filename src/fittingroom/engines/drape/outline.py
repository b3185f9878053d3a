"""Outlines measured rather than assumed: of the garment between two marks, and of the person at a height.

Invariant: every measurement falls back to a stated default where the picture gives none, and says so by returning
None or the default itself, never a guess outside the stated bounds.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.protocol import Mask, Points

HIDDEN = 0.015
"""Farther from the outline than this share of the garment's diagonal, a mark lies inside."""


def contour_of(alpha: Mask) -> Points:
    """The outline of the largest piece of a matte, float32 (N, 2), dense."""
    found, _ = cv2.findContours((alpha > 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(max(found, key=cv2.contourArea)[:, 0], np.float32)


def path_between(contour: Points, start: FloatArray, end: FloatArray, count: int = 24) -> Points:
    """The shorter way along a closed outline from the point nearest `start` to that nearest `end`, resampled.

    Where that way is far longer than the straight line (an outline with a hole or a fold), or one end lies inside
    the garment (an armpit hidden by its sleeve), the straight line is returned: a rail must not wander.
    """
    n = len(contour)
    away = [np.sum((contour - mark) ** 2, axis=1) for mark in (start, end)]
    i, j = (int(np.argmin(d)) for d in away)
    hidden = max(float(d.min()) for d in away) ** 0.5 > HIDDEN * float(np.hypot(*np.ptp(contour, axis=0)))
    forward = contour[(i + np.arange((j - i) % n + 1)) % n]
    backward = contour[(i - np.arange((i - j) % n + 1)) % n]
    path = min((forward, backward), key=_length)
    straight = np.stack([start, end])
    if hidden or _length(path) > 1.6 * _length(straight) + 1e-6:
        path = straight
    return resample(np.concatenate([start[None], path[1:-1], end[None]]), count)


def resample(points: Points, count: int) -> Points:
    """`count` points at equal distances along a polyline, both ends included."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    at = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = np.linspace(0.0, at[-1], count)
    return np.asarray(np.stack([np.interp(wanted, at, points[:, i]) for i in (0, 1)], axis=1), np.float32)


def row_edges(alpha: Mask, y: float, left: float, right: float, reach: float) -> tuple[float, float]:
    """The garment's left and right edge in row y, looked for within `reach` px of where they are expected."""
    row = alpha[int(np.clip(round(y), 0, alpha.shape[0] - 1))]
    return _edge(row, left, reach, -1), _edge(row, right, reach, +1)


def march(mask: NDArray[np.bool_], start: FloatArray, direction: FloatArray, limit: float) -> float | None:
    """Distance from `start` along a unit direction until `mask` ends; None if it starts outside or never ends."""
    steps = np.arange(0.0, limit, 1.0, dtype=np.float32)
    points = np.round(start + steps[:, None] * direction).astype(int)
    inside_frame = np.all((points >= 0) & (points < np.array(mask.shape[::-1])), axis=1)
    if not inside_frame[0] or not mask[points[0, 1], points[0, 0]]:
        return None
    values = np.zeros(len(points), bool)
    values[inside_frame] = mask[points[inside_frame, 1], points[inside_frame, 0]]
    ends = np.nonzero(~values)[0]
    return float(ends[0]) if len(ends) else None


def _edge(row: FloatArray, expected: float, reach: float, outward: int) -> float:
    """The outermost crossing of one half nearest to `expected`, else `expected` itself."""
    width = len(row)
    lo, hi = max(0, int(expected - reach)), min(width - 1, int(expected + reach))
    if hi <= lo:
        return expected
    inside = row[lo : hi + 1] > 0.5
    flips = np.nonzero(inside[1:] != inside[:-1])[0]
    # Only crossings from cloth to background, going outwards.
    good = [f for f in flips if inside[f if outward > 0 else f + 1]]
    if not good:
        return expected
    return float(lo + min(good, key=lambda f: abs(lo + f + 0.5 - expected)) + 0.5)


def _length(points: Points) -> float:
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
