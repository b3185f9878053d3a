"""The skin of arms, neck and legs that a new cut leaves bare: its tone, its light and its texture.

Nothing here is a picture of a body. A limb's colour is a short table along the limb: the tone of the visible hand,
forearm or foot next to the cloth, fading into the person's own general tone, which face and limbs give together (hands
alone, often in shadow, make arms too brown). Light comes from what the photo shows: how the worn sleeve or trouser
leg is lit across and along, and how the face is. Invariant: colours are worked out only at the pixels of the mask that
`removal` allows, and the layer is black everywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.cutout import erode
from fittingroom.engines.drape.limbs import LimbField
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.person import Person
from fittingroom.engines.drape.shading import Light
from fittingroom.engines.protocol import Mask

SURE = 0.6
SKIN_RIM = 0.004
HAIRLESS = 0.2
MIN_SKIN = 8e-5
BINS = 48
REACH = 1.2
MIN_IN_BIN = 6
ENOUGH_SKIN = 1e-4
FADE = 0.16
LIT_SHARE = 0.6
LIT = (30, 85)
OTHER_HUE, OTHER_LIGHT = 0.095, 0.58
"""Difference of a colour's shares of red, green and blue, and ratio of brightness, beyond which face and limbs are not
one skin in one light."""

ODD = 45.0
VISIBLE = 0.004


@dataclass(frozen=True, slots=True)
class Tone:
    """The person's skin. base: float32 (3,) RGB 0..255 in ordinary light. fine, mottle: standard deviation of its
    texture, in grey levels, of one pixel and of several."""

    base: FloatArray
    fine: float
    mottle: float


def visible_skin(person: Person) -> NDArray[np.bool_]:
    """Face, neck, arms, hands and legs as far as they show, without their edges."""
    return _pure(person, (person.skin > SURE) | (person.face > SURE))


def tone_of(person: Person) -> Tone | None:
    """The skin tone of arms and legs; None where too little skin is visible.

    It lies between the face's and that of other visible skin, without their shadows and highlights.
    """
    least = MIN_SKIN * person.skin.size
    means = []
    for mask in (_pure(person, person.face > SURE), _pure(person, person.skin > SURE)):
        if mask.sum() >= least:
            means.append(_lit_mean(np.asarray(person.rgb[mask], np.float32)))
    if not means:
        return None
    base = means[0] if len(means) == 1 else _agreed(*means)
    fine, mottle = _graininess(person, visible_skin(person))
    return Tone(np.asarray(base, np.float32), fine, mottle)


def stocking_tone(person: Person, core: NDArray[np.bool_], tone: Tone) -> Tone:
    """The tone of legs: that of tights where the photo shows some, in a hue that is no skin's, else `tone`.

    core: bool (H, W), the middle of both legs.
    """
    seen = person.rgb[_within(person, core)].astype(np.float32)
    if len(seen) < MIN_SKIN * person.skin.size:
        return tone
    own = _lit_mean(seen)
    hue = np.abs(own / own.sum() - tone.base / tone.base.sum()).max()
    return replace(tone, base=own) if hue > OTHER_HUE else tone


def _agreed(face: FloatArray, limbs: FloatArray) -> FloatArray:
    """One tone of two: coloured tights and gloves pass for skin now and then, and faces lie in a hat's shadow."""
    hue = np.abs(face / face.sum() - limbs / limbs.sum()).max()
    if hue > OTHER_HUE:
        return face
    # The one in better light tells more: arms are lit like the clothes.
    dark, light = sorted((face, limbs), key=lambda mean: float(mean.sum()))
    share = LIT_SHARE if dark.sum() > OTHER_LIGHT * light.sum() else 1.0
    return np.asarray((1 - share) * dark + share * light, np.float32)


def tones_along(
    person: Person, place: FloatArray, core: NDArray[np.bool_], tone: Tone
) -> tuple[FloatArray, FloatArray]:
    """Colour along a limb: its own where it shows within `core`, fading into the base away from there.

    place: float32 (H, W), the fraction along the limb, 0..REACH. Returns float32 (BINS, 3) at equal steps of it, and
    (BINS,) how much of each is the limb's own, 0..1.
    """
    where = _within(person, core)
    own_colours = person.rgb[where].astype(np.float32)
    # Jewellery, cuffs and deep shadow are no skin tone.
    usual = np.abs(own_colours - tone.base).max(axis=-1) < 2 * ODD
    own_colours = own_colours[usual]
    bins = np.clip(place[where][usual] / REACH * BINS, 0, BINS - 1).astype(int)
    count = np.bincount(bins, minlength=BINS)
    known = np.flatnonzero(count >= MIN_IN_BIN)
    if not len(known):
        return np.repeat(tone.base[None], BINS, axis=0), np.zeros(BINS, np.float32)
    sums = [np.bincount(bins, weights=own_colours[:, c], minlength=BINS)[known] for c in range(3)]
    own = np.stack(sums, axis=-1) / count[known, None]
    # What differs from the base next to the cloth is carried on for a while, not to the other end of the limb.
    gap = np.abs(np.arange(BINS)[:, None] - known[None])
    near = np.exp(-0.5 * np.minimum(gap - gap.min(axis=1, keepdims=True), 30) * (gap + 1.0) / 1.5)
    local = (near @ own) / near.sum(axis=1, keepdims=True)
    weight = np.exp(-((gap.min(axis=1) / BINS * REACH / FADE) ** 1.5)) * _enough(count[known].sum(), person)
    return (
        np.asarray(tone.base + weight[:, None] * (local - tone.base), np.float32),
        np.asarray(weight, np.float32),
    )


