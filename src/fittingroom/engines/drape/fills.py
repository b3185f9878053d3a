"""What stands where the old garment was and the new one is not: background, or the skin of arms, neck and legs.

Safety: nothing here ever paints skin on the trunk, and no picture without clothes exists at any time: the fills are
colour fields that `composite` reads only at the few pixels that the new garment's own cut leaves bare, in the same
pass that draws the garment. Invariant: a fill is a full-size field, and choosing where it shows is not its business.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.cutout import dilate, erode, pull_push
from fittingroom.engines.drape.nets import FloatArray, Nets
from fittingroom.engines.drape.person import Person
from fittingroom.engines.protocol import RgbImage

TEXTURED = 6.0
PERSON_MARGIN = 0.02
MIN_SKIN = 8e-5
SKIN_RIM = 0.005
ENOUGH_SKIN = 0.006
SHRINK = 4
SKIN_LOCAL = 0.8


def background_plate(person: Person, needed: NDArray[np.bool_], nets: Nets, rng: np.random.Generator) -> FloatArray:
    """The scene behind the person where `needed`, float32 (H, W, 3) 0..255.

    A plain backdrop is continued smoothly with its own grain; a textured one is painted by MI-GAN around the whole
    person, so that it never sees a body to continue. Where the person fills the frame there is no scene to continue,
    and the answer is the photo itself: the old garment stays.
    """
    rgb = person.rgb.astype(np.float32)
    margin = max(4, round(PERSON_MARGIN * max(rgb.shape[:2])))
    free = ~_widened(person.alpha > 0.2, margin)
    if not needed.any() or not free.any():
        return rgb
    smooth = cv2.GaussianBlur(rgb, (0, 0), 3.0)
    grain = float(np.std((rgb - smooth)[free]))
    around = _widened(needed, 4 * margin) & free
    if around.any() and float(np.std((rgb - smooth)[around])) > TEXTURED:
        return _painted(person.rgb, needed, ~free, nets)
    filled = _continued(rgb, free)
    noise = (min(grain, 4.0) * rng.standard_normal(rgb.shape[:2], np.float32))[..., None]
    return np.asarray(filled + noise, np.float32)


def skin_field(person: Person, near: NDArray[np.bool_], rng: np.random.Generator) -> FloatArray | None:
    """The person's own skin colour continued over the frame, float32 (H, W, 3); None where no skin is visible.

    near: where skin of the same kind (arms, legs) is preferred. The face joins in where little other skin is seen:
    hands alone, often in shadow, make arms too brown.
    """
    rgb = person.rgb.astype(np.float32)
    body = _pure(person, near & (person.skin > 0.6))
    if body.sum() < ENOUGH_SKIN * person.skin.size:
        body = body | visible_skin(person)
    least = MIN_SKIN * person.skin.size
    if body.sum() < least:
        return None
    tone = np.median(rgb[body], axis=0)
    # Highlights, jewellery and shadows inside the skin mask would be smeared over the whole limb.
    usual = body & (np.abs(rgb - tone).max(axis=-1) < 45)
    local = _continued(rgb, usual) if usual.sum() >= least else np.broadcast_to(tone, rgb.shape)
    field = SKIN_LOCAL * local + (1 - SKIN_LOCAL) * tone
    texture = cv2.GaussianBlur(rng.standard_normal(rgb.shape[:2], np.float32), (0, 0), 0.8) * 2.5
    return np.asarray(field + texture[..., None], np.float32)


def visible_skin(person: Person) -> NDArray[np.bool_]:
    """Face, neck, arms, hands and legs as far as they show, without their edges."""
    return _pure(person, (person.skin > 0.6) | (person.face > 0.6))


def _widened(mask: NDArray[np.bool_], radius: int) -> NDArray[np.bool_]:
    """`mask` grown by a large radius, at a quarter of the size: a big kernel costs seconds at full size."""
    size = (max(1, mask.shape[1] // SHRINK), max(1, mask.shape[0] // SHRINK))
    small = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    wide = dilate(np.asarray(small), max(1, round(radius / SHRINK))).astype(np.float32)
    return np.asarray(cv2.resize(wide, mask.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.01)


def _pure(person: Person, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Skin well away from hair and from its own outline."""
    return erode(np.asarray(mask & (person.hair < 0.2)), max(1, round(SKIN_RIM * min(mask.shape))))


def _continued(rgb: FloatArray, known: NDArray[np.bool_]) -> FloatArray:
    """Colours continued smoothly from where they are known; worked out at a quarter of the size, as they are smooth."""
    size = (max(1, rgb.shape[1] // SHRINK), max(1, rgb.shape[0] // SHRINK))
    weight = cv2.resize(known.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    colour = cv2.resize(rgb * known[..., None], size, interpolation=cv2.INTER_AREA)
    colour = colour / np.maximum(weight, 1e-6)[..., None]
    filled = pull_push(np.asarray(colour, np.float32), np.asarray(weight > 0.5, np.float32))
    soft = cv2.GaussianBlur(filled, (0, 0), 2.0)
    return np.asarray(cv2.resize(soft, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def rounded(field: FloatArray, ratio: FloatArray) -> FloatArray:
    """Shade a limb's skin as a cylinder: darker towards its edges. ratio: distance from its axis over its radius."""
    shade = 1.05 - 0.26 * np.clip(ratio, 0.0, 1.1) ** 2.5
    return np.asarray(field * shade[..., None], np.float32)


def _painted(rgb: RgbImage, needed: NDArray[np.bool_], hole: NDArray[np.bool_], nets: Nets) -> FloatArray:
    """MI-GAN on the box around what is needed, with some surroundings to look at."""
    ys, xs = np.nonzero(needed)
    pad = round(0.15 * max(rgb.shape[:2]))
    y0, y1 = max(0, ys.min() - pad), min(rgb.shape[0], ys.max() + pad)
    x0, x1 = max(0, xs.min() - pad), min(rgb.shape[1], xs.max() + pad)
    out = rgb.astype(np.float32)
    box = np.s_[y0:y1, x0:x1]
    out[box] = nets.inpaint(np.ascontiguousarray(rgb[box]), hole[box])
    return out
