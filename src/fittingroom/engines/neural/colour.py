"""Whether the garment in the result has the colours of its photo: networks drift to grey, to cream, to another blue.

Both are reduced to a few colours with their shares; each colour of the product should be found again in what is worn,
each in proportion. Light and folds change lightness more than hue, so lightness counts half, as is usual for textiles
(CIEDE2000 with kL = 2; Sharma, Wu and Dalal, 2005). Invariant: the answer does not depend on where in the picture a
colour lies, and the same pixels give the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.protocol import Mask, RgbImage

FloatArray = NDArray[np.floating[Any]]

FINE = 12.0
"""CIEDE2000 (kL = 2) up to which the colours are the product's in another light."""

COLOURS, SAMPLES, LEAST = 6, 4000, 50
INSIDE = 0.9


@dataclass(frozen=True, slots=True)
class ColourVerdict:
    """delta_e: CIEDE2000 (kL = 2) between the product's colours and the worn ones, weighted by their shares. fine:
    small enough to be the light."""

    delta_e: float
    fine: bool


def colour_check(
    result: RgbImage, mask: Mask, garment_photo: RgbImage, garment_mask: Mask, limit: float = FINE
) -> ColourVerdict:
    """Compare the garment in `result`, uint8 (H, W, 3), with that in `garment_photo`, uint8 (h, w, 3).

    mask: float32 (H, W), where the new garment lies in the result: without skin or background. garment_mask: float32
    (h, w). Where either holds too few pixels to tell, the verdict is not fine and delta_e infinite.
    """
    worn, product = _inner(result, mask), _inner(garment_photo, garment_mask)
    if len(worn) < LEAST or len(product) < LEAST:
        return ColourVerdict(float("inf"), False)
    (seen, much), (wanted, shares) = _palette(worn), _palette(product)
    delta = _transport(delta_e(wanted[:, None], seen[None]), shares, much)
    return ColourVerdict(delta, delta <= limit)


def delta_e(one: FloatArray, other: FloatArray, light: float = 2.0) -> FloatArray:
    """CIEDE2000 of CIELAB colours (..., 3), L 0..100. light: kL; 1 is the plain formula.

    Source: Sharma, Wu, Dalal, "The CIEDE2000 color-difference formula", Color Res. Appl. 30 (2005).
    """
    c1, c2 = (np.hypot(x[..., 1], x[..., 2]) for x in (one, other))
    mean7 = ((c1 + c2) / 2) ** 7
    g = 0.5 * (1 - np.sqrt(mean7 / (mean7 + 25.0**7)))
    a1, a2 = one[..., 1] * (1 + g), other[..., 1] * (1 + g)
    c1, c2 = np.hypot(a1, one[..., 2]), np.hypot(a2, other[..., 2])
    h1 = np.degrees(np.arctan2(one[..., 2], a1)) % 360
    h2 = np.degrees(np.arctan2(other[..., 2], a2)) % 360
    grey = c1 * c2 == 0
    turn = np.where(grey, 0.0, (h2 - h1 + 180) % 360 - 180)
    lightness, chroma = other[..., 0] - one[..., 0], c2 - c1
    hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    mean_l, mean_c = (one[..., 0] + other[..., 0]) / 2, (c1 + c2) / 2
    mean_h = np.where(grey, h1 + h2, h1 + turn / 2) % 360
    return _weighted(lightness / light, chroma, hue, mean_l, mean_c, mean_h)


def _weighted(
    lightness: FloatArray,
    chroma: FloatArray,
    hue: FloatArray,
    mean_l: FloatArray,
    mean_c: FloatArray,
    mean_h: FloatArray,
) -> FloatArray:
    """The formula's last part: the weights of each difference, and their rotation among the blues."""
    waves = ((-0.17, 1, 30), (0.24, 2, 0), (0.32, 3, -6), (-0.20, 4, 63))
    t = 1.0 + sum(much * np.cos(np.radians(times * mean_h - turn)) for much, times, turn in waves)
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / np.sqrt(20 + (mean_l - 50) ** 2)
    s_c, s_h = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    theta = 30 * np.exp(-(((mean_h - 275) / 25) ** 2))
    r_t = -2 * np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)) * np.sin(np.radians(2 * theta))
    dl, dc, dh = lightness / s_l, chroma / s_c, hue / s_h
    return np.asarray(np.sqrt(np.maximum(dl**2 + dc**2 + dh**2 + r_t * dc * dh, 0.0)))


def _inner(picture: RgbImage, mask: Mask) -> FloatArray:
    """CIELAB of at most SAMPLES pixels well inside `mask`, float32 (N, 3)."""
    sure = np.asarray(mask > INSIDE, np.uint8)
    room = max(1, round(0.005 * min(mask.shape)))
    inner = cv2.erode(sure, np.ones((2 * room + 1, 2 * room + 1), np.uint8)) > 0
    smooth = cv2.GaussianBlur(picture, (0, 0), max(0.5, 0.002 * min(mask.shape)))
    pixels = smooth[inner if inner.sum() >= LEAST else sure > 0]
    if len(pixels) == 0:
        return np.zeros((0, 3), np.float32)
    step = max(1, len(pixels) // SAMPLES)
    lab = cv2.cvtColor(pixels[::step][None].astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB)
    return np.asarray(lab[0], np.float32)


def _palette(lab: FloatArray) -> tuple[FloatArray, FloatArray]:
    """COLOURS centres (K, 3) and their shares (K,), from k-means of a fixed seed."""
    cv2.setRNGSeed(0)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    count = min(COLOURS, len(lab))
    _, labels, centres = cv2.kmeans(
        np.ascontiguousarray(lab, np.float32), count, np.empty(0, np.int32), stop, 2, cv2.KMEANS_PP_CENTERS
    )
    return np.asarray(centres, np.float64), np.bincount(labels[:, 0], minlength=count) / len(lab)


def _transport(cost: FloatArray, have: FloatArray, need: FloatArray) -> float:
    """Mean cost of turning one palette into the other, by giving from the cheapest pair on: an upper bound of the
    earth mover's distance, exact where every colour has its like."""
    left, wanted, total = have.copy(), need.copy(), 0.0
    for index in np.argsort(cost, axis=None):
        i, j = np.unravel_index(index, cost.shape)
        moved = min(left[i], wanted[j])
        total += float(moved * cost[i, j])
        left[i] -= moved
        wanted[j] -= moved
    return total
