"""Tops and dresses on the mannequin: what is covered, what stays in front, what stays as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from mannequin import BACKDROP, BODY_SKIN, BOTTOM, FACE_SKIN, HAIR_CLASS, OTHER, TOP, Look, skin_amount

from fittingroom.engines.drape import upper
from fittingroom.engines.drape.body import SIDES
from fittingroom.engines.drape.composite import Kind
from fittingroom.engines.drape.in_front import footwear
from fittingroom.engines.drape.removal import coordinates
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.drape.sleeves import sleeve_reach
from fittingroom.engines.drape.torso import fit_trunk
from fittingroom.engines.drape.upper import dress_upper, old_garment
from fittingroom.engines.protocol import Cancelled, ClothesType, TryOnOptions

CLOTH = np.array((70, 110, 170))


def blue(rgb: np.ndarray) -> np.ndarray:
    """Where the new garment's cloth shows: its hue at any brightness."""
    r, g, b = (rgb[..., i].astype(np.float32) for i in range(3))
    return (b - r > 0.35 * b) & (b - g > 0.18 * b) & (g > r)


def well_inside(mask: np.ndarray, radius: int = 2) -> np.ndarray:
    return cv2.erode(mask.astype(np.uint8), np.ones((2 * radius + 1, 2 * radius + 1))) > 0


@pytest.mark.parametrize("kind", ["none", "short", "long"])
def test_the_trunk_wears_the_new_cloth_in_its_own_colour(dressed: Callable, kind: str) -> None:
    made = dressed(Look(), kind)
    u, v = made.mannequin.uv()
    trunk = (np.abs(u) < 0.33) & (v > 0.6) & (v < 1.45)
    assert blue(made.image[trunk]).mean() > 0.99
    middle = made.image[(np.abs(u) < 0.15) & (v > 0.6) & (v < 1.3)].astype(float)
    np.testing.assert_allclose(np.median(middle, axis=0), CLOTH, atol=25)


@pytest.mark.parametrize("look", [Look(long_hair=True), Look(long_hair=True, sleeves="long"), Look(behind=True)])
@pytest.mark.parametrize("kind", ["short", "dress"])
def test_hair_and_face_stay_in_front_untouched(dressed: Callable, look: Look, kind: str) -> None:
    made = dressed(look, kind)
    for label in (HAIR_CLASS, FACE_SKIN):
        kept = well_inside(made.mannequin.selfie == label)
        assert (made.image[kept] == made.mannequin.rgb[kept]).all()


@pytest.mark.parametrize("arms", ["down", "hips", "raised"])
@pytest.mark.parametrize("kind", ["none", "short", "long"])
def test_hands_stay_in_front(dressed: Callable, scene: Callable, arms: str, kind: str) -> None:
    look = Look(arms=arms)
    made, body = dressed(look, kind), scene(look, kind).body
    ys, xs = np.mgrid[0 : look.height, 0 : look.width]
    skin = well_inside(made.mannequin.selfie == BODY_SKIN)
    for hand in body.hands:
        near = skin & (np.hypot(xs - hand[:, 0].mean(), ys - hand[:, 1].mean()) < 0.08 * body.sw)
        assert near.any()
        assert (made.image[near] == made.mannequin.rgb[near]).all()


def test_forearms_stay_in_front_of_the_trunk(dressed: Callable, scene: Callable) -> None:
    look = Look(sleeves="none", arms="hips")
    made, arms = dressed(look, "short"), scene(look, "short").arms
    for side in SIDES:
        own = (arms[side].fraction > 0.65) & (arms[side].fraction < 0.9) & (arms[side].ratio < 0.5)
        assert skin_amount(made.image[own]).min() > 0.6


@pytest.mark.parametrize("look", [Look(), Look(sleeves="long"), Look(sleeves="long", arms="raised")])
def test_long_sleeves_cover_the_arms(dressed: Callable, scene: Callable, look: Look) -> None:
    made, arms = dressed(look, "long"), scene(look, "long").arms
    for side in SIDES:
        own = (arms[side].fraction > 0.3) & (arms[side].fraction < 0.85) & (arms[side].ratio < 0.5)
        assert blue(made.image[own]).mean() > 0.95


