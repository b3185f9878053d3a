"""What the person carries or wears before the thighs: a bag, a coat's tail, tall boots. It stays in front of new cloth.

No network names these things. They are the person's pixels in front of the legs that are neither cloth nor skin; where
their colour is the old garment's own, the garment network has missed a piece of it instead, and that piece goes the
way of the rest. Invariant: both answers are zero on the garment, the skin and the hair that the networks do see.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.body import Body, along
from fittingroom.engines.drape.limbs import LimbField
from fittingroom.engines.drape.person import Person
from fittingroom.engines.protocol import Mask

SEEN = 0.35
RIM = 0.03
SMALLEST = 0.012
SHOE, BOOT = 0.93, 0.80
BESIDE = 2.6
ALIKE = 26.0
KNEE, ENDS, OVERLOOKED = 0.48, 1.15, 0.6


def in_front(person: Person, body: Body, legs: tuple[LimbField, LimbField], lower: Mask) -> tuple[Mask, Mask]:
    """(things in front, missed pieces of the old garment), float32 (H, W) each.

    lower: the worn lower garment as found. Shoes and socks count as neither; boots that reach up the shin are in front.
    """
    known = np.max([person.upper, person.lower, person.full, person.skin, person.face, person.hair], axis=0)
    near = np.minimum(legs[0].ratio, legs[1].ratio) < BESIDE
    other = np.asarray((person.alpha > 0.6) & (known < SEEN) & near).astype(np.uint8)
    size = 2 * max(1, round(RIM * body.sw)) + 1
    opened = cv2.morphologyEx(other, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened)
    down = np.where(legs[0].ratio < legs[1].ratio, legs[0].fraction, legs[1].fraction)
    lab = cv2.cvtColor(person.rgb, cv2.COLOR_RGB2LAB).astype(np.float32)
    cloth = np.asarray(lower > 0.8)
    usual = np.median(lab[cloth], axis=0) if cloth.sum() > 50 else None
    front, missed = np.zeros(other.shape, np.uint8), np.zeros(other.shape, np.uint8)
    for k in range(1, count):
        if stats[k, cv2.CC_STAT_AREA] < SMALLEST * body.sw**2:
            continue
        piece = labels == k
        top, bottom = np.percentile(down[piece], (3, 97))
        if bottom > SHOE and top > BOOT:
            continue
        alike = usual is not None and float(np.linalg.norm(np.median(lab[piece], axis=0) - usual)) < ALIKE
        (missed if alike and top < BOOT and bottom < SHOE else front)[piece] = 1
    return _soft(front, person), _soft(missed, person)


def legwear(person: Person, body: Body, legs: tuple[LimbField, LimbField]) -> Mask:
    """Boots, socks and stockings, float32 (H, W): what below the knee only selfie_multiclass took for clothes.

    They are worn with dress and skirt alike and stay on. Where u2net-cloth overlooked the thigh as well, these are
    trousers that it did not see at all, and go with the rest.
    """
    out = np.zeros(person.alpha.shape, np.float32)
    if person.overlooked is None:
        return out
    height, width = person.alpha.shape
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    v = body.coords(np.stack([xs, ys], axis=-1))[..., 1]
    for side, (leg, limb) in enumerate(zip(legs, body.legs, strict=True)):
        shin, thigh = (_overlooked(person, leg.band(*ends)) for ends in ((KNEE, ENDS), (0.0, KNEE)))
        if shin > OVERLOOKED and thigh < OVERLOOKED:
            knee = body.coords(along(limb.points, np.array([KNEE * limb.length], np.float32))[0])[0, 1]
            # The toes lie beyond the limb's end, so all on this leg's side counts.
            out = np.maximum(out, np.clip((v - knee) / 0.03 + 0.5, 0.0, 1.0) * (leg.ratio <= legs[1 - side].ratio))
    return np.asarray(out, np.float32)


def _overlooked(person: Person, band: Mask) -> float:
    """Share of the cloth within `band` that u2net-cloth overlooked; 0 where there is none."""
    core = (band > 0.5) & (person.cloth > 0.3)
    if person.overlooked is None or not core.any():
        return 0.0
    return float(person.overlooked[core].sum() / person.cloth[core].sum())


def _soft(mask: NDArray[np.uint8], person: Person) -> Mask:
    """Grown back over the rim that opening took, as far as the person reaches, with a soft edge."""
    wide = cv2.GaussianBlur(cv2.dilate(mask, np.ones((3, 3), np.uint8)).astype(np.float32), (0, 0), 1.0)
    return np.asarray(wide * np.clip(person.alpha, 0.0, 1.0), np.float32)
