"""The family of outlines: every member is a sane garment whose marks belong to it."""

import numpy as np
import pytest

from fittingroom.engines.drape import silhouettes as sil
from fittingroom.engines.drape.types import Cut

CASES = [(cut, False) for cut in Cut] + [(Cut.SLEEVELESS, True), (Cut.LONG_SLEEVE, True)]


def shapes(cut: Cut, count: int = 40) -> np.ndarray:
    return np.random.default_rng(3).random((count, sil.numbers_of(cut)), np.float32)


@pytest.mark.parametrize(("cut", "dress"), CASES)
def test_rasters_fill_their_box_and_repeat_exactly(cut, dress):
    first = sil.rasterise(sil.decode(cut, shapes(cut), dress=dress))
    again = sil.rasterise(sil.decode(cut, shapes(cut), dress=dress))
    assert np.array_equal(first[0], again[0])
    assert first[0].shape == (40, sil.GRID, sil.GRID)
    assert (first[0].mean(axis=(1, 2)) > 0.12).all()
    assert first[0].any(axis=1).mean() > 0.95, "nearly every column holds some garment"
    assert np.isfinite(first[1]).all()


@pytest.mark.parametrize(("cut", "dress"), CASES)
def test_marks_lie_in_the_box_and_left_is_left(cut, dress):
    outlines = sil.decode(cut, shapes(cut), dress=dress)
    low, size = outlines.box()
    for name, mark in outlines.marks.items():
        place = (mark - low) / size
        assert (place > -0.2).all(), name
        assert (place < 1.2).all(), name
        if name.startswith(("neck_left", "shoulder_left", "waist_left", "armpit_left", "hip_left")):
            assert (mark[:, 0] < outlines.marks[name.replace("left", "right")][:, 0]).all(), name


def test_marks_by_cut():
    sleeveless = sil.decode(Cut.SLEEVELESS, shapes(Cut.SLEEVELESS, 2)).marks
    assert "cuff_out_left" not in sleeveless
    assert "neck_front" in sleeveless
    assert "cuff_in_right" in sil.decode(Cut.SHORT_SLEEVE, shapes(Cut.SHORT_SLEEVE, 2)).marks
    assert "crotch" in sil.decode(Cut.SHORTS, shapes(Cut.SHORTS, 2)).marks
    assert set(sil.decode(Cut.SKIRT, shapes(Cut.SKIRT, 2)).marks) == {
        f"{part}_{side}" for part in ("waist", "hip", "hem") for side in ("left", "right")
    }


def test_long_sleeves_are_longer_than_short_ones():
    def reach(cut: Cut) -> float:
        marks = sil.decode(cut, shapes(cut)).marks
        return float(np.linalg.norm(marks["cuff_out_left"] - marks["shoulder_left"], axis=1).mean())

    assert reach(Cut.SHORT_SLEEVE) < 0.7 * reach(Cut.HALF_SLEEVE) < 0.6 * reach(Cut.LONG_SLEEVE)


def test_dresses_are_longer_than_tops():
    plain = sil.rasterise(sil.decode(Cut.SLEEVELESS, shapes(Cut.SLEEVELESS)))[1]
    dress = sil.rasterise(sil.decode(Cut.SLEEVELESS, shapes(Cut.SLEEVELESS), dress=True))[1]
    assert dress.mean() > plain.mean() + 0.4


def test_the_middle_shape_is_symmetric():
    middle = np.full((1, sil.UPPER_NUMBERS), 0.5, np.float32)
    cells, _ = sil.rasterise(sil.decode(Cut.LONG_SLEEVE, middle))
    assert (cells[0] != cells[0][:, ::-1]).mean() < 0.02
