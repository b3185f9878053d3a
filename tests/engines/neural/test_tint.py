"""The cast goes, and a white ground that both pictures show stays white."""

from __future__ import annotations

import numpy as np
import pytest

from fittingroom.engines.neural.tint import untinted

SKIN = np.s_[100:220, 90:210]


@pytest.fixture
def photo(textured) -> np.ndarray:
    """Skin before a ground that is cut off at white, uint8 (400, 300, 3)."""
    picture = np.full((400, 300, 3), 255, np.uint8)
    picture[SKIN] = (textured[SKIN] * 0.25 + np.array([130, 95, 75])).astype(np.uint8)
    return picture


def cast(picture: np.ndarray, offset: tuple[int, int, int]) -> np.ndarray:
    """As an editor casts it: what is white is cut off again."""
    return np.clip(picture.astype(int) + np.where(picture == 255, 0, offset), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("offset", [(0, 0, 14), (9, 0, -9), (-10, 6, 12)])
def test_a_cast_of_skin_goes_and_the_white_ground_stays_white(photo, offset) -> None:
    keep = np.ones(photo.shape[:2], np.float32)
    found = untinted(cast(photo, offset), photo, keep)
    assert found[:90].min() >= 250
    before = np.abs(cast(photo, offset)[SKIN].astype(int) - photo[SKIN]).mean()
    assert np.abs(found[SKIN].astype(int) - photo[SKIN]).mean() < 0.6 * before


def test_what_is_cut_off_in_one_picture_alone_says_nothing(photo) -> None:
    grey = photo.copy()
    grey[photo == 255] = 235
    found = untinted(photo, grey, np.ones(photo.shape[:2], np.float32))
    assert np.abs(found[SKIN].astype(int) - photo[SKIN]).max() <= 1


def test_nothing_kept_nothing_corrected(photo) -> None:
    made = cast(photo, (20, 0, 0))
    assert (untinted(made, photo, np.zeros(photo.shape[:2], np.float32)) == made).all()
