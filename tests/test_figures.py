"""The figures of docs/drape.md: each is made by tools/draw_figures.py from the engine as it is, and each is shown."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "docs" / "figures"
SHOWN = re.findall(r"!\[[^\]]+\]\(figures/([a-z]+\.png)\)", (ROOT / "docs" / "drape.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("figures")
    subprocess.run([sys.executable, str(ROOT / "tools" / "draw_figures.py"), str(folder)], check=True, timeout=300)
    return folder


def size(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size


def test_the_page_shows_every_figure_once() -> None:
    assert sorted(SHOWN) == sorted(p.name for p in FIGURES.iterdir())


def test_the_script_draws_exactly_these_figures_in_these_sizes(drawn: Path) -> None:
    assert {p.name: size(p) for p in drawn.iterdir()} == {p.name: size(p) for p in FIGURES.iterdir()}


def test_the_figures_are_small() -> None:
    for path in FIGURES.iterdir():
        assert path.stat().st_size <= 80_000, path
        assert size(path)[0] <= 900, path
