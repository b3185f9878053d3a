"""A garment cut out of a photo in which a person wears it, so that it can be read like a product photo.

The person parser names every pixel of the wearer's clothes; the wanted garment is kept, everything else becomes white.
Where an arm, a hand or hair lies before it, the cloth behind is made up, and the share that was made up is told: a
worn garment keeps the folds, the fit and the length that the wearer gave it. Invariant: no pixel of the wearer's skin
or hair that the parser found is left in the picture.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.body import SIDES, body_of
from fittingroom.engines.drape.cutout import dilate, erode, main_parts, pull_push, without_label_holes
from fittingroom.engines.drape.limbs import limb_field
from fittingroom.engines.drape.nets import Nets
from fittingroom.engines.drape.person import Person, analyse_person
from fittingroom.engines.drape.removal import coordinates
from fittingroom.engines.protocol import ClothesType, CutFromWearer, NoGarmentFound, RgbImage

LONGEST_SIDE = 1600
"""Long side, px, at which the wearer is parsed; larger photos are reduced to it."""

MIN_AREA = 0.012
"""Smallest share of the photo that a worn garment covers."""

MARGIN = 0.08
"""White round the cut-out, as a share of its longer side."""

FADED = 0.5
"""Probability of a pixel from which it belongs to what it is called."""

RIM = 2
"""Pixels of mixed colour round skin and hair that do not come along."""

CUT_OFF = 0.02
"""Share of the photo's border from which the garment is taken to go on beyond it."""

ARM_RADIUS, HAND, FROM_ELBOW = 0.2, 0.35, 0.35
"""How far from an arm's line skin is the arm's (sw), how far a hand reaches past the wrist and where a forearm begins,
in lengths of the arm."""

TRUNK_HALF, BELOW_NECK = 0.5, 0.3
"""Half width of the trunk and the height from which no neckline is meant, both in shoulder distances."""

SMOOTH = 2.0
"""Standard deviation, px, of the blur that takes the steps out of the outline."""

MADE_UP = 0.02
"""Share of the garment from which the caller is told that it was made up."""

OWN_FITS = "The garment was cut out of a photo of its wearer and keeps the folds and the fit that it has there."
CUT = "The garment is cut off by the border of the photo."


def cut_from_wearer(rgb: RgbImage, clothes_type: ClothesType, nets: Nets) -> CutFromWearer:
    """The garment of `clothes_type` of the person in `rgb` (uint8 (H, W, 3)), on white. Raises `NoGarmentFound`."""
    photo = _reduced(rgb)
    person = analyse_person(photo, nets)
    if person.pose is None and not _somebody(person):
        raise NoGarmentFound("nobody who could wear the garment was found in its photo")
    solid = _worn(person, clothes_type)
    if solid.mean() < MIN_AREA:
        raise NoGarmentFound(f"a worn {clothes_type} covers only {solid.mean():.2%} of its photo")
    hidden = _hidden(person, solid)
    together = cv2.GaussianBlur((solid | hidden).astype(np.float32), (0, 0), SMOOTH) > FADED
    whole = without_label_holes(main_parts(np.asarray(together)), clothes_type is ClothesType.LOWER)
    hidden = whole & (hidden | ~solid)
    share = float(hidden.sum()) / float(whole.sum())
    picture = _on_white(photo, whole, hidden, nets)
    warnings = [OWN_FITS]
    if share > MADE_UP:
        warnings.append(f"Arms, hands or hair cover {share:.0%} of the garment in its photo; that part is made up.")
    if np.concatenate([whole[0], whole[-1], whole[:, 0], whole[:, -1]]).mean() > CUT_OFF:
        warnings.append(CUT)
    return CutFromWearer(picture, share, tuple(warnings))


