"""Exactness outside the mask, and changes far from any garment, on drawn arrays."""

from __future__ import annotations

import numpy as np

from fittingroom.evaluation.measures.mask import changed, stray_share, worst_outside

PHOTO = np.full((1024, 600, 3), 90, np.uint8)


def test_a_change_outside_the_mask_is_found_whatever_its_sign() -> None:
    mask = np.zeros((1024, 600), np.float32)
    mask[:100] = 0.01
    result = PHOTO.copy()
    result[:100] = 255
    assert worst_outside(PHOTO, result, mask) == 0
    result[500, 300, 1] = 83
    assert worst_outside(PHOTO, result, mask) == 7
    result[600, 300, 2] = 200
    assert worst_outside(PHOTO, result, mask) == 110


def test_a_mask_that_covers_all_leaves_nothing_outside() -> None:
    assert worst_outside(PHOTO, PHOTO + np.uint8(1), np.ones((1024, 600), np.float32)) == 0


def test_one_channel_is_a_change() -> None:
    result = PHOTO.copy()
    result[3, 4, 2] += 1
    assert np.argwhere(changed(PHOTO, result)).tolist() == [[3, 4]]


def test_changes_within_thirty_pixels_are_no_strays() -> None:
    garments = np.zeros((1024, 600), bool)
    garments[400:600, 200:400] = True
    result = PHOTO.copy()
    result[375:625, 200:400] = 0
    assert stray_share(PHOTO, result, garments) == 0.0
    result[0:250, 200:400] = 0
    assert stray_share(PHOTO, result, garments) == 0.5


def test_nothing_changed_is_nothing_astray() -> None:
    assert stray_share(PHOTO, PHOTO, np.zeros((1024, 600), bool)) == 0.0
