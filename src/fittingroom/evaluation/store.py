"""The results of a run on disk: one line of JSON per pair, and the pictures beside it.

Lines are only ever appended, so a run that was stopped goes on where it was; the last line of a number counts.
Invariant: a number has a line only after its pictures were written.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from fittingroom.engines.protocol import RgbImage
from fittingroom.evaluation.looking import Looked, Row
from fittingroom.evaluation.photos import EvaluationError, write_rgb

GAP = 8


class Store:
    """folder: made where it is missing. Raises `EvaluationError` where it cannot be or holds a damaged list."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lines = folder / "results.jsonl"
        for part in ("results", "triples"):
            make_folder(folder / part)

    def rows(self) -> dict[str, Row]:
        """What is there, by number."""
        if not self._lines.exists():
            return {}
        found = {}
        for number, line in enumerate(self._lines.read_text(encoding="utf-8").splitlines(), 1):
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise EvaluationError(f"{self._lines}, line {number} is damaged: remove it.") from error
            found[row["number"]] = row
        return found

    def add(self, looked: Looked) -> None:
        """Write a pair's pictures, then its line."""
        number = looked.row["number"]
        self.result(number).unlink(missing_ok=True)
        pictures = [looked.person, looked.garment]
        if looked.picture is not None:
            write_rgb(self.result(number), looked.picture)
            pictures.append(looked.picture)
        write_rgb(self.folder / "triples" / f"{number}.png", abreast(pictures))
        with self._lines.open("a", encoding="utf-8") as file:
            file.write(json.dumps(looked.row, ensure_ascii=False) + "\n")

    def result(self, number: str) -> Path:
        """Where a result lies, alone and without loss."""
        return self.folder / "results" / f"{number}.png"


def make_folder(folder: Path) -> None:
    """Make a folder where it is missing. Raises `EvaluationError` where it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EvaluationError(f"Cannot write to {folder}: {error.strerror}.") from error


def abreast(pictures: list[RgbImage]) -> RgbImage:
    """Pictures side by side on white, none scaled."""
    height = max(picture.shape[0] for picture in pictures)
    padded = [np.pad(p, ((0, height - p.shape[0]), (0, GAP), (0, 0)), constant_values=255) for p in pictures]
    return np.asarray(np.hstack(padded), np.uint8)
