"""Which pixels of a made picture are shown: where the garment changed, and nothing else.

Neither parsing nor difference is enough. Parsing the photo tells where the old garment lies, all of which must go;
parsing the made picture tells where the new one lies; the difference finds skin that came free, shadows, and drops
large parts that did not change at all. Face, hair and hands are cut out of it at the end. Invariant: where face, hair
or hands of the photo are sure, and farther than REACH from both garments, the mask is 0.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.neural.body import Body
from fittingroom.engines.protocol import ClothesType, Mask, RgbImage

Flags = NDArray[np.bool_]

WORN = 0.35
"""Probability of the garment from which a pixel is the old one's or the new one's."""

RIM = 0.02
"""Room round both garments for mixed colours and what parsing cuts off, in shoulder distances."""

REACH, REACH_UNSEEN = 0.12, 0.35
"""How far from the garments a change still belongs to them, where the made picture was parsed and where not."""

STILL = 0.06
"""Half width of the smallest part of a garment that is called unchanged."""

NOISE, LEAST_CHANGE = 2.5, 7.0
"""A change is a CIELAB distance over this multiple of the kept pixels' 90th percentile, and over the second number."""

SURE, GONE = 0.6, 0.3
"""Probability of face, hair or hand from which nothing of the made picture is shown, and from which all of it is."""


def change_mask(
    made: RgbImage, photo: RgbImage, body: Body, clothes_type: ClothesType, after: Body | None = None
) -> Mask:
    """Where `made` is to be shown, float32 (H, W) 0..1.

    made: uint8 (H, W, 3), registered onto `photo`, uint8 of the same shape. body: read from `photo`; after: from
    `made`. Without `after` the new garment is what changed round the old one. Raises ValueError for other shapes.
    """
    if made.shape != photo.shape or body.person.shape != photo.shape[:2]:
        raise ValueError(f"shapes differ: made {made.shape}, photo {photo.shape}, body {body.person.shape}")
    changed = changes(made, photo, body.keep(clothes_type), body.unit)
    old = np.asarray(body.garment(clothes_type) > WORN)
    if after is None:
        core, reach = old, REACH_UNSEEN
    else:
        core, reach = old | (np.asarray(after.garment(clothes_type) > WORN) & _grown(changed, RIM * body.unit)), REACH
    core = core & ~_still(changed, body.unit)
    near = _grown(core, reach * body.unit)
    limbs = np.asarray(body.skin > WORN)
    # Unparsed, a new sleeve may go down the whole arm, and a little beside it.
    limbs = _grown(limbs, REACH * body.unit) if after is None else limbs & _grown(core, REACH_UNSEEN * body.unit)
    wanted = _grown(core, RIM * body.unit) | (changed & (near | limbs))
    whole = _without_crumbs(_closed(_joined(wanted, core), RIM * body.unit), body.unit)
    return np.asarray(whole * _open(body), np.float32)


def changes(made: RgbImage, photo: RgbImage, keep: Mask, unit: float) -> Flags:
    """Where `made` differs from `photo` by more than it does on the kept pixels, bool (H, W).

    unit: the shoulder distance, px; the pictures are smoothed by a hundredth of it, so that grain is no change.
    """
    sigma = max(0.8, 0.01 * unit)
    one, other = (
        cv2.cvtColor(cv2.GaussianBlur(p.astype(np.float32) / 255.0, (0, 0), sigma), cv2.COLOR_RGB2LAB)
        for p in (made, photo)
    )
    away = np.linalg.norm(one - other, axis=-1)
    kept = keep > 0.5
    noise = float(np.percentile(away[kept], 90)) if kept.any() else 0.0
    return np.asarray(away > max(LEAST_CHANGE, min(NOISE * noise, 3 * LEAST_CHANGE)))


def _open(body: Body) -> Mask:
    """1 where neither face, hair nor hands are, float32 (H, W)."""
    front = np.max([body.hair, _whole_face(body), body.hands], axis=0)
    return np.asarray(np.clip((SURE - front) / (SURE - GONE), 0.0, 1.0), np.float32)


def _whole_face(body: Body) -> Mask:
    """The face with what the skin map leaves out of it: glasses, and holes between face and hair."""
    sure = np.asarray(body.face > 0.5)
    closed = _closed(sure, 0.12 * body.unit) & ~(body.cloth > 0.5)
    return np.asarray(np.maximum(body.face, closed), np.float32)


def _still(changed: Flags, unit: float) -> Flags:
    """Large parts without any change."""
    radius = STILL * unit
    return _grown(~_grown(changed, radius), radius * 0.8)


def _joined(wanted: Flags, core: Flags) -> Flags:
    """The connected parts of `wanted` that touch `core`."""
    _, labels = cv2.connectedComponents(wanted.astype(np.uint8))
    touched = np.zeros(int(labels.max()) + 1, bool)
    touched[np.unique(labels[core & wanted])] = True
    touched[0] = False
    return np.asarray(touched[labels])


def _without_crumbs(mask: Flags, unit: float) -> Flags:
    """Neither islands nor holes smaller than a button."""
    least = (0.05 * unit) ** 2
    out = mask.copy()
    for value in (True, False):
        _, labels, stats, _ = cv2.connectedComponentsWithStats(np.asarray(out == value, np.uint8))
        small = np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] < least) + 1
        out[np.isin(labels, small)] = not value
    return out


def _grown(mask: Flags, radius: float) -> Flags:
    if not mask.any():
        return mask
    return np.asarray(cv2.distanceTransform(np.asarray(~mask, np.uint8), cv2.DIST_L2, 5) <= radius)


def _closed(mask: Flags, radius: float) -> Flags:
    grown = _grown(mask, radius)
    inside = cv2.distanceTransform(grown.astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray((inside > radius) | mask)
