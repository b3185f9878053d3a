"""Makes the flat product photo stand in the person photo's light.

Four effects, each small: the folds of the old garment as a faint relief (switched down where it was printed, or its
print would show through), darkening towards the silhouette, contact shadows under chin, hair and sleeves, and the
photo's own grain. Invariant: the garment's hue is its product photo's; only brightness changes.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.person import Person
from fittingroom.engines.protocol import Mask

SHRINK = 4
RELIEF_GAIN = 0.8
PLAIN = 0.055
RELIEF_RANGE = (0.74, 1.14)
EDGE_DARKENING = 0.40
CHIN_SHADOW = 0.34
SLEEVE_SHADOW = 0.22


def relief(person: Person, old: Mask, sw: float) -> FloatArray:
    """Brightness factor float32 (H, W) from the folds of the worn garment `old`; 1 where there is none."""
    size = old.shape[::-1]
    grey = cv2.cvtColor(person.rgb, cv2.COLOR_RGB2GRAY).astype(np.float32) + 8.0
    luminance, small_old = _small(grey), _small(old)
    inside = np.asarray(small_old > 0.6, np.float32)
    if inside.sum() < 100:
        return np.ones(old.shape, np.float32)
    # The folds against the garment's own broad brightness.
    fine, broad = (_masked_blur(luminance, inside, k * sw / SHRINK) for k in (0.03, 0.22))
    log_ratio = np.log(np.maximum(fine, 1.0) / np.maximum(broad, 1.0))
    spread = float(np.std(np.log(luminance / np.maximum(broad, 1.0))[inside > 0]))
    gain = RELIEF_GAIN * min(1.0, PLAIN / max(spread, 1e-3)) ** 1.5
    weight = cv2.GaussianBlur(inside, (0, 0), 0.03 * sw / SHRINK) * inside
    factor = np.clip(np.exp(gain * log_ratio * weight), *RELIEF_RANGE).astype(np.float32)
    return np.asarray(cv2.resize(factor, size, interpolation=cv2.INTER_LINEAR), np.float32)


def roundness(cover: Mask, sw: float) -> FloatArray:
    """Darkening towards the left and right silhouette of everything that is newly drawn."""
    wide = _blur_small(cover, 0.075 * sw, 1.0)
    return np.asarray(1.0 - EDGE_DARKENING * np.clip(1.0 - wide, 0.0, 0.5) * (cover > 0), np.float32)


def contact(front: Mask, sw: float, strength: float = CHIN_SHADOW) -> FloatArray:
    """Soft shadow that what lies in front (chin, hair, a sleeve) casts downwards."""
    drop = np.array([[1, 0, 0], [0, 1, 0.045 * sw]], np.float32)
    moved = np.asarray(cv2.warpAffine(front, drop, front.shape[::-1]), np.float32)
    return np.asarray(1.0 - strength * _blur_small(moved, 0.05 * sw, 0.05 * sw), np.float32)


def grain(person: Person, rng: np.random.Generator) -> FloatArray:
    """Noise float32 (H, W) with the strength of the photo's own, measured on smooth places."""
    grey = cv2.cvtColor(person.rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    high = np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 1.5))
    level = float(np.clip(np.percentile(high, 40) * 1.2, 0.0, 3.0))
    return np.asarray(0.6 * level * rng.standard_normal(grey.shape, np.float32), np.float32)


def _small(values: FloatArray) -> FloatArray:
    """A reduced copy: everything computed here is far smoother than a pixel."""
    size = (max(1, values.shape[1] // SHRINK), max(1, values.shape[0] // SHRINK))
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)


def _blur_small(values: FloatArray, sigma_x: float, sigma_y: float) -> FloatArray:
    blurred = cv2.GaussianBlur(_small(values), (0, 0), sigmaX=sigma_x / SHRINK, sigmaY=max(0.3, sigma_y / SHRINK))
    return np.asarray(cv2.resize(blurred, values.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _masked_blur(values: FloatArray, mask: NDArray[np.float32], sigma: float) -> FloatArray:
    weight = cv2.GaussianBlur(mask, (0, 0), sigma)
    return np.asarray(cv2.GaussianBlur(values * mask, (0, 0), sigma) / np.maximum(weight, 1e-3), np.float32)
