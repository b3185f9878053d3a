"""What becomes of old cloth that the new cut leaves uncovered: skin on arms, neck and legs, never on trunk or hips."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from mannequin import Look

from fittingroom.engines.drape.body import SIDES
from fittingroom.engines.drape.composite import VISIBLE
from fittingroom.engines.drape.removal import (
    INSIDE_HEM,
    Removal,
    _swallowed,
    coordinates,
    grown,
    remove_legs,
    remove_top,
    unseen,
)
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.drape.sleeves import sleeve_reach
from fittingroom.engines.drape.torso import Fit, fit_trunk
from fittingroom.engines.drape.types import Cut

LOOKS = [Look(sleeves="long"), Look(sleeves="long", arms="raised"), Look(sleeves="long", arms="out", width=420)]
MASKS = ("plate", "behind", "front", "legs")


def top_of(made: Scene, old: np.ndarray | None = None) -> tuple[Removal, Fit, tuple[float, float]]:
    fit = fit_trunk(made.garment, made.person, made.body, False)
    sleeved = made.garment.cut is not Cut.SLEEVELESS
    ends = [sleeve_reach(made.garment, made.body, fit, s) if sleeved else 0.0 for s in SIDES]
    bare = (ends[0], ends[1])
    worn = made.person.upper if old is None else old
    keep = np.maximum(made.head, made.hands)
    return remove_top(made.person, made.body, worn, fit, made.arms, bare, made.neck, keep), fit, bare


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("kind", ["none", "short", "long"])
def test_masks_are_masks(scene: Callable, look: Look, kind: str) -> None:
    removal, _, _ = top_of(scene(look, kind))
    for name in MASKS:
        mask = getattr(removal, name)
        assert mask.dtype == np.float32
        assert mask.shape == (look.height, look.width)
        assert mask.min() >= 0.0
        assert mask.max() <= 1.0


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("kind", ["none", "short", "long"])
def test_no_skin_on_the_trunk_below_the_armpits(scene: Callable, look: Look, kind: str) -> None:
    made = scene(look, kind)
    removal, fit, _ = top_of(made)
    u, v = coordinates(made.body, made.shape)
    pit_v = max(float(made.body.coords(p)[1]) for p in fit.pits)
    assert not removal.behind[v > pit_v + 0.03].any()
    trunk = (np.abs(u) < 0.42) & (v > pit_v)
    assert not removal.front[trunk].any()
    assert not removal.front[v > 2.0].any()


@pytest.mark.parametrize("look", LOOKS)
def test_bare_arms_lie_within_the_arms(scene: Callable, look: Look) -> None:
    made = scene(look, "short")
    removal, _, bare = top_of(made)
    for side in SIDES:
        field = made.arms[side]
        own = (field.ratio < 0.8) & (field.fraction > bare[side] + 0.05) & (field.fraction < 0.9)
        assert removal.front[own].min() > 0.5, "below the new sleeve the old one must go"
    far = np.min([made.arms[s].ratio for s in SIDES], axis=0) > 1.3
    assert not removal.front[far].any()


def test_long_sleeves_on_long_sleeves_bare_no_arm(scene: Callable) -> None:
    removal, _, bare = top_of(scene(Look(sleeves="long"), "long"))
    assert bare == (1.0, 1.0)
    arms = scene(Look(sleeves="long"), "long").arms
    upper = np.max([a.band(0.0, 0.85) for a in arms], axis=0) > 0.5
    assert removal.front[upper].max() < 0.05


def test_what_is_kept_is_never_removed(scene: Callable) -> None:
    made = scene(Look(sleeves="long", long_hair=True), "none")
    removal, _, _ = top_of(made)
    away = cv2.dilate(np.asarray(made.person.upper > 0.1, np.uint8), np.ones((3, 3)), iterations=5) == 0
    hands, head = (made.hands > 0.95) & away, made.head >= 1.0
    assert hands.sum() > 20
    assert head.any()
    for name in MASKS:
        assert not getattr(removal, name)[head].any(), name
        assert getattr(removal, name)[hands].max() < 0.1, name


def test_new_skin_fades_into_the_visible_hand(scene: Callable) -> None:
    """At the old cuff itself it is whole: no line of mixed pixels may stay there."""
    made = scene(Look(sleeves="long"), "short")
    removal, _, _ = top_of(made)
    field = made.arms[0]
    core = (field.ratio < 0.4) & (made.person.skin > 0.9) & (field.fraction > 0.8)
    near = cv2.dilate(np.asarray(made.person.upper > 0.5, np.uint8), np.ones((3, 3))) > 0
    assert removal.front[core & near].min() > 0.8
    assert 0.05 < removal.front[core].mean() < 0.9


def test_cuffs_of_hanging_arms_go_with_the_old_top(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "crop")
    removal, fit, _ = top_of(made)
    u, v = coordinates(made.body, made.shape)
    cuffs = (made.person.upper > 0.9) & (v > fit.hem_v) & (np.abs(u) > 0.6)
    assert cuffs.sum() > 20
    assert removal.plate[cuffs].mean() > 0.95


def test_nothing_worn_nothing_removed(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "long")
    bare_of_cloth = replace(made.person, skin=np.zeros_like(made.person.skin))
    removal, _, _ = top_of(replace(made, person=bare_of_cloth), np.zeros(made.shape, np.float32))
    for name in MASKS:
        assert not getattr(removal, name).any(), name


def test_the_other_garment_is_not_ours_to_remove(scene: Callable) -> None:
    made = scene(Look(), "short")
    removal, _, _ = top_of(made)
    trousers = cv2.erode(np.asarray(made.person.lower > 0.9, np.uint8), np.ones((9, 9))) > 0
    for name in MASKS:
        assert getattr(removal, name)[trousers].max() < VISIBLE, name


@pytest.mark.parametrize("bare_from", [0.0, 0.12, 0.3, 0.6, 1.0])
@pytest.mark.parametrize("bottom", ["trousers", "skirt"])
def test_no_skin_above_the_crotch_and_little_under_the_new_hem(scene: Callable, bare_from: float, bottom: str) -> None:
    made = scene(Look(bottom=bottom), "trousers")
    p, body = made.person, made.body
    removal = remove_legs(p, body, p.lower, made.legs, (bare_from, bare_from), made.head, body.hip_v - 0.3)
    _, v = coordinates(body, made.shape)
    assert not removal.behind.any()
    assert not removal.front.any()
    assert not removal.legs[v < body.hip_v + 0.175].any()
    above = np.maximum(made.legs[0].fraction, made.legs[1].fraction) < bare_from - INSIDE_HEM - 0.02
    assert not removal.legs[above].any()
    beside = np.minimum(made.legs[0].ratio, made.legs[1].ratio) > 1.2
    assert not removal.legs[beside].any()


def test_on_the_hips_old_cloth_stays_before_the_legs_and_goes_at_their_outer_sides(scene: Callable) -> None:
    made = scene(Look(bottom="trousers"), "trousers")
    p, body = made.person, made.body
    _, v = made.uv
    everywhere = np.ones_like(p.lower)
    removal = remove_legs(p, body, everywhere, made.legs, (1.0, 1.0), np.zeros_like(p.lower), body.hip_v - 0.3)
    hips = (v > body.hip_v) & (v < body.hip_v + 0.15)
    outside = (made.legs[0].across < -0.55) | (made.legs[1].across > 0.55)
    before = [made.legs[0].ratio < 0.85, made.legs[1].ratio < 0.85]
    inside = (before[0] & (made.legs[0].across > -0.45)) | (before[1] & (made.legs[1].across < 0.45))
    assert removal.plate[hips & inside & ~outside].max() == 0, "a hole there would show the scene through the body"
    assert removal.plate[hips & outside].min() > 0.95
    assert not removal.legs[hips].any()


def test_legs_below_short_hems_become_bare(scene: Callable) -> None:
    made = scene(Look(), "shorts")
    p, body = made.person, made.body
    removal = remove_legs(p, body, p.lower, made.legs, (0.4, 0.4), made.head, body.hip_v - 0.3)
    shin = np.max([leg.band(0.5, 0.9, wide=0.6) for leg in made.legs], axis=0) > 0.9
    assert removal.legs[shin].min() > 0.9
    assert removal.plate[shin].min() > 0.9, "no old cloth may shine through a soft edge of the skin"


def test_nothing_above_the_given_height_is_touched(scene: Callable) -> None:
    made = scene(Look(), "shorts")
    p, body = made.person, made.body
    removal = remove_legs(p, body, p.lower, made.legs, (0.4, 0.4), made.head, 1.9)
    _, v = coordinates(body, made.shape)
    for name in MASKS:
        assert not getattr(removal, name)[v < 1.9].any(), name


def test_grown_holds_the_old_garment_and_a_narrow_rim(scene: Callable) -> None:
    made = scene(Look(), "short")
    old = made.person.upper
    wide = grown(old, made.body.sw)
    assert (wide[old > 0.7] > 0.6).all()
    reach = cv2.dilate(np.asarray(old > 0.2, np.uint8), np.ones((3, 3)), iterations=round(0.018 * made.body.sw) + 5)
    assert not wide[reach == 0].any()
    assert not grown(np.zeros((40, 30), np.float32), 80.0).any()


def test_coordinates_are_the_bodys(scene: Callable) -> None:
    made = scene(Look(), "short")
    u, v = coordinates(made.body, made.shape)
    x, y = 123, 77
    np.testing.assert_allclose(made.body.at(float(u[y, x]), float(v[y, x])), (x, y), atol=0.05)


def test_background_is_needed_where_neither_cloth_nor_skin_hides_it(scene: Callable) -> None:
    made = scene(Look(), "shorts")
    p, body = made.person, made.body
    removal = remove_legs(p, body, p.lower, made.legs, (0.4, 0.4), made.head, body.hip_v - 0.3)
    nothing = np.zeros(made.shape, np.float32)
    needed = unseen(removal, nothing)
    assert needed.any()
    assert not needed[removal.legs > 0.99].any()
    assert not needed[removal.plate == 0].any()
    assert not unseen(removal, np.ones(made.shape, np.float32)).any()


def test_without_skin_the_old_cloth_stays_where_it_would_be(scene: Callable) -> None:
    removal, _, _ = top_of(scene(Look(sleeves="long"), "short"))
    bare = removal.skin > 0.99
    assert bare.any()
    kept = removal.without_skin()
    assert not kept.skin.any()
    assert kept.plate[bare].max() < 0.02


def test_the_scene_loses_the_old_garments_blur_the_person_does_not(scene: Callable) -> None:
    made = scene(Look(), "short")
    body, old = made.body, made.person.upper
    u, v = made.uv
    away = cv2.distanceTransform(np.asarray(old < 0.5, np.uint8), cv2.DIST_L2, 5) / body.sw
    ring = (away > 0.025) & (away < 0.04) & (np.abs(v - 0.8) < 0.5) & (np.abs(u) < 1.5)
    gone = _swallowed(made.person, old, body.sw)
    assert gone[ring & (made.person.alpha < 0.1)].mean() > 0.7
    inside = made.person.alpha > 0.9
    assert (gone[inside] == grown(old, body.sw)[inside]).all()


def test_no_line_of_old_cloth_is_left_where_painted_arms_meet_the_chest(scene: Callable) -> None:
    removal, _, _ = top_of(scene(Look(sleeves="long"), "none"))
    skin = 1.0 - (1.0 - removal.behind) * (1.0 - removal.front)
    whole = cv2.morphologyEx((skin > 0.5).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7)))
    inside = cv2.erode(whole, np.ones((9, 9))) > 0
    meeting = inside & (cv2.dilate((removal.front > 0.5).astype(np.uint8), np.ones((5, 5))) > 0) & (removal.front < 0.9)
    assert meeting.sum() > 10
    assert skin[meeting].min() > 0.97


def test_no_neck_is_wider_than_what_was_worn_round_it(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "none")
    removal, _, _ = top_of(made)
    assert removal.behind[made.person.alpha < 0.25].max() == 0
    thin = replace(made, person=replace(made.person, alpha=made.person.alpha * (made.uv[0] < 0.05)))
    assert top_of(thin)[0].behind[made.uv[0] > 0.06].max() == 0
