"""A made picture is brought back onto the photo: editors shift, zoom and tint what they were told to leave alone.

How far it drifted is measured on what must not change: coarsely by phase correlation over several zooms, finely by ECC
(Evangelidis and Psarakis, 2008) with an affine map, whose measure does not mind a change of brightness. The cast of
colour is fitted on the same pixels afterwards. Invariant: a map beyond the limits, or one that fits the kept pixels
worse than no map at all, is not applied, and `Registered.fine` says whether what is left agrees with the photo.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.neural.tint import untinted
from fittingroom.engines.protocol import Mask, RgbImage

FloatArray = NDArray[np.floating[Any]]

COARSE_SIDE, FINE_SIDE = 320, 800
"""Longest sides, px, at which the drift is looked for first and then exactly."""

ZOOMS = (1.0, 0.98, 1.02, 0.96, 1.04, 0.94, 1.06)
MOST_SHIFT, MOST_ZOOM, MOST_SHEAR = 0.12, 0.12, 0.03
"""Limits: of the shift in parts of the longer side, of the zoom beside 1, of the affine map's other two numbers."""

AGREES = 0.5
"""Correlation of edges on the kept pixels from which the picture is the photo again."""

LEAST_KEPT = 0.01
STOP = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 60, 1e-5)


@dataclass(frozen=True, slots=True)
class Registered:
    """image: uint8 (H, W, 3) of the photo's size, moved onto it and without its cast. warp: the map (2, 3) from px of
    the made picture to px of the photo. score: correlation -1..1 of the edges on the kept pixels afterwards. before:
    the same without the map."""

    image: RgbImage
    warp: FloatArray
    score: float
    before: float

    @property
    def zoom(self) -> tuple[float, float]:
        """x and y factors by which the picture had grown."""
        return 1.0 / float(self.warp[0, 0]), 1.0 / float(self.warp[1, 1])

    @property
    def shift(self) -> tuple[float, float]:
        """x, y px of the photo by which it had moved at the middle of the photo."""
        middle = np.array([self.image.shape[1] / 2, self.image.shape[0] / 2])
        drift = middle - (self.warp[:, :2] @ middle + self.warp[:, 2])
        return float(drift[0]) * self.zoom[0], float(drift[1]) * self.zoom[1]

    @property
    def fine(self) -> bool:
        """Whether the picture agrees with the photo on what must not change."""
        return self.score >= AGREES


def register(made: RgbImage, photo: RgbImage, keep: Mask) -> Registered:
    """Undo the drift and the cast of `made`.

    made: uint8 (h, w, 3) of any size, showing all of `photo`. photo: uint8 (H, W, 3). keep: float32 (H, W), 1 where
    both show the same. With less than LEAST_KEPT of it there is nothing to measure by, and nothing is moved.
    """
    height, width = photo.shape[:2]
    if made.shape != photo.shape:
        kind = cv2.INTER_AREA if made.shape[0] > height else cv2.INTER_CUBIC
        made = np.asarray(cv2.resize(made, (width, height), interpolation=kind), np.uint8)
    if (keep > 0.5).mean() < LEAST_KEPT:
        return Registered(made, np.eye(2, 3), 0.0, 0.0)
    still: FloatArray = np.eye(2, 3)
    before = _agreement(made, photo, keep, still)
    best, score = still, before
    for found in _candidates(made, photo, keep):
        agreed = _agreement(made, photo, keep, found)
        if _plausible(found, photo.shape) and agreed > score:
            best, score = found, agreed
    moved = made
    if best is not still:
        kind = cv2.INTER_CUBIC
        moved = np.asarray(cv2.warpAffine(made, best, (width, height), flags=kind, borderMode=cv2.BORDER_REPLICATE))
    return Registered(untinted(moved, photo, keep), best, score, before)


def _candidates(made: RgbImage, photo: RgbImage, keep: Mask) -> list[FloatArray]:
    """Maps (2, 3) from pixels of `made` to those of `photo`: the coarse one, and those that ECC makes of it."""
    coarse = _coarse(made, photo, keep)
    found = [coarse]
    for start in (coarse, np.eye(2, 3)):
        roughly = _ecc(made, photo, keep, start, COARSE_SIDE)
        if roughly is not None and _plausible(roughly, photo.shape):
            exactly = _ecc(made, photo, keep, roughly, FINE_SIDE)
            return [*found, roughly] if exactly is None else [*found, roughly, exactly]
    return found


