"""Sample people and garments of this project's own: nobody's photo is needed to try it.

They were rendered by the scripts in tools/samples and lie here as small JPEGs.
Invariant: every picture has an entry in samples.json that names its licence and the command that made it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture, and the same small for a shelf.

    name: in "en" and "zh". clothes_type: of garments, None of people. width, height: px. made_with: a command.
    """

    id: str
    kind: Literal["person", "garment"]
    path: Path
    thumb: Path
    name: dict[str, str]
    clothes_type: str | None
    width: int
    height: int
    licence: str
    made_with: str


@cache
def all_samples() -> tuple[Sample, ...]:
    """All of them, people first."""
    folder = Path(str(files(__package__)))
    entries = json.loads((folder / "samples.json").read_text(encoding="utf-8"))
    return tuple(_read(folder, entry) for entry in entries)


def sample(id_: str) -> Sample:
    """One of them. Raises KeyError for an unknown id."""
    return {one.id: one for one in all_samples()}[id_]


def _read(folder: Path, entry: dict[str, object]) -> Sample:
    told = dict(entry)
    path, thumb = folder / str(told.pop("file")), folder / str(told.pop("thumb"))
    return Sample(path=path, thumb=thumb, **told)  # type: ignore[arg-type]
