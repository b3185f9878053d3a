"""Pairs of drawn pictures in a folder, and a run over them by the flat engine; no network is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
from pictures import figure, garment

from fittingroom.evaluation.own.cases import Case, read_cases
from fittingroom.evaluation.own.kept import Kept
from fittingroom.evaluation.own.measuring import Rulers
from fittingroom.evaluation.own.runs import Making, Run, run
from fittingroom.models import MissingWeight

SIZE = (120, 160)
FLAT = "flat_engine:FlatEngine"


class Lacking:
    """Finds no weight, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, name: str) -> Path:
        self.asked += 1
        raise MissingWeight(f"{name} is missing: fittingroom models pull {name}")


def put(folder: Path, name: str, trick: str | None = None) -> str:
    """A picture below the folder: garments are shirts, everything else a figure."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = garment(SIZE, trick) if "garment" in name or "worn" in name else figure(SIZE)
    picture.save(path)
    return name


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Three pairs: one with truth and worn, one plain, one that the engine refuses."""
    root = tmp_path / "shop"
    for kind in ("person", "garment", "truth", "worn"):
        put(root, f"Upper-body/{kind}/ann.png")
    put(root, "Dress/person/bea.png")
    put(root, "Dress/garment/bea.png")
    put(root, "Lower-body/person/cid.png")
    big = garment((600, 800), "no-garment")
    (root / "Lower-body" / "garment").mkdir()
    big.save(root / "Lower-body" / "garment" / "cid.png")
    return root


@pytest.fixture
def making() -> Making:
    return Making("1", review=None)


@pytest.fixture
def cases(shop: Path) -> list[Case]:
    return read_cases(shop)[0]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "out")


@pytest.fixture
def done(cases: list[Case], kept: Kept, making: Making) -> Run:
    """A run of two engines, one of which cannot be imported."""
    return run([FLAT, "nowhere:Engine"], cases, kept, making, Rulers(Lacking()), lambda text: None)
