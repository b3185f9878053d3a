"""What a photo shows of a neck opening on rays: steps of colour, the network's inner back, and colours like its.

Edges count by how far they exceed the unrest of the cloth itself, so that knits and prints are not all edge; those of
labels do not count. Invariant: nothing here depends on where an opening is expected but the rays themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.colour_bins import bins_of, shares
from fittingroom.engines.drape.neck_rays import RADII, RAYS, NeckFrame, Rays, outline_top
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.protocol import Mask

NEAR, FAR = 0.012, 0.03
"""Distances, in neck widths, to both sides of an edge at which its step of colour is measured."""

LOUD, QUIET = 8.0, 1.5
"""Bounds of the cloth's own unrest, CIELAB units."""

IN_LABEL = 0.3
"""Probability of a label from which its edges do not count."""

SEEN, UNSEEN = 0.55, 0.3
"""Probabilities of inner back whose colours are taken for the back's and for the front's."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of the collar region. lab: float32 (H, W, 3). alpha, back, label: (H, W) 0..1. depth: v of the
    mark of the front neckline. spread: its standard deviation in neck widths. standing: a collar or hood stands above
    the neck points."""

    frame: NeckFrame
    lab: FloatArray
    alpha: Mask
    back: Mask
    label: Mask
    depth: float
    spread: float
    standing: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """On rays. lab, step, fine: (T, R, 3) colour, its change outwards, and the same close by. usable: (T, R) 0..1,
    whether an edge there counts. cloth: (T, R) bool. back: (T, R) probability. likeness: (T, R) from -1, the front's
    colours, to 1, the back's, times how well the two can be told apart. noise: unrest of the cloth, CIELAB units."""

    lab: FloatArray
    step: FloatArray
    fine: FloatArray
    usable: FloatArray
    cloth: NDArray[np.bool_]
    back: FloatArray
    likeness: FloatArray
    noise: float


def evidence(seen: Seen, rays: Rays) -> Evidence:
    """What the photo shows on `rays`."""
    lab, alpha, back, label = (
        seen.frame.sample(picture, rays.u, rays.v) for picture in (seen.lab, seen.alpha, seen.back, seen.label)
    )
    changes = [rays.moved(lab, s) - rays.moved(lab, -s) for s in (NEAR, FAR)]
    step = np.asarray((changes[0] + changes[1]) / 2, np.float32)
    usable = np.minimum(np.minimum(rays.moved(alpha, 0.02), rays.moved(alpha, -0.02)), alpha)
    usable = np.where(np.maximum(rays.moved(label, 0.03), rays.moved(label, -0.03)) > IN_LABEL, 0.0, usable)
    cloth = alpha > 0.5
    front = np.linalg.norm(step, axis=2)[cloth & (RADII > 1.2)]
    noise = float(np.clip(front.mean(), QUIET, LOUD)) if front.size > 50 else 4.0
    likeness = colour_likeness(lab, cloth & (back > SEEN), cloth & (back < UNSEEN) & (RADII > 1.15))
    return Evidence(lab, step, changes[0], np.asarray(usable, np.float32), cloth, back, likeness, noise)


def colour_likeness(lab: FloatArray, back: NDArray[np.bool_], front: NDArray[np.bool_]) -> FloatArray:
    """Which of two samples each colour (T, R, 3) is more like, -1 front .. 1 back, times how well they differ; 0 where
    a sample is too small."""
    if back.sum() < 60 or front.sum() < 60:
        return np.zeros(lab.shape[:2], np.float32)
    bins = bins_of(lab)
    seen, other = (shares(bins, sample) + 2e-5 for sample in (back, front))
    ratio = np.clip(np.log(seen / other) / 3, -1, 1)
    apart = max(float(ratio[back].mean() - ratio[front].mean()) / 2, 0.0)
    return np.asarray(ratio * apart, np.float32)


def common_step(found: Evidence, path: NDArray[np.intp]) -> tuple[FloatArray, float]:
    """The direction (3,) of the colour's step that a path has in common, and 0..1 how common it is."""
    place = np.arange(RAYS), path
    return common_of(found.step[place][found.usable[place] > 0.5])


def common_of(steps: FloatArray) -> tuple[FloatArray, float]:
    """Direction (3,) and coherence of steps (N, 3)."""
    if not len(steps):
        return np.zeros(3, np.float32), 0.0
    mean = steps.mean(axis=0)
    length = float(np.linalg.norm(mean))
    coherence = length / (float(np.linalg.norm(steps, axis=1).mean()) + 0.5)
    return np.asarray(mean / (length + 1e-6), np.float32), min(coherence, 1.0)


def rim_colour(seen: Seen) -> FloatArray:
    """CIELAB (3,) of the upper rim of the collar's back, just below the outline between the neck points."""
    columns = np.linspace(-0.4, 0.4, 41, dtype=np.float32)
    heights = outline_top(seen.alpha, seen.frame, columns) + 0.02
    strip = seen.frame.sample(seen.lab, columns[None], heights[None].astype(np.float32))
    return np.asarray(np.median(strip[0], axis=0), np.float32)
