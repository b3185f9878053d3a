"""How often a sample of pixels shows each colour: smoothed histograms over CIELAB, to tell two kinds of cloth apart.

Invariant: a histogram sums to 1, and colours near a sample's own get a share of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.nets import FloatArray

BINS = 24, 30, 30
"""Of lightness 0..100 and of a and b, -60..60."""

NEAR = np.array([0.06, 0.24, 0.4, 0.24, 0.06], np.float32)
"""Share of a pixel that each of five neighbouring bins gets."""


def bins_of(lab: FloatArray) -> NDArray[np.intp]:
    """The bin (..., 3) of each CIELAB colour (..., 3)."""
    scale = np.array([BINS[0] / 100, BINS[1] / 120, BINS[2] / 120], np.float32)
    bins = ((lab + np.array([0, 60, 60], np.float32)) * scale).astype(np.intp)
    return np.clip(bins, 0, np.array(BINS) - 1)


def shares(bins: NDArray[np.intp], sample: NDArray[np.bool_]) -> FloatArray:
    """For each bin (..., 3) the share of `sample` (...) that has its colour, float32 (...)."""
    counted = np.zeros(BINS, np.float32)
    np.add.at(counted, tuple(bins[sample].T), 1.0)
    for axis in range(3):
        counted = np.apply_along_axis(lambda row: np.convolve(row, NEAR, "same"), axis, counted)
    counted /= max(float(counted.sum()), 1e-9)
    return np.asarray(counted[tuple(bins[..., k] for k in range(3))], np.float32)
