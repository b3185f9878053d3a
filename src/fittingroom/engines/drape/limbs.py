"""For every pixel: how far along an arm or leg it lies, and how far from its centre line.

Computed on a quarter-size grid and interpolated, since both fields are smooth where they are used.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.body import Limb, along, smooth
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.protocol import Mask

IntArray = NDArray[np.int_]

GRID = 4
SAMPLES = 32
END_SOFT = 0.012
EDGE, EDGE_RANGE = 2.5, (0.02, 0.12)
"""Softness of a limb's edge, px, and within which shares of its radius it stays."""

CORE, END_CORE, END_FROM = 0.4, 0.9, 0.85
BINS_PER_LIMB = 40
BINS = 48
NEAR = 4.0
FAR = 9.0


@dataclass(frozen=True, slots=True)
class LimbField:
    """fraction: 0..1 along the limb of the nearest point of its centre line. ratio: distance from that line over the
    limb's radius there. across: its part square to the line, positive to the picture's right of a limb that hangs
    down. All float32 (H, W); more than NEAR radii away they are 0, FAR and 0. radius: the limb's median one, px."""

    fraction: FloatArray
    ratio: FloatArray
    across: FloatArray
    radius: float

    def band(self, start: float, end: float, wide: float = 1.0) -> Mask:
        """Mask of the limb between two fractions, `wide` times its radius, with edges as soft as a photo's; its ends
        are soft, too."""
        soft = float(np.clip(EDGE / self.radius, *EDGE_RANGE))
        across = np.clip((wide - self.ratio) / soft + 0.5, 0.0, 1.0)
        # Everything before the first joint lies at fraction 0: a band from there on is whole.
        after = np.clip((self.fraction - start) / END_SOFT + 0.5, 0.0, 1.0) if start > 0 else 1.0
        before = np.clip((end - self.fraction) / END_SOFT + 0.5, 0.0, 1.0)
        return np.asarray(across * after * before, np.float32)

    def covered(self, skin: Mask) -> Mask:
        """Soft mask of the lengths of the limb on which no skin shows along its core: cloth is worn there.

        Near the limb's end, the first skin is a hand or a foot, whichever way it points: nothing beyond is covered.
        """
        core = self.ratio < np.where(self.fraction > END_FROM, END_CORE, CORE)
        if not core.any():
            return np.ones_like(self.ratio)
        bins = np.clip(self.fraction[core] * BINS_PER_LIMB, 0, BINS - 1).astype(int)
        count = np.bincount(bins, minlength=BINS)
        seen = count > 0
        shown = np.bincount(bins, weights=skin[core], minlength=BINS)[seen] / count[seen]
        centres = ((np.arange(BINS) + 0.5) / BINS_PER_LIMB)[seen]
        worn = 1.0 - np.clip((shown - 0.3) / 0.3, 0.0, 1.0)
        end = centres > END_FROM
        worn[end] = np.minimum.accumulate(worn[end])
        # A little farther than the hem, or the rim between cloth and skin would become background.
        padded = np.pad(worn, 2, mode="edge")
        worn = np.max([padded[k : k + len(worn)] for k in range(5)], axis=0)
        return np.asarray(np.interp(self.fraction, centres, worn), np.float32)


def limb_field(limb: Limb, radii: FloatArray, shape: tuple[int, int], tail: float = 0.0) -> LimbField:
    """Fields of one limb. radii: float32 (K,), px, at equal steps from its start to its end.

    tail: how far the centre line goes on straight beyond its end, as a fraction of the limb; `fraction` then exceeds
    1 there (a cuff reaches past the wrist).
    """
    steps = np.linspace(0.0, 1.0 + tail, SAMPLES, dtype=np.float32)
    line, _ = along(smooth(limb.points, SAMPLES), np.asarray(steps * limb.length, np.float32))
    radius = np.asarray(np.interp(steps, np.linspace(0, 1, len(radii)), radii), np.float32)
    return line_field(line, radius, steps, shape)


def line_field(line: FloatArray, radius: FloatArray, steps: FloatArray, shape: tuple[int, int]) -> LimbField:
    """Fields of a limb given by points (N, 2), half widths (N,), both px, and the fraction (N,) at each point."""
    height, width = shape
    size = (height // GRID + 2, width // GRID + 2)
    fraction, ratio, across = (np.full(size, value, np.float32) for value in (0.0, FAR, 0.0))
    # Farther away than this nobody asks.
    margin = NEAR * float(radius.max())
    first = np.clip((line.min(axis=0) - margin) // GRID, 0, None).astype(int)
    last = np.minimum((line.max(axis=0) + margin) // GRID + 2, size[::-1]).astype(int)
    if (first < last).all():
        gx, gy = np.meshgrid(*(GRID * np.arange(a, b, dtype=np.float32) for a, b in zip(first, last, strict=True)))
        box = np.s_[first[1] : last[1], first[0] : last[0]]
        fraction[box], ratio[box], across[box] = _nearest(line, radius, steps, gx, gy)
    fields = ((fraction, 0.0), (ratio, FAR), (across, 0.0))
    along, away, square = (_enlarged(values, first, last, shape, far) for values, far in fields)
    return LimbField(along, away, square, float(np.median(radius)))


def _enlarged(grid: FloatArray, first: IntArray, last: IntArray, shape: tuple[int, int], far: float) -> FloatArray:
    """The picture's size of a coarse grid, of which only columns and rows `first` to `last` are not `far`."""
    out = np.full(shape, far, np.float32)
    (x0, y0), (x1, y1) = GRID * first, np.minimum(GRID * last, shape[::-1])
    if x0 < x1 and y0 < y1:
        mx, my = np.meshgrid(*(np.arange(a, b, dtype=np.float32) / GRID for a, b in ((x0, x1), (y0, y1))))
        out[y0:y1, x0:x1] = cv2.remap(grid, mx, my, cv2.INTER_LINEAR)
    return out


def _nearest(
    line: FloatArray, radius: FloatArray, steps: FloatArray, gx: FloatArray, gy: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """fraction, ratio and across of the nearest point of the line for each grid point."""
    best, across = np.full(gx.shape, FAR, np.float32), np.zeros(gx.shape, np.float32)
    fraction = np.zeros(gx.shape, np.float32)
    for i in range(len(line) - 1):
        (ax, ay), (dx, dy) = line[i], line[i + 1] - line[i]
        px, py = gx - ax, gy - ay
        t = np.clip((px * dx + py * dy) / max(float(dx * dx + dy * dy), 1e-6), 0.0, 1.0)
        width_here = np.maximum(radius[i] + t * (radius[i + 1] - radius[i]), 1.0)
        ratio = np.hypot(px - t * dx, py - t * dy) / width_here
        closer = ratio < best
        best[closer] = ratio[closer]
        fraction[closer] = (steps[i] + t * (steps[i + 1] - steps[i]))[closer]
        # Square to the line only, so that it goes through 0 on the line's extension, too.
        across[closer] = ((px * dy - py * dx) / (np.hypot(dx, dy) + 1e-6) / width_here)[closer]
    return fraction, best, across
