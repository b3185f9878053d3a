"""What is measured on a picture of any engine, with the photos alone and one set of independent rulers.

The rulers (pose, parsing of clothes, LPIPS) are the same for every engine, whatever that engine looks through itself.
Invariant: a measure that cannot be taken has no value but a reason, and a value of one engine means the same of
another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np

from fittingroom.engines.drape.garment import analyse_garment
from fittingroom.engines.drape.nets import Nets
from fittingroom.engines.drape.person import analyse_person
from fittingroom.engines.protocol import ClothesType, EngineError, Mask, RgbImage
from fittingroom.engines.threads import allowed_threads
from fittingroom.evaluation.lpips import Lpips
from fittingroom.evaluation.measures import colour, drift, mask
from fittingroom.evaluation.measures.likeness import ssim
from fittingroom.evaluation.parsing import masks_of
from fittingroom.models import ModelsError, weight_path

SIDE = 1024
"""Likeness is taken at this long side at most, so that photos of any size count alike."""
SHAPE = 0.02
"""How much the aspect of two pictures may differ before they cannot be compared."""
SHOULDERS = (11, 12)
NARROW = 0.04
"""Distance of the shoulders, in heights of the photo, below which it is no unit of length."""
WORN = {
    ClothesType.UPPER: ("upper", "dress"),
    ClothesType.LOWER: ("lower", "dress"),
    ClothesType.DRESS: ("upper", "lower", "dress"),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """title, unit: as a report heads it. better: "low", "high", or "zero" where 0 is promised. digits: shown."""

    title: str
    unit: str
    better: str
    digits: int
    meaning: str


MEASURES = {
    "truth_ssim": Measure("SSIM to the truth", "", "high", 3, "structural similarity to the photo of the truth"),
    "truth_lpips": Measure(
        "LPIPS to the truth", "", "low", 3, "perceived distance (AlexNet) from the photo of the truth"
    ),
    "round_ssim": Measure(
        "SSIM of the round trip", "", "high", 3, "dressed back in the garment that was worn, to the photo"
    ),
    "round_lpips": Measure("LPIPS of the round trip", "", "low", 3, "the same as perceived distance"),
    "outside": Measure(
        "Outside the mask", "of 255", "zero", 0, "largest change where the engine says it changed nothing"
    ),
    "colour": Measure(
        "Garment colour", "ΔE00", "low", 1, "CIEDE2000 between the mean colours of worn garment and photo"
    ),
    "drift": Measure("Keypoint drift", "shoulders", "low", 3, "mean movement of the joints, in shoulder distances"),
    "seconds": Measure("Time", "s", "low", 1, "wall clock of one picture, review included, loading not"),
}


@dataclass(slots=True)
class Measured:
    """values by measure's name, and for each that is not there the reason."""

    values: dict[str, float] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def put(self, name: str, value: float | None, reason: str) -> None:
        """A value, or the reason why there is none."""
        if value is None:
            self.missing[name] = reason
        else:
            self.values[name] = round(float(value), 5)


class Rulers:
    """Networks for measuring, loaded when first asked for. locate: finds a weight's file."""

    def __init__(self, locate: Callable[[str], object] = weight_path) -> None:
        self._locate = locate

    @cached_property
    def nets(self) -> Nets | str:
        """The networks, or why there are none."""
        try:
            return Nets(self._locate, allowed_threads())  # type: ignore[arg-type]
        except ModelsError as error:
            return str(error)

    @cached_property
    def lpips(self) -> Lpips | str:
        """LPIPS (BSD-2-Clause weights, read from the local cache only), or why there is none."""
        try:
            return Lpips.load(self._locate)  # type: ignore[arg-type]
        except ModelsError as error:
            return str(error)

    def likeness(self, name: str, true: RgbImage, made: RgbImage, into: Measured) -> None:
        """`NAME_ssim` and `NAME_lpips` of a picture to the photo of what it should be."""
        shape = made.shape[1] / made.shape[0]
        if abs(true.shape[1] / true.shape[0] / shape - 1.0) > SHAPE:
            reason = (
                f"{true.shape[1]}x{true.shape[0]} px has not the shape of the result, {made.shape[1]}x{made.shape[0]}"
            )
            into.missing |= {f"{name}_ssim": reason, f"{name}_lpips": reason}
            return
        scale = min(1.0, SIDE / max(made.shape[:2]))
        size = (round(made.shape[1] * scale), round(made.shape[0] * scale))
        one, other = (np.asarray(cv2.resize(p, size, interpolation=cv2.INTER_AREA), np.uint8) for p in (true, made))
        into.put(f"{name}_ssim", ssim(one, other), "")
        distance = self.lpips
        if isinstance(distance, str):
            into.missing[f"{name}_lpips"] = distance
        else:
            into.put(f"{name}_lpips", distance(one, other), "")

    def body(self, photo: RgbImage, garment: RgbImage, made: RgbImage, kind: ClothesType, into: Measured) -> None:
        """`colour` and `drift` of a picture made from the photo."""
        nets = self.nets
        if isinstance(nets, str):
            into.missing |= {"colour": nets, "drift": nets}
            return
        into.put("drift", *_drift(photo, made, nets))
        into.put("colour", *_colour(photo, garment, made, kind, nets))


def outside(photo: RgbImage, made: RgbImage, changed: Mask, into: Measured) -> None:
    """`outside`: what the engine changed where its mask says that it did not."""
    into.put("outside", mask.worst_outside(photo, made, changed), "")


def _drift(photo: RgbImage, made: RgbImage, nets: Nets) -> tuple[float | None, str]:
    before, after = nets.pose(photo), nets.pose(made)
    if before is None or after is None:
        return None, f"no pose was found in the {'photo' if before is None else 'result'}"
    unit = float(np.linalg.norm(before.points[SHOULDERS[0]] - before.points[SHOULDERS[1]]))
    if unit < NARROW * photo.shape[0]:
        return None, "the shoulders are seen from the side: there is no unit of length"
    found = drift.drift(before.points, after.points, before.visibility, photo.shape[:2], unit)
    return found, "no joint is sure"


def _colour(
    photo: RgbImage, garment: RgbImage, made: RgbImage, kind: ClothesType, nets: Nets
) -> tuple[float | None, str]:
    try:
        cloth = analyse_garment(garment, kind, nets)
    except EngineError as refusal:
        return None, f"the garment could not be cut out of its photo: {refusal}"
    masks = masks_of(analyse_person(made, nets))
    worn = np.any([masks[name] for name in WORN[kind]], axis=0) & mask.changed(photo, made)
    found = colour.mean(made, worn, cloth.rgb, np.asarray(cloth.alpha > 0.98))
    return found, "too little of the new garment was found in the result"
