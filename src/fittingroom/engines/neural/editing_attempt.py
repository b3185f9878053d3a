"""What becomes of one drawing of an editor: laid onto the photo, masked, pasted, judged.

The judgement asks what a shop would see at once: is it still this photo, did the clothes change at all, are the colours
the product's. Invariant: the picture is the photo, bit for bit, where the mask is 0; one that bares the trunk, or in
which nobody is found, is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from fittingroom.engines.neural.attempts import Judgement
from fittingroom.engines.neural.bareness import MOST_BARE, bared
from fittingroom.engines.neural.body import Body
from fittingroom.engines.neural.change_mask import change_mask
from fittingroom.engines.neural.colour import ColourVerdict, colour_check
from fittingroom.engines.neural.editing_frame import shown
from fittingroom.engines.neural.frame import Frame
from fittingroom.engines.neural.paste import paste
from fittingroom.engines.neural.registration import Registered, register
from fittingroom.engines.protocol import ClothesType, Mask, NoPersonFound, RgbImage

FRAMED, SURE = 0.99, 0.9
LEAST_CHANGE = 0.05
"""Share of the old garment's area that the mask must cover, or nothing was put on."""

ROOM, SOFT = 0.3, 12.0
"""Of the region that an aligned drawing may fill: room round the old garment in shoulder distances, and px over which
its border is soft."""

WORST = 60.0
"""CIEDE2000 beyond which one colour is as wrong as another."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One job. photo, garment: uint8 (H, W, 3). product: where `garment` shows the garment, float32."""

    photo: RgbImage
    body: Body
    frame: Frame
    clothes_type: ClothesType
    garment: RgbImage
    product: Mask

    def region(self) -> Mask:
        """Where an aligned drawing may change the framed photo, float32 of the frame's size, soft at its border.

        The old garment with room for another cut, and the skin that the new one may cover; no face, hair or hands.
        """
        body = self.body
        old = np.asarray(body.garment(self.clothes_type) > 0.35, np.uint8)
        away = cv2.distanceTransform(1 - old, cv2.DIST_L2, 5)
        open_ = (away <= ROOM * body.unit) | ((body.skin > 0.35) & (away <= 2 * ROOM * body.unit))
        kept = np.max([body.face, body.hair, body.hands], axis=0) > 0.5
        region = self.frame.cut_mask(np.asarray(open_ & ~kept, np.float32))
        return np.asarray(cv2.GaussianBlur(region, (0, 0), SOFT / 2), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """One finished picture. image: uint8 of the photo's shape. mask: float32 (H, W). dressed: whether a dressed person
    was found in what the network drew. changed: the mask's area in parts of the old garment's. bared: share of the
    trunk that the drawing undressed, 0..1."""

    image: RgbImage
    mask: Mask
    registered: Registered
    colour: ColourVerdict
    dressed: bool
    changed: float
    bared: float

    @property
    def signals(self) -> dict[str, float]:
        """For the report: drift in px, agreement with the photo, colour difference (at most WORST), changed area."""
        across, down = self.registered.shift
        return {
            "drift": float(np.hypot(across, down)),
            "agreement": self.registered.score,
            "colour": min(WORST, self.colour.delta_e),
            "changed": self.changed,
            "bared": self.bared,
        }


def reference(garment: RgbImage, most: int) -> RgbImage:
    """What the network is shown of the garment photo: at most `most` px."""
    return shown(garment, most)


def attempted(scene: Scene, drawn: RgbImage, read: Callable[[RgbImage], Body]) -> Attempt:
    """Lay `drawn`, uint8 of the frame's size, onto the photo. read: finds the person in a picture of its size."""
    photo, body, kind = scene.photo, scene.body, scene.clothes_type
    back, where = scene.frame.back(drawn, photo.shape)
    inside = where[..., None] >= FRAMED
    keep = np.asarray(np.where(inside[..., 0], body.keep(kind), 0.0), np.float32)
    found = register(np.where(inside, back, photo), photo, keep)
    try:
        after = read(found.image)
    except NoPersonFound:
        after = None
    mask = np.asarray(change_mask(found.image, photo, body, kind, after) * where, np.float32)
    image = paste(found.image, photo, mask)
    worn = body.garment(kind) if after is None else after.garment(kind)
    seen = np.asarray(worn * (mask > 0), np.float32)
    verdict = ColourVerdict(float("inf"), False)
    if (seen > SURE).any() and (scene.product > SURE).any():
        verdict = colour_check(image, seen, scene.garment, scene.product)
    old = max(1.0, float((body.garment(kind) > 0.5).sum()))
    bare = 0.0 if after is None else bared(body, after)
    return Attempt(image, mask, found, verdict, after is not None, float((mask > 0.5).sum()) / old, bare)


def judged(attempt: Attempt) -> Judgement:
    """Whether the picture may be shown, and what is doubtful about it.

    One that bares the trunk is refused, and so is one in which nobody is found: no one can say that it covers anybody.
    """
    doubts = []
    if not attempt.registered.fine:
        doubts.append("The network moved or redrew what should have stayed as it was.")
    if attempt.changed < LEAST_CHANGE:
        doubts.append("The network left the old garment on.")
    if not attempt.colour.fine:
        doubts.append("The colours are not those of the garment's photo.")
    score = attempt.registered.score - min(WORST, attempt.colour.delta_e) / WORST
    refused = not attempt.dressed or attempt.bared > MOST_BARE
    return Judgement(not doubts and not refused, score - (attempt.changed < LEAST_CHANGE), tuple(doubts), refused)


def confidence(attempt: Attempt, *, fine: bool) -> float:
    """0..1 for `TryOnReport`: high where all checks passed, by how close the colours are; low where one failed.

    Not calibrated against people's judgement, since no photo was dressed with the published weights here.
    """
    if not fine:
        return 0.3
    return float(np.clip(0.95 - attempt.colour.delta_e / 40.0, 0.5, 0.95))
