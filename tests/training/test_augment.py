"""What training does to its pictures: marks move with the cloth, cut-outs stay usable, a state gives one answer."""

import importlib
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "training" / "garments"


@pytest.fixture(scope="module")
def augment():
    # Scripts import each other by their bare names; another test has a module `painting`, too.
    before = {name: sys.modules.pop(name, None) for name in ("painting", "augment")}
    sys.path.insert(0, str(FOLDER))
    try:
        yield importlib.import_module("augment")
    finally:
        sys.path.remove(str(FOLDER))
        for name, module in before.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module


def garment() -> np.ndarray:
    alpha = np.zeros((160, 160), np.uint8)
    alpha[20:150, 45:75] = alpha[20:150, 85:115] = alpha[20:70, 45:115] = 255
    return alpha


@pytest.mark.parametrize("seed", range(6))
def test_marks_move_with_what_they_mark(augment, seed):
    field = augment.bend(np.random.default_rng(seed), 160)
    mark = np.array([[60.0, 90.0], [np.nan, np.nan]], np.float32)
    dot = cv2.GaussianBlur(cv2.circle(np.zeros((160, 160), np.float32), (60, 90), 3, 1.0, -1), (0, 0), 1)
    xs, ys = np.meshgrid(np.arange(160, dtype=np.float32), np.arange(160, dtype=np.float32))
    seen = cv2.remap(dot, np.stack([xs, ys], 2) + field, None, cv2.INTER_LINEAR)
    ys, xs = np.nonzero(seen > 0.5)
    moved = augment.bent_marks(mark, field)
    assert moved[0] == pytest.approx((xs.mean(), ys.mean()), abs=1.5)
    assert np.isnan(moved[1]).all()


def test_bends_differ_and_do_bend(augment):
    sizes = [np.abs(augment.bend(np.random.default_rng(seed), 160)).max() for seed in range(20)]
    assert max(sizes) > 4
    assert len(set(sizes)) == 20


def test_cut_outs_lose_and_gain_regions_but_keep_most(augment):
    whole = garment()
    area = (whole > 127).sum()
    shares = np.array([(augment.torn(np.random.default_rng(s), whole) > 127).sum() / area for s in range(200)])
    assert shares.min() > 0.6
    assert (shares < 0.95).any()
    assert (shares > 1.1).any()
    assert (shares == 1.0).mean() > 0.5
    assert (whole == garment()).all(), "the stored cut-out is not written into"


def test_what_lies_between_the_legs_can_come_along(augment):
    between = [augment.torn(np.random.default_rng(s), garment())[100:140, 78:82].mean() for s in range(200)]
    assert max(between) > 200


def test_an_edge_is_nicked_and_softened(augment):
    made = [augment.nicked(np.random.default_rng(seed), garment()) for seed in range(30)]
    soft = [((m > 10) & (m < 245)).sum() for m in made]
    assert all(m.shape == (160, 160) for m in made)
    assert max(soft) > 300
    changed = [((m > 127) != (garment() > 127)).sum() for m in made]
    assert 20 < max(changed) < 1500
    assert min(changed) < 20


@pytest.mark.parametrize("strong", [False, True])
def test_colours_vary_and_stay_bytes(augment, strong):
    rgb = np.full((160, 160, 3), (180, 60, 90), np.uint8)
    made = [augment.recoloured(np.random.default_rng(s), rgb, strong=strong) for s in range(60)]
    assert all(m.shape == rgb.shape and m.dtype == np.uint8 for m in made)
    assert len({m.tobytes() for m in made}) == 60
    again = augment.recoloured(np.random.default_rng(7), rgb, strong=strong)
    assert np.array_equal(again, made[7])
