"""Marks of lower garments against their silhouette: right ones stay, wrong ones give way to a plain skirt's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from fittingroom.engines.drape.garment_net import marks_of
from fittingroom.engines.drape.lower_marks import DOUBTFUL, NARROWEST, checked, mark_doubt, plain_skirt
from fittingroom.engines.drape.types import Cut, Garment

KINDS = ["trousers", "shorts", "skirt"]


def misread(skirt: Garment) -> Garment:
    """The skirt with the marks of shorts, all crowded in one corner of it."""
    corner = skirt.marks["hem_left"]
    marks = {n: corner + np.array([7.0 * i, -5.0 * i], np.float32) for i, n in enumerate(marks_of(Cut.SHORTS))}
    return replace(skirt, cut=Cut.SHORTS, marks=marks)


@pytest.mark.parametrize("kind", KINDS)
def test_right_marks_are_left_alone(worn: Callable, kind: str) -> None:
    garment = worn(kind)
    same, doubt, fallback = checked(garment)
    assert same is garment
    assert not fallback
    assert doubt < 0.2


def test_a_skirt_misread_as_shorts_becomes_a_skirt_again(worn: Callable) -> None:
    skirt = worn("skirt")
    mended, doubt, fallback = checked(misread(skirt))
    assert fallback
    assert doubt > DOUBTFUL
    assert mended.cut is Cut.SKIRT
    assert set(mended.marks) == set(marks_of(Cut.SKIRT))
    assert mark_doubt(mended) < 0.2
    size = float(np.hypot(*skirt.alpha.shape))
    for name in ("waist_left", "waist_right", "hem_left", "hem_right"):
        assert np.linalg.norm(mended.marks[name] - skirt.marks[name]) < 0.04 * size


def test_trousers_with_wrong_marks_stay_trousers(worn: Callable) -> None:
    trousers = worn("trousers")
    corner = {**trousers.marks, "hem_left": trousers.marks["hem_out_left"]}
    crowded = replace(misread(replace(trousers, marks=corner)), cut=Cut.TROUSERS)
    same, doubt, fallback = checked(crowded)
    assert same is crowded
    assert not fallback
    assert doubt > DOUBTFUL


def test_a_lost_corner_does_not_make_the_waistband_a_point(worn: Callable) -> None:
    skirt = worn("skirt")
    height, width = skirt.alpha.shape
    ys, xs = np.mgrid[0:height, 0:width]
    low, high = (skirt.marks[n][1] for n in ("waist_left", "hem_left"))
    torn = replace(skirt, alpha=skirt.alpha * (xs < width * (0.4 + 0.5 * (ys - low) / (high - low))))
    marks = plain_skirt(torn)
    wide = np.ptp(np.flatnonzero((torn.alpha > 0.5).any(axis=0)))
    assert marks["waist_right"][0] - marks["waist_left"][0] >= 0.99 * NARROWEST * wide
    assert marks["hem_right"][1] > marks["waist_right"][1]
