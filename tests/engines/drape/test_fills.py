"""What stands behind: the scene without the person, and the person's own skin colour as a field."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from mannequin import BACKDROP, CLEAR, PAINTED, SKIN, Look, MannequinNets, draw_mannequin, skin_amount

from fittingroom.engines.drape import fills


def plate_of(look: Look, needed: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, MannequinNets]:
    drawn = draw_mannequin(look)
    nets = MannequinNets(drawn, None)
    where = np.asarray(drawn.cloth == 1) if needed is None else needed
    return fills.background_plate(drawn.person(), where, nets, np.random.default_rng(0)), where, nets


def test_a_plain_backdrop_is_continued_without_a_trace_of_the_person() -> None:
    plate, needed, nets = plate_of(Look())
    assert plate.dtype == np.float32
    np.testing.assert_allclose(plate[needed].mean(axis=0), BACKDROP, atol=3)
    assert np.abs(plate[needed] - BACKDROP).max() < 25
    assert nets.holes == [], "a plain backdrop needs no painter"


def test_the_continued_backdrop_has_its_grain() -> None:
    plate, needed, _ = plate_of(Look())
    assert 0.7 < plate[needed].std(axis=0).mean() < 5.0


def test_a_textured_backdrop_is_painted_with_the_whole_person_masked() -> None:
    plate, needed, nets = plate_of(Look(textured=True))
    assert len(nets.holes) == 1
    hole, truth = nets.holes[0]
    assert hole[truth != CLEAR].all(), "the painter must see no part of the person"
    assert hole.mean() < 0.9
    assert (plate[needed] == PAINTED).all()


def test_nothing_needed_is_the_photo_itself() -> None:
    drawn = draw_mannequin(Look(textured=True))
    plate, _, nets = plate_of(Look(textured=True), np.zeros(drawn.cloth.shape, bool))
    assert (plate == drawn.rgb).all()
    assert nets.holes == []


def test_a_person_who_fills_the_frame_leaves_no_scene_to_continue() -> None:
    drawn = draw_mannequin(Look())
    full = replace(drawn.person(), alpha=np.ones(drawn.cloth.shape, np.float32))
    plate = fills.background_plate(full, drawn.cloth == 1, MannequinNets(drawn, None), np.random.default_rng(0))
    assert (plate == drawn.rgb).all()


def test_skin_field_is_the_skins_colour_everywhere() -> None:
    drawn = draw_mannequin(Look())
    field = fills.skin_field(drawn.person(), np.ones(drawn.cloth.shape, bool), np.random.default_rng(0))
    assert field.shape == drawn.rgb.shape
    assert field.dtype == np.float32
    assert skin_amount(field).min() > 0.85
    np.testing.assert_allclose(field.reshape(-1, 3).mean(axis=0), SKIN, atol=12)


def test_jewellery_and_gloss_are_not_smeared_over_the_limb() -> None:
    drawn = draw_mannequin(Look(sleeves="none"))
    photo = drawn.rgb.copy()
    x, y = drawn.points[13].astype(int)
    cv2.rectangle(photo, (x - 12, y - 5), (x + 12, y + 5), (255, 255, 120), -1)
    marked = replace(drawn.person(), rgb=photo)
    field = fills.skin_field(marked, np.ones(drawn.cloth.shape, bool), np.random.default_rng(0))
    assert skin_amount(field).min() > 0.8


def test_a_face_gives_its_colour_where_no_other_skin_is_seen() -> None:
    drawn = draw_mannequin(Look())
    covered = replace(drawn.person(), skin=np.zeros(drawn.cloth.shape, np.float32))
    field = fills.skin_field(covered, np.ones(drawn.cloth.shape, bool), np.random.default_rng(0))
    assert skin_amount(field).min() > 0.85


def test_skin_field_repeats_with_its_seed() -> None:
    drawn = draw_mannequin(Look())
    everywhere = np.ones(drawn.cloth.shape, bool)
    first, again = (fills.skin_field(drawn.person(), everywhere, np.random.default_rng(3)) for _ in range(2))
    assert (first == again).all()


def test_rounded_darkens_towards_the_edge_and_keeps_the_hue() -> None:
    field = np.full((1, 50, 3), (200.0, 150.0, 100.0), np.float32)
    ratio = np.linspace(0, 1.5, 50, dtype=np.float32)[None]
    shaded = fills.rounded(field, ratio)
    assert (np.diff(shaded[0, :, 0]) <= 1e-4).all()
    assert shaded[0, -1, 0] > 0.6 * 200
    np.testing.assert_allclose(shaded[..., 0] / shaded[..., 2], 2.0, atol=1e-4)


@pytest.mark.parametrize("size", [(64, 64), (65, 101)])
def test_small_and_odd_pictures_are_filled(size: tuple[int, int]) -> None:
    drawn = draw_mannequin(Look(width=size[0], height=size[1]))
    plate = fills.background_plate(
        drawn.person(), drawn.cloth == 1, MannequinNets(drawn, None), np.random.default_rng(0)
    )
    assert plate.shape == drawn.rgb.shape
    assert np.isfinite(plate).all()
