"""The front neckline: what lies above it is the inner back of the collar and must not be worn in front of a neck.

The garment network says about where the front neckline runs and what is inner back; near there curves
y = d w (1 - |u|^p) between the two neck points are tried, and the one that runs along an edge of the photo and parts
what the network parted is the neckline: smooth and symmetric, as no mask of a network is. It is found on the cut-out
whose outside was filled with cloth colours, since otherwise the outline itself is the strongest edge. A collar wrongly
eaten looks worse than a bit of lining left, so where no inner back was seen nothing is removed.
Invariant: nothing is ever removed deeper than MAX_DEPTH neck widths below the line between the neck points.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.protocol import Mask, RgbImage

MAX_DEPTH = 0.62
NOTCHED = 0.28
"""A mask that is itself this deep below the neck points (in neck widths) already shows the front neckline."""

POINTED, BETWEEN, ROUND = (1.0, 1.25), (1.6,), (2.2, 3.0)
"""Powers of the curves of V necks, of what looks like either, and of round necklines."""

COLUMNS, ROWS_PER_WIDTH, ABOVE, BELOW = 121, 120, 0.25, 0.9
HIGHEST = 1.5
"""How far above the neck points anything may lie that belongs to the back, such as a hood's rim, in neck widths."""

SEEN = 0.35
"""Least mean probability of inner back above the expected neckline from which something is removed."""

SHARP_V = 0.3
"""What a pointed neckline has to be clearer by than a round one; on black cloth every edge is faint."""

ROUND_ABOVE, V_BELOW = 0.5, 0.7
"""Expected depth, in neck widths, above which a neckline is round and below which it is a V: no crew neck is deep."""

STANDING = -0.12
"""Depth of the outline between the neck points, in neck widths, from which a collar or hood stands there."""

MISREAD = 0.9
"""Depth of a front neckline below a standing collar, in neck widths, that is not believed."""

CLOSED = -0.15
"""Depth from which a collar is closed round the throat, as a turtleneck is."""

HOOD = -0.42
"""Height above the neck points, in neck widths, from which an open collar is a hood and lies behind the head."""

LABEL = 0.16
"""Width of a label in the collar, in neck widths, for which an opening is not interrupted."""

REACH, NEAR, AGREES = 0.12, 25.0, 1.2
"""How far from the expected depth an edge is looked for, what straying costs, and what agreement with the seen inner
back counts beside the edge; set by eye on product photos."""

AGREEMENT = 0.7
"""How alike the steps of colour along a neckline must be; prints and patterns, with edges of all kinds, stay below."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the garment network saw. front: lowest point of the front neckline, px; back: (H, W) probability."""

    front: FloatArray
    back: Mask


@dataclass(frozen=True, slots=True)
class NeckView:
    """The collar region, sampled on a grid: row v (in neck widths below the neck line) by column u (-1 left neck
    point .. 1 right). lab: float32 (R, C, 3); inside: (R, C) alpha."""

    lab: FloatArray
    inside: FloatArray
    origin: FloatArray
    along: FloatArray
    down: FloatArray
    width: float

    def row(self, v: FloatArray) -> FloatArray:
        """Row index of depth v."""
        return np.asarray((v + ABOVE) * ROWS_PER_WIDTH, np.float32)

    def point(self, u: float, v: float) -> FloatArray:
        """Pixel of (u, v)."""
        return np.asarray(self.origin + self.along * (u * self.width / 2) + self.down * (v * self.width), np.float32)


