"""Where a garment's neck, shoulders, armpits, cuffs, crotch and hem are, read from its outline alone.

The fitted silhouette brings its marks along; each is then moved onto the real contour, in the direction in which such
a point sticks out (a hem corner outward and down, a cuff along its sleeve). Armpits and crotch, which a coarse raster
cannot resolve, come from the gaps of background between sleeve and body or between the legs.
Invariant: every mark lies within the mask's bounding box.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.outline_fit import Bank, Fit, Query, fit, query_of
from fittingroom.engines.drape.types import Cut

SNAP = 0.06
"""How far, in diagonals of the bounding box, a mark may move to reach the contour."""

Marks = dict[str, FloatArray]


@dataclass(frozen=True, slots=True)
class Landmarks:
    """cut, marks: as in `Garment`; score: 0..1 agreement of outline and fitted silhouette; fits: all tried cuts."""

    cut: Cut
    marks: Marks
    score: float
    fits: tuple[Fit, ...]


def find_landmarks(mask: NDArray[np.bool_], bank: Bank) -> Landmarks:
    """The marks of the garment whose pixels are `mask` (bool (H, W), not empty)."""
    query = query_of(mask)
    fits = fit(query, bank)
    if fits[0].cut in (Cut.TROUSERS, Cut.SHORTS, Cut.SKIRT):
        return _bottom(mask, query, fits)
    return _top(mask, query, fits)


def sleeve_cut(marks: Marks) -> Cut:
    """Short, half or long by the outer length of the sleeves in shoulder widths."""
    width = float(np.linalg.norm(marks["shoulder_right"] - marks["shoulder_left"]))
    lengths = [float(np.linalg.norm(marks[f"cuff_out_{s}"] - marks[f"shoulder_{s}"])) for s in ("left", "right")]
    ratio = max(lengths) / max(width, 1.0)
    return Cut.SHORT_SLEEVE if ratio < 0.62 else Cut.HALF_SLEEVE if ratio < 1.02 else Cut.LONG_SLEEVE


def _top(mask: NDArray[np.bool_], query: Query, fits: list[Fit]) -> Landmarks:
    best = _prefer_sleeveless(fits)
    marks = _to_pixels(best, query)
    diagonal = float(np.hypot(query.box[2], query.box[3]))
    snap = Snapper(mask, diagonal)
    gaps = gap_tops(mask, query)
    for side, sign in (("left", -1.0), ("right", 1.0)):
        neck, shoulder, armpit, hem = (f"{k}_{side}" for k in ("neck", "shoulder", "armpit", "hem"))
        bare = best.cut is Cut.SLEEVELESS
        marks[hem] = snap(marks[hem], (0.6 * sign, 0.8), 0.9)
        if not bare:
            out, inn = f"cuff_out_{side}", f"cuff_in_{side}"
            across = _unit(marks[out] - marks[inn])
            ends = marks[out] - marks[shoulder], marks[inn] - marks[armpit]
            marks[out] = snap(marks[out], _unit(ends[0]) + across, 0.6)
            marks[inn] = snap(marks[inn], _unit(ends[1]) - across, 0.6)
            marks[armpit] = _armpit(marks[armpit], sign, gaps, snap, diagonal)
        else:
            marks[armpit] = snap(marks[armpit], (-sign, 0.0), 0.2)
        marks[neck] = snap(marks[neck], (-0.25 * sign, -1.0), 0.6)
        marks[shoulder] = snap(marks[shoulder], (sign, -0.6), 0.5 if bare else 0.0)
    cut = best.cut if best.cut is Cut.SLEEVELESS else sleeve_cut(marks)
    return Landmarks(cut, marks, best.score, tuple(fits))


def _prefer_sleeveless(fits: list[Fit]) -> Fit:
    """A very short sleeve and none look alike; without a clear gain none is taken."""
    best = fits[0]
    if best.cut in (Cut.SHORT_SLEEVE, Cut.HALF_SLEEVE):
        for other in fits[1:]:
            if other.cut is Cut.SLEEVELESS and other.score > best.score - 0.02 and _sleeve_reach(best) < 0.3:
                return other
    return best


def _sleeve_reach(candidate: Fit) -> float:
    """How far a fitted sleeve sticks out beyond its armpit, in shoulder widths."""
    marks = candidate.marks
    width = float(abs(marks["shoulder_right"][0] - marks["shoulder_left"][0]))
    beyond = [
        max(abs(float(marks[f"cuff_out_{s}"][0] - marks[f"armpit_{s}"][0])), 0.0) / max(width, 1e-3)
        for s in ("left", "right")
    ]
    return max(beyond)


def _armpit(predicted: FloatArray, sign: float, gaps: FloatArray, snap: Snapper, diagonal: float) -> FloatArray:
    """The top of the nearest gap between sleeve and body, else the nearest inward corner of the contour."""
    if len(gaps):
        distance = np.linalg.norm((gaps - predicted) * np.array([1.0, 0.7], np.float32), axis=1)
        i = int(distance.argmin())
        if distance[i] < 0.11 * diagonal:
            return np.asarray(gaps[i], np.float32)
    return snap(predicted, (-0.7 * sign, -0.7), 0.5)


def _bottom(mask: NDArray[np.bool_], query: Query, fits: list[Fit]) -> Landmarks:
    diagonal = float(np.hypot(query.box[2], query.box[3]))
    crotch = crotch_gap(mask, query)
    best = _legs_or_skirt(fits, query, crotch)
    marks = _to_pixels(best, query)
    snap = Snapper(mask, diagonal)
    for side, sign in (("left", -1.0), ("right", 1.0)):
        marks[f"waist_{side}"] = snap(marks[f"waist_{side}"], (sign, -1.0), 0.6)
        marks[f"hip_{side}"] = snap(marks[f"hip_{side}"], (sign, 0.0), 0.1)
        if best.cut is Cut.SKIRT:
            marks[f"hem_{side}"] = snap(marks[f"hem_{side}"], (0.6 * sign, 0.8), 0.9)
        else:
            marks[f"hem_out_{side}"] = snap(marks[f"hem_out_{side}"], (0.6 * sign, 0.8), 0.7)
            marks[f"hem_in_{side}"] = snap(marks[f"hem_in_{side}"], (-0.6 * sign, 0.8), 0.6)
    if best.cut is Cut.SKIRT:
        return Landmarks(Cut.SKIRT, marks, best.score, tuple(fits))
    if crotch is not None:
        marks["crotch"] = crotch
    return Landmarks(leg_cut(marks), marks, best.score, tuple(fits))


def leg_cut(marks: Marks) -> Cut:
    """Trousers where the legs are clearly longer than the rise."""
    waist = (marks["waist_left"] + marks["waist_right"]) / 2
    hem = (marks["hem_in_left"] + marks["hem_in_right"]) / 2
    rise = float(np.linalg.norm(marks["crotch"] - waist))
    return Cut.TROUSERS if float(np.linalg.norm(hem - marks["crotch"])) > 1.15 * max(rise, 1.0) else Cut.SHORTS


def _legs_or_skirt(fits: list[Fit], query: Query, crotch: FloatArray | None) -> Fit:
    """A gap that rises over a tenth of the height means legs; no gap at all means a skirt unless the fit is sure."""
    legs = [f for f in fits if f.cut is not Cut.SKIRT]
    skirts = [f for f in fits if f.cut is Cut.SKIRT]
    depth = 0.0 if crotch is None else (query.box[1] + query.box[3] - float(crotch[1])) / query.box[3]
    if fits[0].cut is Cut.SKIRT and legs and depth > 0.1:
        return legs[0]
    if fits[0].cut is not Cut.SKIRT and skirts and depth < 0.04 and skirts[0].score > fits[0].score - 0.04:
        return skirts[0]
    return fits[0]


def _to_pixels(candidate: Fit, query: Query) -> Marks:
    x, y, w, h = query.box
    low, size = np.array([x, y], np.float32), np.array([w - 1, h - 1], np.float32)
    return {k: np.asarray(low + np.clip(m, 0, 1) * size, np.float32) for k, m in candidate.marks.items()}


def enclosed(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Background with garment somewhere to its left and to its right in the same row."""
    left = np.maximum.accumulate(mask, axis=1)
    right = np.maximum.accumulate(mask[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(~mask & left & right)


def gap_tops(mask: NDArray[np.bool_], query: Query) -> FloatArray:
    """Tops of the gaps below the neck, float32 (n, 2) px: candidates for the armpits."""
    _, y, w, h = query.box
    _, labels, stats, _ = cv2.connectedComponentsWithStats(enclosed(mask).astype(np.uint8), connectivity=4)
    tops = []
    for i in range(1, len(stats)):
        tall = stats[i][cv2.CC_STAT_HEIGHT] > 0.02 * h
        if tall and stats[i][cv2.CC_STAT_TOP] > y + 0.05 * h and stats[i][cv2.CC_STAT_AREA] > 4e-4 * w * h:
            row = int(stats[i][cv2.CC_STAT_TOP])
            tops.append((float(np.flatnonzero(labels[row] == i).mean()), float(row)))
    return np.array(tops, np.float32).reshape(-1, 2)


def crotch_gap(mask: NDArray[np.bool_], query: Query) -> FloatArray | None:
    """Top of the gap between the legs: near the axis, open to below, at 10-75 % of the height; None without one."""
    x, y, w, h = query.box
    ys = np.flatnonzero(mask[y : y + max(1, h // 5)].any(axis=1)) + y
    axis = float(np.mean([np.flatnonzero(mask[r]).mean() for r in ys]))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(enclosed(mask).astype(np.uint8), connectivity=4)
    best: tuple[float, FloatArray] | None = None
    for i in range(1, len(stats)):
        top, tall = int(stats[i][cv2.CC_STAT_TOP]), int(stats[i][cv2.CC_STAT_HEIGHT])
        at = float(np.flatnonzero(labels[top] == i).mean())
        central = abs(at - axis) < 0.14 * w or abs(at - (x + w / 2)) < 0.14 * w
        if central and 0.1 * h < top - y < 0.92 * h and tall > 0.03 * h and (best is None or tall > best[0]):
            best = (float(tall), np.array([at, top], np.float32))
    return None if best is None else best[1]


class Snapper:
    """Moves points onto the contour of a mask."""

    def __init__(self, mask: NDArray[np.bool_], diagonal: float) -> None:
        found, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        self._points = np.concatenate(found)[:, 0].astype(np.float32)
        self._radius = SNAP * diagonal

    def __call__(self, point: FloatArray, direction: tuple[float, float] | FloatArray, bias: float) -> FloatArray:
        """The contour point near `point` that lies farthest along `direction`; bias 0 takes the nearest."""
        step = (self._points - point) / self._radius
        squared = (step**2).sum(axis=1)
        cost = squared - bias * (step @ _unit(np.asarray(direction, np.float32)))
        cost[squared > 1.0] += 1e3
        return np.asarray(self._points[int(cost.argmin())], np.float32)


def _unit(vector: FloatArray) -> FloatArray:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), np.float32)