@pytest.mark.parametrize("look", [Look(sleeves="long"), Look(sleeves="long", arms="raised")])
@pytest.mark.parametrize("kind", ["none", "short"])
def test_no_old_sleeve_is_left_on_bared_arms(dressed: Callable, scene: Callable, look: Look, kind: str) -> None:
    made, arms = dressed(look, kind), scene(look, kind).arms
    old = made.image[..., 1].astype(int) - np.maximum(made.image[..., 0], made.image[..., 2]) > 25
    for side in SIDES:
        forearm = (arms[side].fraction > 0.6) & (arms[side].fraction < 0.9)
        assert skin_amount(made.image[forearm & (arms[side].ratio < 0.6)]).mean() > 0.7
        assert not old[forearm & (arms[side].ratio < 2.0)].any()


def test_trousers_stay_under_a_new_top(dressed: Callable) -> None:
    made = dressed(Look(), "short")
    _, v = made.mannequin.uv()
    kept = (made.mannequin.cloth == BOTTOM) & (v > 2.45)
    assert (made.image[kept] == made.mannequin.rgb[kept]).all()
    assert not made.mask[kept].any()


def test_a_skirt_of_an_old_dress_stays_under_a_new_top(dressed: Callable) -> None:
    made = dressed(Look(sleeves="none", bottom="dress", arms="out", width=420), "short")
    _, v = made.mannequin.uv()
    kept = (made.mannequin.cloth > 0) & (v > 2.5)
    assert kept.any()
    assert (made.image[kept] == made.mannequin.rgb[kept]).all()


def test_a_dress_replaces_top_and_trousers(dressed: Callable) -> None:
    made = dressed(Look(), "dress")
    u, v = made.mannequin.uv()
    skirt = (np.abs(u) < 0.3) & (v > 1.6) & (v < 2.0)
    assert blue(made.image[skirt]).mean() > 0.95
    shin = well_inside(made.mannequin.cloth == BOTTOM, 5) & (v > 3.35) & (v < 3.75)
    assert skin_amount(made.image[shin]).mean() > 0.6, "below the hem the legs are bare"
    shoes = well_inside(made.mannequin.selfie == OTHER) & (v > 4.02)
    assert shoes.any()
    assert (made.image[shoes] == made.mannequin.rgb[shoes]).all()


def test_a_hem_that_reaches_the_shoes_falls_over_them(scene: Callable, mannequin: Callable) -> None:
    made = replace(scene(Look(), "dress"), options=TryOnOptions(length=1.4), layers=[], notes=[], signals={})
    dress_upper(made, ClothesType.DRESS, lambda stage: None)
    cloth = np.max([layer.alpha for layer in made.layers if layer.kind is Kind.CLOTH], axis=0)
    _, v = made.uv
    shoes = well_inside(mannequin(Look()).selfie == OTHER) & (v < v[cloth > 0.5].max() - 0.05)
    feet = footwear(made.person, made.body, made.legs, old_garment(made, True)) > 0.9
    assert (shoes & feet).any()
    assert cloth[shoes & feet].min() > 0.9


def test_the_backdrop_returns_beside_narrower_arms(dressed: Callable, scene: Callable) -> None:
    look = Look(sleeves="long", arms="out", width=420)
    made, arms = dressed(look, "none"), scene(look, "none").arms
    old_rim = (made.mannequin.cloth == TOP) & (np.min([a.ratio for a in arms], axis=0) > 1.25)
    u, _ = made.mannequin.uv()
    beside = old_rim & (np.abs(u) > 0.95)
    assert beside.sum() > 50
    assert np.abs(made.image[beside].astype(float) - BACKDROP).mean() < 12


def test_stages_are_told_in_order_and_can_stop(scene: Callable) -> None:
    told: list[str] = []
    dress_upper(scene(Look(), "short"), ClothesType.UPPER, told.append)
    assert told == ["fit", "warp", "removal", "light", "composite"]

    def stop(stage: str) -> None:
        if stage == "removal":
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        dress_upper(scene(Look(), "short"), ClothesType.UPPER, stop)


def test_what_is_replaced(scene: Callable) -> None:
    made = scene(Look(), "short")
    top, all_of_it = old_garment(made, False), old_garment(made, True)
    assert (all_of_it >= top - 1e-6).all()
    assert top[made.person.lower > 0.9].max() < 0.2
    np.testing.assert_allclose(all_of_it, made.person.cloth)
    gown = scene(Look(bottom="dress", sleeves="none"), "short")
    _, v = coordinates(gown.body, gown.shape)
    skirt = (gown.person.full > 0.9) & (v > gown.body.hip_v + 0.2)
    assert skirt.any()
    assert old_garment(gown, False)[skirt].max() < 0.05


