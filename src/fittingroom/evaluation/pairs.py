"""Persons who already wear the garment: the only photos on which the truth of a try-on is known.

Direct: garment A is drawn onto P, who wears A; all that differs from P is loss. Round trip: P is dressed in another
garment B, and that picture in A again; it may be set beside the picture in B, which is its baseline. B goes round the
pairs of the same split in a seeded order, so every garment is used once. Invariant: no pair gets its own garment as B.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from fittingroom.engines.drape.engine import DrapeEngine
from fittingroom.engines.drape.nets import Nets
from fittingroom.engines.protocol import ClothesType, EngineError, RgbImage
from fittingroom.evaluation.measures.likeness import ssim
from fittingroom.evaluation.measures.outline import outline_iou
from fittingroom.evaluation.photos import EvaluationError, Photos, write_rgb
from fittingroom.evaluation.split import split
from fittingroom.evaluation.tables import Cell, mean, middle, table
from fittingroom.evaluation.witness import witness

SEED = 1
UPPER = ClothesType.UPPER
Row = dict[str, Any]
Distance = Callable[[RgbImage, RgbImage], float]
MEASURES = (
    "direct_ssim",
    "direct_lpips",
    "direct_outline",
    "other_ssim",
    "other_lpips",
    "round_ssim",
    "round_lpips",
)


def plan(names: Sequence[str], seed: int = SEED) -> list[tuple[str, str]]:
    """(A, B) by file name, both from the same split. Raises `EvaluationError` where a split has one pair only."""
    order = sorted(names)
    random.Random(f"{seed}/pairs").shuffle(order)  # noqa: S311
    out = []
    for name in sorted(names):
        same = [other for other in order if split(other) is split(name)]
        if len(same) < 2:
            raise EvaluationError(f"{name} is the only pair of its split; a round trip needs another garment.")
        out.append((name, same[(same.index(name) + 1) % len(same)]))
    return out


def run(
    photos: Photos,
    chosen: Sequence[tuple[str, str]],
    engine: DrapeEngine,
    live: Callable[[], Nets],
    distance: Distance,
    out: Path | None,
) -> Iterator[Row]:
    """Measure each pair. live: networks for pictures that nobody will ask for again. distance: LPIPS. out: where the
    pictures go (`NAME-direct.png`, `-other`, `-round`); None keeps none."""
    for name, other in chosen:
        person, cloth = photos.usable(f"pairs/image/{name}"), photos.usable(f"pairs/cloth/{name}")
        row: Row = {"name": name, "other": other, "split": split(name), "error": None}
        try:
            direct, outline = _direct(engine, person, cloth)
            between = engine.try_on(person, photos.usable(f"pairs/cloth/{other}"), UPPER)
            back = DrapeEngine(nets=live()).try_on(between.image, cloth, UPPER)
        except EngineError as refusal:
            yield {**row, "error": f"{type(refusal).__name__}: {refusal}"}
            continue
        made = {"direct": direct, "other": between.image, "round": back.image}
        for kind, picture in made.items():
            row[f"{kind}_ssim"] = ssim(person, picture)
            row[f"{kind}_lpips"] = distance(person, picture)
            if out is not None:
                write_rgb(out / f"{PurePosixPath(name).stem}-{kind}.png", picture)
        yield {**row, "direct_outline": outline}


def _direct(engine: DrapeEngine, person: RgbImage, cloth: RgbImage) -> tuple[RgbImage, float | None]:
    """The picture of A on A and its outline's IoU; the scene, which is large, is given up."""
    result, scene = engine.inspect(person, cloth, UPPER)
    seen = witness(scene, UPPER, person.shape)
    return result.image, outline_iou(np.asarray(seen.cloth > 0.5), seen.old, seen.body)


def figures(rows: Sequence[Row]) -> str:
    """Mean and median of each measure, per split."""
    lines: list[list[Cell]] = []
    for side in sorted({row["split"] for row in rows}):
        made = [row for row in rows if row["split"] == side]
        good = [row for row in made if not row["error"]]
        for measure in MEASURES:
            values = [row[measure] for row in good]
            lines.append([f"{side} {measure}", len(good), len(made) - len(good), mean(values), middle(values)])
    return table(("measure", "n", "refused", "mean", "median"), lines)
