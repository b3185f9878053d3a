"""The front neckline: what lies above it is the inner back of the collar and must not be worn in front of a neck.

The garment network says where the front neckline is lowest and what is inner back; round there the edge of the opening
is traced on the photo (`neck_path.py`) in every shape that a neckline of that depth can have, and the best one cuts. It
is found on the cut-out whose outside was filled with cloth colours, since otherwise the outline itself is the strongest
edge. A collar wrongly eaten looks worse than a bit of lining left, so an opening that neither the photo's edges nor the
network show is not cut, and a standing collar is opened only where the network is sure of the front's lowest point: a
high collar of patterned cloth has none. Invariant: nothing is ever removed deeper than MAX_DEPTH neck widths below the
line between the neck points.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fittingroom.engines.drape.neck_evidence import Seen
from fittingroom.engines.drape.neck_path import Path, trace
from fittingroom.engines.drape.neck_rays import SHAPES, NeckFrame, frame_of, lab_of, outline_top
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.protocol import Mask, RgbImage

MAX_DEPTH, BOTTOM_HALF = 0.9, 1.1
"""Deepest that an opening is cut, in neck widths, and the half width, in the neck's, of the
scoop that it ends in there."""

NOTCHED, SHALLOW, DEEPER = 0.28, 0.08, 0.25
"""An outline that is itself NOTCHED below the neck points (in neck widths) mostly shows the front neckline already, so
the mark must lie DEEPER than it; elsewhere SHALLOW is enough."""

HIGHEST = 1.5
"""How far above the neck points anything may lie that belongs to the back, such as a hood's rim, in neck widths."""

ROUND_ABOVE = 0.5
"""Expected depth, in neck widths, above which a neckline is no V unless a collar stands round it."""

COLLAR_HALVES = (1.0, 0.8, 0.6)
"""Half widths of a standing collar's opening, in the neck's: its leaves stand within the neck points."""

DEPTHS, LIFT = (0.15, 1.3), 0.3
"""Bounds of the depth of the shapes that are traced; in a standing collar they reach at least LIFT down from where the
rays meet."""

CLEAR_EDGE, SURELY_BACK = 0.1, 0.45
"""Clearness times coherence of an edge, or mean probability of inner back within it, from which there is an opening."""

UNSURE = 0.5
"""Standard deviation of the front neckline's mark, in neck widths, from which a standing collar counts as closed."""

STANDING, STEEP = -0.12, 0.1
"""Height of the outline between the neck points, in neck widths, from which a collar or hood stands there; and how far
it falls just outside them beside a collar whose upper corners were taken for them."""

BESIDE = 1.2
"""Where that is measured, in half neck widths."""

MISREAD = 0.9
"""Depth of a front neckline below a standing collar, in neck widths, that is not believed."""

CLOSED = -0.15
"""Depth from which a collar is closed round the throat, as a turtleneck is."""

HOOD, HOOD_HALF = -0.42, 1.35
"""Height above the neck points, in neck widths, from which an open collar is a hood. Worn, it lies on the shoulders: of
so much height in the middle, and of none at HOOD_HALF half neck widths to both sides."""

WIDE = 2.4
"""Half neck widths to both sides that a hood can stand."""

LEAN = 0.8
"""How far outwards the cut above the neck points leans up to HIGHEST, in half neck widths: a rim's corners go, too."""

LABEL = 0.16
"""Width of a label in the collar, in neck widths, for which an opening is not interrupted."""

SMALLEST = 24.0
"""Width of a neck, px, that is too small to judge."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the garment network saw. front: lowest point of the front neckline, px; spread: its standard deviation, px.
    back, label: (H, W) probability of the collar's inner back and of a label in it."""

    front: FloatArray
    spread: float
    back: Mask
    label: Mask


def cut_neckline(
    rgb: RgbImage, alpha: Mask, left: FloatArray, right: FloatArray, expected: Expected
) -> tuple[Mask, FloatArray, bool]:
    """Remove the inner back between the neck points.

    rgb: cut-out with colours pulled outward; left, right: neck points px. Returns the new alpha, the lowest point of
    the front neckline, px, and whether anything was removed.
    """
    frame = frame_of(left, right)
    top = float(np.median(outline_top(alpha, frame, np.linspace(-0.25, 0.25, 9, dtype=np.float32))))
    depth = frame.place(expected.front)[1]
    path = None
    if frame.width >= SMALLEST and may_open(depth, top):
        path = find_opening(rgb, alpha, frame, expected, depth, top)
    if path is None:
        return alpha, frame.point(0.0, top if top > NOTCHED else max(top, depth)), False
    return _without_inside(alpha, frame, path, top), frame.point(0.0, min(float(path.v.max()), MAX_DEPTH)), True


def may_open(depth: float, top: float) -> bool:
    """Whether a mark at `depth` below an outline at `top` leaves room for an inner back; see NOTCHED and CLOSED."""
    return depth > CLOSED and depth - top >= (DEEPER if top > NOTCHED else SHALLOW)


