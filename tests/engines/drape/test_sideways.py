"""The scene continued row by row."""

from __future__ import annotations

import numpy as np
import pytest

from fittingroom.engines.drape.sideways import continued_sideways


def street(height: int = 60, width: int = 200) -> np.ndarray:
    """A scene of level stripes, like steps."""
    stripes = np.repeat(np.arange(height) // 6 % 2, width).reshape(height, width)
    return np.repeat((80 + 100 * stripes)[..., None], 3, axis=2).astype(np.uint8)


def with_hole(first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """The street with a magenta person before it, and what is free of them."""
    photo, free = street(), np.ones((60, 200), bool)
    free[:, first:last] = False
    photo[~free] = (255, 0, 255)
    return photo, free


@pytest.mark.parametrize("hole", [(70, 130), (0, 60), (150, 200), (10, 190)])
def test_steps_go_on_behind_the_person(hole: tuple[int, int]) -> None:
    photo, free = with_hole(*hole)
    np.testing.assert_allclose(continued_sideways(photo, free), street(), atol=0.01)


def test_each_side_is_its_own_and_both_meet_in_the_middle() -> None:
    photo, free = with_hole(60, 140)
    photo[:, :60], photo[:, 140:] = 40, 200
    filled = continued_sideways(photo, free)[30, :, 0]
    assert filled[70] == 40
    assert filled[130] == 200
    assert (np.diff(filled[60:140]) >= 0).all()


def test_a_sliver_of_scene_is_not_repeated_as_a_comb() -> None:
    photo, free = with_hole(60, 140)
    free[:, 99:102] = True
    photo[:, 99:102] = (0, 255, 0)
    filled = continued_sideways(photo, free)
    assert (filled[:, 99:102] == (0, 255, 0)).all(), "what is seen stays"
    assert np.abs(filled[:, 60:98] - street()[:, 60:98]).max() < 0.01


def test_rows_without_scene_keep_what_they_had() -> None:
    photo, free = with_hole(0, 200)
    assert (continued_sideways(photo, free) == photo).all()
