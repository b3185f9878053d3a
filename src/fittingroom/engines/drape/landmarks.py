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

from fittingroom.engines.drape.hips import place_hips
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.outline_fit import Bank, Fit, Query, enclosed, fit, query_of
from fittingroom.engines.drape.types import Cut

SNAP = 0.06
"""How far, in diagonals of the bounding box, a mark may move to reach the contour."""

NEAR = 0.02
"""The same for marks that the network saw."""

MIDDLE = ("neck_front", "crotch")

TRUST = {
    "cuff_out": (0.027, 1.0), "cuff_in": (0.027, 1.0), "hem": (0.024, 1.0), "waist": (0.018, 1.0),
    "hem_out": (0.027, 1.0), "hem_in": (0.024, 1.0), "armpit": (0.024, 0.6), "crotch": (0.06, 1.0),
    "neck": (0.021, 0.5), "shoulder": (0.024, 0.4),
}  # fmt: skip
"""Kind of mark -> how far, in diagonals, the outline's mark may lie from the seen one to be believed, and its share."""

OUTWARD = {
    "neck": (-0.25, -1.0, 0.3), "shoulder": (1.0, -0.6, 0.0), "armpit": (-1.0, -0.3, 0.1), "hem": (0.6, 0.8, 0.9),
    "waist": (1.0, -1.0, 0.5), "hem_out": (0.6, 0.8, 0.5), "hem_in": (-0.6, 0.8, 0.5),
    "cuff_out": (1.0, 0.5, 0.2), "cuff_in": (-0.5, 1.0, 0.2),
}  # fmt: skip
"""Kind of mark -> where on the right side of a garment it sticks out (x, y), and how much that counts."""

Marks = dict[str, FloatArray]
NECK = ("neck_left", "neck_right")


@dataclass(frozen=True, slots=True)
class Landmarks:
    """cut, marks: as in `Garment`; score: 0..1 agreement of outline and fitted silhouette; fits: all tried cuts."""

    cut: Cut
    marks: Marks
    score: float
    fits: tuple[Fit, ...]


def find_landmarks(mask: NDArray[np.bool_], bank: Bank, allowed: tuple[Cut, ...] | None = None) -> Landmarks:
    """The marks of the garment whose pixels are `mask` (bool (H, W), not empty). allowed: the cuts to try."""
    query = query_of(mask)
    fits = fit(query, bank, allowed)
    if fits[0].cut in (Cut.TROUSERS, Cut.SHORTS, Cut.SKIRT):
        return _bottom(mask, query, fits)
    return _top(mask, query, fits)


def settle(mask: NDArray[np.bool_], outline: Marks, seen: Marks) -> Marks:
    """One set of marks from those of the outline and those `seen` by the garment network, which has the say.

    The outline is exact where a corner of the contour is meant and blind to what lies on the cloth; so its mark is
    taken where it lies within reach of the seen one, and elsewhere the seen one, moved onto the contour if it is near.
    """
    _, _, w, h = cv2.boundingRect(mask.astype(np.uint8))
    diagonal = float(np.hypot(w, h))
    snap = Snapper(mask, diagonal, NEAR)
    out: Marks = {}
    for name, mark in seen.items():
        kind, _, side = name.rpartition("_") if name not in MIDDLE else (name, "", "")
        reach, share = TRUST.get(kind, (0.0, 0.0))
        other = outline.get(name)
        if other is not None and float(np.linalg.norm(other - mark)) < reach * diagonal:
            out[name] = np.asarray(share * other + (1 - share) * mark, np.float32)
        elif kind in OUTWARD:
            sign = -1.0 if side == "left" else 1.0
            out[name] = snap(mark, (sign * OUTWARD[kind][0], OUTWARD[kind][1]), OUTWARD[kind][2], keep=True)
        else:
            out[name] = mark
    return place_hips(mask, out) if "waist_left" in out else out


def sleeve_cut(marks: Marks) -> Cut:
    """Short, half or long by the outer length of the sleeves in shoulder widths."""
    width = float(np.linalg.norm(marks["shoulder_right"] - marks["shoulder_left"]))
    lengths = [float(np.linalg.norm(marks[f"cuff_out_{s}"] - marks[f"shoulder_{s}"])) for s in ("left", "right")]
    ratio = max(lengths) / max(width, 1.0)
    return Cut.SHORT_SLEEVE if ratio < 0.62 else Cut.HALF_SLEEVE if ratio < 1.02 else Cut.LONG_SLEEVE


