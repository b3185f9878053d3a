"""The pairs of an evaluation: from a list, or from folders whose files share a name.

A list is a .csv with a heading, or .json with a list of objects: `person`, `garment`, `type`, and as one likes `id`,
`truth` (a photo of this person in this garment) and `worn` (the garment that the person wears in `person`, for the
round trip); paths are relative to the list. Folders: TYPE/person, TYPE/garment, TYPE/truth, TYPE/worn with TYPE one of
Upper-body, Lower-body, Dress. Invariant: whatever is wrong with one pair is told and leaves the others alone.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fittingroom.engines.protocol import ClothesType
from fittingroom.evaluation.photos import EvaluationError

LISTS = ("pairs.csv", "pairs.json")
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".heic"})
Text = Annotated[str, Field(min_length=1)]


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    person: Text
    garment: Text
    type: ClothesType
    id: Annotated[str, Field(pattern=r"^[\w.-]{1,80}$")] | None = None
    truth: Text | None = None
    worn: Text | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One pair. id: unique in the run, safe as a file's name. truth, worn: as in this module's docstring."""

    id: str
    person: Path
    garment: Path
    clothes_type: ClothesType
    truth: Path | None = None
    worn: Path | None = None

    def files(self) -> dict[str, Path]:
        """The photos by what they are."""
        given = {"person": self.person, "garment": self.garment, "truth": self.truth, "worn": self.worn}
        return {name: path for name, path in given.items() if path is not None}


@dataclass(frozen=True, slots=True)
class Bad:
    """A pair that cannot be used. where: its id, line or file."""

    where: str
    reason: str


def read_cases(place: Path) -> tuple[list[Case], list[Bad]]:
    """The pairs of a list or folder, and what is wrong with others. Raises `EvaluationError` where there is no pair."""
    if place.is_dir():
        listed = next((place / name for name in LISTS if (place / name).is_file()), None)
        found = list(_foldered(place) if listed is None else _listed(listed))
    elif place.is_file():
        found = list(_listed(place))
    else:
        raise EvaluationError(f"There is no file or folder {place}.")
    seen: set[str] = set()
    cases, bad = [], [one for one in found if isinstance(one, Bad)]
    for case in (one for one in found if isinstance(one, Case)):
        missing = [f"{name}: there is no file {path}" for name, path in case.files().items() if not path.is_file()]
        if case.id in seen:
            bad.append(Bad(case.id, "this id is taken by an earlier pair"))
        elif missing:
            bad.append(Bad(case.id, "; ".join(missing)))
        else:
            cases.append(case)
        seen.add(case.id)
    if not cases:
        told = "".join(f"\n  {one.where}: {one.reason}" for one in bad[:10])
        raise EvaluationError(f"{place} has no pair that can be used; docs/evaluation.md tells the layout.{told}")
    return cases, bad


def _listed(path: Path) -> Iterator[Case | Bad]:
    for where, raw in _csv(path) if path.suffix.lower() == ".csv" else _json(path):
        try:
            line = _Line.model_validate(raw)
        except ValidationError as error:
            first = error.errors()[0]
            yield Bad(where, f"{'.'.join(map(str, first['loc'])) or 'pair'}: {first['msg']}")
            continue
        here = path.parent
        optional = [None if name is None else here / name for name in (line.truth, line.worn)]
        number = int(where.rsplit(" ", 1)[1])
        yield Case(line.id or f"pair-{number:03d}", here / line.person, here / line.garment, line.type, *optional)


def _csv(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), 2):
                extra = {"columns beyond the heading": row.pop(None)} if None in row else {}
                yield f"{path.name}, line {number}", {key: value for key, value in row.items() if value} | extra
    except (UnicodeDecodeError, csv.Error) as error:
        raise EvaluationError(f"{path} is no CSV in UTF-8: {error}. Save it as such.") from error


def _json(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError, RecursionError) as error:
        raise EvaluationError(f"{path} is no JSON: {error}") from error
    if not isinstance(entries, list):
        raise EvaluationError(f"{path} must be a list of pairs, not {type(entries).__name__}.")
    for number, entry in enumerate(entries, 1):
        yield f"{path.name}, pair {number}", entry


def _foldered(root: Path) -> Iterator[Case | Bad]:
    for kind in ClothesType:
        people, garments, truths, worn = (
            _by_stem(root / kind.value / name) for name in ("person", "garment", "truth", "worn")
        )
        for stem in sorted(people | garments):
            name = f"{kind.value}-{stem}"
            if stem not in garments or stem not in people:
                lacking = "garment" if stem in people else "person"
                yield Bad(name, f"{root / kind.value / lacking} has no picture named {stem}.*")
                continue
            yield Case(name, people[stem], garments[stem], kind, truths.get(stem), worn.get(stem))


def _by_stem(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        return {}
    return {path.stem: path for path in sorted(folder.iterdir()) if path.suffix.lower() in SUFFIXES}