def _coarse(made: RgbImage, photo: RgbImage, keep: Mask) -> FloatArray:
    """By phase correlation of edges, for each of ZOOMS, the shift; of these maps the one that agrees best."""
    k = min(1.0, COARSE_SIDE / max(photo.shape[:2]))
    there, where = _edges(_small(photo, k)), _small(keep, k)
    window = cv2.createHanningWindow(there.shape[::-1], cv2.CV_32F)
    best: FloatArray = np.eye(2, 3)
    score = -1.0
    middle = np.array(there.shape[::-1], np.float64) / 2
    for zoom in ZOOMS:
        scaled = np.array([[1 / zoom, 0, (1 - 1 / zoom) * middle[0]], [0, 1 / zoom, (1 - 1 / zoom) * middle[1]]])
        here = _moved(_edges(_small(made, k)), scaled)
        (x, y), _ = cv2.phaseCorrelate(np.asarray(here * window, np.float64), np.asarray(there * window, np.float64))
        moved = scaled + np.array([[0, 0, x], [0, 0, y]])
        agreed = _correlation(_moved(_edges(_small(made, k)), moved), there, where)
        if agreed > score:
            best, score = moved, agreed
    return _rescaled(best, 1.0 / k)


def _ecc(made: RgbImage, photo: RgbImage, keep: Mask, start: FloatArray, side: int) -> FloatArray | None:
    """ECC from `start` on pictures of at most `side` px; None where it does not converge."""
    k = min(1.0, side / max(photo.shape[:2]))
    template, picture = _grey(_small(made, k)), _grey(_small(photo, k))
    mask = np.asarray(_small(keep, k) > 0.5, np.uint8)
    first = np.asarray(_rescaled(start, k), np.float32)
    try:
        _, warp = cv2.findTransformECC(template, picture, first, cv2.MOTION_AFFINE, STOP, mask, 5)
    except cv2.error:
        # OpenCV's way to say that the pictures have nothing in common from this start on.
        return None
    return _rescaled(np.asarray(warp, np.float64), 1.0 / k)


def _plausible(warp: FloatArray, shape: tuple[int, ...]) -> bool:
    middle = np.array([shape[1] / 2, shape[0] / 2])
    drift = np.abs(warp[:, :2] @ middle + warp[:, 2] - middle).max()
    grown = max(abs(warp[0, 0] - 1), abs(warp[1, 1] - 1))
    sheared = max(abs(warp[0, 1]), abs(warp[1, 0]))
    return bool(drift <= MOST_SHIFT * max(shape[:2]) and grown <= MOST_ZOOM and sheared <= MOST_SHEAR)


def _agreement(made: RgbImage, photo: RgbImage, keep: Mask, warp: FloatArray) -> float:
    """Correlation of the edges of `made` under `warp` and of `photo` on `keep`, at FINE_SIDE."""
    k = min(1.0, FINE_SIDE / max(photo.shape[:2]))
    there = _edges(_small(photo, k))
    moved = _moved(_small(made, k), _rescaled(warp, k))
    return _correlation(_edges(moved), there, _small(keep, k))


def _moved(picture: NDArray[Any], warp: FloatArray) -> NDArray[Any]:
    size = picture.shape[1::-1]
    return np.asarray(cv2.warpAffine(picture, np.asarray(warp, np.float64), size, borderMode=cv2.BORDER_REPLICATE))


def _correlation(one: FloatArray, other: FloatArray, weight: FloatArray) -> float:
    total = max(float(weight.sum()), 1e-6)
    a, b = (x - float((x * weight).sum()) / total for x in (one, other))
    spread = float((a * a * weight).sum() * (b * b * weight).sum()) ** 0.5
    # Two even surfaces agree, though a correlation of nothing with nothing says nothing.
    return float((a * b * weight).sum()) / spread if spread > 1e-3 * total else 1.0


def _edges(picture: RgbImage) -> FloatArray:
    grey = _grey(picture)
    return np.asarray(np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)), np.float32)


def _grey(picture: RgbImage) -> FloatArray:
    return np.asarray(cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (0, 0), 1.2), np.float32)


def _small(picture: NDArray[Any], k: float) -> NDArray[Any]:
    size = (max(8, round(picture.shape[1] * k)), max(8, round(picture.shape[0] * k)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA) if k < 1 else picture)


def _rescaled(warp: FloatArray, k: float) -> FloatArray:
    """The map (2, 3) for pictures `k` times as large. Pixel centres lie at halves."""
    out = np.array(warp, np.float64)
    half = np.array([0.5, 0.5])
    # In continuous coordinates c = pixel + 1/2 the map is A c + t; only t grows with the picture.
    shift = out[:, 2] + half - out[:, :2] @ half
    out[:, 2] = shift * k - half + out[:, :2] @ half
    return out
