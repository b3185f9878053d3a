"""For every pixel: how far along an arm or leg it lies, and how far from its centre line.

Computed on a quarter-size grid and interpolated, since both fields are smooth where they are used.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fittingroom.engines.drape.body import Limb, along, smooth
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.protocol import Mask

GRID = 4
SAMPLES = 32
END_SOFT = 0.012
CORE = 0.4
BINS_PER_LIMB = 40
BINS = 48


@dataclass(frozen=True, slots=True)
class LimbField:
    """fraction: 0..1 along the limb of the nearest point of its centre line. ratio: distance from that line over the
    limb's radius there. Both float32 (H, W)."""

    fraction: FloatArray
    ratio: FloatArray

    def band(self, start: float, end: float, wide: float = 1.0, soft: float = 0.12) -> Mask:
        """Soft mask of the limb between two fractions, `wide` times its radius; its ends are soft, too."""
        across = np.clip((wide - self.ratio) / soft + 0.5, 0.0, 1.0)
        # Everything before the first joint lies at fraction 0: a band from there on is whole.
        after = np.clip((self.fraction - start) / END_SOFT + 0.5, 0.0, 1.0) if start > 0 else 1.0
        before = np.clip((end - self.fraction) / END_SOFT + 0.5, 0.0, 1.0)
        return np.asarray(across * after * before, np.float32)

    def covered(self, skin: Mask) -> Mask:
        """Soft mask of the lengths of the limb on which no skin shows along its core: cloth is worn there."""
        core = self.ratio < CORE
        if not core.any():
            return np.ones_like(self.ratio)
        bins = np.clip(self.fraction[core] * BINS_PER_LIMB, 0, BINS - 1).astype(int)
        count = np.bincount(bins, minlength=BINS)
        seen = count > 0
        shown = np.bincount(bins, weights=skin[core], minlength=BINS)[seen] / count[seen]
        worn = 1.0 - np.clip((shown - 0.3) / 0.3, 0.0, 1.0)
        # A little farther than the hem, or the rim between cloth and skin would become background.
        padded = np.pad(worn, 2, mode="edge")
        worn = np.max([padded[k : k + len(worn)] for k in range(5)], axis=0)
        centres = ((np.arange(BINS) + 0.5) / BINS_PER_LIMB)[seen]
        return np.asarray(np.interp(self.fraction, centres, worn), np.float32)


def limb_field(limb: Limb, radii: FloatArray, shape: tuple[int, int], tail: float = 0.0) -> LimbField:
    """Fields of one limb. radii: float32 (K,), px, at equal steps from its start to its end.

    tail: how far the centre line goes on straight beyond its end, as a fraction of the limb; `fraction` then exceeds
    1 there (a cuff reaches past the wrist).
    """
    height, width = shape
    steps = np.linspace(0.0, 1.0 + tail, SAMPLES)
    line, _ = along(smooth(limb.points, SAMPLES), np.asarray(steps * limb.length, np.float32))
    radius = np.interp(steps, np.linspace(0, 1, len(radii)), radii)
    xs = np.arange(0, width + GRID, GRID, dtype=np.float32)
    ys = np.arange(0, height + GRID, GRID, dtype=np.float32)
    gx, gy = np.meshgrid(xs, ys)
    best = np.full(gx.shape, np.inf, np.float32)
    fraction = np.zeros(gx.shape, np.float32)
    for i in range(SAMPLES - 1):
        (ax, ay), (dx, dy) = line[i], line[i + 1] - line[i]
        t = np.clip(((gx - ax) * dx + (gy - ay) * dy) / max(float(dx * dx + dy * dy), 1e-6), 0.0, 1.0)
        width_here = np.maximum(radius[i] + t * (radius[i + 1] - radius[i]), 1.0)
        ratio = (np.hypot(gx - ax - t * dx, gy - ay - t * dy) / width_here).astype(np.float32)
        closer = ratio < best
        best[closer] = ratio[closer]
        fraction[closer] = (steps[i] + t * (steps[i + 1] - steps[i]))[closer]
    mx, my = np.meshgrid(np.arange(width, dtype=np.float32) / GRID, np.arange(height, dtype=np.float32) / GRID)
    return LimbField(
        np.asarray(cv2.remap(fraction, mx, my, cv2.INTER_LINEAR), np.float32),
        np.asarray(cv2.remap(best, mx, my, cv2.INTER_LINEAR), np.float32),
    )
