"""What one try-on knows: the person, the body, the garment, the networks, and the derived fields that stages share."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np

from fittingroom.engines.drape import optics
from fittingroom.engines.drape.bare import bare_arm, bare_leg
from fittingroom.engines.drape.body import SIDES, Body, Limb
from fittingroom.engines.drape.colour import evened, garment_raster
from fittingroom.engines.drape.composite import Layer
from fittingroom.engines.drape.hair_rim import HairRim, hair_rim
from fittingroom.engines.drape.hands import visible_hands
from fittingroom.engines.drape.limbs import LimbField, limb_field, line_field
from fittingroom.engines.drape.nets import FloatArray, Nets
from fittingroom.engines.drape.person import Person
from fittingroom.engines.drape.relief import Relief, read_relief
from fittingroom.engines.drape.removal import coordinates
from fittingroom.engines.drape.skin import Tone, tone_of
from fittingroom.engines.drape.types import Garment
from fittingroom.engines.protocol import Mask, RgbImage, TryOnOptions

CUFF_TAIL = 0.14
ARM_TAIL = 0.20
SHOE_TAIL = 0.17
NECK_RADIUS = np.array([0.25, 0.185, 0.165, 0.165, 0.165], np.float32)
HAIR_SIDE = 0.12
EARS_AND_MOUTH = (7, 8, 9, 10)
TURNED = 0.30
LITTLE_SCENE = 0.01


@dataclass(frozen=True)
class Scene:
    """Inputs of the drawing stages; fields are computed once, on first use.

    notes: warnings for the caller that a stage found. signals: measures of risk by name, for the confidence; a stage
    adds its own. layers: what the picture was composed of, from back to front, for an evaluation.
    """

    person: Person
    body: Body
    garment: Garment
    nets: Nets
    rng: np.random.Generator
    options: TryOnOptions = field(default_factory=TryOnOptions)
    notes: list[str] = field(default_factory=list)
    signals: dict[str, float] = field(default_factory=dict)
    layers: list[Layer] = field(default_factory=list)

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) of the picture."""
        height, width = self.person.alpha.shape
        return height, width

    @cached_property
    def arms(self) -> tuple[LimbField, LimbField]:
        """Left and right arm as fields."""
        limbs = [bare_arm(self.person, self.body, side, ARM_TAIL) for side in SIDES]
        fields = [line_field(limb.line, limb.radius, limb.steps, self.shape) for limb in limbs]
        return fields[0], fields[1]

    @cached_property
    def legs(self) -> tuple[LimbField, LimbField]:
        """Left and right leg as fields."""
        limbs = [bare_leg(self.person, self.body, side, SHOE_TAIL) for side in SIDES]
        fields = [line_field(limb.line, limb.radius, limb.steps, self.shape) for limb in limbs]
        return fields[0], fields[1]

    @cached_property
    def uv(self) -> tuple[FloatArray, FloatArray]:
        """u and v (sw) of every pixel."""
        return coordinates(self.body, self.shape)

    @cached_property
    def tone(self) -> Tone | None:
        """The skin tone of arms and legs; None where no skin is visible."""
        return tone_of(self.person)

    @cached_property
    def hands(self) -> Mask:
        """The hands as far as the photo shows them."""
        return visible_hands(self.person, self.body)

    @cached_property
    def neck(self) -> Mask:
        """The column between shoulders and mouth: the only skin above the shoulder line."""
        start, chin = self.body.at(0.0, -0.02), self.body.at(0.0, -0.6)
        if self.person.pose is not None:
            chin = self.person.pose.points[list(EARS_AND_MOUTH)].mean(axis=0)
        line = Limb(np.stack([start, (start + chin) / 2, chin]).astype(np.float32), True)
        # Wider only where it runs out into the shoulders, and where hair hides how wide it is.
        field = limb_field(line, NECK_RADIUS * self.body.sw, self.shape)
        hair = cv2.GaussianBlur(self.person.hair, (0, 0), HAIR_SIDE * self.body.sw)
        beside = field.band(0.0, 1.0, wide=1.5) * np.clip(6.0 * hair - 0.4, 0.0, 1.0)
        return np.asarray(np.maximum(field.band(0.0, 1.0), beside), np.float32)

    @cached_property
    def hair_rim(self) -> HairRim:
        """Where the old cloth shines through the hair."""
        return hair_rim(self.person, self.body.sw)

    @cached_property
    def head(self) -> Mask:
        """Hair and face, which always stay in front."""
        hair = np.clip((self.person.hair - 0.15) / 0.35, 0.0, 1.0) * self.hair_rim.share
        return np.asarray(np.clip(hair + steep(self.person.face), 0.0, 1.0), np.float32)

    @cached_property
    def beside(self) -> Mask:
        """Bags and people that the clothes networks took for clothes; they stay as they are, in front."""
        beside = self.person.beside
        return np.zeros(self.shape, np.float32) if beside is None else steep(beside)

    @cached_property
    def own_relief(self) -> Relief:
        """Shading of the garment photo itself, on `garment_raster`."""
        return read_relief(self.garment.rgb, self.garment.alpha, garment_raster(self.garment))

    @cached_property
    def cloth(self) -> RgbImage:
        """The garment photo evenly lit, uint8 (H, W, 3): what is drawn."""
        return evened(self.garment, self.own_relief)

    @cached_property
    def grain(self) -> FloatArray:
        """The photo's noise."""
        return optics.grain(self.person, self.rng)

    def clean_hair(self, gone: Mask) -> list[Layer]:
        """Hair without the old cloth's colour where that cloth goes (float32 (H, W)): the backmost layer, if any."""
        seen = np.asarray(gone * (self.hair_rim.share < 1.0), np.float32)
        return [Layer(self.hair_rim.rgb, seen)] if seen.any() else []

    def forearms(self, bare_from: tuple[float, float]) -> Mask:
        """Visible arm skin beyond where the new sleeves end."""
        out = np.zeros(self.shape, np.float32)
        for side in SIDES:
            out = np.maximum(out, self.arms[side].band(bare_from[side], 1.0 + CUFF_TAIL, wide=1.5))
        return np.asarray(out * steep(self.person.skin), np.float32)

    def warnings(self) -> tuple[str, ...]:
        """What about the person photo makes the result doubtful."""
        out = []
        if self.body.turned > TURNED:
            out.append("The person is turned to the side; a frontal photo gives better results.")
        if self.tone is None:
            out.append("No skin of the person is visible; what the old garment covers stays covered by it.")
        if (self.person.alpha < 0.2).mean() < LITTLE_SCENE:
            out.append(
                "The person fills the picture; no background is visible that could show beside a slimmer garment."
            )
        return (*out, *self.notes)


def steep(mask: Mask) -> Mask:
    """Sharpen a soft probability round one half, keeping an antialiased edge."""
    return np.asarray(np.clip((mask - 0.35) / 0.3, 0.0, 1.0), np.float32)
