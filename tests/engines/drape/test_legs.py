"""Legs measured on the mannequin, whose true middle and width are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from mannequin import LEG, Look

from fittingroom.engines.drape.body import SIDES, Limb
from fittingroom.engines.drape.legs import STATIONS, Leg, drawn_fraction, leg_radius, measure_leg, overlap
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.drape.waist import worn_lower

LOOKS = [Look(), Look(bottom="shorts"), Look(bottom="skirt"), Look(sleeves="long", arms="hips")]


def measured(made: Scene, side: int) -> Leg:
    return measure_leg(made.person, made.body, side, worn_lower(made.person, made.body))


def moved(made: Scene, px: float) -> Scene:
    """The same photo, the joints of both legs told beside the truth."""
    limbs = [Limb(leg.points + np.array([px, 0], np.float32), leg.seen) for leg in made.body.legs]
    return replace(made, body=replace(made.body, legs=(limbs[0], limbs[1])))


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("side", SIDES)
def test_outward_points_away_from_the_other_leg(scene: Callable, look: Look, side: int) -> None:
    made = scene(look, "trousers")
    leg = measured(made, side)
    assert leg.outward.shape == leg.centre.shape == (len(STATIONS), 2)
    assert ((-1.0, 1.0)[side] * leg.outward[:, 0] > 0.9).all()
    np.testing.assert_allclose(np.linalg.norm(leg.outward, axis=1), 1.0, atol=1e-3)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("offset", [-5.0, 0.0, 5.0])
def test_the_outline_corrects_joints_that_lie_off_the_middle(scene: Callable, side: int, offset: float) -> None:
    made = scene(Look(), "trousers")
    leg = measured(moved(made, offset), side)
    shin = (STATIONS > 0.55) & (STATIONS < 0.9)
    found = made.body.coords(leg.centre[shin])
    truth = (-1.0, 1.0)[side] * np.interp(found[:, 1], [p[1] for p in LEG], [p[0] for p in LEG])
    assert np.abs(found[:, 0] - truth).max() * made.body.sw < 2.0


def test_a_bare_leg_is_as_wide_as_its_skin_and_a_dressed_one_narrower_than_its_cloth(scene: Callable) -> None:
    shin = (STATIONS > 0.6) & (STATIONS < 0.9)
    for side in SIDES:
        bare = measured(scene(Look(bottom="shorts"), "trousers"), side)
        np.testing.assert_allclose(bare.bare[shin], bare.half[shin], rtol=0.02)
        dressed = measured(scene(Look(), "trousers"), side)
        assert (dressed.bare[shin] < dressed.half[shin]).all()
        assert (dressed.half[shin] > bare.half[shin]).all()


def test_it_says_where_the_old_cloth_on_a_leg_ends(scene: Callable) -> None:
    for side in SIDES:
        assert measured(scene(Look(), "trousers"), side).worn_to > 0.93
        assert 0.3 < measured(scene(Look(bottom="shorts"), "trousers"), side).worn_to < 0.6
        made = scene(Look(), "trousers")
        nothing = np.zeros(made.shape, np.float32)
        assert measure_leg(made.person, made.body, side, nothing).worn_to == 0.0


def test_a_leg_that_is_nowhere_seen_has_a_bodys_width(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    nothing = np.zeros(made.shape, np.float32)
    person = replace(made.person, skin=nothing, lower=nothing, alpha=nothing)
    leg = measure_leg(person, made.body, 0, nothing)
    np.testing.assert_allclose(leg.half, leg_radius(made.body, STATIONS), rtol=1e-4)


def test_values_between_stations(scene: Callable) -> None:
    leg = measured(scene(Look(), "trousers"), 0)
    at = np.array([0.5, 0.517], np.float32)
    assert leg.at(leg.centre, at).shape == (2, 2)
    assert leg.at(leg.half, at).shape == (2,)
    assert leg.half.min() <= leg.at(leg.half, at).min() <= leg.half.max()


def test_the_true_knee_is_half_way_however_the_leg_is_drawn() -> None:
    straight = Limb(np.array([(0, 0), (0, 50), (0, 100)], np.float32), True)
    assert drawn_fraction(straight, 0.3) == pytest.approx(0.3)
    assert drawn_fraction(straight, 1.1) > 1.0
    raised = Limb(np.array([(0, 0), (0, 20), (0, 70)], np.float32), True)
    assert drawn_fraction(raised, 0.5) == pytest.approx(20 / 70)
    assert drawn_fraction(raised, 1.0) == pytest.approx(1.0)


def test_leg_radius_narrows(scene: Callable) -> None:
    radius = leg_radius(scene(Look(), "trousers").body, np.linspace(0, 1, 20))
    assert (np.diff(radius) <= 0).all()
    assert (radius > 0).all()


def test_legs_side_by_side_do_not_overlap_and_crossed_ones_do(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    left, right = measured(made, 0), measured(made, 1)
    assert overlap(made.body, (left, right)) == 0.0
    assert overlap(made.body, (right, left)) == 1.0
    half = replace(right, centre=left.centre + left.bare[:, None] * made.body.ux)
    assert 0.2 < overlap(made.body, (left, half)) < 0.8
