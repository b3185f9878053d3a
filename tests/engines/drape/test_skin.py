"""Tone and texture of painted skin, and where it is worked out at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from mannequin import SKIN, Look, draw_mannequin, skin_amount

from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.drape.shading import Light
from fittingroom.engines.drape.skin import (
    BINS,
    REACH,
    Tone,
    looked_up,
    paint_limbs,
    stocking_tone,
    tinted,
    tone_of,
    tones_along,
    visible_skin,
)

PLAIN = Light(0.0, 0.0, 0.2, 1.0, leg=False)
FLAT = Tone(np.array(SKIN, np.float32), 0.0, 0.0)


def painted(made: Scene, mask: np.ndarray, tone: Tone, seed: int = 0) -> np.ndarray:
    tables = [np.repeat(tone.base[None], BINS, axis=0)] * 2
    return paint_limbs(mask, list(made.arms), tables, [PLAIN, PLAIN], tone, np.random.default_rng(seed))


@pytest.mark.parametrize("look", [Look(), Look(sleeves="none"), Look(sleeves="long", behind=True)])
def test_the_tone_is_the_skins(look: Look) -> None:
    tone = tone_of(draw_mannequin(look).person())
    assert tone is not None
    np.testing.assert_allclose(tone.base, SKIN, atol=6)
    assert 0.3 <= tone.fine <= 5.0


def test_a_face_alone_gives_its_tone_and_so_do_hands_alone() -> None:
    person = draw_mannequin(Look()).person()
    nothing = np.zeros_like(person.skin)
    for changed in (replace(person, skin=nothing), replace(person, face=nothing)):
        tone = tone_of(changed)
        assert tone is not None
        np.testing.assert_allclose(tone.base, SKIN, atol=6)


def test_no_visible_skin_no_tone() -> None:
    person = draw_mannequin(Look()).person()
    nothing = np.zeros_like(person.skin)
    assert tone_of(replace(person, skin=nothing, face=nothing)) is None


def test_shadow_and_gloss_do_not_change_the_tone() -> None:
    drawn = draw_mannequin(Look())
    ys, xs = np.nonzero(drawn.person().face > 0.5)
    photo = drawn.rgb.copy()
    dark = ys > np.percentile(ys, 75)
    photo[ys[dark], xs[dark]] = photo[ys[dark], xs[dark]] // 2
    glossy = ys < np.percentile(ys, 5)
    photo[ys[glossy], xs[glossy]] = 255
    tone = tone_of(replace(drawn.person(), rgb=photo))
    assert tone is not None
    np.testing.assert_allclose(tone.base, SKIN, atol=12)


@pytest.mark.parametrize(("limbs", "face"), [((110, 30, 40), 1.0), (tuple(v // 4 for v in SKIN), 1.0), (SKIN, 0.4)])
def test_tights_taken_for_skin_and_a_face_in_shadow_do_not_change_the_tone(
    limbs: tuple[int, int, int], face: float
) -> None:
    person = draw_mannequin(Look(sleeves="none")).person()
    rgb = np.where((person.skin > 0.5)[..., None], np.uint8(limbs), person.rgb)
    rgb = np.where((person.face > 0.5)[..., None], np.uint8(face * np.array(SKIN)), rgb)
    tone = tone_of(replace(person, rgb=np.ascontiguousarray(rgb)))
    assert tone is not None
    np.testing.assert_allclose(tone.base, SKIN, atol=6)


def test_legs_in_red_tights_go_on_in_red_and_bare_ones_in_the_tone(scene: Callable) -> None:
    made = scene(Look(bottom="shorts"), "short")
    assert made.tone is not None
    core = np.minimum(made.legs[0].ratio, made.legs[1].ratio) < 0.6
    assert stocking_tone(made.person, core, made.tone) == made.tone
    red = np.where((made.person.skin > 0.5)[..., None] & core[..., None], np.uint8((150, 30, 40)), made.person.rgb)
    tights = stocking_tone(replace(made.person, rgb=np.ascontiguousarray(red)), core, made.tone)
    np.testing.assert_allclose(tights.base, (150, 30, 40), atol=12)
    assert stocking_tone(made.person, np.zeros_like(core), made.tone) == made.tone


def test_hair_and_edges_are_no_skin() -> None:
    person = draw_mannequin(Look(long_hair=True)).person()
    seen = visible_skin(person)
    assert seen.any()
    assert not seen[person.hair > 0.5].any()
    every = (person.skin > 0.5) | (person.face > 0.5)
    assert seen.sum() < every.sum()


def test_a_limbs_own_colour_fades_into_the_tone(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "short")
    tone = Tone(np.array((200.0, 60.0, 180.0), np.float32), 1.0, 1.0)
    field = made.arms[0]
    table, own = tones_along(made.person, field.fraction, field.ratio < 0.6, tone)
    assert table.shape == (BINS, 3)
    wrist, shoulder = round(1.04 / REACH * BINS), 0
    np.testing.assert_allclose(table[wrist], SKIN, atol=12)
    np.testing.assert_allclose(table[shoulder], tone.base, atol=1)
    assert own[wrist] > 0.9
    assert own[shoulder] < 0.01
    assert (np.diff(own[: wrist - 2]) >= -1e-6).all()


def test_nothing_of_the_limb_seen_leaves_the_tone_alone(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "short")
    table, own = tones_along(made.person, made.arms[0].fraction, np.zeros(made.shape, bool), FLAT)
    assert (table == FLAT.base).all()
    assert not own.any()


def test_jewellery_is_not_carried_along_the_limb(scene: Callable) -> None:
    made = scene(Look(sleeves="none"), "short")
    photo = made.person.rgb.copy()
    x, y = made.body.arms[0].points[2].astype(int)
    cv2.rectangle(photo, (x - 12, y - 4), (x + 12, y + 4), (255, 255, 120), -1)
    field = made.arms[0]
    table, _ = tones_along(replace(made.person, rgb=photo), field.fraction, field.ratio < 0.6, FLAT)
    assert skin_amount(table[None]).min() > 0.8


def test_tables_are_read_linearly() -> None:
    table = np.linspace(0, BINS - 1, BINS, dtype=np.float32)[:, None]
    place = (np.array([0.5, 1.0, 1.75, BINS - 0.6], np.float32)) / BINS * REACH
    np.testing.assert_allclose(looked_up(table, place)[:, 0], [0.0, 0.5, 1.25, BINS - 1.1], atol=0.02)
    assert np.isfinite(looked_up(table, np.array([-1.0, 5.0], np.float32))).all()


def test_skin_is_worked_out_in_its_mask_only(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "short")
    mask = made.arms[0].band(0.4, 0.8)
    rgb = painted(made, mask, Tone(np.array(SKIN, np.float32), 2.0, 2.0))
    assert rgb.dtype == np.float32
    assert not rgb[mask <= 0.004].any(), "no picture of skin exists beyond what is shown"
    assert skin_amount(rgb)[mask > 0.5].min() > 0.5
    assert not painted(made, np.zeros_like(mask), FLAT).any()


def test_skin_is_round_and_textured_and_repeats_with_its_seed(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "short")
    field = made.arms[0]
    mask = field.band(0.4, 0.8)
    flat = painted(made, mask, FLAT)[..., 0]
    part = (mask > 0.9) & (np.abs(field.fraction - 0.7) < 0.08)
    assert flat[part & (field.ratio > 0.85)].mean() < 0.95 * flat[part & (field.ratio < 0.4)].mean()
    tone = Tone(FLAT.base, 3.0, 1.0)
    one, same, other = (painted(made, mask, tone, seed) for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()
    assert 2.0 < (one - painted(made, mask, FLAT))[mask > 0.5].std() < 5.0


def test_shadows_on_skin_are_warmer_than_lights() -> None:
    colour = np.full((2, 3), (200.0, 150.0, 120.0), np.float32)
    dark, light = tinted(colour, np.array([0.6, 1.0], np.float32))
    np.testing.assert_allclose(light, colour[0])
    assert dark[0] / dark[2] > light[0] / light[2]
    assert (dark < light).all()