@pytest.mark.parametrize("alone", [True, False])
def test_boots_stay_under_a_dress_and_trousers_go(scene: Callable, alone: bool) -> None:
    made = scene(Look(), "short")
    whole = np.asarray(made.person.lower, np.float32)
    below = np.maximum(*(leg.band(0.5, 1.2, wide=1.5) for leg in made.legs))
    person = replace(made.person, overlooked=whole * below if alone else np.zeros_like(whole))
    worn = replace(made, person=person)
    shin = (worn.legs[0].band(0.6, 0.9, wide=0.7) > 0.9) & (whole > 0.9)
    thigh = (worn.legs[0].band(0.1, 0.4, wide=0.7) > 0.9) & (whole > 0.9)
    assert shin.any()
    old = old_garment(worn, True)
    assert old[thigh].min() > 0.9
    assert old[shin].max() < 0.1 if alone else old[shin].min() > 0.9


def test_the_edge_of_an_armhole_lies_over_the_arm_that_comes_out_of_it(scene: Callable) -> None:
    made = replace(scene(Look(sleeves="long"), "none"), layers=[], notes=[], signals={})
    dress_upper(made, ClothesType.UPPER, lambda stage: None)
    cloth = np.max([layer.alpha for layer in made.layers if layer.kind is Kind.CLOTH], axis=0)
    skin = made.layers[-1].alpha
    assert made.layers[-1].kind is Kind.SKIN
    for arm in made.arms:
        covered = (cloth > 0.98) & (arm.ratio < 1.0)
        top, below = covered & (arm.fraction < 0.2), (arm.ratio < 0.8) & (arm.fraction > 0.5) & (arm.fraction < 0.8)
        assert top.any()
        assert skin[top].max() < 0.1
        assert skin[below].mean() > 0.9


def test_no_line_of_the_old_clothes_is_left_at_the_hips_under_a_dress(scene: Callable) -> None:
    made = replace(scene(Look(), "dress"), layers=[], notes=[], signals={})
    wide = np.asarray(np.abs(made.uv[0]) < 0.75, np.float32) * ((made.uv[1] > 1.2) & (made.uv[1] < 2.0))
    made = replace(made, person=replace(made.person, upper=np.maximum(made.person.upper, wide).astype(np.float32)))
    dress_upper(made, ClothesType.DRESS, lambda stage: None)
    plate = np.max([layer.alpha for layer in made.layers if layer.kind is Kind.FILL], axis=0)
    u, v = made.uv
    beside = (np.abs(u) > 0.62) & (np.abs(u) < 0.7) & (np.abs(v - made.body.hip_v) < 0.08)
    arms = np.minimum(made.arms[0].ratio, made.arms[1].ratio) < 1.6
    assert (beside & ~arms).any()
    assert plate[beside & ~arms & (made.hands < 0.01)].min() > 0.95


@pytest.mark.parametrize("arms", ["down", "out"])
def test_a_sleeve_ends_at_its_own_edge_and_the_trunk_stays_behind_the_forearm(
    scene: Callable, monkeypatch: pytest.MonkeyPatch, arms: str
) -> None:
    def cloth() -> tuple[Scene, list[np.ndarray]]:
        made = scene(Look(sleeves="none", arms=arms), "short")
        dress_upper(made, ClothesType.UPPER, lambda _: None)
        return made, [layer.alpha for layer in made.layers if layer.kind is Kind.CLOTH][-3:]

    made, (trunk, *whole) = cloth()
    monkeypatch.setattr(upper, "CUFF_OVER", -0.05)
    _, (_, *cut) = cloth()
    fit = fit_trunk(made.garment, made.person, made.body, False, made.options)
    for side, sleeve, shorter in zip(SIDES, whole, cut, strict=True):
        arm, reach = made.arms[side], sleeve_reach(made.garment, made.body, fit, side)
        skin = (made.person.skin > 0.9) & (arm.ratio < 0.7)
        assert (sleeve > shorter + 0.5)[skin & (arm.fraction > reach - 0.05)].any()
        assert not (sleeve > 0.05)[skin & (arm.fraction > reach + 0.1)].any()
        assert not (trunk > 0.1)[skin & (arm.fraction > reach + 0.02)].any()