def cut_neckline(
    rgb: RgbImage, alpha: Mask, left: FloatArray, right: FloatArray, expected: Expected
) -> tuple[Mask, FloatArray, bool]:
    """Remove the inner back between the neck points.

    rgb: cut-out with colours pulled outward; left, right: neck points px. Returns the new alpha, the lowest point of
    the front neckline, px, and whether anything was removed.
    """
    width = float(np.linalg.norm(right - left))
    view = look_at_neck(rgb, alpha, left, right)
    top = mask_top(view)
    middle = float(np.median(top[COLUMNS // 2 - 6 : COLUMNS // 2 + 7]))
    shown = _sample(expected.back, view)
    depth = float((expected.front - view.origin) @ view.down) / max(view.width, 1.0)
    if width < 24 or middle > NOTCHED or middle < -0.2 or not _shows_back(shown, top, depth):
        return alpha, view.point(0.0, middle if middle > NOTCHED else max(middle, depth)), False
    depth, power = best_curve(view, top, shown, min(depth, MAX_DEPTH), powers_for(depth, middle < STANDING))
    return _erase_above(alpha, view, depth, power), view.point(0.0, depth), True


def cut_collar(photo: RgbImage, alpha: Mask, left: FloatArray, right: FloatArray, expected: Expected) -> Mask:
    """Remove the inner back of a collar or hood that stands above the neck points, where no single curve parts it.

    What was seen as inner back is brought onto the photo's own edges (uint8 (H, W, 3)) by a guided filter; only what
    lies between the neck points and above the front neckline goes, with all above it that is in its way to the
    outside, and a hood's top. Nothing goes where the neckline is so deep that it is more likely misread (a high collar
    of patterned cloth has no opening), or so high that the collar is closed. Returns the new alpha.
    """
    width = float(np.linalg.norm(right - left))
    if width < 24:
        return alpha
    along = (right - left) / width
    down = np.array([-along[1], along[0]], np.float32)
    depth = float((expected.front - (left + right) / 2) @ down) / width
    if not CLOSED < depth < MISREAD:
        return alpha
    ys, xs = np.mgrid[0 : alpha.shape[0], 0 : alpha.shape[1]].astype(np.float32)
    dx, dy = xs - (left[0] + right[0]) / 2, ys - (left[1] + right[1]) / 2
    u, v = (dx * along[0] + dy * along[1]) / (width / 2), (dx * down[0] + dy * down[1]) / width
    limit = min(depth, MAX_DEPTH)
    room = np.clip((1.0 - np.abs(u)) / 0.08, 0, 1) * np.clip((limit - v) / 0.04, 0, 1)
    reach = max(2, round(0.06 * width))
    fine = cv2.ximgproc.guidedFilter(photo, np.asarray(expected.back, np.float32), reach, 60.0)
    gone = np.clip((cv2.GaussianBlur(fine, (0, 0), max(0.6, width / 120)) - 0.45) / 0.15, 0, 1) * room
    across = max(3, round(LABEL * width))
    gone = cv2.morphologyEx(gone, cv2.MORPH_CLOSE, np.ones((1, across), np.uint8)) * room
    # Whatever lies above the opening, as a hood's rim does, is behind the head as well; so is a standing hood.
    gone = np.maximum.accumulate(gone[::-1], axis=0)[::-1] * room
    if gone.max() > 0.5:
        gone = np.maximum(gone, np.clip((HOOD - v) / 0.04, 0, 1) * np.clip((1.6 - np.abs(u)) / 0.08, 0, 1))
    return np.asarray(alpha * (1.0 - gone), np.float32)


def _sample(mask: Mask, view: NeckView) -> FloatArray:
    """`mask` on the grid of `view`."""
    u = np.linspace(-1, 1, COLUMNS, dtype=np.float32)[None, :, None] * (view.width / 2)
    v = (np.arange(len(view.lab), dtype=np.float32)[:, None, None] / ROWS_PER_WIDTH - ABOVE) * view.width
    grid = np.asarray(view.origin + u * view.along + v * view.down, np.float32)
    map_x, map_y = np.ascontiguousarray(grid[..., 0]), np.ascontiguousarray(grid[..., 1])
    return np.asarray(cv2.remap(mask, map_x, map_y, cv2.INTER_LINEAR), np.float32)


def _above(view: NeckView, top: FloatArray, curve: FloatArray) -> NDArray[np.bool_]:
    """Cloth above a curve, on the grid."""
    v = np.arange(len(view.lab), dtype=np.float32)[:, None] / ROWS_PER_WIDTH - ABOVE
    return np.asarray((v < curve) & (v > top), np.bool_)


def _shows_back(shown: FloatArray, top: FloatArray, depth: float) -> bool:
    """Whether most of what lies in the middle above the expected neckline was seen as inner back."""
    v = np.arange(len(shown), dtype=np.float32)[:, None] / ROWS_PER_WIDTH - ABOVE
    middle = (v < depth) & (v > top) & (np.abs(np.linspace(-1, 1, COLUMNS)) < 0.5)
    deep = depth - float(np.median(top[COLUMNS // 2 - 6 : COLUMNS // 2 + 7]))
    return bool(deep > 0.08 and middle.any() and float(shown[middle].mean()) > SEEN)


def look_at_neck(rgb: RgbImage, alpha: Mask, left: FloatArray, right: FloatArray) -> NeckView:
    """Sample the region between and below the neck points."""
    width = max(float(np.linalg.norm(right - left)), 1.0)
    along = np.asarray((right - left) / width, np.float32)
    down = np.array([-along[1], along[0]], np.float32)
    origin = np.asarray((left + right) / 2, np.float32)
    u = np.linspace(-1, 1, COLUMNS, dtype=np.float32)[None, :, None] * (width / 2)
    rows = round((ABOVE + BELOW) * ROWS_PER_WIDTH)
    v = (np.arange(rows, dtype=np.float32)[:, None, None] / ROWS_PER_WIDTH - ABOVE) * width
    grid = (origin + u * along + v * down).astype(np.float32)
    map_x, map_y = np.ascontiguousarray(grid[..., 0]), np.ascontiguousarray(grid[..., 1])
    smooth = cv2.GaussianBlur(rgb, (0, 0), max(0.6, width / 250))
    patch = cv2.remap(smooth, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    lab = cv2.cvtColor(patch.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    inside = cv2.remap(alpha, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    return NeckView(np.asarray(lab, np.float32), np.asarray(inside, np.float32), origin, along, down, width)


def mask_top(view: NeckView) -> FloatArray:
    """Depth v at which the garment begins, per column."""
    solid = view.inside > 0.5
    first = np.where(solid.any(axis=0), solid.argmax(axis=0), len(solid) - 1)
    return np.asarray(first / ROWS_PER_WIDTH - ABOVE, np.float32)


def powers_for(depth: float, standing: bool) -> tuple[float, ...]:
    """The shapes that a neckline expected at `depth` can have: shallow ones are round, unless a collar or hood stands
    round them, and the deepest are V's."""
    if depth < ROUND_ABOVE:
        return (*POINTED, *BETWEEN, *ROUND) if standing else ROUND
    return POINTED if depth > V_BELOW else (*POINTED, *BETWEEN, *ROUND)


def best_curve(
    view: NeckView, top: FloatArray, shown: FloatArray, expected: float, powers: tuple[float, ...]
) -> tuple[float, float]:
    """Depth and power (one of `powers`) of the neckline near the expected depth: where the picture has an edge and
    what was seen as inner back (`shown`, on the grid) ends."""
    noise, seen = _noise(view), shown > 0.5

    def value(depth: float, power: float) -> float:
        curve = neck_curve(depth, power)
        region = _above(view, top, curve)
        union = max(int((region | (seen & _above(view, top, neck_curve(2.0, 9.0)))).sum()), 1)
        clear = _credibility(view, top, curve, noise) or 0.0
        clear -= SHARP_V * (power == 1.0)
        return clear + AGREES * float((region & seen).sum()) / union - NEAR * (depth - expected) ** 2

    depths = np.arange(max(0.05, expected - REACH), min(MAX_DEPTH, expected + REACH) + 1e-6, 0.01).tolist()
    tried = [(value(d, p), d, p) for p in powers for d in depths]
    _, depth, power = max(tried)
    return depth, power


def _noise(view: NeckView) -> float:
    """How much the cloth itself changes from row to row, in CIELAB units; prints and knits are loud."""
    step = max(1, round(0.03 * ROWS_PER_WIDTH))
    rows = view.lab[round((ABOVE + 0.1) * ROWS_PER_WIDTH) :]
    change = np.linalg.norm(rows[step:] - rows[:-step], axis=2)
    return float(np.clip(np.median(change), 1.2, 6.0))


def neck_curve(depth: float, power: float) -> FloatArray:
    """Depth v of the neckline per column."""
    u = np.linspace(-1, 1, COLUMNS, dtype=np.float32)
    return np.asarray(depth * (1 - np.abs(u) ** power), np.float32)


def _credibility(view: NeckView, top: FloatArray, curve: FloatArray, noise: float) -> float | None:
    """How clearly the picture changes across `curve`, about 0..3; None where the curve leaves the cloth."""
    columns = np.arange(COLUMNS)
    used = (curve - top > 0.05) & (np.abs(columns - COLUMNS // 2) < 0.45 * COLUMNS)
    if used.sum() < 0.6 * COLUMNS:
        return None
    columns = columns[used]
    upper = _band(view, curve[used], columns, (-0.07, -0.05, -0.03, -0.02))
    lower = _band(view, curve[used], columns, (0.02, 0.03, 0.05, 0.07))
    near = _band(view, curve[used], columns, (-0.015,)) - _band(view, curve[used], columns, (0.015,))
    edge = np.linalg.norm(near, axis=1)
    step = upper - lower
    common = step.mean(axis=0)
    spread = float(np.sqrt(((step - common) ** 2).sum(axis=1).mean()))
    coherence = min(float(np.linalg.norm(common)) / (spread + 1.5), 2.5)
    fair = np.minimum(edge, 4 * noise + 4)
    sharpness = min((0.6 * float(fair.mean()) + 0.8 * float(np.quantile(fair, 0.35))) / (3 * noise), 2.5)
    agreement = float(np.linalg.norm(near.mean(axis=0))) / (float(edge.mean()) + 0.5)
    return (sharpness + 0.5 * coherence) * (1.0 if agreement >= AGREEMENT else 0.4)


def _band(view: NeckView, curve: FloatArray, columns: NDArray[np.intp], offsets: tuple[float, ...]) -> FloatArray:
    rows = [np.clip(np.rint(view.row(curve + o)), 0, len(view.lab) - 1).astype(np.intp) for o in offsets]
    return np.asarray(np.mean([view.lab[r, columns] for r in rows], axis=0), np.float32)


def _erase_above(alpha: Mask, view: NeckView, depth: float, power: float) -> Mask:
    """`alpha` with everything above the curve and between the neck points set to 0, over a soft edge of 1.5 px."""
    corners = np.stack([view.point(u, v) for u in (-1.0, 1.0) for v in (-HIGHEST, MAX_DEPTH)])
    low = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 2, 0)
    high = np.ceil(corners.max(axis=0)).astype(int) + 3
    box = np.s_[low[1] : high[1], low[0] : high[0]]
    out = alpha.copy()
    ys, xs = np.mgrid[box].astype(np.float32)
    ys, xs = ys[: out[box].shape[0], : out[box].shape[1]], xs[: out[box].shape[0], : out[box].shape[1]]
    dx, dy = xs - view.origin[0], ys - view.origin[1]
    u = (dx * view.along[0] + dy * view.along[1]) / (view.width / 2)
    v = (dx * view.down[0] + dy * view.down[1]) / view.width
    edge = depth * (1 - np.minimum(np.abs(u), 1.0) ** power)
    keep = np.clip((v - edge) * view.width / 1.5 + 0.5, 0, 1)
    out[box] = np.where((np.abs(u) < 1) & (v > -HIGHEST), out[box] * keep, out[box])
    return out