def _top(mask: NDArray[np.bool_], query: Query, fits: list[Fit]) -> Landmarks:
    gaps = gap_tops(mask, query)
    best = _prefer_sleeved(_prefer_sleeveless(fits), fits, gaps, query)
    marks = _to_pixels(best, query)
    diagonal = float(np.hypot(query.box[2], query.box[3]))
    snap = Snapper(mask, diagonal)
    bare = best.cut is Cut.SLEEVELESS
    for side, sign in (("left", -1.0), ("right", 1.0)):
        neck, shoulder, armpit = (f"{k}_{side}" for k in ("neck", "shoulder", "armpit"))
        marks[neck] = snap(marks[neck], (-0.25 * sign, -1.0), 0.6)
        marks[shoulder] = snap(marks[shoulder], (sign, -0.6), 0.5 if bare else 0.0)
        if bare:
            marks[armpit] = snap(marks[armpit], (-sign, 0.0), 0.2)
        else:
            _place_sleeve(marks, side, sign, gaps, snap)
        _place_hem(marks, side, sign, snap)
    _place_neck(mask, marks)
    cut = best.cut if best.cut is Cut.SLEEVELESS else sleeve_cut(marks)
    return Landmarks(cut, marks, best.score, tuple(fits))


def _place_neck(mask: NDArray[np.bool_], marks: Marks) -> None:
    """Move the neck marks to the corners of the top edge, seen from the shoulder tips; both to the foot of a collar
    where one side shows it clearly and the other would stand much higher."""
    centre = float(marks["neck_left"][0] + marks["neck_right"][0]) / 2
    tips = marks["shoulder_left"], marks["shoulder_right"]
    width = float(abs(tips[1][0] - tips[0][0]))
    found = [neck_corner(mask, tip, centre, width) for tip in tips]
    tall = [c is not None and c[1] is not None for c in found]
    for side, corners in zip(("left", "right"), found, strict=True):
        if corners is not None:
            top, foot = corners
            marks[f"neck_{side}"] = foot if foot is not None and all(tall) else top
    if any(tall) and not all(tall):
        feet = [c[1] if c is not None and c[1] is not None else marks[k] for c, k in zip(found, NECK, strict=True)]
        tops = [marks[k] for k in NECK]
        if abs(float(tops[0][1] - tops[1][1])) > abs(float(feet[0][1] - feet[1][1])):
            marks |= dict(zip(NECK, feet, strict=True))


def neck_corner(
    mask: NDArray[np.bool_], shoulder: FloatArray, centre: float, width: float
) -> tuple[FloatArray, FloatArray | None] | None:
    """Where the shoulder line ends at the collar: the point of the top edge farthest above the chord from `shoulder`
    to the middle of the neck, and, where a collar or hood stands there, its foot. None where the edge has no corner."""
    inward = np.sign(centre - float(shoulder[0]))
    reach = abs(centre - float(shoulder[0]))
    xs = np.rint(float(shoulder[0]) + inward * np.arange(0, max(reach, 2))).astype(np.intp)
    xs = np.clip(xs, 0, mask.shape[1] - 1)
    columns = mask[:, xs]
    xs, columns = xs[columns.any(axis=0)], columns[:, columns.any(axis=0)]
    if len(xs) < 8:
        return None
    ys = columns.argmax(axis=0).astype(np.float32)
    above = np.linspace(ys[0], ys[-1], len(ys)) - ys
    above[int(0.8 * len(ys)) :] = -1.0
    top = int(above.argmax())
    if above[top] < 0.025 * width:
        return None
    below = ys[: top + 1] - np.linspace(ys[0], ys[top], top + 1)
    foot = int(below.argmax())
    steep = ys[foot] - ys[top] > 0.9 * (top - foot)
    filled = ys[-1] < ys[foot] - 0.02 * width
    stands = filled and below[foot] > 0.06 * width and steep and foot > 0.15 * len(ys)
    at_foot = np.array([xs[foot], ys[foot]], np.float32) if stands else None
    return np.array([xs[top], ys[top]], np.float32), at_foot


def _prefer_sleeveless(fits: list[Fit]) -> Fit:
    """A very short sleeve and none look alike; without a clear gain none is taken."""
    best = fits[0]
    if best.cut in (Cut.SHORT_SLEEVE, Cut.HALF_SLEEVE):
        for other in fits[1:]:
            if other.cut is Cut.SLEEVELESS and other.score > best.score - 0.02 and _sleeve_reach(best) < 0.3:
                return other
    return best


