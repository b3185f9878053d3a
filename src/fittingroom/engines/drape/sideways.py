"""The scene continued across a hole row by row: from both sides towards the middle, mirrored at the hole's edges.

Streets, steps, kerbs and walls run sideways behind a standing person, so what stands at the same height beside the hole
is the likeliest thing in it. Nothing is made up: invariant: every colour is one of its own row's scene, or a blend of
the two sides; rows without any scene keep what they had.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.protocol import RgbImage

IntArray = NDArray[np.int64]

SHORTEST = 0.03
"""Length of a stretch of scene, as a share of the row, below which it is no source: repeated it would be a comb."""

BLEND = 0.4
"""Share of the hole's width in its middle over which one side fades into the other."""


def continued_sideways(rgb: RgbImage, free: NDArray[np.bool_]) -> FloatArray:
    """`rgb` (uint8 (H, W, 3)) with all that is not `free` (bool (H, W), the scene) filled, float32 0..255."""
    height, width = free.shape
    source = _long_stretches(free, max(2, round(SHORTEST * width)))
    x = np.broadcast_to(np.arange(width), free.shape)
    left, right = _last(source), width - 1 - _last(source[:, ::-1])[:, ::-1]
    there = [left >= 0, right < width]
    rows = np.arange(height)[:, None]
    colours = rgb.astype(np.float32)
    from_left = colours[rows, _mirrored(x, left, _lengths(source), -1)]
    from_right = colours[rows, _mirrored(x, right, _lengths(source[:, ::-1])[:, ::-1], +1)]
    share = (x - left) / np.maximum(right - left, 1)
    share = np.where(there[0] & there[1], np.clip((share - 0.5) / BLEND + 0.5, 0.0, 1.0), np.where(there[0], 0.0, 1.0))
    share = (share**2 * (3.0 - 2.0 * share)).astype(np.float32)[..., None]
    filled = from_left * (1.0 - share) + from_right * share
    known = free | ~(there[0] | there[1])
    return np.asarray(np.where(known[..., None], colours, filled), np.float32)


def _last(source: NDArray[np.bool_]) -> IntArray:
    """Column of the last source pixel up to each pixel of a row; -1 where there is none."""
    columns = np.arange(source.shape[1])
    return np.asarray(np.maximum.accumulate(np.where(source, columns, -1), axis=1), np.int64)


def _lengths(source: NDArray[np.bool_]) -> IntArray:
    """How many source pixels in a row end at each pixel; 0 where it is none."""
    columns = np.arange(source.shape[1])
    gap = np.maximum.accumulate(np.where(source, -1, columns), axis=1)
    return np.asarray(np.where(source, columns - gap, 0), np.int64)


def _long_stretches(free: NDArray[np.bool_], least: int) -> NDArray[np.bool_]:
    """`free` without stretches of a row that are shorter than `least`."""
    whole = _lengths(free) + _lengths(free[:, ::-1])[:, ::-1] - 1
    return np.asarray(free & (whole >= least))


def _mirrored(x: IntArray, edge: IntArray, lengths: IntArray, way: int) -> IntArray:
    """Columns of the mirror images of `x` at the source's `edge`, folded to and fro within its stretch."""
    width = x.shape[1]
    at = np.clip(edge, 0, width - 1)
    length = np.maximum(np.take_along_axis(lengths, at, axis=1), 1)
    place = (np.abs(x - at) - 1) % (2 * length)
    inward = np.where(place < length, place, 2 * length - 1 - place)
    return np.asarray(np.clip(at + way * inward, 0, width - 1), np.int64)
