"""The generator of training pictures: repeatable, with marks on the garment and of the cut that it claims."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from fittingroom.engines.drape import garment_net as gn

FOLDER = Path(__file__).parents[2] / "training" / "garments"


@pytest.fixture(scope="module")
def painting():
    # Scripts import each other by their bare names; another test has a module `painting`, too.
    before = sys.modules.pop("painting", None)
    sys.path.insert(0, str(FOLDER))
    try:
        yield importlib.import_module("painting")
    finally:
        sys.path.remove(str(FOLDER))
        sys.modules.pop("painting")
        if before is not None:
            sys.modules["painting"] = before


def test_a_seed_gives_the_same_picture(painting):
    first, again = painting.draw(5), painting.draw(5)
    assert np.array_equal(first.rgb, again.rgb)
    assert np.array_equal(first.roles, again.roles)
    assert all(np.array_equal(first.marks[k], again.marks[k]) for k in first.marks)
    assert not np.array_equal(first.rgb, painting.draw(6).rgb)


@pytest.mark.parametrize("seed", range(40))
def test_marks_lie_on_the_garment_and_belong_to_its_cut(painting, seed):
    drawn = painting.draw(seed)
    names = set(gn.marks_of(gn.Cut(drawn.cut)))
    assert set(drawn.marks) <= names
    assert len(drawn.marks) >= len(names) - 5
    near = np.pad(drawn.alpha > 0, 1)
    for name, (x, y) in drawn.marks.items():
        box = near[max(0, round(y) - 4) : round(y) + 6, max(0, round(x) - 4) : round(x) + 6]
        assert box.any(), name


def test_the_engine_and_the_training_agree_on_names(painting):
    shapes = sys.modules["shapes"]
    assert tuple(c.value for c in gn.CUTS) == shapes.CUTS
    assert gn.TRAITS == shapes.TRAITS


def test_the_roles_cover_the_garment(painting):
    seen = set()
    for seed in range(40):
        drawn = painting.draw(seed)
        seen |= set(np.unique(drawn.roles).tolist())
        assert (drawn.roles[drawn.alpha > 200] > 0).mean() > 0.99
    assert seen == {0, painting.FRONT, painting.BACK, painting.LABEL}