def _prefer_sleeved(best: Fit, fits: list[Fit], gaps: FloatArray, query: Query) -> Fit:
    """Long gaps on both sides of the body can only be the space between sleeves and body."""
    x, _, w, h = query.box
    tall = gaps[gaps[:, 2] > 0.12 * h] if len(gaps) else gaps
    sides = (tall[:, 0] - (x + w / 2)) / w if len(tall) else np.empty(0)
    if best.cut is Cut.SLEEVELESS and (sides < -0.12).any() and (sides > 0.12).any():
        return next((f for f in fits if f.cut in (Cut.LONG_SLEEVE, Cut.HALF_SLEEVE)), best)
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


def _place_sleeve(marks: Marks, side: str, sign: float, gaps: FloatArray, snap: Snapper) -> None:
    """Armpit, outer and inner end of the cuff of one sleeve."""
    shoulder, armpit, out, inn = (f"{k}_{side}" for k in ("shoulder", "armpit", "cuff_out", "cuff_in"))
    centre = float(marks["neck_left"][0] + marks["neck_right"][0]) / 2
    marks[armpit] = _armpit(marks[armpit], sign, centre, gaps, snap)
    across, along = _unit(marks[out] - marks[inn]), _unit(marks[out] - marks[shoulder])
    marks[out] = snap(marks[out], along + across, 0.6)
    path = snap.path(marks[out], marks[armpit])
    if path is None:
        marks[inn] = snap(marks[inn], _unit(marks[inn] - marks[armpit]) - across, 0.6)
        return
    along = _unit(marks[out] - marks[shoulder])
    inward = np.array([-sign * along[1], sign * along[0]], np.float32)
    marks[inn] = np.asarray(path[int((path @ (inward + 0.8 * along)).argmax())], np.float32)


def _armpit(predicted: FloatArray, sign: float, centre: float, gaps: FloatArray, snap: Snapper) -> FloatArray:
    """The top of the nearest gap between sleeve and body, else a near inward corner of the contour, else as
    predicted: a sleeve that lies on the body hides its armpit."""
    gaps = gaps[sign * (gaps[:, 0] - centre) > 0.1 * snap.diagonal]
    if len(gaps):
        distance = np.linalg.norm((gaps[:, :2] - predicted) * np.array([1.0, 0.7], np.float32), axis=1)
        i = int(distance.argmin())
        long = gaps[i, 2] > 0.15 * snap.diagonal and gaps[i, 1] < predicted[1] + 0.3 * snap.diagonal
        if distance[i] < (0.25 if long else 0.11) * snap.diagonal:
            return np.asarray(gaps[i, :2], np.float32)
    corner = snap(predicted, (-0.7 * sign, -0.7), 0.5)
    return corner if snap.fullness(corner) > 0.56 else predicted


def _place_hem(marks: Marks, side: str, sign: float, snap: Snapper) -> None:
    """The hem corner, never beyond the inner end of a long sleeve's cuff that hangs beside it."""
    hem, cuff = f"hem_{side}", marks.get(f"cuff_in_{side}")
    limit = None
    if cuff is not None and cuff[1] > marks[hem][1] - 2.5 * SNAP * snap.diagonal:
        inner = min(sign * float(cuff[0]), sign * float(marks[f"armpit_{side}"][0]) + SNAP * snap.diagonal)
        limit = max(inner, sign * float(marks[hem][0])) - 0.004 * snap.diagonal
    marks[hem] = snap(marks[hem], (0.6 * sign, 0.8), 0.9, sign=sign, limit=limit)


def _bottom(mask: NDArray[np.bool_], query: Query, fits: list[Fit]) -> Landmarks:
    diagonal = float(np.hypot(query.box[2], query.box[3]))
    crotch = crotch_gap(mask, query)
    best = _legs_or_skirt(fits, query, crotch)
    marks = _to_pixels(best, query)
    snap = Snapper(mask, diagonal)
    for side, sign in (("left", -1.0), ("right", 1.0)):
        marks[f"waist_{side}"] = snap(marks[f"waist_{side}"], (sign, -1.0), 0.6)
        if best.cut is Cut.SKIRT:
            marks[f"hem_{side}"] = snap(marks[f"hem_{side}"], (0.6 * sign, 0.8), 0.9)
        else:
            marks[f"hem_out_{side}"] = snap(marks[f"hem_out_{side}"], (0.6 * sign, 0.8), 0.7)
            marks[f"hem_in_{side}"] = snap(marks[f"hem_in_{side}"], (-0.6 * sign, 0.8), 0.6)
    if best.cut is Cut.SKIRT:
        return Landmarks(Cut.SKIRT, place_hips(mask, marks), best.score, tuple(fits))
    if crotch is not None:
        marks["crotch"] = crotch
    return Landmarks(leg_cut(marks), place_hips(mask, marks), best.score, tuple(fits))


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


