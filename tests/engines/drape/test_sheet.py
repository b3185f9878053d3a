"""A sheet between the legs of trousers goes where its colours are not the cloth's; all else stays."""

from __future__ import annotations

import numpy as np
import pytest

from fittingroom.engines.drape.sheet import without_sheet

LEGS = np.s_[100:700, 150:280], np.s_[100:700, 420:550]
SEAT, BETWEEN, CHIP = np.s_[100:260, 150:550], np.s_[260:640, 280:420], np.s_[300:340, 300:340]


def cloth() -> np.ndarray:
    mask = np.zeros((800, 700), bool)
    for part in (*LEGS, SEAT):
        mask[part] = True
    return mask


@pytest.fixture
def photo() -> np.ndarray:
    """Dark trousers on a crumpled beige sheet, uint8 (800, 700, 3)."""
    rng = np.random.default_rng(0)
    out = np.array([214, 205, 188]) + rng.normal(0, 1, (800, 700, 1)) + 12 * np.sin(np.arange(700) / 30)[None, :, None]
    out[cloth()] = (60, 52, 50)
    return np.clip(out + rng.normal(0, 2, out.shape), 0, 255).astype(np.uint8)


@pytest.fixture
def seen() -> np.ndarray:
    """What a network makes of it that takes the sheet between the legs for cloth, and is sure of a chip of it."""
    probability = np.full((800, 700), 0.01, np.float32)
    probability[BETWEEN] = 0.8
    probability[CHIP] = 0.995
    probability[cloth()] = 0.995
    return probability


def test_the_sheet_between_the_legs_goes_and_the_trousers_stay(photo, seen) -> None:
    found = without_sheet(photo, seen)
    assert (found[BETWEEN] <= 0.03).mean() > 0.97
    assert (found[CHIP] <= 0.03).all()
    assert (found[cloth()] > 0.9).mean() > 0.995
    assert found.dtype == np.float32


def test_unsure_cloth_of_its_own_colours_stays(photo, seen) -> None:
    seen[400:600, 420:550] = 0.6
    found = without_sheet(photo, seen)
    assert (found[410:590, 430:540] == np.float32(0.6)).all()


def test_cloth_in_the_colours_of_the_sheet_stays(photo, seen) -> None:
    photo[cloth()] = photo[50, 50]
    assert (without_sheet(photo, seen) == seen).all()


def test_a_part_of_the_grounds_colour_that_the_network_is_sure_of_stays(photo, seen) -> None:
    seen[BETWEEN] = 0.01
    photo[450:500, 150:280] = photo[50, 50]
    assert (without_sheet(photo, seen) == seen).all()


def test_without_any_sure_ground_nothing_goes(photo, seen) -> None:
    seen[seen < 0.1] = 0.3
    assert (without_sheet(photo, seen) == seen).all()
