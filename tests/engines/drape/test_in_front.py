"""Bags, coats and boots before the legs, and pieces of the old garment that the network missed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from mannequin import OLD_TOP, Look

from fittingroom.engines.drape.in_front import carried, footwear, in_front, legwear
from fittingroom.engines.drape.person import Person
from fittingroom.engines.drape.scene import Scene

BAG = (150, 90, 30)
NAMED = ("upper", "lower", "full", "skin", "face", "hair")


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


def overlooking(made: Scene, where: np.ndarray) -> Scene:
    """The scene with cloth `where` that only selfie_multiclass saw, beyond the mannequin's trousers or skirt."""
    lower = np.maximum(made.person.lower, np.asarray(where, np.float32))
    return replace(made, person=replace(made.person, lower=lower, overlooked=np.asarray(where, np.float32)))


def on_legs(made: Scene, start: float, end: float, wide: float = 1.0) -> np.ndarray:
    return np.max([leg.band(start, end, wide) for leg in made.legs], axis=0) > 0.5


def test_boots_below_bare_thighs_stay_on(scene: Callable) -> None:
    made = scene(Look(bottom="skirt"), "skirt")
    made = overlooking(made, on_legs(made, 0.5, 1.16))
    got = legwear(made.person, made.body, made.legs)
    assert got[on_legs(made, 0.55, 1.1, 0.9)].min() > 0.9
    assert got[on_legs(made, 0.0, 0.42)].max() < 0.1


def test_boots_on_one_leg_alone_are_none(scene: Callable) -> None:
    made = scene(Look(), "skirt")
    made = overlooking(made, on_legs(made, 0.5, 1.16) & (made.legs[0].ratio < made.legs[1].ratio))
    assert not legwear(made.person, made.body, made.legs).any()


def test_cloth_that_stands_off_the_shins_is_trousers(scene: Callable) -> None:
    made = scene(Look(bottom="skirt"), "skirt")
    made = overlooking(made, on_legs(made, 0.5, 1.16, 1.6))
    assert not legwear(made.person, made.body, made.legs).any()


def test_trousers_overlooked_whole_are_no_legwear(scene: Callable) -> None:
    made = scene(Look(), "skirt")
    made = overlooking(made, on_legs(made, 0.0, 1.16))
    assert not legwear(made.person, made.body, made.legs).any()


def test_stockings_under_a_short_skirt_of_another_colour_stay_on(scene: Callable) -> None:
    made = scene(Look(bottom="skirt"), "skirt")
    dark, cloth = on_legs(made, 0.12, 1.16), on_legs(made, -0.2, 1.16)
    lower = np.maximum(made.person.lower, np.asarray(cloth, np.float32))
    rgb = made.person.rgb.copy()
    rgb[lower > 0.5] = (220, 190, 60)
    person = replace(made.person, rgb=rgb, lower=lower, overlooked=np.asarray(dark, np.float32))
    assert not legwear(person, made.body, made.legs).any()
    rgb[dark] = (20, 18, 22)
    assert legwear(person, made.body, made.legs)[on_legs(made, 0.55, 1.1, 0.9)].min() > 0.9


def shoes_of(made: Scene, person: Person, old: np.ndarray) -> np.ndarray:
    return footwear(person, made.body, made.legs, np.asarray(old, np.float32))


def below_ankles(made: Scene, by: float = 0.05) -> np.ndarray:
    """The mannequin's feet, by so much (sw) below the ankles and nearly as far from their own edge."""
    feet = (made.uv[1] > made.body.coords(made.body.legs[0].points[-1])[1] + by) & (made.person.alpha > 0.5)
    return inner(feet)


def test_shoes_stay_whatever_the_networks_call_them(scene: Callable) -> None:
    made = scene(Look(), "dress")
    feet = below_ankles(made)
    assert feet.any()
    old = np.maximum(made.person.lower, np.asarray(below_ankles(made, 0.0), np.float32))
    assert shoes_of(made, replace(made.person, lower=old), old)[feet].mean() > 0.9


def test_trousers_above_the_ankle_go(scene: Callable) -> None:
    made = scene(Look(), "dress")
    got = shoes_of(made, made.person, made.person.lower)
    assert got[on_legs(made, 0.3, 0.95, 0.8)].max() < 0.1


def test_a_boot_of_its_own_colour_stays_above_the_ankle(scene: Callable) -> None:
    made = scene(Look(), "dress")
    boot = on_legs(made, 0.95, 1.16)
    rgb = made.person.rgb.copy()
    rgb[boot] = BAG
    got = shoes_of(made, replace(made.person, rgb=rgb), made.person.lower)
    assert got[inner(boot) & on_legs(made, 0.97, 1.0, 0.6)].min() > 0.9