def _within(person: Person, core: NDArray[np.bool_]) -> tuple[NDArray[np.int_], ...]:
    """Rows and columns of the sure skin in `core`."""
    rows, cols = (np.flatnonzero(core.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return np.nonzero(core)
    box = np.s_[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    sure = (person.skin[box] > SURE) & core[box] & (person.hair[box] < HAIRLESS)
    ys, xs = np.nonzero(erode(np.asarray(sure), _rim(person)))
    return ys + rows[0], xs + cols[0]


def _enough(pixels: int, person: Person) -> float:
    """How far a few pixels of skin are to be believed."""
    return float(min(1.0, pixels / (ENOUGH_SKIN * person.skin.size)))


def looked_up(table: FloatArray, place: FloatArray) -> FloatArray:
    """Rows of a table of `tones_along` for places (N,), linearly between its steps."""
    at = np.clip(place / REACH * BINS - 0.5, 0, BINS - 1.001)
    low = at.astype(int)
    part = (at - low)[:, None]
    return np.asarray(table[low] * (1 - part) + table[low + 1] * part, np.float32)


def paint_limbs(
    mask: Mask,
    fields: list[LimbField],
    tables: list[FloatArray],
    lights: list[Light],
    tone: Tone,
    rng: np.random.Generator,
) -> FloatArray:
    """Skin of several limbs where `mask` is not 0, float32 (H, W, 3) 0..255; black elsewhere."""
    out = np.zeros((*mask.shape, 3), np.float32)
    where = np.nonzero(mask > VISIBLE)
    if not len(where[0]):
        return out
    ratios = np.stack([f.ratio[where] for f in fields])
    owner = np.argmin(ratios, axis=0)
    colour = np.zeros((len(owner), 3), np.float32)
    for number, (field, table, light) in enumerate(zip(fields, tables, lights, strict=True)):
        mine = owner == number
        fraction, across = (values[where][mine] for values in (field.fraction, field.across))
        own = looked_up(table, fraction) * light.skin(fraction, across)
        colour[mine] = tinted(own, light.shade(fraction, across))
    out[where] = colour + texture(mask.shape, where, tone, rng)
    return out


def tinted(colour: FloatArray, shade: FloatArray) -> FloatArray:
    """Skin (N, 3) under a brightness factor (N,): its shadows are redder than its lights, as light enters skin."""
    return np.asarray(colour * np.power(shade[:, None], np.array([0.86, 1.06, 1.12], np.float32)), np.float32)


def texture(
    shape: tuple[int, ...], where: tuple[NDArray[np.int_], ...], tone: Tone, rng: np.random.Generator
) -> FloatArray:
    """The texture at the given pixels, (N, 1)."""
    (y0, y1), (x0, x1) = ((int(w.min()), int(w.max()) + 1) for w in where)
    white = rng.standard_normal((y1 - y0, x1 - x0), np.float32)
    # Each blur weakens the noise; the factors bring its deviation back to 1.
    fine = 1.7 * cv2.GaussianBlur(white, (0, 0), 0.6)
    small = rng.standard_normal(((y1 - y0) // 3 + 2, (x1 - x0) // 3 + 2), np.float32)
    mottle = cv2.resize(3.2 * cv2.GaussianBlur(small, (0, 0), 1.0), (x1 - x0, y1 - y0), interpolation=cv2.INTER_CUBIC)
    both = tone.fine * fine + tone.mottle * mottle
    return np.asarray(both[where[0] - y0, where[1] - x0, None], np.float32)


def _graininess(person: Person, skin: NDArray[np.bool_]) -> tuple[float, float]:
    """Deviation of single pixels and of spots some pixels wide on visible skin; eyes and nostrils do not count."""
    ys, xs = np.nonzero(skin)
    if not len(ys):
        return 1.0, 1.0
    box = np.s_[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    grey = cv2.cvtColor(np.ascontiguousarray(person.rgb[box]), cv2.COLOR_RGB2GRAY).astype(np.float32)
    soft, broad = cv2.GaussianBlur(grey, (0, 0), 1.2), cv2.GaussianBlur(grey, (0, 0), 4.0)
    fine, mottle = (float(np.percentile(np.abs(d)[skin[box]], 40)) / 0.52 for d in (grey - soft, soft - broad))
    return float(np.clip(fine, 0.3, 1.6)), float(np.clip(mottle, 0.5, 1.3))


def _lit_mean(colours: FloatArray) -> FloatArray:
    """Mean of the colours (N, 3) that are neither in shadow nor glossy nor far from what is usual."""
    luminance = colours @ np.array([0.299, 0.587, 0.114], np.float32)
    low, high = np.percentile(luminance, LIT)
    lit = colours[(luminance >= low) & (luminance <= high)]
    usual = lit[np.abs(lit - np.median(lit, axis=0)).max(axis=1) < ODD]
    return np.asarray((usual if len(usual) else lit).mean(axis=0), np.float32)


def _pure(person: Person, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Skin well away from hair and from its own outline."""
    return erode(np.asarray(mask & (person.hair < HAIRLESS)), _rim(person))


def _rim(person: Person) -> int:
    return max(1, round(SKIN_RIM * float(min(person.skin.shape))))
