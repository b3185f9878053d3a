"""The random draw that is judged: persons and garments put together by a seed, the same for everyone.

Half of it comes from tuning photos and half from final ones, and each type has the same number. Every cell (type,
split) has a sequence of random numbers of its own, so that a longer draw begins with the shorter one. Invariant: the
same folder and seed give the same list, and no pair is drawn twice.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass

from fittingroom.engines.protocol import ClothesType
from fittingroom.evaluation.photos import EvaluationError, Photos
from fittingroom.evaluation.split import Split, split

SEED = 1
PER_CELL = 25
TRIES = 200

PERSONS = {
    ClothesType.UPPER: {"persons/vitonhd": 2.0, "persons/magento_upper": 1.0, "parsing/ccp/images": 0.5},
    ClothesType.LOWER: {"persons/magento_lower": 2.0, "parsing/ccp/images": 1.0},
    ClothesType.DRESS: {"persons/vitonhd": 1.0, "parsing/ccp/images": 2.0},
}
GARMENTS = {
    ClothesType.UPPER: {"garments/clean_upper": 3.0, "garments/cc0_upper": 1.0},
    ClothesType.LOWER: {"garments/clean_lower": 6.0, "garments/cc0_lower": 1.0},
    ClothesType.DRESS: {"garments/clean_dress": 4.0, "garments/cc0_dress": 1.0},
}
"""Folders and the weight of each of their photos: which persons a type is worn by, and that product shots, which a
shop sends, come more often than phone photos."""

BACK = "back"
"""In the name of a garment photo that shows the back, which nobody would send."""

SHORT = {ClothesType.UPPER: "upper", ClothesType.LOWER: "lower", ClothesType.DRESS: "dress"}


@dataclass(frozen=True, slots=True)
class Pair:
    """One case. number: such as "upper-tuning-01"; person, garment: names of photos."""

    number: str
    person: str
    garment: str
    clothes_type: ClothesType
    split: Split


def draw(photos: Photos, seed: int = SEED, per_cell: int = PER_CELL) -> list[Pair]:
    """The whole draw, cell by cell in turn, so that its beginning is balanced as well.

    per_cell: pairs per type and split. Raises `EvaluationError` where the photos are too few.
    """
    cells = [_cell(photos, kind, side, seed, per_cell) for kind in ClothesType for side in Split]
    return [pair for row in zip(*cells, strict=True) for pair in row]


def chosen(
    pairs: list[Pair],
    side: Split | None = None,
    clothes_type: ClothesType | None = None,
    only: Collection[str] = (),
    limit: int | None = None,
) -> list[Pair]:
    """The part of a draw that was asked for. only: numbers. Raises `EvaluationError` for a number not drawn."""
    if unknown := set(only) - {pair.number for pair in pairs}:
        raise EvaluationError(f"The draw has no {', '.join(sorted(unknown))}; its numbers are like {pairs[0].number}.")
    found = [
        pair
        for pair in pairs
        if side in (None, pair.split)
        and clothes_type in (None, pair.clothes_type)
        and (not only or pair.number in only)
    ]
    return found[:limit]


def _cell(photos: Photos, kind: ClothesType, side: Split, seed: int, count: int) -> list[Pair]:
    rng = random.Random(f"{seed}/{kind}/{side}")  # noqa: S311
    persons, garments = (_weighted(photos, folders[kind], side) for folders in (PERSONS, GARMENTS))
    drawn: dict[tuple[str, str], None] = {}
    for _ in range(TRIES * count):
        if len(drawn) == count:
            break
        drawn.setdefault((_one(rng, persons), _one(rng, garments)))
    if len(drawn) < count:
        raise EvaluationError(f"Too few photos for {count} pairs of {kind.value}, {side.value}.")
    return [
        Pair(f"{SHORT[kind]}-{side}-{number:02d}", person, garment, kind, side)
        for number, (person, garment) in enumerate(drawn, 1)
    ]


def _weighted(photos: Photos, folders: dict[str, float], side: Split) -> dict[str, float]:
    found = {
        name: weight
        for folder, weight in folders.items()
        for name in photos.names(folder)
        if split(name) is side and not (folder.startswith("garments/") and BACK in name.rsplit("/", 1)[1])
    }
    if not found:
        raise EvaluationError(f"{photos.root} has no {side.value} photo in {' or '.join(folders)}.")
    return found


def _one(rng: random.Random, weighted: dict[str, float]) -> str:
    return rng.choices(list(weighted), list(weighted.values()))[0]