def gap_tops(mask: NDArray[np.bool_], query: Query) -> FloatArray:
    """Tops of the gaps below the neck, float32 (n, 3): x, y, height px: candidates for the armpits.

    The halves are searched one by one, since below a short hem the gaps of both sides are one.
    """
    x, y, w, h = query.box
    closed = enclosed(mask).astype(np.uint8)
    middle = x + w // 2
    tops = []
    for start, half in ((0, closed[:, :middle]), (middle, closed[:, middle:])):
        _, labels, stats, _ = cv2.connectedComponentsWithStats(half, connectivity=4)
        for i in range(1, len(stats)):
            row, tall = int(stats[i][cv2.CC_STAT_TOP]), int(stats[i][cv2.CC_STAT_HEIGHT])
            if tall > 0.02 * h and row > y + 0.05 * h and stats[i][cv2.CC_STAT_AREA] > 4e-4 * w * h:
                tops.append((start + float(np.flatnonzero(labels[row] == i).mean()), float(row), float(tall)))
    return np.array(tops, np.float32).reshape(-1, 3)


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
    """Moves points onto the contour of a mask. diagonal: of the garment's bounding box, px."""

    def __init__(self, mask: NDArray[np.bool_], diagonal: float, reach: float = SNAP) -> None:
        found, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        self._rings = [ring[:, 0].astype(np.float32) for ring in found]
        self._points = np.concatenate(self._rings)
        self._outer = max(self._rings, key=len)
        self._mask = mask
        self._radius = reach * diagonal
        self.diagonal = diagonal

    def __call__(
        self,
        point: FloatArray,
        direction: tuple[float, float] | FloatArray,
        bias: float,
        *,
        sign: float = 1.0,
        limit: float | None = None,
        keep: bool = False,
    ) -> FloatArray:
        """The contour point near `point` that lies farthest along `direction`; bias 0 takes the nearest.

        limit: where given, points with sign * x beyond it do not count. keep: leave a point alone that has no
        contour in reach.
        """
        step = (self._points - point) / self._radius
        squared = (step**2).sum(axis=1)
        cost = squared - bias * (step @ _unit(np.asarray(direction, np.float32)))
        cost[squared > 1.0] += 1e3
        if limit is not None:
            cost[sign * self._points[:, 0] > limit] += 1e6
        if keep and float(squared.min()) > 1.0:
            return point
        return np.asarray(self._points[int(cost.argmin())], np.float32)

    def path(self, start: FloatArray, end: FloatArray) -> FloatArray | None:
        """The shorter way along the outer contour between two points on it; None where `end` is not on it."""
        to_start = np.linalg.norm(self._outer - start, axis=1)
        to_end = np.linalg.norm(self._outer - end, axis=1)
        if max(float(to_start.min()), float(to_end.min())) > 0.02 * self.diagonal:
            return None
        i, j = sorted((int(to_start.argmin()), int(to_end.argmin())))
        direct = self._outer[i : j + 1]
        around = np.concatenate([self._outer[j:], self._outer[: i + 1]])
        return direct if len(direct) <= len(around) else around

    def fullness(self, point: FloatArray) -> float:
        """Share of garment in a small disc around `point`: over .5 in an inward corner, under .5 in an outward one."""
        r = max(3, round(0.025 * self.diagonal))
        ys, xs = np.mgrid[-r : r + 1, -r : r + 1]
        disc = xs**2 + ys**2 <= r * r
        x, y = xs[disc] + round(float(point[0])), ys[disc] + round(float(point[1]))
        height, width = self._mask.shape
        seen = (x >= 0) & (y >= 0) & (x < width) & (y < height)
        return float(self._mask[y[seen], x[seen]].sum() / len(x))


def _unit(vector: FloatArray) -> FloatArray:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), np.float32)
