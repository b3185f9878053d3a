"""Person parsing against the hand-made label maps of `parsing/ccp`, class by class.

Their 59 classes are put into the six that a try-on needs. What the engine does not claim to know (bags, hats, shoes,
glasses and the like) is left out on both sides. A skirt and a dress are one class of u2net-cloth's only at times, so
"lower" and "dress" are reported as the engine names them, and "lower or dress", "any garment" beside them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.nets import Nets
from fittingroom.engines.drape.person import Person, analyse_person
from fittingroom.evaluation.measures.classes import Agreement
from fittingroom.evaluation.photos import EvaluationError, Photos

Masks = dict[str, NDArray[np.bool_]]
ROOT = "parsing/ccp"
CLASSES = {
    "upper": (
        "blazer blouse bodysuit cape cardigan coat hoodie jacket jumper shirt sweater sweatshirt t-shirt top vest bra"
    ),
    "lower": "jeans leggings panties pants shorts skirt tights stockings",
    "dress": "dress romper suit swimwear intimate",
    "skin": "skin",
    "hair": "hair",
    "background": "null",
}
JOINED = {
    "lower or dress": ("lower", "dress"),
    "any garment": ("upper", "lower", "dress"),
}


def run(photos: Photos, names: Sequence[str], nets: Nets) -> Iterator[tuple[str, Masks, Masks, float]]:
    """(photo, found, true, seconds) for each photo. Raises `EvaluationError` where a label map is missing."""
    numbers = class_numbers(photos)
    for name in names:
        rgb = photos.picture(name)
        started = time.perf_counter()
        person = analyse_person(rgb, nets)
        seconds = time.perf_counter() - started
        labels = _labels(photos, name, rgb.shape[:2])
        known = np.isin(labels, [number for group in numbers.values() for number in group])
        true = {kind: np.isin(labels, group) for kind, group in numbers.items()}
        found = {kind: mask & known for kind, mask in masks_of(person).items()}
        yield name, joined(found), joined(true), seconds


def compare(photos: Photos, names: Sequence[str], nets: Nets) -> tuple[Agreement, list[float]]:
    """IoU over all photos, and the seconds of each."""
    counted, seconds = Agreement(), []
    for _, found, true, took in run(photos, names, nets):
        counted.add(found, true)
        seconds.append(took)
    return counted, seconds


def masks_of(person: Person) -> Masks:
    """The engine's maps, each pixel given to its most probable class."""
    skin = np.maximum(person.skin, person.face)
    garment = np.maximum(np.maximum(person.upper, person.lower), person.full)
    background = np.minimum(1.0 - person.alpha, 1.0 - garment)
    maps = np.stack([person.upper, person.lower, person.full, skin, person.hair, background], axis=-1)
    best = maps.argmax(axis=-1)
    return {kind: np.asarray(best == place) for place, kind in enumerate(CLASSES)}


def joined(masks: Masks) -> Masks:
    """With the classes of JOINED added."""
    return masks | {name: np.any([masks[part] for part in parts], axis=0) for name, parts in JOINED.items()}


def class_numbers(photos: Photos) -> dict[str, list[int]]:
    """Numbers of the label maps by our class. Raises `EvaluationError` where classes.txt lacks a name."""
    path = photos.root / ROOT / "classes.txt"
    if not path.is_file():
        raise EvaluationError(f"{path} is missing; docs/evaluation.md tells the layout.")
    lines = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    numbers = {name.strip(): int(number) for number, name in lines}
    try:
        return {kind: [numbers[word] for word in words.split()] for kind, words in CLASSES.items()}
    except KeyError as error:
        raise EvaluationError(f"{path} names no class {error}.") from error


def _labels(photos: Photos, name: str, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    path = photos.root / ROOT / "labels" / f"{PurePosixPath(name).stem}.png"
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if found is None or found.shape[:2] != tuple(shape):
        raise EvaluationError(f"{path} is missing or has another size than its photo.")
    return np.asarray(found, np.uint8)
