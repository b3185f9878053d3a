"""Whether a lower garment's marks describe its silhouette, and a plain skirt's marks where they do not.

Marks may be wrong while the outline is right: a flared skirt whose folds were read as legs. Drawn by such marks the
cloth tears. So the polygon that the marks span is held against the cut-out: where the two disagree, and no gap parts
two legs, the garment is drawn as one piece between its upper and its lower corners, whole and closed. Invariant: the
answer has every mark that `Garment` names for its cut.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.landmarks import crotch_gap
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.outline import contour_of
from fittingroom.engines.drape.outline_fit import query_of
from fittingroom.engines.drape.types import Cut, Garment

RASTER = 256
DOUBTFUL = 0.35
LEGS = 0.25
"""Share of the height that a gap rises which parts two legs for certain."""
WAIST_CORNER, HEM_CORNER, HIP = (0.35, -1.0), (1.0, 0.8), 0.3
NARROWEST = 0.25
"""Least width of a waistband over the garment's: a corner cut off must not make it a point."""


def checked(garment: Garment) -> tuple[Garment, float, bool]:
    """(the garment, doubt, fallback): doubt is 1 - the overlap (IoU) of the marks' polygon and the cut-out, 0..1;
    fallback says that the marks were replaced by a plain skirt's."""
    doubt = mark_doubt(garment)
    mask = np.asarray(garment.alpha > 0.5)
    if doubt < DOUBTFUL or not mask.any() or _parted(mask):
        return garment, doubt, False
    return replace(garment, cut=Cut.SKIRT, marks=plain_skirt(garment)), doubt, True


def mark_doubt(garment: Garment) -> float:
    """1 - intersection over union of the polygon that the marks span and the cut-out."""
    zoom = RASTER / max(garment.alpha.shape)
    small = cv2.resize(garment.alpha, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA) > 0.5
    drawn = np.zeros(small.shape, np.uint8)
    for ring in _rings(garment):
        cv2.fillPoly(drawn, [np.round(ring * zoom).astype(np.int32)], 1)
    both, either = (small & (drawn > 0)).sum(), (small | (drawn > 0)).sum()
    return float(1.0 - both / max(float(either), 1.0))


def plain_skirt(garment: Garment) -> dict[str, FloatArray]:
    """Corners of waistband and hem from the outline alone, and hips on the lines between them."""
    contour = contour_of(garment.alpha)
    low, size = contour.min(axis=0), np.maximum(np.ptp(contour, axis=0), 1.0)
    unit = (contour - low) / size
    marks: dict[str, FloatArray] = {}
    for name, sign in (("left", -1.0), ("right", 1.0)):
        for kind, (x, y) in (("waist", WAIST_CORNER), ("hem", HEM_CORNER)):
            marks[f"{kind}_{name}"] = contour[int(np.argmax(sign * x * unit[:, 0] + y * unit[:, 1]))].copy()
    lacking = NARROWEST * float(size[0]) - float(marks["waist_right"][0] - marks["waist_left"][0])
    if lacking > 0:
        marks["waist_left"][0] -= lacking / 2
        marks["waist_right"][0] += lacking / 2
    for name in ("left", "right"):
        marks[f"hip_{name}"] = (1 - HIP) * marks[f"waist_{name}"] + HIP * marks[f"hem_{name}"]
    return {k: np.asarray(m, np.float32) for k, m in marks.items()}


def _rings(garment: Garment) -> list[FloatArray]:
    m = garment.marks
    if garment.cut is Cut.SKIRT:
        names = ("waist_left", "hip_left", "hem_left", "hem_right", "hip_right", "waist_right")
        return [np.stack([m[n] for n in names])]
    middle = (m["waist_left"] + m["waist_right"]) / 2
    sides = [[m[f"{n}_{s}"] for n in ("waist", "hip", "hem_out", "hem_in")] for s in ("left", "right")]
    return [np.stack([*side, m["crotch"], middle]) for side in sides]


def _parted(mask: NDArray[np.bool_]) -> bool:
    query = query_of(mask)
    gap = crotch_gap(mask, query)
    return gap is not None and query.box[1] + query.box[3] - float(gap[1]) > LEGS * query.box[3]
