"""Waist-down photos: the frame found in a drawn outline, and outlines that are no person."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from fittingroom.engines.drape.person import Person
from fittingroom.engines.drape.silhouette import SHOE, body_from_silhouette

HEIGHT, WIDTH = 900, 700


def person_with(lower: np.ndarray) -> Person:
    zero = np.zeros((HEIGHT, WIDTH), np.float32)
    rgb = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    return Person(rgb, None, lower, zero, zero, zero, zero, lower, zero)


def trousers(centre: int = 350, parted: bool = True) -> np.ndarray:
    """Hips 240 px wide from y=60 to 300, then two legs of 100 px to the soles at y=860."""
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.rectangle(mask, (centre - 120, 60), (centre + 120, 300), 1.0, -1)
    for sign in (-1, 1):
        inner = 20 if parted else 0
        cv2.rectangle(mask, (centre + sign * inner, 300), (centre + sign * 120, 860), 1.0, -1)
    return mask


@pytest.mark.parametrize("centre", [250, 350, 450])
def test_hips_and_ankles_lie_in_the_legs(centre: int) -> None:
    body = body_from_silhouette(person_with(trousers(centre)))
    assert body is not None
    for sign, leg in zip((-1, 1), body.legs, strict=True):
        assert abs(leg.points[-1][0] - (centre + sign * 70)) < 4
        sole_to_hip = 860 - leg.points[0][1]
        assert leg.points[-1][1] == pytest.approx(860 - SHOE * sole_to_hip, abs=3)
        assert 60 < leg.points[0][1] < 300
        assert sign * (leg.points[0][0] - centre) > 0


def test_hip_width_gives_the_unit() -> None:
    body = body_from_silhouette(person_with(trousers()))
    assert body is not None
    assert body.sw * 1.12 == pytest.approx(241, abs=3)


def test_a_skirt_gives_two_legs_all_the_same() -> None:
    body = body_from_silhouette(person_with(trousers(parted=False)))
    assert body is not None
    assert body.legs[0].points[-1][0] < 350 < body.legs[1].points[-1][0]


def test_the_guessed_upper_body_lies_above() -> None:
    body = body_from_silhouette(person_with(trousers()))
    assert body is not None
    assert body.origin[1] < 60
    assert body.coords(body.hips[0])[1] == pytest.approx(1.6, abs=0.01)


@pytest.mark.parametrize(
    "mask",
    [
        np.zeros((HEIGHT, WIDTH), np.float32),
        np.pad(np.ones((20, 20), np.float32), ((0, HEIGHT - 20), (0, WIDTH - 20))),
        np.pad(np.ones((200, 500), np.float32), ((300, HEIGHT - 500), (100, WIDTH - 600))),
    ],
    ids=["nothing", "a speck", "lying"],
)
def test_no_person(mask: np.ndarray) -> None:
    assert body_from_silhouette(person_with(mask)) is None


@pytest.mark.parametrize("part", [(230, 230), (360, 470), (230, 470)])
def test_a_waistband_of_another_colour_belongs_to_the_garment_however_much_of_it_was_seen(
    part: tuple[int, int],
) -> None:
    whole, seen = trousers(), trousers()
    seen[60:120] = 0.0
    seen[60:120, slice(*part)] = 1.0
    expected, body = body_from_silhouette(person_with(whole)), body_from_silhouette(upper_named(whole, seen))
    assert body is not None
    assert expected is not None
    assert body.origin == pytest.approx(expected.origin, abs=2)
    assert body.hips[0] == pytest.approx(expected.hips[0], abs=2)


def test_a_top_above_is_no_waistband_and_scraps_of_it_no_row() -> None:
    whole = trousers()
    whole[0:60, 230:470] = 1.0
    seen = trousers()
    seen[60:160] = 0.0
    body = body_from_silhouette(upper_named(whole, seen))
    seen[60:160, 420:470] = 1.0
    scraps = body_from_silhouette(upper_named(whole, seen))
    assert body is not None
    assert scraps is not None
    assert scraps.origin == pytest.approx(body.origin, abs=2)
    assert body.origin[1] > 160 + 0.28 * body.sw - 1.6 * body.sw - 3


def upper_named(whole: np.ndarray, seen: np.ndarray) -> Person:
    """A person in all the cloth of `whole`, of which only `seen` was taken for a lower garment, the rest for a top."""
    return replace(person_with(seen), upper=np.maximum(whole - seen, 0.0), alpha=whole)
