"""What all stages share: which skin stays in front, where limbs are, how far the result can be trusted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from mannequin import BODY_SKIN, FACE_SKIN, HAIR_CLASS, Look

from fittingroom.engines.drape.body import body_of
from fittingroom.engines.drape.removal import coordinates
from fittingroom.engines.drape.scene import Scene, steep

Make = Callable[..., Scene]


def disc(scene: Scene, centre: np.ndarray, radius: float) -> np.ndarray:
    ys, xs = np.mgrid[0 : scene.shape[0], 0 : scene.shape[1]]
    return np.hypot(xs - centre[0], ys - centre[1]) < radius * scene.body.sw


@pytest.mark.parametrize("arms", ["down", "raised", "hips", ("raised", "hips")])
def test_hands_are_the_skin_near_the_wrists(scene: Make, mannequin: Callable, arms: object) -> None:
    look = Look(arms=arms, sleeves="long", width=380)
    made, drawn = scene(look, "short"), mannequin(look)
    for hand in made.body.hands:
        core = disc(made, hand.mean(axis=0), 0.05) & (drawn.selfie == BODY_SKIN)
        assert core.any()
        assert (made.hands[core] > 0.9).all()
    beyond = ~(disc(made, made.body.hands[0][0], 0.9) | disc(made, made.body.hands[1][0], 0.9))
    assert not made.hands[beyond].any()


def test_head_is_hair_and_face(scene: Make, mannequin: Callable) -> None:
    look = Look(long_hair=True)
    made, drawn = scene(look, "short"), mannequin(look)
    truth = (drawn.selfie == HAIR_CLASS) | (drawn.selfie == FACE_SKIN)
    assert (made.head[truth] > 0.5).mean() > 0.95
    assert (made.head[~truth] < 0.5).mean() > 0.99


def test_neck_lies_between_shoulders_and_mouth(scene: Make) -> None:
    made = scene(Look(), "short")
    u, v = coordinates(made.body, made.shape)
    assert made.neck[(np.abs(u) < 0.1) & (v > -0.35) & (v < -0.1)].min() > 0.9
    assert not made.neck[(np.abs(u) > 0.4) | (v > 0.4) | (v < -1.0)].any()


def test_forearms_are_visible_skin_beyond_the_sleeve(scene: Make, mannequin: Callable) -> None:
    look = Look(sleeves="none")
    made, drawn = scene(look, "short"), mannequin(look)
    skin = drawn.selfie == BODY_SKIN
    whole, half, none = made.forearms((0.0, 0.0)), made.forearms((0.5, 0.5)), made.forearms((1.0, 1.0))
    assert (whole >= half).all()
    assert whole.sum() > 1.3 * half.sum() > 3 * none.sum()
    assert (half[~skin] > 0.5).mean() < 0.002
    sleeved = (made.arms[0].fraction < 0.45) & (made.arms[1].fraction < 0.45)
    assert not half[sleeved].any()


def test_fields_are_computed_once(scene: Make) -> None:
    made = scene(Look(), "short")
    for name in ("arms", "legs", "hands", "neck", "head", "grain"):
        assert getattr(made, name) is getattr(made, name), name


def test_grain_depends_on_the_seed_alone(scene: Make) -> None:
    one, same, other = (scene(Look(), "short", s).grain for s in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


def test_an_ordinary_photo_is_no_warning(scene: Make) -> None:
    assert scene(Look(), "short").warnings() == ()


def test_a_turned_person_is_told(scene: Make) -> None:
    made = scene(Look(), "short")
    pose = made.person.pose
    points = pose.points.copy()
    middle = points[[11, 12]].mean(axis=0)
    points[[11, 12]] = middle + 0.3 * (points[[11, 12]] - middle)
    turned = replace(made, body=body_of(replace(pose, points=points)))
    assert any("frontal" in w for w in turned.warnings())


def test_steep_keeps_order_and_sharpens() -> None:
    soft = np.linspace(0, 1, 101, dtype=np.float32)
    sharp = steep(soft)
    assert sharp.dtype == np.float32
    assert (np.diff(sharp) >= 0).all()
    assert sharp[0] == 0.0
    assert sharp[-1] == 1.0
    assert ((sharp > 0.01) & (sharp < 0.99)).mean() < 0.35


def test_a_person_who_fills_the_picture_is_told(scene: Make) -> None:
    made = scene(Look(), "short")
    full = replace(made, person=replace(made.person, alpha=np.ones(made.shape, np.float32)))
    assert any("fills the picture" in warning for warning in full.warnings())
    assert not any("fills the picture" in warning for warning in made.warnings())


def test_uv_and_tone_are_the_bodys_and_the_persons(scene: Make) -> None:
    made = scene(Look(), "short")
    u, v = made.uv
    np.testing.assert_allclose(made.body.at(float(u[90, 130]), float(v[90, 130])), (130, 90), atol=0.05)
    assert made.tone is not None
    nothing = np.zeros(made.shape, np.float32)
    bare = replace(made, person=replace(made.person, skin=nothing, face=nothing))
    assert bare.tone is None
    assert any("No skin" in warning for warning in bare.warnings())
