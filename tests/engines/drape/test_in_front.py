"""Bags, coats and boots before the legs, and pieces of the old garment that the network missed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from mannequin import Look

from fittingroom.engines.drape.in_front import in_front
from fittingroom.engines.drape.scene import Scene

BAG = (150, 90, 30)


def with_piece(made: Scene, colour: tuple[int, int, int] | None, at: tuple[float, float], size: float = 0.16) -> tuple:
    """The scene with a disc before a leg that no network knows, and the disc. None: the old garment's own colour."""
    x, y = made.body.at(*at)
    disc = np.zeros(made.shape, np.uint8)
    cv2.circle(disc, (round(float(x)), round(float(y))), round(size * made.body.sw), 1, -1)
    rgb = made.person.rgb.copy()
    if colour is not None:
        rgb[disc > 0] = colour
    lower = np.where(disc > 0, 0.0, made.person.lower).astype(np.float32)
    return replace(made.person, rgb=rgb, lower=lower), disc > 0


def inner(disc: np.ndarray) -> np.ndarray:
    return cv2.erode(disc.astype(np.uint8), np.ones((5, 5))) > 0


def test_a_bag_before_the_thigh_stays_in_front(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    person, disc = with_piece(made, BAG, (0.3, 2.3))
    front, missed = in_front(person, made.body, made.legs, person.lower)
    assert front[inner(disc)].min() > 0.9
    assert not missed.any()
    away = cv2.dilate(disc.astype(np.uint8), np.ones((9, 9))) == 0
    assert front[away].max() < 0.05


def test_a_missed_piece_of_the_old_garment_goes_with_the_rest(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    person, disc = with_piece(made, None, (0.3, 2.3))
    front, missed = in_front(person, made.body, made.legs, person.lower)
    assert missed[inner(disc)].min() > 0.9
    assert not front.any()


def test_shoes_and_crumbs_are_neither(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    front, missed = in_front(made.person, made.body, made.legs, made.person.lower)
    assert not front.any()
    assert not missed.any()
    person, _ = with_piece(made, BAG, (0.3, 2.3), size=0.03)
    front, missed = in_front(person, made.body, made.legs, person.lower)
    assert not front.any()
    assert not missed.any()


def test_tall_boots_stay_in_front(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    boot = (made.legs[1].fraction > 0.6) & (made.legs[1].ratio < 1.3) & (made.person.alpha > 0.5)
    rgb = made.person.rgb.copy()
    rgb[boot] = BAG
    person = replace(made.person, rgb=rgb, lower=np.where(boot, 0.0, made.person.lower).astype(np.float32))
    front, _ = in_front(person, made.body, made.legs, person.lower)
    assert front[inner(boot) & (made.legs[1].fraction > 0.65) & (made.legs[1].fraction < 0.9)].min() > 0.9


def test_hands_and_hair_are_never_in_either(scene: Callable) -> None:
    made = scene(Look(sleeves="long", arms="hips"), "trousers")
    front, missed = in_front(made.person, made.body, made.legs, made.person.lower)
    known = inner(np.asarray((made.person.skin > 0.5) | (made.person.hair > 0.5)))
    assert not front[known].any()
    assert not missed[known].any()
