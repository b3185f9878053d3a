"""The cast of colour that an editor lays over the whole picture, measured where nothing should change and taken off.

A gain and an offset per channel, fitted on the kept pixels of both pictures, reduced so that grain and small moves
do not count, with weights that forget the pixels that did change (Huber). Invariant: the correction stays within
LIMITS, and where the kept pixels tell nothing, nothing is corrected.
"""

from __future__ import annotations

import cv2
import numpy as np

from fittingroom.engines.protocol import Mask, RgbImage

SIDE = 160
GAINS, OFFSET = (0.8, 1.25), 40.0
DARK, BRIGHT = 4, 251
"""Grey levels beyond which a channel may be cut off."""

ROUNDS, NEAR = 8, 6.0
LEAST = 60
"""Kept pixels of the reduced picture below which nothing is told."""

STIFF = 20.0**2 * 0.05
"""Prior that holds the gain at 1 where the kept pixels are all of one brightness, squared grey levels per pixel."""


def untinted(made: RgbImage, photo: RgbImage, keep: Mask) -> RgbImage:
    """`made` in the photo's light, uint8 (H, W, 3). made, photo: uint8 of one shape, registered. keep: float32."""
    k = min(1.0, SIDE / max(photo.shape[:2]))
    size = (max(1, round(photo.shape[1] * k)), max(1, round(photo.shape[0] * k)))
    here, there = (cv2.resize(p, size, interpolation=cv2.INTER_AREA).astype(np.float64) for p in (made, photo))
    kept = np.asarray(cv2.resize(keep, size, interpolation=cv2.INTER_AREA) > 0.95)
    table = np.empty((1, 256, 3), np.uint8)
    for channel in range(3):
        x, y = here[..., channel][kept], there[..., channel][kept]
        # What is cut off in one picture alone says nothing; a white ground that both show has to stay white.
        seen = ((x > DARK) == (y > DARK)) & ((x < BRIGHT) == (y < BRIGHT))
        gain, offset = _fit(x[seen], y[seen]) if seen.sum() >= LEAST else (1.0, 0.0)
        table[0, :, channel] = np.clip(np.rint(gain * np.arange(256) + offset), 0, 255)
    return np.asarray(cv2.LUT(made, table), np.uint8)


def _fit(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Gain and offset of y on x (N,), within the limits."""
    gain, offset = 1.0, float(np.median(y - x))
    for _ in range(ROUNDS):
        away = np.abs(gain * x + offset - y)
        weight = np.minimum(1.0, NEAR / np.maximum(away, 1e-6))
        total = weight.sum()
        mx, my = (weight * x).sum() / total, (weight * y).sum() / total
        spread = (weight * (x - mx) ** 2).sum() + STIFF * total
        gain = ((weight * (x - mx) * (y - my)).sum() + STIFF * total) / spread
        gain = float(np.clip(gain, *GAINS))
        offset = float(np.clip(my - gain * mx, -OFFSET, OFFSET))
    return gain, offset
