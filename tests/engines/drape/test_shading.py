"""The light on a bare limb: which side it comes from, and what it does there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from mannequin import Look

from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.drape.shading import MAX_SIDE, RANGE, ROUND_RANGE, Light, face_light, light_on

ACROSS = np.linspace(-1, 1, 41, dtype=np.float32)
NO_MASK = np.zeros((480, 360), np.float32)


def lit_from(made: Scene, strength: float) -> Scene:
    """The same photo under a lamp on the right (positive) or left: each part brighter on that side."""
    ramp = np.ones(made.shape, np.float32)
    for mask, half in ((made.person.face, 0.2), (made.person.upper, 0.9)):
        where = mask > 0.5
        xs = np.nonzero(where)[1]
        across = (np.arange(made.shape[1]) - np.median(xs)) / (half * made.body.sw)
        ramp = np.where(where, np.exp(strength * np.clip(across, -1.5, 1.5))[None], ramp)
    for field in made.arms:
        ramp = np.where((field.ratio < 1.2) & (made.person.face < 0.5), np.exp(strength * field.across), ramp)
    return replace(
        made, person=replace(made.person, rgb=np.clip(made.person.rgb * ramp[..., None], 0, 255).astype(np.uint8))
    )


def test_a_limb_is_darkest_at_its_edges_and_stays_in_range() -> None:
    for leg in (False, True):
        for side in (-MAX_SIDE, 0.0, MAX_SIDE):
            for at in np.linspace(0, 1.1, 12):
                shade = Light(side, 0.2, 0.3, 1.0, leg).shade(np.full_like(ACROSS, at), ACROSS)
                assert shade.shape == ACROSS.shape
                assert shade.min() >= RANGE[0]
                assert shade.max() <= RANGE[1]
                assert min(shade[0], shade[-1]) < 0.95 * shade[12:29].max()


def test_side_along_and_inner_do_what_they_say() -> None:
    at = np.full_like(ACROSS, 0.75)
    right = Light(0.1, 0.0, 0.2, 1.0, leg=False).shade(at, ACROSS)
    left = Light(-0.1, 0.0, 0.2, 1.0, leg=False).shade(at, ACROSS)
    assert right[30] > left[30]
    assert right[10] < left[10]
    inner = Light(0.0, 0.0, 0.2, 1.0, leg=False).shade(at, ACROSS)
    assert inner[-1] < inner[0]
    far, near = (Light(0.0, 0.2, 0.2, 1.0, leg=False).shade(np.full(1, f), np.zeros(1)) for f in (0.9, 0.2))
    assert far > near


def test_the_form_of_a_limb_shows_softly() -> None:
    along = np.linspace(0.2, 0.9, 200, dtype=np.float32)
    for leg in (False, True):
        shade = Light(0.0, 0.0, 0.2, 1.0, leg).shade(along, np.zeros_like(along))
        assert 0.02 < np.ptp(shade) < 0.25
        assert np.abs(np.diff(shade)).max() < 0.03


def test_light_from_above_follows_the_limb() -> None:
    along, middle = np.linspace(0.2, 0.9, 50, dtype=np.float32), np.zeros(50, np.float32)
    hanging, level, raised = (
        Light(0.0, 0.0, 0.2, 1.0, leg=True, down=(way, way)).shade(along, middle) for way in (0.5, 0.0, -0.5)
    )
    np.testing.assert_allclose(np.log(hanging / level), np.log(level / raised), atol=1e-3)
    assert np.ptp(hanging / level) > 0.03


def test_skin_differs_a_little_along_the_limb_and_alike_on_both_sides() -> None:
    along, across = np.meshgrid(np.linspace(0.1, 0.9, 60), np.linspace(-0.9, 0.9, 9))
    place = along.ravel().astype(np.float32), across.ravel().astype(np.float32)
    left, right = (Light(0.0, 0.0, 0.2, inner, leg=True) for inner in (1.0, -1.0))
    factors = left.skin(*place)
    assert factors.shape == (len(place[0]), 3)
    assert 0.75 < factors.min() < 0.97
    assert 1.03 < factors.max() < 1.35
    np.testing.assert_allclose(factors, right.skin(place[0], -place[1]), rtol=1e-5)
    redness = factors[:, 0] / factors[:, 1]
    assert abs(place[0][np.argmax(redness)] - 0.5) < 0.12, "the knee is the reddest"


@pytest.mark.parametrize("strength", [-0.15, 0.15])
def test_the_lamps_side_is_read_from_sleeve_and_face(scene: Callable, strength: float) -> None:
    made = lit_from(scene(Look(sleeves="long"), "short"), strength)
    assert np.sign(face_light(made.person)) == np.sign(strength)
    for field, limb in zip(made.arms, made.body.arms, strict=True):
        light = light_on(made.person, made.person.upper, field, limb, 1.0, leg=False)
        assert np.sign(light.side) == np.sign(strength)
        assert 0.03 < abs(light.side) <= MAX_SIDE


def test_flat_light_has_no_side(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "short")
    light = light_on(made.person, made.person.upper, made.arms[0], made.body.arms[0], 1.0, leg=False)
    assert abs(light.side) < 0.03
    assert abs(light.along) < 0.05
    assert ROUND_RANGE[0] <= light.rounding <= ROUND_RANGE[1]


def test_the_limbs_own_skin_tells_how_round_it_looks(scene: Callable) -> None:
    made = scene(Look(sleeves="none"), "short")
    field = made.arms[0]
    fall = np.exp(-0.5 * np.clip(field.ratio, 0, 1) ** 3.5)
    shaded = replace(made.person, rgb=(made.person.rgb * fall[..., None]).astype(np.uint8))
    flat, round_ = (
        light_on(p, NO_MASK, field, made.body.arms[0], 1.0, leg=False).rounding for p in (made.person, shaded)
    )
    assert round_ > flat + 0.05


def test_nothing_seen_is_the_ordinary_light(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "short")
    blind = replace(made.person, face=NO_MASK, skin=NO_MASK)
    light = light_on(blind, NO_MASK, made.arms[0], made.body.arms[0], -1.0, leg=True)
    assert (light.side, light.along) == (0.0, 0.0)
    assert light.inner == -1.0
    assert light.leg
