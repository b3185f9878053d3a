"""Skin of the neck and upper chest under a wider neckline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from mannequin import SKIN, Look, skin_amount

from fittingroom.engines.drape import light
from fittingroom.engines.drape.neck_skin import neck_shade, paint_neck
from fittingroom.engines.drape.skin import Tone

TONE = Tone(np.array(SKIN, np.float32), 0.0, 0.0)


def painted(made: object, mask: np.ndarray, side: float = 0.0) -> np.ndarray:
    shadow = light.contact(made.head, made.body.sw)
    return paint_neck(mask, made.person, made.uv, side, shadow, TONE, np.random.default_rng(0))


def test_only_the_mask_is_worked_out(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "none")
    u, v = made.uv
    mask = np.asarray((np.abs(u) < 0.2) & (v < 0.2) & (v > -0.2), np.float32)
    rgb = painted(made, mask)
    assert not rgb[mask == 0].any()
    assert skin_amount(rgb)[mask > 0].min() > 0.5
    assert not painted(made, np.zeros_like(mask)).any()


def test_the_jaws_shadow_lies_where_no_neck_shows(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "none")
    u, v = made.uv
    column = np.asarray((np.abs(u) < 0.14) & (v > -0.5) & (v < 0.0), np.float32)
    photo = np.where(column[..., None] > 0, np.array(SKIN, np.uint8), made.person.rgb)
    shadow = light.contact(made.head, made.body.sw)
    seen, hidden = (
        paint_neck(
            made.neck,
            replace(made.person, rgb=photo, skin=column * shows),
            made.uv,
            0.0,
            shadow,
            TONE,
            np.random.default_rng(0),
        )
        for shows in (1.0, 0.0)
    )
    under = (made.neck > 0.5) & (column > 0) & (shadow < 0.85)
    assert under.any()
    assert hidden[under].mean() < 0.9 * seen[under].mean(), "a neck that shows has its own shadow already"


def test_a_neck_is_round_and_the_chest_is_hardly_shaded() -> None:
    u = np.linspace(-0.18, 0.18, 37, dtype=np.float32)
    neck, chest = (neck_shade(u, np.full_like(u, v), 0.0) for v in (-0.3, 0.2))
    assert neck[0] < 0.95 * neck[18]
    assert np.ptp(chest) < 0.02
    np.testing.assert_allclose(neck, neck[::-1], atol=1e-6)


def test_collarbones_are_a_hint_and_light_has_a_side() -> None:
    v = np.linspace(-0.06, 0.25, 200, dtype=np.float32)
    shade = neck_shade(np.full_like(v, 0.2), v, 0.0)
    assert 0.02 < np.ptp(shade) < 0.12
    here, there = (neck_shade(np.full(1, u, np.float32), np.full(1, 0.2, np.float32), 0.1) for u in (0.15, -0.15))
    assert here > there
