"""Shares of colours: of a sample its own, of a colour far from it none."""

import numpy as np

from fittingroom.engines.drape.colour_bins import BINS, bins_of, shares

LAB = np.array([[[50, 0, 0], [50, 0, 0]], [[50, 40, -40], [90, 0, 0]]], np.float32)


def test_a_samples_own_colour_has_most_of_it_and_others_none() -> None:
    got = shares(bins_of(LAB), np.array([[True, True], [False, False]]))
    assert got.shape == (2, 2)
    assert got[0, 0] == got[0, 1] > 0.05
    assert got[1].max() < 1e-6


def test_all_bins_together_are_the_whole_sample() -> None:
    every = np.stack(np.meshgrid(*(np.arange(size) for size in BINS), indexing="ij"), axis=-1).reshape(-1, 3)
    middle = len(every) // 2 + BINS[2] // 2
    one = np.zeros(len(every), bool)
    one[middle] = True
    assert abs(float(shares(every, one).sum()) - 1.0) < 1e-5


def test_colours_beyond_the_bins_count_as_the_outermost() -> None:
    assert bins_of(np.array([300.0, -200.0, 200.0], np.float32)).tolist() == [BINS[0] - 1, 0, BINS[2] - 1]
