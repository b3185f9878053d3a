"""Hair over the old cloth."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from mannequin import Look, draw_mannequin

from fittingroom.engines.drape.hair_rim import hair_rim
from fittingroom.engines.drape.person import Person

HAIR, CLOTH = np.float32([60, 40, 30]), np.float32([200, 40, 40])
SW = 150.0
EDGE = 100


def half_hair(cloth_colour: np.ndarray = CLOTH, shift: int = 3) -> Person:
    """Hair above, cloth below, a soft edge between, and a hair map that ends `shift` px within the cloth."""
    true = cv2.GaussianBlur(np.repeat((np.arange(200) < EDGE)[:, None], 120, axis=1).astype(np.float32), (0, 0), 2.0)
    seen = np.roll(true, shift, axis=0)
    seen[:shift] = 1.0
    rgb = true[..., None] * HAIR + (1.0 - true[..., None]) * cloth_colour
    base = draw_mannequin(Look()).person()
    none = np.zeros_like(seen)
    maps = {"hair": 0.95 * seen, "upper": 1.0 - seen, "lower": none, "full": none, "skin": none, "face": none}
    return replace(base, rgb=np.rint(rgb).astype(np.uint8), alpha=np.ones_like(seen), **maps)


def test_no_line_of_the_old_cloth_is_kept_with_the_hair() -> None:
    rim = hair_rim(half_hair(), SW)
    kept = half_hair().hair * rim.share
    assert kept[EDGE + 3 :].max() < 0.2, "beyond the true edge it is cloth"
    assert rim.share[: EDGE - 6].min() > 0.99
    visible = rim.rgb[kept > 0.3]
    np.testing.assert_allclose(visible, np.broadcast_to(HAIR, visible.shape), atol=35)


def test_hair_and_cloth_of_one_colour_are_not_parted() -> None:
    person = half_hair(HAIR + 10)
    rim = hair_rim(person, SW)
    assert rim.share.min() == 1.0
    assert (rim.rgb == person.rgb).all()


def test_a_print_that_has_the_hairs_colour_is_not_parted() -> None:
    person = half_hair()
    checks = (np.indices((200, 120)) // 4).sum(axis=0) % 2 == 0
    cloth = (np.arange(200) > EDGE + 6)[:, None] & checks
    person = replace(person, rgb=np.where(cloth[..., None], HAIR, person.rgb).astype(np.uint8))
    assert hair_rim(person, SW).share.min() > 0.95


def test_a_third_colour_between_them_stays() -> None:
    person = half_hair()
    photo = person.rgb.copy()
    photo[EDGE - 3 : EDGE + 3, 40:60] = (235, 235, 235)
    rim = hair_rim(replace(person, rgb=photo), SW)
    assert rim.share[EDGE - 2 : EDGE + 2, 42:58].min() > 0.99, "an earring is no mixture"


@pytest.mark.parametrize("name", ["hair", "upper"])
def test_without_hair_or_cloth_nothing_changes(name: str) -> None:
    person = half_hair()
    rim = hair_rim(replace(person, **{name: np.zeros_like(person.hair)}), SW)
    assert rim.share.min() == 1.0
    assert (rim.rgb == person.rgb).all()
