"""The values that pass between `drape`'s stages. "left" and "right" always mean the picture's left and right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.protocol import Mask, RgbImage


class Cut(StrEnum):
    """The sub-type that decides which parts are warped."""

    SLEEVELESS = "sleeveless"
    SHORT_SLEEVE = "short sleeve"
    HALF_SLEEVE = "half sleeve"
    LONG_SLEEVE = "long sleeve"
    TROUSERS = "trousers"
    SHORTS = "shorts"
    SKIRT = "skirt"


@dataclass(frozen=True, slots=True)
class Traits:
    """What a garment photo shows besides its outline, each as a probability 0..1.

    straps: held by thin straps. off_shoulder: leaves the shoulders bare. open_front: an open jacket or shirt. hooded.
    collared: a shirt or polo collar. sheer: the body would show through. folded: not laid out whole (legs or sleeves
    laid over the garment, crumpled). angled: photographed from the side. worn: a person wears it in the photo.
    """

    straps: float = 0.0
    off_shoulder: float = 0.0
    open_front: float = 0.0
    hooded: float = 0.0
    collared: float = 0.0
    sheer: float = 0.0
    folded: float = 0.0
    angled: float = 0.0
    worn: float = 0.0


@dataclass(frozen=True, slots=True)
class Garment:
    """A garment photo, understood.

    rgb: uint8 (H, W, 3); colours outside the garment are pulled outward from its inside, so that a warp that reaches
    over the edge picks up cloth, never the photo's background.
    alpha: float32 (H, W) 0..1, the garment as seen from the front: inner back of the collar, label and hanger are 0.
    marks: name -> float32 (2,) x, y px. Tops and dresses: neck_left/right (where collar meets shoulder line),
    neck_front (lowest point of the front neckline), shoulder_left/right (shoulder tip; for sleeveless the outer end of
    the strap/shoulder), armpit_left/right, hem_left/right (outer corners); with sleeves also cuff_out_left/right
    and cuff_in_left/right (outer and inner end of the cuff). Trousers and shorts: waist_left/right, hip_left/right,
    crotch, hem_out_left/right, hem_in_left/right. Skirts: waist_left/right, hip_left/right, hem_left/right.
    confidence: 0..1 that the marks are right. warnings: short English sentences.
    back: float32 (H, W) 0..1, the inner back of collar or neckline that the photo shows; worn, it lies behind the
    neck. Labels and hangers are in neither `alpha` nor `back`.
    signals: what `confidence` is made of, by name. cut_odds: 0..1 that the marks' names are those of the true cut.
    spread, worst_spread: mean and largest standard deviation of the marks in the network's sight; apart, worst_apart:
    median and largest distance of the marks from those of the outline; all in diagonals of the garment's box.
    outline: 0..1 agreement of the outline with a garment's.
    """

    rgb: RgbImage
    alpha: Mask
    cut: Cut
    marks: dict[str, FloatArray]
    confidence: float
    warnings: tuple[str, ...] = ()
    back: Mask | None = None
    traits: Traits = field(default_factory=Traits)
    signals: Mapping[str, float] = field(default_factory=dict)
