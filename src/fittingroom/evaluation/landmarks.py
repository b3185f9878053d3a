"""The engine's garment landmarks against hand labels, photo by photo and mark by mark.

Labels are the JSON lists of `training/garments/labels` (their README tells the keys); a photo that is labelled as
unusable is counted by whether the engine said so. Invariant: only labelled marks are compared, and a labelled mark
that the engine does not give counts as missed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fittingroom.engines.drape.garment import analyse_garment
from fittingroom.engines.drape.nets import Nets
from fittingroom.engines.protocol import ClothesType, EngineError
from fittingroom.evaluation.measures.marks import MISSED, NEAR, errors
from fittingroom.evaluation.photos import EvaluationError, Photos
from fittingroom.evaluation.split import Split, split
from fittingroom.evaluation.tables import Cell, middle, table

Row = dict[str, Any]


def read_labels(folder: Path) -> list[Row]:
    """All labels of a folder of JSON lists. Raises `EvaluationError`."""
    files = sorted(folder.glob("*.json"))
    if not files:
        raise EvaluationError(f"{folder} holds no labels (*.json): name their folder with --labels.")
    found: list[Row] = []
    for path in files:
        try:
            entries = json.loads(path.read_text(encoding="utf-8"))
            found += [{key: entry[key] for key in ("photo", "type", "cut", "marks")} for entry in entries]
        except (ValueError, KeyError, TypeError) as error:
            raise EvaluationError(f"{path} is no list of labels ({error}).") from error
    return found


def run(photos: Photos, labels: Sequence[Row], nets: Nets) -> Iterator[Row]:
    """One row per photo: errors in percent by mark, the cut found, confidence, warnings, or the refusal."""
    for label in labels:
        name = label["photo"]
        row: Row = {"photo": name, "type": label["type"], "split": split(name), "phone": is_phone(name)}
        row |= {"cut": label["cut"], "usable": bool(label["marks"]), "error": None}
        rgb = photos.usable(name)
        zoom = rgb.shape[1] / photos.picture(name).shape[1]
        try:
            garment = analyse_garment(rgb, ClothesType(label["type"]), nets)
        except EngineError as refusal:
            marks = dict.fromkeys(label["marks"], MISSED)
            yield {**row, "error": f"{type(refusal).__name__}: {refusal}", "errors": marks, "found": None}
            continue
        scale = zoom * garment.rgb.shape[1] / rgb.shape[1]
        found = {key: np.asarray(point) / scale for key, point in garment.marks.items()}
        row |= {"found": garment.cut, "confidence": garment.confidence, "warnings": list(garment.warnings)}
        yield {**row, "errors": errors(found, label["marks"]) if label["marks"] else {}}


def line(row: Row) -> str:
    """One photo in one line, with its worst mark."""
    mark, error = max(row["errors"].items(), key=lambda item: item[1], default=("no labels", 0.0))
    told = row["error"] or f"{row['found']} for {row['cut']}, confidence {row['confidence']:.2f}"
    return f"{row['photo']}: {mark} {error:.1f} %, {told}"


def is_phone(name: str) -> bool:
    """A phone photo rather than a product shot, by its folder."""
    return "/cc0_" in name


def right(row: Row) -> bool:
    """Every labelled mark within NEAR percent."""
    return bool(max(row["errors"].values()) <= NEAR)


def figures(rows: Sequence[Row]) -> str:
    """Shares of right photos, then the errors by mark."""
    usable = [row for row in rows if row["usable"]]
    shares: list[list[Cell]] = []
    for phone, kind in ((False, "product shots"), (True, "phone photos")):
        for side in Split:
            some = [row for row in usable if row["phone"] is phone and row["split"] == side]
            if some:
                shares.append([f"{kind}, {side}", len(some), *_shares(some)])
    marks = sorted({name for row in usable for name in row["errors"]})
    by_mark: list[list[Cell]] = []
    for name in marks:
        values = [row["errors"][name] for row in usable if name in row["errors"]]
        by_mark.append([name, len(values), middle(values), sum(v <= NEAR for v in values) / len(values)])
    return "\n\n".join(
        (
            table(("photos", "n", "all marks within 3 %", "marks within 3 %", "median %", "right cut"), shares),
            table(("mark", "n", "median %", "within 3 %"), by_mark),
        )
    )


def _shares(rows: Sequence[Row]) -> list[Cell]:
    values = [value for row in rows for value in row["errors"].values()]
    return [
        sum(map(right, rows)) / len(rows),
        sum(value <= NEAR for value in values) / len(values),
        middle(values),
        sum(row["found"] == row["cut"] for row in rows) / len(rows),
    ]
