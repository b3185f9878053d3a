"""Hems and their shadows: on the person, never on the scene."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from mannequin import Look

from fittingroom.engines.drape import edges
from fittingroom.engines.drape.parts import Drawn
from fittingroom.engines.drape.removal import Removal
from fittingroom.engines.drape.scene import Scene


@pytest.fixture
def standing(scene: Callable[..., Scene]) -> Scene:
    return scene(Look(sleeves="none"), "short")


def clear(scene: Scene) -> np.ndarray:
    return np.zeros(scene.shape, np.float32)


def nothing_gone(scene: Scene, **masks: np.ndarray) -> Removal:
    return Removal(
        **({"plate": clear(scene), "behind": clear(scene), "front": clear(scene), "legs": clear(scene)} | masks)
    )


def block(scene: Scene, hem_v: float) -> Drawn:
    ys, xs = np.mgrid[0 : scene.shape[0], 0 : scene.shape[1]].astype(np.float32)
    uv = scene.body.coords(np.stack([xs, ys], axis=-1))
    mask = (np.abs(uv[..., 0]) < 0.8) & (uv[..., 1] < hem_v)
    return Drawn("trunk", np.zeros((*scene.shape, 3), np.float32), np.asarray(mask, np.float32))


def test_the_lower_end_turns_dark_and_the_rest_stays(standing: Scene) -> None:
    alpha = block(standing, 1.7).alpha
    factor = edges.hem_light(alpha, standing.body.sw)
    column = round(float(standing.body.origin[0]))
    last = int(np.flatnonzero(alpha[:, column])[-1])
    assert factor[last, column] < 0.97
    assert factor[last - 3 : last + 1, column].min() >= 1.0 - edges.TURN
    np.testing.assert_allclose(factor[: last - 12, column - 5 : column + 5], 1.0, atol=1e-3)


def test_no_cloth_has_no_hem_and_a_cut_off_one_neither(standing: Scene) -> None:
    assert (edges.hem_light(clear(standing), standing.body.sw) == 1.0).all()
    whole = np.ones(standing.shape, np.float32)
    np.testing.assert_allclose(edges.hem_light(whole, standing.body.sw)[:-12], 1.0, atol=1e-3)


def test_a_hem_throws_its_shadow_on_the_trousers_only(standing: Scene) -> None:
    hem = standing.body.hip_v + 0.2
    layer = edges.hem_shadow(standing, [block(standing, hem)], nothing_gone(standing), clear(standing))
    x, y = np.round(standing.body.at(0.25, hem + 0.02)).astype(int)
    assert layer.alpha[y, x] > 0.1
    assert layer.alpha.max() <= edges.HEM_SHADOW
    x, y = np.round(standing.body.at(0.25, hem + 0.3)).astype(int)
    assert layer.alpha[y, x] < 0.01
    assert (layer.alpha[standing.person.alpha < 0.02] < 0.02).all()
    assert (layer.alpha[block(standing, hem).alpha > 0.99] == 0).all()


def test_what_becomes_background_takes_no_shadow(standing: Scene) -> None:
    hem = standing.body.hip_v + 0.2
    gone = np.asarray(standing.person.lower > 0.3, np.float32)
    layer = edges.hem_shadow(standing, [block(standing, hem)], nothing_gone(standing, plate=gone), clear(standing))
    assert layer.alpha[gone > 0].max() == 0.0


def test_clothes_in_front_take_no_shadow(standing: Scene) -> None:
    hem = standing.body.hip_v + 0.2
    keep = np.asarray(standing.person.lower > 0.3, np.float32)
    layer = edges.hem_shadow(standing, [block(standing, hem)], nothing_gone(standing), keep)
    assert layer.alpha[keep > 0].max() == 0.0


def test_hands_hair_and_face_take_no_hem_shadow(standing: Scene) -> None:
    layer = edges.hem_shadow(standing, [block(standing, -0.7)], nothing_gone(standing), clear(standing))
    assert layer.alpha[standing.head > 0.9].max() < 0.01


def test_a_cuff_throws_its_shadow_on_the_arm(standing: Scene) -> None:
    sleeve = Drawn("sleeve_left", np.zeros((*standing.shape, 3), np.float32), standing.arms[0].band(0.0, 0.4, wide=1.4))
    layer = edges.cuff_shadow(standing, [sleeve], nothing_gone(standing))
    arm = standing.arms[0]
    near = (np.abs(arm.fraction - 0.42) < 0.01) & (arm.ratio < 0.6)
    far = (arm.fraction > 0.6) & (arm.ratio < 0.6)
    assert layer.alpha[near].mean() > 0.05
    assert layer.alpha[far].max() < 0.01
    assert layer.alpha[standing.arms[1].ratio < 0.9].max() < 0.01
    painted = edges.cuff_shadow(standing, [sleeve], nothing_gone(standing, front=arm.band(0.0, 1.0, wide=2.0)))
    assert painted.alpha[near].mean() < 0.6 * layer.alpha[near].mean(), "new skin comes with a shadow of its own"