def _reduced(rgb: RgbImage) -> RgbImage:
    zoom = LONGEST_SIDE / max(rgb.shape[:2])
    if zoom >= 1:
        return rgb
    size = (round(rgb.shape[1] * zoom), round(rgb.shape[0] * zoom))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def _somebody(person: Person) -> bool:
    """Whether skin shows, as on photos of trousers that end at the waist."""
    return bool((np.maximum(person.skin, person.face) > FADED).mean() > MIN_AREA / 4)


def _worn(person: Person, clothes_type: ClothesType) -> NDArray[np.bool_]:
    """The wanted garment's visible pixels, without the rim of mixed colours beside skin and hair."""
    own = {ClothesType.UPPER: person.upper, ClothesType.LOWER: person.lower, ClothesType.DRESS: person.full}
    wanted = own[clothes_type]
    if clothes_type is ClothesType.DRESS or (wanted > FADED).mean() < MIN_AREA:
        # A dress may be seen as top and skirt, and a top or trousers alone as a whole garment.
        wanted = person.cloth
    skin = np.maximum(person.skin, person.face)
    bare = dilate(np.asarray(np.maximum(skin, person.hair) > FADED), RIM)
    return main_parts(np.asarray((wanted > FADED) & ~bare))


def _hidden(person: Person, solid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What lies before the garment: forearms and hands that it encloses on all sides, and hair that it encloses on the
    sides and below, since hair comes down from above. Bare skin in a neckline is none of both."""
    left, right = (np.maximum.accumulate(part, axis=1) for part in (solid, solid[:, ::-1]))
    above, below = (np.maximum.accumulate(part, axis=0) for part in (solid, solid[::-1]))
    inside = left & right[:, ::-1] & below[::-1]
    hair = np.asarray(person.hair > FADED)
    arms = np.asarray(person.skin > FADED) & above & _before_trunk(person)
    return np.asarray(inside & ~solid & (hair | arms))


def _before_trunk(person: Person) -> NDArray[np.bool_]:
    """Where a forearm or hand may lie before the garment; anywhere on photos without a pose, which end at the waist."""
    if person.pose is None:
        return np.ones(person.alpha.shape, bool)
    body = body_of(person.pose)
    u, v = coordinates(body, person.alpha.shape)
    near = np.zeros(person.alpha.shape, bool)
    for side in SIDES:
        arm = limb_field(body.arms[side], np.full(2, ARM_RADIUS * body.sw, np.float32), person.alpha.shape, HAND)
        near |= (arm.ratio < 1.0) & (arm.fraction > FROM_ELBOW)
    return np.asarray(near & (np.abs(u) < TRUNK_HALF) & (v > BELOW_NECK))


def _on_white(photo: RgbImage, whole: NDArray[np.bool_], hidden: NDArray[np.bool_], nets: Nets) -> RgbImage:
    """The garment with its hidden parts filled, its edges antialiased, white round it, cut to its box."""
    ys, xs = np.nonzero(whole)
    pad = round(MARGIN * max(np.ptp(ys), np.ptp(xs))) + 2
    border = (pad, pad, pad, pad)
    box = np.s_[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    mask = cv2.copyMakeBorder(whole[box].astype(np.uint8), *border, cv2.BORDER_CONSTANT, value=0) > 0
    hole = cv2.copyMakeBorder(hidden[box].astype(np.uint8), *border, cv2.BORDER_CONSTANT, value=0) > 0
    rgb = np.asarray(cv2.copyMakeBorder(photo[box], *border, cv2.BORDER_REPLICATE), np.uint8)
    seen = erode(mask & ~dilate(hole, RIM), 1)
    cloth = np.clip(np.rint(pull_push(rgb.astype(np.float32), seen.astype(np.float32))), 0, 255)
    rgb = np.where(seen[..., None], rgb, cloth).astype(np.uint8)
    if hole.any():
        rgb = nets.inpaint(rgb, dilate(hole, RIM))
    alpha = np.clip(2.0 * cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.2) - 1.0, 0.0, 1.0)[..., None]
    return np.asarray(np.rint(rgb * alpha + 255.0 * (1.0 - alpha)), np.uint8)
