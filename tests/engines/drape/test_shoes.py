"""Ankles hidden by cloth come out over the shoes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from mannequin import Look, draw_mannequin

from fittingroom.engines.drape.body import SIDES, Body, Limb, body_of
from fittingroom.engines.drape.person import Person
from fittingroom.engines.drape.shoes import legs_into_shoes


def dressed(shoes: list[tuple[float, float]], skin: bool = False, cloth_to: float = 0.02) -> tuple[Person, Body]:
    """A person in a cloth to `cloth_to` sw below the ankles, and shoes: left and right ends, sw right of the origin."""
    person = draw_mannequin(Look(bottom="skirt")).person()
    assert person.pose is not None
    body = body_of(person.pose)
    ankle = body.legs[0].points[-1, 1]
    y, x = np.mgrid[: person.alpha.shape[0], : person.alpha.shape[1]]
    u, v = (x - body.origin[0]) / body.sw, (y - ankle) / body.sw
    shoe = np.any([(u > a) & (u < b) for a, b in shoes], axis=0) & (v >= cloth_to) & (v < cloth_to + 0.18)
    cloth = (np.abs(u) < 0.8) & (v > -2.0) & (v < cloth_to)
    bare = np.where(cloth & (v > -0.3), np.float32(1.0), np.float32(0.0)) if skin else np.zeros_like(person.skin)
    changed = replace(person, alpha=np.float32(cloth | shoe), skin=bare, hair=np.zeros_like(bare))
    return replace(changed, **{name: np.float32(cloth & (bare < 0.5)) for name in ("upper", "lower", "full")}), body


def ankles(legs: tuple[Limb, Limb], body: Body) -> list[float]:
    return [float((leg.points[-1, 0] - body.origin[0]) / body.sw) for leg in legs]


def test_an_ankle_beside_its_shoe_moves_over_it_and_joints_above_stay() -> None:
    person, body = dressed([(0.02, 0.25), (0.28, 0.5)])
    legs = legs_into_shoes(person, body)
    assert ankles(legs, body) == pytest.approx([0.135, 0.39], abs=0.04)
    for side in SIDES:
        np.testing.assert_array_equal(legs[side].points[:-1], body.legs[side].points[:-1])
        assert legs[side].points[-1, 1] == body.legs[side].points[-1, 1]


def test_shoes_that_touch_are_two() -> None:
    person, body = dressed([(0.0, 0.62)])
    assert ankles(legs_into_shoes(person, body), body) == pytest.approx([0.155, 0.465], abs=0.05)


@pytest.mark.parametrize("shoes", [[], [(-0.3, 0.0), (0.0, 0.3)]])
def test_without_shoes_or_over_them_ankles_stay(shoes: list[tuple[float, float]]) -> None:
    person, body = dressed(shoes)
    if shoes:
        apart = ankles(body.legs, body)
        person, body = dressed([(a - 0.12, a + 0.12) for a in apart])
    legs = legs_into_shoes(person, body)
    for side in SIDES:
        np.testing.assert_array_equal(legs[side].points, body.legs[side].points)


def test_one_shoe_takes_the_nearer_leg() -> None:
    person, body = dressed([(0.45, 0.7)])
    left, right = ankles(legs_into_shoes(person, body), body)
    before = ankles(body.legs, body)
    assert left == before[0]
    assert right == pytest.approx(0.575, abs=0.04)


def test_an_ankle_whose_skin_shows_stays() -> None:
    person, body = dressed([(0.02, 0.25), (0.28, 0.5)], skin=True)
    assert ankles(legs_into_shoes(person, body), body) == ankles(body.legs, body)


def test_ankles_beyond_the_frame_stay() -> None:
    person, body = dressed([(0.02, 0.25)])
    far = tuple(Limb(leg.points + np.float32([0, 3000]), leg.seen) for leg in body.legs)
    low = replace(body, legs=(far[0], far[1]))
    assert legs_into_shoes(person, low)[0] is low.legs[0]
