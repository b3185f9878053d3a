"""The second look at unsure cuts: a drawn skirt on a patterned floor of which the network sees only a part."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fittingroom.engines.drape.recut import DOUBTFUL, LOST, ambiguity, recut

H, W = 400, 300
CLOTH = (40, 80, 190)


def skirt() -> np.ndarray:
    mask = np.zeros((H, W), np.uint8)
    cv2.fillPoly(mask, [np.array([(110, 80), (190, 80), (250, 330), (50, 330)])], 1)
    return mask > 0


def photo(mask: np.ndarray, cloth: tuple[int, int, int] = CLOTH) -> np.ndarray:
    noise = np.random.default_rng(1).integers(-12, 13, (H, W, 3))
    floor = 170 + 25 * ((np.indices((H, W)).sum(axis=0) // 9) % 2)[..., None] * np.array([1.0, 0.9, 0.8])
    return np.clip(np.where(mask[..., None], cloth, floor) + noise, 0, 255).astype(np.uint8)


def seen(mask: np.ndarray, sure: np.ndarray) -> np.ndarray:
    """What a network answers that is sure of the garment in `sure` only, and half sure of the rest."""
    rest = np.where(mask, 0.35, 0.02)
    return cv2.GaussianBlur(np.where(mask & sure, 0.98, rest).astype(np.float32), (0, 0), 1.5)


def overlap(found: np.ndarray, mask: np.ndarray) -> float:
    return float((found & mask).sum() / (found | mask).sum())


def lower_left() -> np.ndarray:
    ys, xs = np.mgrid[0:H, 0:W]
    return np.asarray(ys > 330 - 0.9 * (200 - xs))


def test_what_the_network_is_sure_of_stays_untouched() -> None:
    mask = skirt()
    answer = seen(mask, np.ones_like(mask))
    assert ambiguity(answer) < DOUBTFUL
    assert recut(photo(mask), answer) is answer


def test_a_torn_cut_is_completed_on_its_colours() -> None:
    mask = skirt()
    answer = seen(mask, lower_left())
    assert ambiguity(answer) > DOUBTFUL
    assert overlap(answer > 0.5, mask) < 0.7
    assert overlap(recut(photo(mask), answer) > 0.5, mask) > 0.95


def test_a_garment_hardly_found_is_found_by_its_level() -> None:
    mask = skirt()
    ys, xs = np.mgrid[0:H, 0:W]
    answer = seen(mask, (np.abs(xs - 150) < 12) & (np.abs(ys - 200) < 30))
    assert ambiguity(answer) > LOST
    assert overlap(recut(photo(mask), answer) > 0.5, mask) > 0.95


def test_without_sure_background_the_answer_stays() -> None:
    answer = np.full((H, W), 0.4, np.float32)
    answer[150:250, 100:200] = 0.95
    assert recut(photo(skirt()), answer) is answer


@pytest.mark.parametrize("colour", [(182, 178, 172)])
def test_a_cut_that_swallows_the_picture_or_shrinks_is_refused(colour: tuple[int, int, int]) -> None:
    mask = skirt()
    answer = seen(mask, lower_left())
    plain = np.full((H, W, 3), colour, np.uint8)
    found = recut(plain, answer)
    assert found is answer or (found > 0.5).sum() >= (answer > 0.5).sum()
    assert (found > 0.5).mean() < 0.92


def test_it_answers_the_same_twice() -> None:
    mask = skirt()
    picture, answer = photo(mask), seen(mask, lower_left())
    np.testing.assert_array_equal(recut(picture, answer), recut(picture, answer))
