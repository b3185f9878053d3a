"""The maker of the limb tables: on a cylinder for a limb it finds the cylinder."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from fittingroom.engines.drape.anatomy import FIRST, LAST

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made() -> ModuleType:
    spec = importlib.util.spec_from_file_location("limb_tables", ROOT / "training" / "limbs" / "make_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["limb_tables"] = module
    spec.loader.exec_module(module)
    return module


def tube(made: ModuleType, x: float, side: str) -> object:
    """An upright leg of .5 m and 10 cm radius at x, of two bones, textured by its height."""
    rings, around = 40, 48
    angle = np.linspace(0, 2 * np.pi, around, endpoint=False)
    height = np.linspace(0.56, -0.06, rings)
    points = np.array([(x + 0.1 * np.cos(a), 0.1 * np.sin(a), z) for z in height for a in angle])
    quads = [
        (r * around + k, r * around + (k + 1) % around, (r + 1) * around + (k + 1) % around, (r + 1) * around + k)
        for r in range(rings - 1)
        for k in range(around)
    ]
    faces = made.triangles(np.array(quads))[:, ::-1]
    joints = {f"upperleg01.{side}": (x, 0, 0.5), f"lowerleg01.{side}": (x, 0, 0.25), f"foot.{side}": (x, 0, 0.0)}
    joints |= {"upperarm01.L": (0.2, 0, 1), "upperarm01.R": (-0.2, 0, 1)}
    texture = np.stack([np.full(len(points), 0.5), (points[:, 2] + 0.06) / 0.62], axis=1)
    bones = np.array([f"upperleg01.{side}" if z > 0.25 else f"lowerleg01.{side}" for z in points[:, 2]])
    bones[np.abs(points[:, 2] - 0.25) < 0.02] = f"upperleg02.{side}"
    named = {name: np.array(at, float) for name, at in joints.items()}
    return made.Body(points, named, faces, texture, faces, bones, made.normals_of(points, faces))


@pytest.mark.parametrize(("x", "side"), [(0.15, "L"), (-0.15, "R")])
def test_a_tube(made: ModuleType, x: float, side: str) -> None:
    skin = np.full((64, 64, 3), 120, np.uint8)
    skin[28:36] = (150, 90, 90)
    found = made.tables(tube(made, x, side), "leg", side, [skin])
    np.testing.assert_allclose(found["edge"], 0.1 / 0.4, atol=0.01)
    assert found["joint"] == pytest.approx(0.5)
    normal = found["normal"][20:70]
    np.testing.assert_allclose(normal[:, :, 0].mean(axis=0)[3:-3], np.linspace(-1, 1, made.COLUMNS)[3:-3], atol=0.06)
    np.testing.assert_allclose(normal[:, :, 1], 0.0, atol=0.02)
    redness = (found["log_skin"][..., 0] - found["log_skin"][..., 1])[:, 8:-8].mean(axis=1)
    rows = np.linspace(made.FIRST, made.LAST, made.ROWS)
    assert rows[np.argmax(redness)] == pytest.approx(0.5, abs=0.06)
    assert redness.max() > 0.3


def test_unknown_cells_take_the_nearest_of_their_column(made: ModuleType) -> None:
    table = np.arange(made.ROWS * made.COLUMNS, dtype=float).reshape(made.ROWS, made.COLUMNS, 1)
    known = np.ones(table.shape[:2], bool)
    known[:5, 3] = known[-2:, 3] = False
    out = made.filled(table, known)
    assert (out[:5, 3] == table[5, 3]).all()
    assert (out[-2:, 3] == table[-3, 3]).all()
    assert (out[:, 4] == table[:, 4]).all()


def test_the_engine_reads_the_rows_as_they_are_written(made: ModuleType) -> None:
    assert (made.FIRST, made.LAST) == (FIRST, LAST)