def find_opening(
    rgb: RgbImage, alpha: Mask, frame: NeckFrame, expected: Expected, depth: float, top: float
) -> Path | None:
    """The edge of the opening near the mark at `depth`, under an outline at `top`; None where there is none."""
    spread = expected.spread / frame.width
    standing = top < STANDING
    if spread >= UNSURE and (standing or _falls_beside(alpha, frame) > STEEP):
        return None
    label = np.asarray(expected.label, np.float32)
    back = np.maximum(expected.back, label)
    seen = Seen(frame, lab_of(rgb, frame.width), alpha, back, label, depth, spread, standing)
    pole = min(0.0, depth - LIFT) if standing else 0.0
    deep = float(np.clip(depth - pole, *DEPTHS))
    halves = COLLAR_HALVES if standing else (1.0,)
    paths = [trace(seen, (pole, deep), power, half) for power in shapes_for(depth, standing) for half in halves]
    best = min(paths, key=lambda path: path.cost)
    return best if best.edge * best.coherence >= CLEAR_EDGE or best.inside >= SURELY_BACK else None


def shapes_for(depth: float, standing: bool) -> tuple[float, ...]:
    """The shapes that a neckline expected at `depth` can have."""
    return SHAPES if standing or depth >= ROUND_ABOVE else SHAPES[1:]


def _falls_beside(alpha: Mask, frame: NeckFrame) -> float:
    """How far the outline has fallen just outside the neck points, in neck widths."""
    return float(outline_top(alpha, frame, np.array([-BESIDE, BESIDE], np.float32)).mean())


def _without_inside(alpha: Mask, frame: NeckFrame, path: Path, top: float) -> Mask:
    """`alpha` without what lies within `path` and above its ends, down to MAX_DEPTH; the edge is soft over 1.5 px."""
    scoop = MAX_DEPTH * np.sqrt(np.maximum(1.0 - (path.u / BOTTOM_HALF) ** 2, 0.0))
    u, v = path.u, np.where(path.v > 0, np.minimum(path.v, scoop), path.v)
    lean = 0.0 if top < STANDING else LEAN
    corners = frame.point(np.array([u[-1] - lean, u[0] + lean]), np.array([-HIGHEST, -HIGHEST]))
    outline = [np.concatenate([frame.point(u, v), corners])]
    if top < HOOD:
        outline.append(_above_hood(frame))
    gone = np.zeros(alpha.shape, np.uint8)
    for polygon in outline:
        cv2.fillPoly(gone, [np.rint(polygon * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    return np.asarray(alpha * (1.0 - cv2.GaussianBlur(gone, (0, 0), 0.6) / np.float32(255.0)), np.float32)


def without_hood(back: Mask, left: FloatArray, right: FloatArray) -> Mask:
    """The inner back `back` (H, W) without a standing hood's top, which worn does not stand behind the head."""
    high = np.zeros(back.shape, np.uint8)
    cv2.fillPoly(high, [np.rint(_above_hood(frame_of(left, right)) * 16).astype(np.int32)], 1, cv2.LINE_8, shift=4)
    return np.asarray(back * (high == 0), np.float32)


def _above_hood(frame: NeckFrame) -> FloatArray:
    """Outline, px (N, 2), of all that stands higher than a hood that lies on the shoulders."""
    u = np.linspace(-HOOD_HALF, HOOD_HALF, 41, dtype=np.float32)
    v = HOOD * np.sqrt(np.maximum(1.0 - (u / HOOD_HALF) ** 2, 0.0))
    wide = np.array([WIDE, WIDE, -WIDE, -WIDE], np.float32)
    return frame.point(np.concatenate([u, wide]), np.concatenate([v, [-0.05, -HIGHEST, -HIGHEST, -0.05]]))


def cut_collar(photo: RgbImage, alpha: Mask, left: FloatArray, right: FloatArray, expected: Expected) -> Mask:
    """Remove the inner back of a collar or hood that stands above the neck points, where no single curve parts it.

    What was seen as inner back is brought onto the photo's own edges (uint8 (H, W, 3)) by a guided filter; only what
    lies between the neck points and above the front neckline goes, with all above it that is in its way to the
    outside, and a hood's top. Nothing goes where the neckline is so deep or so unsure that it is more likely misread,
    or so high that the collar is closed. Returns the new alpha.
    """
    frame = frame_of(left, right)
    width = frame.width
    depth = frame.place(expected.front)[1]
    if width < SMALLEST or not CLOSED < depth < MISREAD or expected.spread >= UNSURE * width:
        return alpha
    ys, xs = np.mgrid[0 : alpha.shape[0], 0 : alpha.shape[1]].astype(np.float32)
    dx, dy = xs - frame.origin[0], ys - frame.origin[1]
    u = (dx * frame.along[0] + dy * frame.along[1]) / (width / 2)
    v = (dx * frame.down[0] + dy * frame.down[1]) / width
    limit = min(depth, MAX_DEPTH)
    room = np.clip((1.0 - np.abs(u)) / 0.08, 0, 1) * np.clip((limit - v) / 0.04, 0, 1)
    reach = max(2, round(0.06 * width))
    fine = cv2.ximgproc.guidedFilter(photo, np.maximum(expected.back, expected.label), reach, 60.0)
    gone = np.clip((cv2.GaussianBlur(fine, (0, 0), max(0.6, width / 120)) - 0.45) / 0.15, 0, 1) * room
    across = max(3, round(LABEL * width))
    gone = cv2.morphologyEx(gone, cv2.MORPH_CLOSE, np.ones((1, across), np.uint8)) * room
    # Whatever lies above the opening, as a hood's rim does, is behind the head as well; so is a standing hood.
    gone = np.maximum.accumulate(gone[::-1], axis=0)[::-1] * room
    if gone.max() > 0.5:
        gone = np.maximum(gone, np.clip((HOOD - v) / 0.04, 0, 1) * np.clip((1.6 - np.abs(u)) / 0.08, 0, 1))
    return np.asarray(alpha * (1.0 - gone), np.float32)
