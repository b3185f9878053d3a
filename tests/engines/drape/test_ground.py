"""Fog of the network on a plain ground goes; cloth, and photos without a plain ground, stay as they are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fittingroom.engines.drape.ground import without_ground

CLOTH = np.s_[200:600, 250:500]
FOG = np.s_[300:500, 60:250]


@pytest.fixture
def photo() -> np.ndarray:
    """A white shirt with grey edges on ground that darkens to one side, uint8 (800, 700, 3)."""
    ground = np.repeat(np.linspace(238, 226, 700)[None, :, None], 800, axis=0) + np.zeros(3)
    ground[CLOTH] = 205
    ground[204:596, 254:496] = 240
    grain = np.random.default_rng(0).normal(0, 1, ground.shape)
    return np.clip(cv2.GaussianBlur(ground, (0, 0), 1.0) + grain, 0, 255).astype(np.uint8)


@pytest.fixture
def seen() -> np.ndarray:
    """What a network makes of it that takes the ground beside for cloth."""
    probability = np.full((800, 700), 0.01, np.float32)
    probability[FOG] = 0.7
    probability[CLOTH] = 0.99
    return probability


def test_fog_on_plain_ground_goes_and_the_cloth_stays(photo, seen) -> None:
    found = without_ground(photo, seen)
    assert (found[FOG] <= 0.05).mean() > 0.97
    assert (found[CLOTH] == seen[CLOTH]).all()
    assert found.dtype == np.float32


def test_unsure_cloth_within_its_own_edge_stays(photo, seen) -> None:
    seen[300:400, 300:450] = 0.6
    found = without_ground(photo, seen)
    assert (found[310:390, 310:440] == np.float32(0.6)).all()


def test_another_colour_is_cloth_however_even(photo, seen) -> None:
    photo[FOG] = (180, 200, 235)
    found = without_ground(photo, seen)
    assert (found[320:480, 80:230] == np.float32(0.7)).all()


def test_a_ground_that_is_not_plain_is_left_alone(photo, seen) -> None:
    tiles = np.indices((800, 700)).sum(axis=0) // 20 % 2 * 40
    busy = np.clip(photo.astype(int) - tiles[..., None], 0, 255).astype(np.uint8)
    assert without_ground(busy, seen) is seen


def test_a_garment_that_fills_the_frame_is_left_alone(photo) -> None:
    full = np.full((800, 700), 0.9, np.float32)
    assert without_ground(photo, full) is full


def test_a_sure_answer_is_left_alone(photo, seen) -> None:
    seen[FOG] = 0.01
    assert without_ground(photo, seen) is seen
