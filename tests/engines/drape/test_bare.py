"""Limbs without cloth: where they run and how wide they are, told from outlines alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from mannequin import Look

from fittingroom.engines.drape.bare import (
    FREE,
    STATIONS,
    _held,
    _outer,
    _profile,
    _smoothed,
    _with_hand,
    bare_arm,
    bare_leg,
    reach,
)
from fittingroom.engines.drape.body import SIDES, Limb

LOOKS = [
    Look(sleeves="long"),
    Look(sleeves="none", bottom="skirt"),
    Look(sleeves="long", arms="raised"),
    Look(sleeves="long", arms=("out", "hips"), width=440),
]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("of", [bare_arm, bare_leg])
def test_a_limb_is_a_line_with_widths(scene: Callable, look: Look, of: Callable) -> None:
    made = scene(look, "short")
    leg = of is bare_leg
    for side in SIDES:
        limb = of(made.person, made.body, side, 0.1)
        assert limb.line.shape == (STATIONS, 2)
        assert limb.radius.shape == limb.steps.shape == (STATIONS,)
        assert limb.steps[0] == 0.0
        assert limb.steps[-1] == pytest.approx(1.1)
        drawn = (made.body.legs if leg else made.body.arms)[side]
        ratio = limb.radius / _profile(drawn, leg, limb.steps, made.body.sw)[0]
        assert ratio.min() > 0.4
        assert ratio.max() < 2.2


@pytest.mark.parametrize("look", [LOOKS[2], Look(sleeves="long", arms="out", width=440)])
def test_it_lies_within_its_cloth(scene: Callable, look: Look) -> None:
    made = scene(look, "short")
    height, width = made.shape
    for side in SIDES:
        limb = bare_arm(made.person, made.body, side, 0.0)
        step = np.gradient(limb.line, axis=0)
        normal = np.stack([step[:, 1], -step[:, 0]], axis=1) / np.linalg.norm(step, axis=1, keepdims=True)
        for sign in (-0.9, 0.9):
            edge = np.rint(limb.line + sign * limb.radius[:, None] * normal).astype(int)[6:-3]
            framed = (edge >= 0).all(axis=1) & (edge[:, 0] < width) & (edge[:, 1] < height)
            x, y = edge[framed].T
            assert (made.person.alpha[y, x] > 0.5).mean() > 0.95


def test_next_to_visible_skin_a_limb_is_as_measured_and_smooth_beyond() -> None:
    values = np.where(np.arange(30) < 15, 20.0, 10.0).astype(np.float32)
    shown = np.arange(30) >= 15
    held = _held(values, shown)
    assert held[15] == pytest.approx(10.0, abs=0.01)
    assert np.abs(np.diff(held)).max() < 2.0
    assert held[0] == pytest.approx(20.0, abs=0.2)
    assert (_held(values, np.zeros(30, bool)) == _smoothed(values, FREE)).all()


def test_skin_that_ends_at_a_slanting_hem_is_no_outline() -> None:
    skin, whole, nominal = (np.array(v, np.float32) for v in ([30, 30, 30], [31, 60, np.nan], [40, 40, 40]))
    assert np.isnan(_outer(skin, whole, nominal)).tolist() == [False, True, False]


def test_where_skin_shows_line_and_width_are_the_skins(scene: Callable) -> None:
    made = scene(Look(sleeves="none"), "short")
    drawn = np.interp(np.linspace(0, 1, 3), [0, 0.5, 1], [0.13, 0.10, 0.085]) * made.body.sw
    for side in SIDES:
        limb = bare_arm(made.person, made.body, side, 0.0)
        middle = np.abs(limb.steps - 0.65) < 0.1
        true = np.interp(limb.steps[middle], [0.0, 0.5, 1.0], drawn)
        np.testing.assert_allclose(limb.radius[middle], true, rtol=0.25)


def test_an_arm_narrows_towards_its_wrist_and_a_leg_has_a_calf(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "short")
    arm, leg = (of(made.person, made.body, 0, 0.0) for of in (bare_arm, bare_leg))
    assert arm.radius[4] > 1.3 * arm.radius[-4]
    thigh, ankle = (leg.radius[np.argmin(np.abs(leg.steps - at))] for at in (0.2, 0.97))
    assert thigh > 1.5 * ankle
    limb = made.body.legs[0]
    radius, outwards = _profile(limb, True, np.array([0.56, 0.65, 0.97], np.float32), made.body.sw)
    assert radius[1] > radius[0] > radius[2], "the calf is wider than the leg below the knee"
    assert outwards[1] > outwards[0], "and lies farther outwards"


def test_a_wide_sleeve_does_not_make_a_wide_arm(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "short")
    limb = bare_arm(made.person, made.body, 0, 0.0)
    nominal = _profile(made.body.arms[0], False, limb.steps, made.body.sw)[0]
    assert np.median(limb.radius / nominal) < 1.35


def test_an_arm_goes_on_the_way_its_hand_points() -> None:
    arm = Limb(np.array([(100, 0), (100, 50), (100, 100)], np.float32), True)
    inwards = np.array([(100, 100), (112, 109)], np.float32)
    path = _with_hand(arm, inwards, 0.2)
    np.testing.assert_array_equal(path[:-1], arm.points)
    np.testing.assert_allclose(path[-1], (116, 112), atol=1e-4)
    towards_the_camera = np.array([(100, 100), (101, 100)], np.float32)
    assert _with_hand(arm, towards_the_camera, 0.2) is arm.points
    assert _with_hand(arm, inwards, 0.0) is arm.points


def test_reach_is_the_distance_to_the_end_of_a_mask() -> None:
    mask = np.zeros((40, 60), bool)
    mask[:, 10:31] = True
    line = np.array([(20, 5), (20, 20), (50, 20)], np.float32)
    right = np.tile(np.array([1.0, 0.0], np.float32), (3, 1))
    limit = np.full(3, 15.0, np.float32)
    found = reach(mask, line, right, limit)
    np.testing.assert_allclose(found[:2], 11.0)
    assert np.isnan(found[2]), "not in the mask"
    assert np.isnan(reach(mask, line, right, limit - 6)).all(), "too far away"
    down = np.tile(np.array([0.0, 1.0], np.float32), (3, 1))
    assert np.isnan(reach(mask, line, down, 10 * limit)).all(), "it ends at the frame only"
