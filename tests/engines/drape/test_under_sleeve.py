"""Between a bared arm and the hip the lower garment goes on where the old sleeve lay over it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from mannequin import Look

from fittingroom.engines.drape.composite import Layer
from fittingroom.engines.drape.removal import Removal
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.drape.under_sleeve import REACH, _inner_edge, hips_under_sleeves

JEANS = (200, 120, 40)


def hanging(made: Scene, side: int, gap: int = 0) -> tuple[Scene, np.ndarray, np.ndarray]:
    """The scene with wide sleeves, jeans up to `gap` px from one of them; both of them as masks."""
    arm = made.arms[side]
    sleeve = (arm.band(0.5, 1.0, wide=1.9) > 0.5) & (arm.fraction > 0.6)
    to_right = side == 1
    solid = sleeve if to_right else sleeve[:, ::-1]
    first = np.where(solid.any(axis=1), solid.argmax(axis=1), -1)[:, None]
    columns = np.arange(made.shape[1])[None]
    jeans = (columns < first - gap) & (columns >= first - gap - 60)
    jeans = jeans if to_right else jeans[:, ::-1]
    rgb = made.person.rgb.copy()
    rgb[sleeve], rgb[jeans] = (15, 15, 15), JEANS
    zero = np.zeros(made.shape, np.float32)
    person = replace(made.person, rgb=rgb, lower=jeans.astype(np.float32), upper=sleeve.astype(np.float32), skin=zero)
    return replace(made, person=person), sleeve, jeans


def filled(made: Scene, sleeve: np.ndarray, side: int, bared: float = 1.0) -> Layer:
    zero = np.zeros(made.shape, np.float32)
    arm = np.asarray(made.arms[side].band(0.5, 1.1) * bared, np.float32)
    return hips_under_sleeves(made, sleeve.astype(np.float32), Removal(zero, zero, arm, zero), zero)


@pytest.fixture
def made(scene: Callable) -> Scene:
    return scene(Look(sleeves="long"), "short")


@pytest.mark.parametrize("side", [0, 1])
def test_the_inner_side_of_the_sleeve_becomes_the_lower_garment(made: Scene, side: int) -> None:
    worn, sleeve, _ = hanging(made, side)
    layer = filled(worn, sleeve, side)
    inner = sleeve & ((1 - 2 * side) * made.arms[side].across > 1) & (made.arms[side].fraction < 0.95)
    assert inner.sum() > 50
    assert layer.alpha[inner].mean() > 0.9
    assert np.abs(layer.rgb[inner] - JEANS).max() <= 1
    assert layer.alpha[sleeve & ((1 - 2 * side) * made.arms[side].across < -1)].max() == 0


def test_nothing_changes_where_no_arm_is_bared_or_no_lower_garment_is_near(made: Scene) -> None:
    worn, sleeve, _ = hanging(made, 1)
    assert filled(worn, sleeve, 1, bared=0.0).alpha.max() == 0
    far, sleeve, _ = hanging(made, 1, gap=round(2.5 * REACH * made.body.sw))
    assert filled(far, sleeve, 1).alpha.max() < 0.1


def test_skin_and_what_is_kept_stay(made: Scene) -> None:
    worn, sleeve, _ = hanging(made, 1)
    hand = replace(worn, person=replace(worn.person, skin=sleeve.astype(np.float32)))
    assert filled(hand, sleeve, 1).alpha[sleeve].max() == 0


def test_the_last_lower_garment_of_a_row_on_the_way_out() -> None:
    lower = np.zeros((2, 12), bool)
    lower[0, 2:7] = True
    lower[0, 9] = True
    nearest, found = _inner_edge(lower, to_right=True)
    assert found[0].tolist() == [False] * 4 + [True] * 8
    assert nearest[0, 8:].tolist() == [5, 5, 5, 5]
    assert not found[1].any()
    nearest, found = _inner_edge(lower, to_right=False)
    assert nearest[0, 0] == 3
