"""Arms that end out of sight: no stump on the garment, and nothing changes where a hand is seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from mannequin import Look

from fittingroom.engines.drape.arm_ends import NO_BARE_ARM, bare_from, hand_shown, under_trunk
from fittingroom.engines.drape.body import SIDES
from fittingroom.engines.drape.scene import Scene


def without_skin(made: Scene, side: int, start: float, end: float = 9.0) -> Scene:
    """The scene with cloth over a stretch of one arm, the hand included."""
    field = made.arms[side]
    hidden = (field.fraction > start) & (field.fraction < end) & (field.ratio < 4.0)
    skin = np.where(hidden, np.float32(0.0), made.person.skin)
    return Scene(replace(made.person, skin=skin), made.body, made.garment, made.nets, made.rng, made.options)


@pytest.mark.parametrize("arms", ["down", "hips"])
@pytest.mark.parametrize("sleeves", ["none", "long"])
def test_a_visible_hand_changes_nothing(scene: Callable, arms: str, sleeves: str) -> None:
    made = scene(Look(sleeves=sleeves, arms=arms), "short")
    assert all(hand_shown(made, side) for side in SIDES)
    assert not under_trunk(made).any()
    assert [bare_from(made, reach, 0) for reach in (0.0, 0.4, 1.0)] == [0.0, 0.4, 1.0]


def test_a_long_sleeve_takes_an_arm_without_a_hand(scene: Callable) -> None:
    made = without_skin(scene(Look(sleeves="long"), "long"), 0, 0.8)
    assert (hand_shown(made, 0), hand_shown(made, 1)) == (False, True)
    assert bare_from(made, 1.0, 0) == NO_BARE_ARM
    assert bare_from(made, 1.0, 1) == 1.0
    assert bare_from(made, 0.4, 0) == 0.4


def test_a_bare_arm_without_a_hand_goes_under_the_garment_softly(scene: Callable) -> None:
    made = without_skin(scene(Look(sleeves="long"), "short"), 0, 0.8)
    under, field = under_trunk(made), made.arms[0]
    core = field.ratio < 0.5
    assert not under[core & (field.fraction < 0.8)].any()
    assert (under[core & (field.fraction > 0.97)] == 1.0).all()
    part = under[core & (field.fraction > 0.86) & (field.fraction < 0.94)]
    assert ((part > 0.0) & (part < 1.0)).all()
    assert not under[(made.arms[1].ratio < 0.5)].any()


def test_what_lay_behind_the_old_trunk_stays_behind_the_new_one(scene: Callable) -> None:
    made = without_skin(scene(Look(sleeves="none"), "short"), 0, 0.6, 0.8)
    under, field = under_trunk(made), made.arms[0]
    core = field.ratio < 0.4
    assert (under[core & (field.fraction > 0.68)] == 1.0).all()
    assert not under[core & (field.fraction < 0.55)].any()


def test_the_other_arm_tells_where_the_old_sleeves_ended(scene: Callable) -> None:
    made = without_skin(scene(Look(sleeves="none"), "short"), 0, -1.0, 0.9)
    under, field = under_trunk(made), made.arms[0]
    assert (under[(field.ratio < 0.4) & (field.fraction > 0.3) & (field.fraction < 0.9)] == 1.0).all()


def test_a_hand_beyond_the_frame_is_not_missed(scene: Callable) -> None:
    made = without_skin(scene(Look(sleeves="long"), "long"), 0, 0.8)
    arm = made.body.arms[0]
    points = arm.points + np.array([0.0, 4.0 * made.shape[0]], np.float32) * (np.arange(len(arm.points)) == 2)[:, None]
    body = replace(made.body, arms=(replace(arm, points=points.astype(np.float32)), made.body.arms[1]))
    away = Scene(made.person, body, made.garment, made.nets, made.rng, made.options)
    assert hand_shown(away, 0)
