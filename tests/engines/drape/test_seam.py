"""Painted skin beside visible skin: it reaches over the rim, takes over the tone, and stays as it was without any."""

from __future__ import annotations

import numpy as np
import pytest

from fittingroom.engines.drape.seam import FADE, OVER, WITNESS, matched, reach_over

H, W, SW = 320, 120, 200.0
OWN, PAINTED = np.array([150, 100, 80], np.float32), np.array([180, 140, 120], np.float32)


@pytest.fixture
def leg() -> tuple[np.ndarray, np.ndarray]:
    """mask: painted above row 160. skin: visible below it."""
    mask, skin = np.zeros((H, W), np.float32), np.zeros((H, W), np.float32)
    mask[40:160, 40:80] = 1.0
    skin[160:300, 40:80] = 1.0
    return mask, skin


def test_the_mask_grows_over_visible_skin_only_and_fades(leg: tuple[np.ndarray, np.ndarray]) -> None:
    mask, skin = leg
    wide, witness = reach_over(mask, skin, SW)
    grown = wide - mask
    assert (grown >= 0).all()
    assert not grown[skin == 0].any()
    column = wide[155 : 160 + round(2 * OVER * SW), 60]
    assert (np.diff(column) <= 1e-6).all()
    assert column[5] > 0.9
    assert column[-1] == 0.0
    assert witness[160 : 160 + round(WITNESS * SW), 60].any()
    assert not witness[skin == 0].any()


def test_the_step_in_tone_is_gone_at_the_seam_and_the_far_end_stays(leg: tuple[np.ndarray, np.ndarray]) -> None:
    mask, skin = leg
    photo = np.full((H, W, 3), 235, np.uint8)
    photo[skin > 0] = OWN
    wide, witness = reach_over(mask, skin, SW)
    rgb = np.where(((wide > 0) | witness)[..., None], PAINTED, np.float32(0.0))
    out = matched(rgb, wide, photo, witness, SW)
    assert np.abs(out[155, 45:75] - OWN).max() < 10
    change = np.abs(out[45:155, 60] - PAINTED).max(axis=1)
    assert (np.diff(change) > -0.5).all()
    assert change[0] < 40 * np.exp(-100 / SW / FADE) + 3
    assert not out[:30].any()


def test_without_visible_skin_nothing_changes(leg: tuple[np.ndarray, np.ndarray]) -> None:
    mask, _ = leg
    wide, witness = reach_over(mask, np.zeros_like(mask), SW)
    assert (wide == mask).all()
    assert not witness.any()
    rgb = mask[..., None] * PAINTED
    assert (matched(rgb, wide, np.zeros((H, W, 3), np.uint8), witness, SW) == rgb).all()


def test_an_empty_mask_is_no_error() -> None:
    none = np.zeros((H, W), np.float32)
    wide, witness = reach_over(none, none + 1, SW)
    assert not wide.any()
    assert not witness.any()


def test_the_rim_of_an_old_hem_between_painted_and_visible_skin_is_painted_over(
    leg: tuple[np.ndarray, np.ndarray],
) -> None:
    mask, skin = leg
    skin[156:164] = 0.0
    wide, _ = reach_over(mask, skin, SW)
    assert wide[157:165, 45:75].min() > 0.7
    assert not wide[157:, :36].any()
    assert not wide[157:, 84:].any()
    skin[156:200] = 0.0
    wide, _ = reach_over(mask, skin, SW)
    assert not wide[165:].any()
