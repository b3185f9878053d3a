"""`drape`: dresses a person by geometry on a CPU. This file is the recipe; each step has a file of its own.

Read the garment, read the person, fit the one to the other, warp part by part, decide what the old garment leaves
behind, light, compose. Works at up to WORK_SIDE pixels a side and returns the person photo's own size.
Invariant: outside the reported mask the picture is the person photo, bit for bit.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from fittingroom.engines.analysis import NOTHING_KEPT, Analyses
from fittingroom.engines.drape import lower, upper
from fittingroom.engines.drape.body import Body, body_of
from fittingroom.engines.drape.confidence import confidence, doubt
from fittingroom.engines.drape.garment import analyse_garment
from fittingroom.engines.drape.nets import FloatArray, Nets
from fittingroom.engines.drape.outline_fit import bank_for
from fittingroom.engines.drape.person import Person, analyse_person
from fittingroom.engines.drape.recognition import recognise
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.drape.silhouette import body_from_silhouette
from fittingroom.engines.drape.types import Garment
from fittingroom.engines.drape.wearer import cut_from_wearer
from fittingroom.engines.protocol import (
    Checkpoint,
    ClothesType,
    CutFromWearer,
    Mask,
    NoPersonFound,
    Recognised,
    RgbImage,
    TryOnOptions,
    TryOnReport,
    TryOnResult,
    never_cancelled,
)
from fittingroom.engines.threads import allowed_threads
from fittingroom.models import weight_path

WORK_SIDE = 1600
MIN_CLOTH_SHARE = 0.004
UPRIGHT = 0.5
HIP_ROOM = 0.02


@dataclass
class Stages:
    """Seconds per stage; `done` closes one and asks the caller whether to go on."""

    checkpoint: Checkpoint
    seconds: dict[str, float] = field(default_factory=dict)
    last: float = field(default_factory=time.perf_counter)

    def done(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = now - self.last
        self.last = now
        self.checkpoint()


class DrapeEngine:
    """The embedded engine.

    locate: where a weight lies, by its name in the manifest. threads: per network call; 0 takes what the process is
    allowed. nets: networks to look through instead of loading them.
    """

    name = "drape"

    def __init__(self, locate: Callable[[str], Path] = weight_path, threads: int = 0, nets: Nets | None = None) -> None:
        self._locate = locate
        self._threads = threads
        self._nets = nets
        self._analyses = NOTHING_KEPT

    def load(self) -> None:
        """Load the networks and draw the banks of outlines. Raises `MissingWeight`."""
        if self._nets is None:
            for clothes_type in ClothesType:
                bank_for(clothes_type)
            self._nets = Nets(self._locate, self._threads or allowed_threads())

    def using(self, analyses: Analyses) -> DrapeEngine:
        """The same engine, which keeps in `analyses` what it understands of persons and garments."""
        self.load()
        other = copy.copy(self)
        other._analyses = analyses
        return other

    def _loaded(self) -> Nets:
        self.load()
        assert self._nets is not None
        return self._nets

    def read_person(self, photo: RgbImage) -> Person:
        """Understand a person photo, uint8 (H, W, 3)."""
        nets = self._loaded()
        return self._analyses.get("person", photo, self.name, lambda: analyse_person(photo.copy(), nets))

    def read_garment(
        self, photo: RgbImage, clothes_type: ClothesType, marks: Mapping[str, tuple[float, float]] | None = None
    ) -> Garment:
        """Understand a garment photo, uint8 (H, W, 3). marks: see `TryOnOptions`. Raises `NoGarmentFound`."""
        nets, placed = self._loaded(), dict(marks or {})
        about = (self.name, clothes_type, tuple(sorted(placed.items())))
        return self._analyses.get(
            "garment", photo, about, lambda: analyse_garment(photo.copy(), clothes_type, nets, placed)
        )

    def recognise(self, photo: RgbImage) -> Recognised:
        """See `GarmentReader.recognise`."""
        nets = self._loaded()
        return self._analyses.get("garment", photo, (self.name, "kind"), lambda: recognise(photo, nets))

    def from_wearer(self, photo: RgbImage, clothes_type: ClothesType) -> CutFromWearer:
        """See `GarmentReader.from_wearer`."""
        nets, about = self._loaded(), (self.name, "worn", clothes_type)
        return self._analyses.get("garment", photo, about, lambda: cut_from_wearer(photo.copy(), clothes_type, nets))

    def try_on(
        self,
        person: RgbImage,
        garment: RgbImage,
        clothes_type: ClothesType,
        options: TryOnOptions = TryOnOptions(),
        checkpoint: Checkpoint = never_cancelled,
    ) -> TryOnResult:
        """See `Engine.try_on`."""
        return self.inspect(person, garment, clothes_type, options, checkpoint)[0]

    def inspect(
        self,
        person: RgbImage,
        garment: RgbImage,
        clothes_type: ClothesType,
        options: TryOnOptions = TryOnOptions(),
        checkpoint: Checkpoint = never_cancelled,
    ) -> tuple[TryOnResult, Scene]:
        """As `try_on`, with what the engine saw and drew at its working size, for an evaluation that measures it."""
        nets = self._loaded()
        stages = Stages(checkpoint)
        photo = _reduced(person)
        seen = self.read_person(photo)
        stages.done("person")
        body = _body(seen, clothes_type)
        cloth = self.read_garment(garment, clothes_type, options.marks)
        stages.done("garment")
        scene = Scene(seen, body, cloth, nets, np.random.default_rng(options.seed), options)
        scene.signals.update({f"garment_{name}": value for name, value in cloth.signals.items()})
        scene.signals.update(garment_doubt=1.0 - cloth.confidence, turned=body.turned)
        dress = lower.dress_lower if clothes_type is ClothesType.LOWER else upper.dress_upper
        picture, mask = dress(scene, clothes_type, stages.done)
        picture, mask = _full_size(person, photo, picture, mask)
        stages.done("finish")
        warnings = (*cloth.warnings, *scene.warnings(), *doubt(scene.signals))
        sure = confidence(scene.signals)
        report = TryOnReport(self.name, mask, stages.seconds, sure, warnings, dict(scene.signals))
        return TryOnResult(picture, report), scene


def _body(seen: Person, clothes_type: ClothesType) -> Body:
    """The body in the photo. Raises `NoPersonFound`."""
    body = None
    if (seen.cloth > 0.5).mean() >= MIN_CLOTH_SHARE:
        if seen.pose is not None:
            body = body_of(seen.pose)
        elif clothes_type is ClothesType.LOWER:
            body = body_from_silhouette(seen)
    if body is None or body.uy[1] < UPRIGHT:
        raise NoPersonFound("no dressed, upright person with a visible body was found")
    if clothes_type is ClothesType.LOWER and not _in_frame(body.hips, seen.alpha.shape):
        raise NoPersonFound("the lower half of the body is outside the photo")
    return body


def _in_frame(hips: tuple[FloatArray, FloatArray], shape: tuple[int, ...]) -> bool:
    """Whether at least one hip lies in the picture with some room below it."""
    return any(0 <= x < shape[1] and 0 <= y < (1 - HIP_ROOM) * shape[0] for x, y in hips)


def _reduced(person: RgbImage) -> RgbImage:
    zoom = WORK_SIDE / max(person.shape[:2])
    if zoom >= 1:
        return person
    size = (round(person.shape[1] * zoom), round(person.shape[0] * zoom))
    return np.asarray(cv2.resize(person, size, interpolation=cv2.INTER_AREA), np.uint8)


def _full_size(person: RgbImage, photo: RgbImage, picture: RgbImage, mask: Mask) -> tuple[RgbImage, Mask]:
    """Bring a reduced result back: only changed pixels are enlarged, all others are the original photo's."""
    if person.shape == photo.shape:
        return picture, mask
    size = (person.shape[1], person.shape[0])
    wide = cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR)
    changed = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC).astype(np.float32)
    # Where little changed, the photo itself is sharper than its enlarged copy.
    blend = np.clip(wide * 4.0, 0.0, 1.0)[..., None]
    out = person.astype(np.float32) * (1.0 - blend) + changed * blend
    return np.where(wide[..., None] > 0, np.rint(out), person).clip(0, 255).astype(np.uint8), np.asarray(
        wide, np.float32
    )
