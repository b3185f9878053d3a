"""What the worn garment tells about light: its shading, taken apart from its print, colour and cut.

The photo is the best evidence there is for the folds that this pose makes. Brightness changes slowly and keeps its hue
where light makes it; it jumps, or changes hue, where cloth does (Retinex: Land and McCann 1971, Horn 1974; with colour:
Grosse et al. 2009). So only gradients that can be light are kept, and the field that fits them best is the shading
(Poisson equation, by a cosine transform). A print, a button line or the border of the garment leaves no step behind,
since its gradients are not in the sum. Invariant: the field is finite, and flat where nothing is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.raster import Raster
from fittingroom.engines.protocol import Mask, RgbImage

FLOOR = 12.0
SHARP = 0.10
HUE_STEP = 0.05
NOISE = 4.0
BROAD, FINE = 0.24, 0.014
WORTH = 60
PLAIN_SHARE = (0.62, 0.90)


@dataclass(frozen=True, slots=True)
class Relief:
    """On the raster, float32 (h, w), logarithms of brightness: shade, all that light does; folds, of it what is finer
    than half a trunk. Both 0 outside the cloth. trust: 0..1, how much of the cloth showed nothing but light. spread:
    standard deviation of `folds` on the cloth."""

    shade: FloatArray
    folds: FloatArray
    trust: float
    spread: float


def read_relief(rgb: RgbImage, cloth: Mask, grid: Raster) -> Relief:
    """Shading of the garment `cloth` (float32 (H, W)) in the photo `rgb`, between folds and half a trunk wide."""
    inside = np.asarray(np.clip((grid.down(cloth) - 0.55) / 0.3, 0.0, 1.0), np.float32)
    if float(inside.sum()) < WORTH:
        nothing = np.zeros(grid.size, np.float32)
        return Relief(nothing, nothing, 0.0, 0.0)
    ys, xs = np.nonzero(inside > 0)
    box = np.s_[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    logs = np.log(grid.down(rgb.astype(np.float32))[box] + FLOOR)
    within = inside[box]
    shade, plain = _shading(logs, within)
    trust = float(np.clip((plain - PLAIN_SHARE[0]) / (PLAIN_SHARE[1] - PLAIN_SHARE[0]), 0.0, 1.0))
    band = grid.blur(shade, FINE) - grid.blur_within(shade, within, BROAD)
    whole, folds = np.zeros((2, *grid.size), np.float32)
    whole[box], folds[box] = shade * (within > 0.5), band * grid.blur(within, 0.02) * within
    spread = float(np.sqrt(np.average(band**2, weights=within)))
    return Relief(whole, folds, trust, spread)


def _shading(logs: FloatArray, within: FloatArray) -> tuple[FloatArray, float]:
    """The log shading float32 (h, w) of log colours (h, w, 3), and the share of the cloth where light alone acts."""
    light = np.asarray(logs.mean(axis=-1), np.float32)
    # A grey level or two of noise is a large ratio in a dark channel.
    noise = NOISE * np.exp(-logs.min(axis=-1))
    hue = np.asarray(logs - light[..., None], np.float32)
    steps, shares = [], []
    for axis in (1, 0):
        step = np.diff(light, axis=axis)
        other = np.abs(np.diff(hue, axis=axis)).max(axis=-1)
        ends = np.minimum(*_pair(within, axis))
        grainy = np.maximum(*_pair(noise, axis))
        sharp = np.clip(2.0 - np.abs(step) / SHARP, 0.0, 1.0) * np.clip(2.0 - other / (HUE_STEP + grainy), 0.0, 1.0)
        # The ramp beside a step belongs to it.
        sharp = cv2.erode(np.asarray(sharp, np.float32), np.ones((3, 3), np.uint8))
        steps.append(step * sharp * (ends > 0.5))
        shares.append(float((sharp * ends).sum()) / max(float(ends.sum()), 1e-6))
    # Stripes jump across one axis only.
    return integrate(steps[0], steps[1]), min(shares)


def _pair(values: FloatArray, axis: int) -> tuple[FloatArray, FloatArray]:
    """The values at both ends of each forward difference along `axis`."""
    return (values[:-1], values[1:]) if axis == 0 else (values[:, :-1], values[:, 1:])


def integrate(dx: FloatArray, dy: FloatArray) -> FloatArray:
    """The field float32 (h, w) whose forward differences fit dx (h, w-1) and dy (h-1, w) best, with mean 0.

    Least squares, i.e. the Poisson equation with free borders, solved exactly by the discrete cosine transform.
    """
    height, width = dx.shape[0], dy.shape[1]
    # OpenCV transforms even sizes only; a copy of the last row or column changes nothing.
    odd = (height % 2, width % 2)
    dx = np.pad(dx, ((0, odd[0]), (0, 0)), mode="edge")
    dx = np.pad(dx, ((0, 0), (0, odd[1])))
    dy = np.pad(dy, ((0, 0), (0, odd[1])), mode="edge")
    dy = np.pad(dy, ((0, odd[0]), (0, 0)))
    padded = np.zeros((height + odd[0], width + odd[1]), np.float32)
    padded[:, :-1] += dx
    padded[:, 1:] -= dx
    padded[:-1] += dy
    padded[1:] -= dy
    spectrum = cv2.dct(padded)
    k, m = (np.arange(n, dtype=np.float32) for n in padded.shape)
    laplace = 2 * np.cos(np.pi * k / padded.shape[0])[:, None] + 2 * np.cos(np.pi * m / padded.shape[1])[None] - 4
    laplace[0, 0] = 1.0
    spectrum = spectrum / laplace
    spectrum[0, 0] = 0.0
    return np.asarray(cv2.dct(np.asarray(spectrum, np.float32), flags=cv2.DCT_INVERSE)[:height, :width], np.float32)
