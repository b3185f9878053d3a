"""The search in the family of outlines finds back what was put in."""

import cv2
import numpy as np
import pytest

from fittingroom.engines.drape import outline_fit as of
from fittingroom.engines.drape import silhouettes as sil
from fittingroom.engines.drape.types import Cut
from fittingroom.engines.protocol import ClothesType


@pytest.fixture(scope="module")
def tops() -> of.Bank:
    return of.Bank(False, of.TOPS, per_cut=500)


def drawn_mask(cut: Cut, shape: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """A member of the family as a mask 400 px wide, and its marks in px."""
    outlines = sil.decode(cut, shape[None])
    low, size = outlines.box()
    k = 400 / size[0, 0]
    mask = np.zeros((int(size[0, 1] * k) + 40, 440), np.uint8)
    for part in outlines.parts:
        cv2.fillPoly(mask, [np.rint((part[0] - low[0]) * k + 20).astype(np.int32)], 1)
    return mask > 0, {name: (m[0] - low[0]) * k + 20 for name, m in outlines.marks.items()}


@pytest.mark.parametrize("cut", [Cut.SHORT_SLEEVE, Cut.LONG_SLEEVE, Cut.SLEEVELESS])
def test_a_member_is_found_back(tops, cut):
    shape = np.full(sil.UPPER_NUMBERS, 0.45, np.float32)
    mask, marks = drawn_mask(cut, shape)
    query = of.query_of(mask)
    best = of.fit(query, tops)[0]
    assert best.cut is cut
    assert best.score > 0.9
    x, y, w, h = query.box
    for name in ("shoulder_left", "armpit_right", "hem_left", "hem_right"):
        placed = np.array([x, y]) + best.marks[name] * [w, h]
        assert np.linalg.norm(placed - marks[name]) < 0.06 * np.hypot(w, h), name


def test_the_search_improves_on_the_bank(tops):
    mask, _ = drawn_mask(Cut.SHORT_SLEEVE, np.full(sil.UPPER_NUMBERS, 0.3, np.float32))
    query = of.query_of(mask)
    _, start = tops.best(query, Cut.SHORT_SLEEVE, 1)
    refined = next(f for f in of.fit(query, tops) if f.cut is Cut.SHORT_SLEEVE)
    assert refined.score > start[0]


def test_two_runs_agree(tops):
    mask, _ = drawn_mask(Cut.LONG_SLEEVE, np.full(sil.UPPER_NUMBERS, 0.6, np.float32))
    first, again = (of.fit(of.query_of(mask), tops)[0] for _ in range(2))
    assert first.score == again.score
    assert np.array_equal(first.shape, again.shape)


def test_query_of_a_rectangle():
    mask = np.zeros((100, 80), bool)
    mask[10:70, 20:50] = True
    query = of.query_of(mask)
    assert query.box == (20, 10, 30, 60)
    assert query.aspect == pytest.approx(np.log(2))
    assert query.cells.all()


def test_a_narrow_gap_survives_the_coarse_raster():
    mask = np.zeros((600, 600), bool)
    mask[50:550, 50:550] = True
    mask[200:550, 300:304] = False
    assert (~of.query_of(mask).cells).any(axis=0).any()


def test_enclosed_is_background_between_garment():
    mask = np.zeros((5, 9), bool)
    mask[2, [1, 5]] = True
    inner = of.enclosed(mask)
    assert inner[2, 2:5].all()
    assert inner.sum() == 3


def test_banks_are_kept_by_type_and_hold_their_cuts():
    lower = of.bank_for(ClothesType.LOWER)
    assert lower is of.bank_for(ClothesType.LOWER)
    assert lower.cuts == of.BOTTOMS
    assert of.bank_for(ClothesType.DRESS).dress