def test_nothing_goes_about_a_shoe_of_the_trousers_colour(scene: Callable) -> None:
    made = scene(Look(), "dress")
    cloth = made.person.rgb[on_legs(made, 0.6, 0.9)].mean(axis=0)
    feet = below_ankles(made, 0.0)
    around = cv2.dilate(feet.astype(np.uint8), np.ones((9, 9))) > 0
    around &= made.uv[1] > made.body.coords(made.body.legs[0].points[-1])[1] + 0.06
    rgb = made.person.rgb.copy()
    rgb[around] = np.rint(cloth)
    alpha = np.maximum(made.person.alpha, around.astype(np.float32))
    old = np.maximum(made.person.lower, around.astype(np.float32))
    same = shoes_of(made, replace(made.person, rgb=rgb, alpha=alpha), old)
    rgb[feet] = BAG
    other = shoes_of(made, replace(made.person, rgb=rgb, alpha=alpha), old)
    rim = around & ~feet
    assert same[rim].mean() > other[rim].mean() + 0.1


def test_a_hem_that_falls_into_a_shoe_of_another_colour_goes(scene: Callable) -> None:
    made = scene(Look(), "dress")
    feet, v = below_ankles(made, 0.0), made.uv[1]
    ankle = made.body.coords(made.body.legs[0].points[-1])[1]
    hem = feet & (v < ankle + 0.1)
    rgb = made.person.rgb.copy()
    cloth = rgb[on_legs(made, 0.6, 0.9)].mean(axis=0)
    rgb[feet], rgb[hem] = (235, 230, 220), np.rint(cloth)
    old = np.maximum(made.person.lower, hem.astype(np.float32))
    got = shoes_of(made, replace(made.person, rgb=rgb), old)
    assert hem.sum() > 20
    assert got[hem & (v < ankle + 0.08)].mean() < 0.3
    assert got[inner(feet & (v > ankle + 0.13))].min() > 0.9


def test_a_sunlit_spot_of_the_old_trousers_is_no_part_of_a_shoe(scene: Callable) -> None:
    made = scene(Look(), "dress")
    x, y = made.body.legs[0].points[-1]
    spot = np.zeros(made.shape, np.uint8)
    cv2.circle(spot, (round(float(x)), round(float(y) - 0.13 * made.body.sw)), 5, 1, -1)
    rgb = made.person.rgb.copy()
    rgb[spot > 0] = (255, 150, 148)
    got = shoes_of(made, replace(made.person, rgb=rgb), np.maximum(made.person.lower, spot))
    assert got[inner(spot > 0)].max() < 0.1
    assert got.any()


def test_the_hem_of_a_long_skirt_goes_from_the_shoe(scene: Callable) -> None:
    made = scene(Look(), "dress")
    v = made.uv[1]
    ankle = made.body.coords(made.body.legs[0].points[-1])[1]
    skirt = (v > made.body.hip_v) & (v < ankle + 0.1) & (np.abs(made.uv[0]) < 0.7)
    rgb = made.person.rgb.copy()
    rgb[skirt] = BAG
    person = replace(made.person, rgb=rgb, alpha=np.maximum(made.person.alpha, skirt.astype(np.float32)))
    assert shoes_of(made, person, skirt)[inner(skirt)].max() < 0.1


def test_without_a_pose_there_are_no_feet(scene: Callable) -> None:
    made = scene(Look(), "dress")
    assert not shoes_of(made, replace(made.person, pose=None), made.person.lower).any()


def holding(made: Scene, colour: tuple[int, int, int], at: np.ndarray) -> tuple[Person, np.ndarray]:
    """The person with a disc round `at` (px) that no network has a name for, and the disc."""
    disc = np.zeros(made.shape, np.uint8)
    cv2.circle(disc, (round(float(at[0])), round(float(at[1]))), round(0.22 * made.body.sw), 1, -1)
    rgb = made.person.rgb.copy()
    rgb[disc > 0] = colour
    maps = {name: np.where(disc > 0, 0.0, getattr(made.person, name)).astype(np.float32) for name in NAMED}
    alpha = np.maximum(made.person.alpha, disc.astype(np.float32))
    return replace(made.person, rgb=rgb, alpha=alpha, **maps), disc > 0


def test_what_a_hand_holds_stays_whole(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "dress")
    person, disc = holding(made, BAG, made.body.hands[0].mean(axis=0))
    got = carried(person, made.body, person.cloth)
    assert got[inner(disc)].min() > 0.9
    away = cv2.dilate(disc.astype(np.uint8), np.ones((9, 9))) == 0
    assert got[away].max() < 0.05


def test_what_no_hand_holds_is_not_carried(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "dress")
    person, _ = holding(made, BAG, made.body.at(0.0, 0.6))
    assert not carried(person, made.body, person.cloth).any()


def test_an_overlooked_piece_of_the_old_garment_is_not_carried(scene: Callable) -> None:
    made = scene(Look(sleeves="long", arms="hips"), "dress")
    person, _ = holding(made, OLD_TOP, made.body.hands[0].mean(axis=0) + np.array([0.25 * made.body.sw, 0.0]))
    assert not carried(person, made.body, person.cloth).any()


def test_without_a_pose_nothing_is_carried(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "dress")
    person, _ = holding(made, BAG, made.body.hands[0].mean(axis=0))
    assert not carried(replace(person, pose=None), made.body, person.cloth).any()
