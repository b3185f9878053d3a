"""A made picture is brought back onto the photo: editors shift, zoom and tint what they were told to leave alone.

How far it drifted is measured on what must not change: coarsely by phase correlation over several zooms, finely by
robust least squares (Gauss-Newton over a pyramid: Baker and Matthews, 2004; weights of Geman and McClure) on grey
values with a gain and an offset of their own, so that a change of brightness counts for nothing. The map has a zoom, a
turn and a shift and no more: what is kept is often a head, two hands and a plain ground, on which a free affine map
agrees better than the truth while the trunk lies 15 px off. The cast of colour is fitted on the same pixels afterwards.
Invariant: a map beyond the limits, or one that fits the kept pixels worse than no map at all, is not applied, and
`Registered.fine` says whether what is left agrees with the photo.
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

LEVELS = (200, 400)
"""Longest sides, px, of the pyramid below FINE_SIDE."""

STEPS, ENOUGH = 25, 0.01
"""Most steps at a level, and the movement in px of the level at the picture's rim that ends them."""

TELLING, LEAST_TELLING = 12.0, 60
"""Edges (Sobel, grey levels) beside which pixels tell where they belong, and the fewest such pixels."""

STARTS = 3
"""Coarse maps that are refined, those that agree best."""

ZOOMS = (1.0, 0.98, 1.02, 0.96, 1.04, 0.94, 1.06)
MOST_SHIFT, MOST_ZOOM, MOST_TURN = 0.12, 0.12, 0.03
"""Limits: of the shift in parts of the longer side, of the zoom beside 1, of the turn in radians."""

AGREES = 0.5
"""Correlation of edges on the kept pixels from which the picture is the photo again."""


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
    both show the same. Where fewer than LEAST_TELLING of its pixels tell anything, nothing is moved, nothing `fine`.
    """
    height, width = photo.shape[:2]
    if made.shape != photo.shape:
        kind = cv2.INTER_AREA if made.shape[0] > height else cv2.INTER_CUBIC
        made = np.asarray(cv2.resize(made, (width, height), interpolation=kind), np.uint8)
    k = min(1.0, FINE_SIDE / max(photo.shape[:2]))
    if _telling(_small(photo, k), _small(keep, k)).sum() < LEAST_TELLING:
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
    """Maps (2, 3) from pixels of `made` to those of `photo`: coarse ones, the best that becomes of them, and that
    exactly."""
    starts = [*_coarse(made, photo, keep), np.eye(2, 3)]
    found = []
    for start in starts:
        warp = start
        for side in LEVELS:
            warp = _refined(made, photo, keep, warp, side)
        found.append(warp)
    best = max(found, key=lambda one: _agreement(made, photo, keep, one))
    return [*starts, best, _refined(made, photo, keep, best, FINE_SIDE)]


def _coarse(made: RgbImage, photo: RgbImage, keep: Mask) -> list[FloatArray]:
    """By phase correlation of edges, all of them and those on `keep`, for each of ZOOMS, the shift; of these maps the
    STARTS that agree best."""
    k = min(1.0, COARSE_SIDE / max(photo.shape[:2]))
    there, where, edges = _edges(_small(photo, k)), _small(keep, k), _edges(_small(made, k))
    window = cv2.createHanningWindow(there.shape[::-1], cv2.CV_32F)
    middle = np.array(there.shape[::-1], np.float64) / 2
    found: list[tuple[float, FloatArray]] = []
    for zoom in ZOOMS:
        scaled = np.array([[1 / zoom, 0, (1 - 1 / zoom) * middle[0]], [0, 1 / zoom, (1 - 1 / zoom) * middle[1]]])
        here = _moved(edges, scaled)
        for seen in (window, window * where):
            (x, y), _ = cv2.phaseCorrelate(np.asarray(here * seen, np.float64), np.asarray(there * seen, np.float64))
            moved = scaled + np.array([[0, 0, x], [0, 0, y]])
            found.append((_correlation(_moved(edges, moved), there, where), moved))
    found.sort(key=lambda one: one[0], reverse=True)
    return [_rescaled(moved, 1.0 / k) for _, moved in found[:STARTS]]


def _refined(made: RgbImage, photo: RgbImage, keep: Mask, start: FloatArray, side: int) -> FloatArray:
    """The similarity near `start` under which grey values of pictures of at most `side` px agree best on `keep`."""
    k = min(1.0, side / max(photo.shape[:2]))
    picture, template, weight = _grey(_small(made, k)), _grey(_small(photo, k)), _small(keep, k)
    warp = _rescaled(start, k)
    rows, columns = np.nonzero(_telling(_small(photo, k), weight))
    if len(rows) < LEAST_TELLING:
        return start
    middle = np.array(template.shape[::-1], np.float64) / 2
    x, y = columns - middle[0], rows - middle[1]
    wanted, sure = template[rows, columns].astype(np.float64), weight[rows, columns].astype(np.float64)
    for _ in range(STEPS):
        moved = _moved(picture, warp)
        down, across = cv2.Sobel(moved, cv2.CV_32F, 0, 1, scale=0.125), cv2.Sobel(moved, cv2.CV_32F, 1, 0, scale=0.125)
        gx, gy, value = across[rows, columns], down[rows, columns], moved[rows, columns]
        slopes = np.stack([gx * x + gy * y, gy * x - gx * y, gx, gy, value, np.ones_like(value)], axis=1)
        step = _robust(slopes.astype(np.float64), wanted, sure)
        if step is None:
            return start
        zoom, turn, right, below = step[:4] / max(step[4], 0.1)
        # The step moves the place in `made` that a pixel is taken from; the map goes the other way.
        change = np.array([[1 + zoom, -turn, 0], [turn, 1 + zoom, 0], [0, 0, 1.0]])
        change[:2, 2] = np.array([right, below]) + middle - change[:2, :2] @ middle
        warp = (np.linalg.inv(change) @ np.vstack([warp, [0, 0, 1]]))[:2]
        if np.hypot(zoom, turn) * middle.max() + np.hypot(right, below) < ENOUGH:
            break
    return _rescaled(warp, 1.0 / k)


def _telling(photo: RgbImage, keep: Mask) -> NDArray[np.bool_]:
    """Kept pixels beside edges: an even ground fits itself everywhere, and would only vote against what moves."""
    return np.asarray((keep > 0.5) & (cv2.dilate(_edges(photo), np.ones((5, 5))) > TELLING))


def _robust(slopes: FloatArray, wanted: FloatArray, sure: FloatArray) -> FloatArray | None:
    """The step (6,): zoom, turn, x, y, each times the gain, then gain and offset. None where nothing tells it."""
    offset = slopes[:, 4] - wanted
    offset -= np.median(offset)
    spread = 1.4826 * float(np.median(np.abs(offset))) + 1.0
    weight = sure / (1.0 + (offset / spread) ** 2) ** 2
    weighted = slopes * weight[:, None]
    try:
        return np.asarray(np.linalg.solve(weighted.T @ slopes, weighted.T @ wanted), np.float64)
    except np.linalg.LinAlgError:
        return None


def _plausible(warp: FloatArray, shape: tuple[int, ...]) -> bool:
    middle = np.array([shape[1] / 2, shape[0] / 2])
    drift = np.abs(warp[:, :2] @ middle + warp[:, 2] - middle).max()
    grown = max(abs(warp[0, 0] - 1), abs(warp[1, 1] - 1))
    turned = max(abs(warp[0, 1]), abs(warp[1, 0]))
    return bool(drift <= MOST_SHIFT * max(shape[:2]) and grown <= MOST_ZOOM and turned <= MOST_TURN)


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
