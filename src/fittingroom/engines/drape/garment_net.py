"""A small network of our own that reads a cut-out garment: its marks, cut, traits, inner back and label.

It was trained on drawn garments and on labelled photos under free licences (`training/garments`, with its model card);
its file is part of this package. It sees the garment on neutral grey in a square of SIDE px, so a photo's background
cannot mislead it. Invariant: the same cut-out and clothes type give the same answer, and every mark lies in the frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime as ort

from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.types import Cut, Traits
from fittingroom.engines.protocol import ClothesType, Mask, RgbImage

FILE = Path(__file__).with_name("garment.onnx")
SIDE, MARGIN = 160, 0.06
MARKS = (
    "neck_left", "neck_right", "neck_front", "shoulder_left", "shoulder_right", "armpit_left", "armpit_right",
    "cuff_out_left", "cuff_out_right", "cuff_in_left", "cuff_in_right", "hem_left", "hem_right", "waist_left",
    "waist_right", "hip_left", "hip_right", "crotch", "hem_out_left", "hem_out_right", "hem_in_left", "hem_in_right",
)  # fmt: skip
CUTS = (
    Cut.SLEEVELESS, Cut.SHORT_SLEEVE, Cut.HALF_SLEEVE, Cut.LONG_SLEEVE, Cut.TROUSERS, Cut.SHORTS, Cut.SKIRT
)  # fmt: skip
TRAITS = ("straps", "off_shoulder", "open_front", "hooded", "collared", "sheer", "folded", "angled")
TYPES = (ClothesType.UPPER, ClothesType.LOWER, ClothesType.DRESS)
BOTTOMS = (Cut.TROUSERS, Cut.SHORTS, Cut.SKIRT)


MIRRORED = [
    MARKS.index(m.replace("left", "~").replace("right", "left").replace("~", "right")) for m in MARKS
]  # fmt: skip
VIEWS = ((False, 0.0, 1.0), (True, 0.0, 1.0), (False, 7.0, 0.94), (True, 7.0, 0.94))
"""What the network is shown: whether mirrored, turned by how many degrees, how large in the square."""


@dataclass(frozen=True, slots=True)
class Reading:
    """marks: name -> float32 (2,) px of the photo, all 22, of which `marks_of` names those of a cut. spread: name ->
    standard deviation of the mark over heatmaps and views in diagonals of the garment's box. odds: of the seven cuts,
    summing to 1. back, label: float32 (H, W) 0..1."""

    marks: dict[str, FloatArray]
    spread: dict[str, float]
    odds: dict[Cut, float]
    traits: Traits
    back: Mask
    label: Mask

    def best_cut(self, allowed: tuple[Cut, ...]) -> Cut:
        """The likeliest of `allowed`."""
        return max(allowed, key=lambda cut: self.odds[cut])


def marks_of(cut: Cut) -> tuple[str, ...]:
    """The marks that `Garment` names for a cut."""
    if cut in BOTTOMS:
        names = ("waist", "hip", "hem") if cut is Cut.SKIRT else ("waist", "hip", "hem_out", "hem_in")
        middle = () if cut is Cut.SKIRT else ("crotch",)
    else:
        cuffs = () if cut is Cut.SLEEVELESS else ("cuff_out", "cuff_in")
        names, middle = ("neck", "shoulder", "armpit", "hem", *cuffs), ("neck_front",)
    return (*(f"{n}_{side}" for n in names for side in ("left", "right")), *middle)


def read_garment(photo: RgbImage, alpha: Mask, clothes_type: ClothesType) -> Reading:
    """Read the garment of `photo` (uint8 (H, W, 3)) that `alpha` (float32 (H, W) 0..1, not empty) cuts out.

    It is shown to the network in several VIEWS, and the answers are averaged, marks by their certainty; where the views
    disagree, the spread grows.
    """
    kind = np.array([[t is clothes_type for t in TYPES]], np.float32)
    views = [_look(photo, alpha, kind, view) for view in VIEWS]
    places, spread, back, label, odds, traits = (np.stack(part) for part in zip(*views, strict=True))
    _, _, width, height = cv2.boundingRect((alpha > 0.5).astype(np.uint8))
    diagonal = float(np.hypot(width, height))
    marks, deviation = _agreed(places, spread)
    marks = np.clip(marks, 0, np.array(alpha.shape[::-1], np.float32) - 1)
    return Reading(
        dict(zip(MARKS, marks, strict=True)),
        {name: float(s) / diagonal for name, s in zip(MARKS, deviation, strict=True)},
        {c: float(p) for c, p in zip(CUTS, odds.mean(axis=0), strict=True)},
        Traits(**{name: float(p) for name, p in zip(TRAITS, traits.mean(axis=0), strict=True)}),
        back.mean(axis=0),
        label.mean(axis=0),
    )


def _look(photo: RgbImage, alpha: Mask, kind: FloatArray, view: tuple[bool, float, float]) -> tuple[FloatArray, ...]:
    """One view's marks (22, 2) and spread (22,), px of the photo; back, label (H, W); odds (7,); traits (8,)."""
    matrix = _to_square(alpha, *view)
    zoom = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    picture = _network_input(photo, alpha, matrix, zoom)
    marks, spread, masks, odds, traits = _session().run(None, {"picture": picture, "kind": kind})
    places = (marks[0] * SIDE - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T
    order = MIRRORED if view[0] else list(range(len(MARKS)))
    back, label = (_to_photo(masks[0, i], matrix, alpha.shape) for i in (1, 2))
    return places[order], spread[0, order] * (SIDE / zoom), back, label, odds[0], traits[0]


def _agreed(places: FloatArray, spread: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean (22, 2) and standard deviation (22,) of the mixture of views with `places` (V, 22, 2) and `spread` (V, 22),
    each weighted by its inverse variance."""
    weight = 1.0 / np.maximum(spread, 1e-3) ** 2
    weight = weight / weight.sum(axis=0)
    mean = (places * weight[..., None]).sum(axis=0)
    variance = (weight * (spread**2 + ((places - mean) ** 2).sum(axis=2))).sum(axis=0)
    return mean.astype(np.float32), np.sqrt(variance).astype(np.float32)


@cache
def _session() -> Any:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(FILE.read_bytes(), options, providers=["CPUExecutionProvider"])


def _to_square(alpha: Mask, mirrored: bool, degrees: float, scale: float) -> FloatArray:
    """The 2x3 matrix that brings the garment's box into the square, mirrored, turned and scaled there."""
    x, y, w, h = cv2.boundingRect((alpha > 0.5).astype(np.uint8))
    zoom = scale * SIDE * (1 - 2 * MARGIN) / max(w, h)
    c, s = zoom * np.cos(np.deg2rad(degrees)), zoom * np.sin(np.deg2rad(degrees))
    linear = np.array([[c, -s], [s, c]]) @ np.diag([-1.0 if mirrored else 1.0, 1.0])
    shift = SIDE / 2 - linear @ np.array([x + w / 2, y + h / 2])
    return np.column_stack([linear, shift]).astype(np.float32)


def _network_input(photo: RgbImage, alpha: Mask, matrix: FloatArray, zoom: float) -> FloatArray:
    """float32 (1, 4, SIDE, SIDE): RGB on grey and alpha, each -1..1; reduced first, since a warp would alias."""
    small = min(1.0, 2.0 * zoom)
    size = (max(1, round(alpha.shape[1] * small)), max(1, round(alpha.shape[0] * small)))
    scale = np.array([alpha.shape[1] / size[0], alpha.shape[0] / size[1], 1.0], np.float32)
    rgb, cover = (cv2.resize(a, size, interpolation=cv2.INTER_AREA) for a in (photo, alpha))
    rgb, cover = (cv2.warpAffine(a, matrix * scale, (SIDE, SIDE), flags=cv2.INTER_AREA) for a in (rgb, cover))
    shown = (rgb.astype(np.float32) - 128) * cover[..., None] / 127.5
    return np.concatenate([shown, cover[..., None] * 2 - 1], 2, dtype=np.float32).transpose(2, 0, 1)[None]


def _to_photo(mask: FloatArray, matrix: FloatArray, shape: tuple[int, ...]) -> Mask:
    """A mask of half the square's side, brought back over the photo."""
    half = matrix * 0.5
    half[:, 2] -= 0.25
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(mask, half, shape[::-1], flags=flags), np.float32)
