"""How lower garments sit: waist, rise, widths, length, and the options that change them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from lower_fitting import fitted
from mannequin import HIPS, Look

from fittingroom.engines.drape.lower_fit import HIP_ROWS
from fittingroom.engines.drape.types import Cut, Garment
from fittingroom.engines.drape.waist import heights
from fittingroom.engines.protocol import FitStyle

LOOKS = [Look(), Look(bottom="shorts"), Look(bottom="skirt"), Look(sleeves="long", arms="raised")]
KINDS = ["trousers", "shorts", "skirt"]


def shortened(garment: Garment, share: float) -> Garment:
    """The trousers with their hems moved up towards the crotch."""
    marks = dict(garment.marks)
    for name in [n for n in marks if n.startswith("hem")]:
        y = marks["crotch"][1]
        marks[name] = np.array([marks[name][0], y + share * (marks[name][1] - y)], np.float32)
    return replace(garment, marks=marks)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_fit_is_a_bodys(scene: Callable, look: Look, kind: str) -> None:
    made = scene(look, kind)
    fit = fitted(made)
    assert fit.waist_v < made.body.hip_v < fit.crotch_v
    assert fit.sides.shape == (len(HIP_ROWS), 2)
    assert (fit.sides > 0.2).all()
    assert (fit.sides < 0.9).all()
    assert all(0.0 < r <= 1.15 for r in fit.reach)
    assert fit.scale > 0


def test_trousers_reach_the_ankle_and_shorts_do_not(scene: Callable) -> None:
    assert min(fitted(scene(Look(), "trousers")).reach) > 0.93
    assert min(fitted(scene(Look(bottom="skirt"), "trousers")).reach) > 0.93
    assert max(fitted(scene(Look(), "shorts")).reach) < 0.75


def test_cropped_trousers_end_at_their_own_length(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    half, third = (max(fitted(made, shortened(made.garment, s)).reach) for s in (0.28, 0.15))
    assert third < half < 0.8


def test_the_waist_lies_behind_the_top_that_hangs_over_it(scene: Callable) -> None:
    fit = fitted(scene(Look(), "trousers"))
    assert HIPS[0][1] - 0.2 < fit.waist_v < 1.55
    assert not fit.shown


def test_without_an_old_waist_it_is_at_the_garments_rise(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    nothing = np.zeros(made.shape, np.float32)
    bare = replace(made, person=replace(made.person, lower=nothing, upper=nothing, full=nothing))
    fit = fitted(bare)
    assert made.body.hip_v - 0.6 <= fit.waist_v < made.body.hip_v - 0.2
    assert fit.band(0.4, 0.0) < 0 < fit.band(0.4, 0.0) + 0.1, "the front of a hidden band hangs a little"


def test_sides_and_middle_come_from_both_halves(scene: Callable) -> None:
    fit = replace(
        fitted(scene(Look(), "trousers")), sides=np.tile(np.array([[0.4, 0.6]], np.float32), (len(HIP_ROWS), 1))
    )
    assert fit.middle(fit.waist_v) == pytest.approx(0.1)
    np.testing.assert_allclose(fit.side_at(np.array([fit.waist_v, fit.crotch_v]), 1), 0.6)
    assert fit.band(0.3, 1.0) == 0.0, "the waistband's bend is gone at the crotch"


@pytest.mark.parametrize("kind", KINDS)
def test_the_length_option_lengthens_and_shortens(scene: Callable, kind: str) -> None:
    made = scene(Look(), kind)
    short, own, long = (max(fitted(made, length=f).reach) for f in (0.8, 1.0, 1.2))
    assert short < own <= long
    if kind != "trousers":
        assert own < long


def test_the_fit_option_changes_the_ease_alone(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    slim, regular, wide = (fitted(made, fit=f) for f in (FitStyle.SLIM, FitStyle.REGULAR, FitStyle.OVERSIZED))
    assert slim.ease < regular.ease == 1.0 < wide.ease
    assert slim.reach == regular.reach == wide.reach


def test_no_skirt_reaches_the_floor(scene: Callable) -> None:
    made = scene(Look(), "skirt")
    marks = dict(made.garment.marks)
    for side in ("left", "right"):
        marks[f"hem_{side}"] = marks[f"hem_{side}"] + np.array([0, 900], np.float32)
    fit = fitted(made, replace(made.garment, marks=marks))
    assert 0.9 < max(fit.reach) < 1.0
    assert fit.scale < fitted(made).scale, "it is drawn smaller as a whole, not squeezed"


def test_a_dress_worn_before_says_little_of_the_hips(scene: Callable) -> None:
    made = scene(Look(bottom="skirt"), "trousers")
    spread = np.asarray(cv2.dilate(made.person.lower, np.ones((9, 91))), np.float32)
    skirt = replace(made, person=replace(made.person, lower=spread, alpha=np.maximum(made.person.alpha, spread)))
    none = np.zeros_like(spread)
    dress = replace(skirt, person=replace(skirt.person, lower=none, full=spread))
    assert fitted(dress).sides[2:].max() < fitted(skirt).sides[2:].max()


def test_joggers_with_a_low_crotch_reach_the_ankle(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    low = made.garment.marks["crotch"] + np.array([0, 130], np.float32)
    joggers = replace(made.garment, cut=Cut.SHORTS, marks={**made.garment.marks, "crotch": low})
    assert min(fitted(made, joggers).reach) > 0.93


def test_a_gathered_skirt_is_not_drawn_longer_than_a_straight_one(scene: Callable) -> None:
    made = scene(Look(), "skirt")
    marks = {k: m.copy() for k, m in made.garment.marks.items()}
    for side, sign in (("left", -1.0), ("right", 1.0)):
        marks[f"hem_{side}"][0] += sign * 150
    assert fitted(made, replace(made.garment, marks=marks)).scale < fitted(made).scale


def test_at_a_waistband_in_sight_the_sides_are_the_old_ones(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    v = heights(made.body, made.shape)
    trunk = (made.person.upper + made.person.lower) > 0.5
    lower = np.asarray((v > 1.2) & trunk, np.float32)
    upper = np.asarray((v <= 1.2) & (made.person.upper > 0.5), np.float32)
    fit = fitted(replace(made, person=replace(made.person, upper=upper, lower=lower)))
    row = lower[int(np.argmin(np.abs(v[:, v.shape[1] // 2] - 1.3)))]
    assert fit.shown
    assert fit.sides[0].sum() == pytest.approx(float(row.sum()) / made.body.sw, rel=0.12)


def test_a_hip_mark_astray_does_not_blow_trousers_up(scene: Callable) -> None:
    made = scene(Look(), "shorts")
    inside = 0.5 * (made.garment.marks["hip_left"] + made.garment.marks["hip_right"])
    astray = replace(made.garment, marks={**made.garment.marks, "hip_right": inside})
    assert fitted(made, astray).scale < 1.4 * fitted(made).scale
