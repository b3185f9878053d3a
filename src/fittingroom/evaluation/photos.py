"""The folder of evaluation photos: its layout, and how a photo is read.

    persons/*/            people to dress, one folder per source
    garments/SET_TYPE/    product photos, TYPE = upper | lower | dress, SET = clean (product shots) | cc0 (phone photos)
    pairs/image, cloth    a person who wears a garment, and that garment alone, under the same file name
    parsing/ccp/          images/*.jpg, and labels/*.png with the class numbers of classes.txt ("number<TAB>name")

A photo is named by its path below the folder, with slashes, on every machine. Invariant: nothing is written here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from fittingroom.engines.protocol import RgbImage

VARIABLE = "FITTINGROOM_PHOTOS"
SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})
SHORT_SIDE = 520
"""Smaller photos are enlarged to this: the API takes none below 512 px a side."""


class EvaluationError(Exception):
    """Something that the caller of an evaluation can put right; the message says how."""


@dataclass(frozen=True, slots=True)
class Photos:
    """A folder of evaluation photos. Raises `EvaluationError` where it is absent or has another layout."""

    root: Path

    def __post_init__(self) -> None:
        if not self.root.is_dir():
            raise EvaluationError(f"There are no evaluation photos at {self.root}: name their folder with --photos.")

    def names(self, folder: str) -> list[str]:
        """The photos of a folder below the root, sorted. Raises `EvaluationError` where it is absent."""
        place = self.root / folder
        if not place.is_dir():
            raise EvaluationError(f"{self.root} has no folder {folder}; docs/evaluation.md tells the layout.")
        return [f"{folder}/{path.name}" for path in sorted(place.iterdir()) if path.suffix.lower() in SUFFIXES]

    def picture(self, name: str) -> RgbImage:
        """The photo as uint8 RGB (H, W, 3), as it is. Raises `EvaluationError` where it cannot be read."""
        return read_rgb(self.root / name)

    def usable(self, name: str) -> RgbImage:
        """The photo, enlarged where a side is below SHORT_SIDE."""
        rgb = self.picture(name)
        zoom = SHORT_SIDE / min(rgb.shape[:2])
        if zoom <= 1:
            return rgb
        return np.asarray(cv2.resize(rgb, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC), np.uint8)


def photos_at(given: Path | None) -> Photos:
    """The folder that was given, else the one that FITTINGROOM_PHOTOS names. Raises `EvaluationError`."""
    named = os.environ.get(VARIABLE)
    if given is None and not named:
        raise EvaluationError(f"Name the folder of evaluation photos with --photos or {VARIABLE}.")
    return Photos(given if given is not None else Path(str(named)).expanduser())


def read_rgb(path: Path) -> RgbImage:
    """uint8 RGB (H, W, 3) of a picture file. Raises `EvaluationError`."""
    found = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if found is None:
        raise EvaluationError(f"{path} is not a picture that can be read.")
    return np.ascontiguousarray(found[:, :, ::-1], np.uint8)


def write_rgb(path: Path, rgb: RgbImage) -> None:
    """Write a picture file whole. Raises `EvaluationError`."""
    done, data = cv2.imencode(path.suffix, np.ascontiguousarray(rgb[:, :, ::-1]))
    if not done:
        raise EvaluationError(f"{path} cannot be written as {path.suffix}.")
    path.write_bytes(data.tobytes())
