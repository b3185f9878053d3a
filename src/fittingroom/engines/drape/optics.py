"""What the camera did to the photo, and must also have done to what is drawn into it: its blur and its grain.

Invariant: nothing here changes colour on average.
"""

from __future__ import annotations

import cv2
import numpy as np

from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.person import Person
from fittingroom.engines.protocol import Mask

EDGE_BLUR = (0.55, 1.8)
USUAL_BLUR = 0.8
PROBE = 1.0
DIFFERENCE = 1 / 3
"""Squared sigma that a difference over two pixels adds."""
MIN_EDGE = 24.0
ENOUGH_EDGES = 60
OPAQUE = 0.58


def edge_blur(person: Person) -> float:
    """Sigma, px, of the photo's blur at the person's outline.

    An edge of blur s that is blurred by p once more keeps s / sqrt(s^2 + p^2) of its steepest slope; the clearest edges
    along the silhouette tell the ratio. USUAL_BLUR where there are too few.
    """
    grey = cv2.cvtColor(person.rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    rim = cv2.morphologyEx((person.alpha > 0.5).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((7, 7), np.uint8)) > 0
    rim &= person.hair < 0.2
    sharp = _slope(grey)
    clear = rim & (sharp > MIN_EDGE) & (sharp >= cv2.dilate(sharp, np.ones((5, 5), np.uint8)))
    if int(clear.sum()) < ENOUGH_EDGES:
        return USUAL_BLUR
    soft = _slope(np.asarray(cv2.GaussianBlur(grey, (0, 0), PROBE), np.float32))[clear]
    ratio = float(np.clip(np.median(soft / sharp[clear]), 0.05, 0.98))
    squared = ratio**2 / (1.0 - ratio**2) * PROBE**2 - DIFFERENCE
    return float(np.clip(np.sqrt(max(squared, 0.0)), *EDGE_BLUR))


def matte(alpha: Mask, sigma: float) -> Mask:
    """`alpha` (float32 (H, W)) with the same outline, a little inside it, and an edge as soft as the photo's (px)."""
    # What is cut and warped has steps of a pixel and a soft rim that still holds the other photo's background.
    smooth = cv2.GaussianBlur(alpha, (0, 0), 1.0)
    crisp = np.clip((smooth - OPAQUE) * 3.0 + 0.5, 0.0, 1.0)
    return np.asarray(cv2.GaussianBlur(crisp, (0, 0), sigma), np.float32)


def grain(person: Person, rng: np.random.Generator) -> FloatArray:
    """Noise float32 (H, W) with the strength of the photo's own, measured on smooth places."""
    grey = cv2.cvtColor(person.rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    high = np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 1.5))
    level = float(np.clip(np.percentile(high, 40) * 1.2, 0.0, 3.0))
    return np.asarray(0.6 * level * rng.standard_normal(grey.shape, np.float32), np.float32)


def _slope(grey: FloatArray) -> FloatArray:
    dx, dy = (cv2.Scharr(grey, cv2.CV_32F, i, 1 - i, scale=1 / 32) for i in (1, 0))
    return np.asarray(np.hypot(dx, dy) * 2.0, np.float32)
