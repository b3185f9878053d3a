"""From the network's picture to the result: put back, registered, masked, pasted, and judged.

The network redraws everything in its frame; all but the garment is taken from the photo again. Whatever looks wrong
afterwards is measured, so that another seed can be tried. Invariant: where `Finished.mask` is 0, `Finished.image` is
the person photo bit for bit, and beyond the frame the mask is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from fittingroom.engines.analysis import Analyses
from fittingroom.engines.neural.attempts import Judgement
from fittingroom.engines.neural.bareness import bared, is_covered
from fittingroom.engines.neural.body import Body
from fittingroom.engines.neural.change_mask import change_mask
from fittingroom.engines.neural.colour import FINE, ColourVerdict, colour_check
from fittingroom.engines.neural.frame import Frame
from fittingroom.engines.neural.paste import paste
from fittingroom.engines.neural.registration import Registered, register
from fittingroom.engines.protocol import ClothesType, Mask, NoPersonFound, RgbImage

WHOLE = 0.99
"""Share of the network's picture from which a pixel counts as its own, where the frame fades out."""

LEAST_CHANGE = 0.002
"""Share of the photo below which nothing was dressed."""


class Reader(Protocol):
    """What is used of `neural.body.BodyReader`."""

    def load(self) -> None: ...

    def using(self, analyses: Analyses) -> Reader: ...

    def read(self, photo: RgbImage) -> Body: ...

    def garment(self, photo: RgbImage, clothes_type: ClothesType) -> Mask: ...


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a job before its picture is made. garment_mask: where the product lies in its own photo."""

    person: RgbImage
    garment: RgbImage
    clothes_type: ClothesType
    body: Body
    garment_mask: Mask
    frame: Frame


@dataclass(frozen=True, slots=True)
class Finished:
    """image: uint8 of the person photo's shape. mask: as in `TryOnReport`. confidence: 0..1. signals: what was
    measured, by name."""

    image: RgbImage
    mask: Mask
    judgement: Judgement
    confidence: float
    signals: dict[str, float]


def finish(made: RgbImage, known: Known, reader: Reader) -> Finished:
    """Turn `made`, the network's picture (uint8, of the frame's size), into a result."""
    person = known.person
    back, where = known.frame.back(made, person.shape)
    # Without this, the frame's border would be an edge that the photo does not have.
    back = _mixed(back, person, where)
    keep = np.asarray(known.body.keep(known.clothes_type) * (where >= WHOLE), np.float32)
    found = register(back, person, keep)
    after = _read(found.image, reader)
    mask = np.asarray(change_mask(found.image, person, known.body, known.clothes_type, after) * where, np.float32)
    image = paste(found.image, person, mask)
    worn = mask if after is None else np.asarray(after.garment(known.clothes_type) * mask, np.float32)
    verdict = colour_check(image, worn, known.garment, known.garment_mask)
    judgement = _judged(found, known.body, after, mask, verdict)
    near = 0.0 if after is None else max(0.0, found.score) / (1.0 + (verdict.delta_e / FINE) ** 2)
    signals = {"registration": found.score, "drift": _length(found), "changed": float((mask > 0).mean())}
    if after is not None:
        signals["bared"] = bared(known.body, after)
    if np.isfinite(verdict.delta_e):
        signals["garment_delta_e"] = verdict.delta_e
    return Finished(image, mask, judgement, float(min(1.0, near)), signals)


def _judged(found: Registered, body: Body, after: Body | None, mask: Mask, verdict: ColourVerdict) -> Judgement:
    doubts = []
    if after is None:
        doubts.append("No person was found in what the network made.")
    if not found.fine:
        doubts.append("What should have stayed the same did not.")
    if float((mask > 0).mean()) < LEAST_CHANGE:
        doubts.append("Hardly anything was changed.")
    if not verdict.fine:
        doubts.append("The garment's colours are not those of its photo.")
    score = found.score - (1.0 if after is None else 0.0) - min(verdict.delta_e, 100.0) / 100.0
    # Where the network's picture cannot be read, nobody can say that it covers the person.
    refused = after is None or not is_covered(body, after)
    return Judgement(not doubts and not refused, score, tuple(doubts), refused=refused)


def _read(photo: RgbImage, reader: Reader) -> Body | None:
    try:
        return reader.read(photo)
    except NoPersonFound:
        return None


def _mixed(made: RgbImage, photo: RgbImage, where: Mask) -> RgbImage:
    share = where[..., None]
    return np.asarray(np.rint(made * share + photo * (1.0 - share)), np.uint8)


def _length(found: Registered) -> float:
    return float(np.hypot(*found.shift))
