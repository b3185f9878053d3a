"""Layers of skin, and the count of those pixels of them that would break the safety rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from mannequin import Look, skin_amount

from fittingroom.engines.drape.bare_layers import WRIST, check_skin, limb_layer, neck_layer, trunk_zone
from fittingroom.engines.drape.composite import Kind, Layer
from fittingroom.engines.drape.removal import PAST_WRIST
from fittingroom.engines.drape.seam import OVER

LOOKS = [Look(sleeves="long"), Look(sleeves="long", arms="hips"), Look(bottom="skirt")]


def skin_on(mask: np.ndarray) -> Layer:
    return Layer(np.zeros((*mask.shape, 3), np.float32), np.asarray(mask, np.float32), kind=Kind.SKIN)


@pytest.mark.parametrize("look", LOOKS)
def test_the_zone_is_the_trunk_between_neckline_and_crotch(scene: Callable, look: Look) -> None:
    made = scene(look, "short")
    u, v = made.uv
    zone = trunk_zone(made)
    arms = np.min([field.ratio for field in made.arms], axis=0) < 1.4
    assert zone[(np.abs(u) < 0.3) & (v > 0.4) & (v < 1.6) & ~arms].all()
    assert not zone[(v < 0.3) | (v > made.body.hip_v + 0.2) | (np.abs(u) > 0.5)].any()


def test_skin_on_the_trunk_is_counted(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "short")
    u, v = made.uv
    patch = (np.abs(u) < 0.1) & (np.abs(v - 0.8) < 0.05)
    check_skin(made, [skin_on(patch), Layer(np.zeros((*made.shape, 3), np.float32), np.ones(made.shape, np.float32))])
    assert made.signals["skin_inside"] == patch.sum() > 0
    check_skin(made, [skin_on(v < 0.2)])
    assert made.signals["skin_inside"] == 0.0
    check_skin(made, [])
    assert made.signals["skin_inside"] == 0.0


def test_an_arm_in_front_of_the_trunk_may_be_bare(scene: Callable) -> None:
    made = scene(Look(sleeves="long", arms="hips"), "short")
    check_skin(made, [skin_on(np.max([field.band(0.3, 1.0) for field in made.arms], axis=0))])
    assert made.signals["skin_inside"] == 0.0


@pytest.mark.parametrize("kind", ["none", "short", "crop", "dress", "shorts", "skirt"])
@pytest.mark.parametrize("look", LOOKS)
def test_every_picture_reports_no_skin_inside(dressed: Callable, look: Look, kind: str) -> None:
    made = dressed(look, kind)
    assert made.signals["skin_inside"] == 0.0


def test_limbs_are_skin_in_their_mask(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "short")
    mask = made.arms[1].band(0.4, 0.9)
    layer = limb_layer(made, mask, made.person.upper, np.zeros_like(mask), made.arms)
    assert layer.kind is Kind.SKIN
    assert (layer.alpha == mask).all()
    assert skin_amount(layer.rgb)[mask > 0.5].min() > 0.5
    assert not layer.rgb[mask == 0].any()


def test_an_arm_meets_its_hand_without_a_rim_and_leaves_the_fingers(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "short")
    mask = np.asarray(made.arms[1].band(0.3, PAST_WRIST) * (1.0 - made.person.skin), np.float32)
    layer = limb_layer(made, mask, made.person.upper, np.zeros_like(mask), made.arms)
    ys, xs = np.indices(made.shape)
    x, y = made.body.arms[1].points[-1]
    away = np.hypot(xs - x, ys - y) / made.body.sw
    hand = made.hands > 0.9
    assert (layer.alpha > mask + 0.5)[hand & (away < WRIST)].any()
    assert not (layer.alpha > mask)[hand & (away > WRIST + OVER)].any()


def test_beside_skin_that_the_photo_shows_nothing_is_painted_on_the_scene(scene: Callable) -> None:
    made = scene(Look(bottom="skirt"), "shorts")
    leg = made.legs[0]
    shown = (made.person.skin > 0.9) & (leg.fraction > 0.7) & (leg.fraction < 0.9) & (leg.ratio < 0.5)
    assert shown.any()
    mask = leg.band(0.2, 0.9, wide=1.5)
    layer = limb_layer(made, mask, made.person.lower, np.zeros_like(mask), made.legs)
    beside = (made.person.alpha < 0.1) & (leg.fraction > 0.75) & (leg.fraction < 0.85) & (leg.ratio < 1.4)
    assert mask[beside].max() > 0.9
    assert layer.alpha[beside].max() < 0.1


def test_a_hem_throws_its_shadow_on_the_leg(scene: Callable) -> None:
    made = scene(Look(), "shorts")
    _, v = made.uv
    cover = np.asarray(v < 2.0, np.float32)
    layer = limb_layer(made, made.legs[0].band(0.2, 0.9), made.person.lower, cover, made.legs)
    assert layer.light is not None
    near, far = (layer.light[np.abs(v - at) < 0.02].mean() for at in (2.02, 2.5))
    assert near < 0.9 * far
    assert far > 0.99


def test_skin_in_the_shadow_of_the_old_hem_does_not_tell_the_tone(scene: Callable) -> None:
    made = scene(Look(bottom="skirt"), "shorts")
    worn = np.asarray(made.person.cloth > 0.5, np.float32)
    ys = np.arange(made.shape[0])[:, None]
    hem = int(ys[(worn > 0).any(axis=1)].max())
    below = (ys > hem) & (ys < hem + 0.07 * made.body.sw)
    shaded = np.where((below & (made.person.skin > 0.5))[..., None], 0.8 * made.person.rgb, made.person.rgb)
    dark = replace(made, person=replace(made.person, rgb=shaded.astype(np.uint8)))
    mask = np.asarray(np.maximum(*(leg.band(0.1, 0.9) for leg in made.legs)) * worn, np.float32)
    near = (mask > 0.9) & (ys > hem - 0.1 * made.body.sw)
    plain, under = (limb_layer(s, mask, worn, np.zeros_like(mask), s.legs).rgb[near] for s in (made, dark))
    assert np.abs(plain.mean(axis=0) - under.mean(axis=0)).max() < 3.0


def test_the_neck_is_skin_in_its_mask(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "none")
    layer = neck_layer(made, made.neck)
    assert layer.kind is Kind.SKIN
    assert skin_amount(layer.rgb)[made.neck > 0.5].min() > 0.3, "jaw shadow at most"
    assert not layer.rgb[made.neck == 0].any()
