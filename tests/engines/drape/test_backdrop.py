"""What stands behind: the scene without the person."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from mannequin import BACKDROP, CLEAR, PAINTED, Look, MannequinNets, draw_mannequin

from fittingroom.engines.drape import backdrop


def plate_of(look: Look, needed: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, MannequinNets]:
    drawn = draw_mannequin(look)
    nets = MannequinNets(drawn, None)
    where = np.asarray(drawn.cloth == 1) if needed is None else needed
    return backdrop.background_plate(drawn.person(), where, nets, np.random.default_rng(0)), where, nets


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
    plate = backdrop.background_plate(full, drawn.cloth == 1, MannequinNets(drawn, None), np.random.default_rng(0))
    assert (plate == drawn.rgb).all()


@pytest.mark.parametrize("size", [(64, 64), (65, 101)])
def test_small_and_odd_pictures_are_filled(size: tuple[int, int]) -> None:
    drawn = draw_mannequin(Look(width=size[0], height=size[1]))
    plate = backdrop.background_plate(
        drawn.person(), drawn.cloth == 1, MannequinNets(drawn, None), np.random.default_rng(0)
    )
    assert plate.shape == drawn.rgb.shape
    assert np.isfinite(plate).all()
