"""What stands behind: the scene without the person."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from mannequin import BACKDROP, CLEAR, PAINTED, Look, MannequinNets, draw_mannequin

from fittingroom.engines.drape import backdrop
from fittingroom.engines.drape.invented import ANCHORED


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


def test_a_textured_backdrop_beside_a_narrow_strip_is_mirrored_not_painted() -> None:
    drawn = draw_mannequin(Look(textured=True))
    worn = np.asarray(drawn.selfie != CLEAR, np.uint8)
    u, v = drawn.uv()
    rim = (worn > 0) & (cv2.erode(worn, np.ones((5, 5))) == 0) & (np.abs(u) > 0.7) & (np.abs(v - 0.7) < 0.5)
    plate, needed, nets = plate_of(Look(textured=True), rim)
    assert nets.holes == [], "the painter costs more than everything else"
    scene = drawn.rgb[:60, :60].reshape(-1, 3).astype(np.float32)
    np.testing.assert_allclose(plate[needed].mean(axis=0), scene.mean(axis=0), atol=15)
    assert plate[needed].std(axis=0).mean() > 0.5 * scene.std(axis=0).mean(), "it has the scene's texture"


@pytest.mark.parametrize("look", [Look(), Look(textured=True), Look(sleeves="none", bottom="dress", textured=True)])
def test_no_pixel_of_the_person_contributes(look: Look) -> None:
    """Were there any, the mannequin's magenta or green would show."""
    drawn = draw_mannequin(look)
    loud = replace(drawn.person(), rgb=np.where(drawn.selfie[..., None] != CLEAR, np.uint8([255, 0, 255]), drawn.rgb))
    needed = drawn.cloth > 0
    nets = MannequinNets(drawn, None)
    nets.pose(loud.rgb)
    plate = backdrop.background_plate(loud, needed, nets, np.random.default_rng(0))
    assert (plate[needed][:, 1] > 100).all()
    assert all(hole[truth != CLEAR].all() for hole, truth in nets.holes)


def test_a_wide_hole_in_a_textured_scene_is_painted_with_the_whole_person_masked() -> None:
    plate, needed, nets = plate_of(Look(textured=True))
    assert len(nets.holes) == 1
    hole, truth = nets.holes[0]
    assert hole[truth != CLEAR].all(), "the painter must see no part of the person"
    assert hole.mean() < 0.95
    near = needed & hole & (depth_in(hole) < ANCHORED[0])
    assert (plate[near] == PAINTED).all()


def test_what_the_painter_makes_up_gives_way_to_the_scene() -> None:
    plate, needed, nets = plate_of(Look(textured=True))
    hole, _ = nets.holes[0]
    core = needed & (depth_in(hole) > 2.0 * ANCHORED[1])
    scene = draw_mannequin(Look(textured=True)).rgb[~hole].astype(np.float32)
    assert np.abs(plate[core] - PAINTED).min(axis=0)[2] > 100, "no orange rag"
    np.testing.assert_allclose(np.median(plate[core], axis=0), np.median(scene, axis=0), atol=45)


def depth_in(hole: np.ndarray) -> np.ndarray:
    """Distance to the scene, of the longer side."""
    return np.asarray(cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 5) / max(hole.shape))


def test_the_painter_sees_the_whole_photo() -> None:
    drawn, seen = draw_mannequin(Look(textured=True)), []
    nets = MannequinNets(drawn, None)
    nets.inpaint = lambda rgb, hole: seen.append(rgb.shape) or rgb
    lower = np.asarray(drawn.cloth == 2)
    backdrop.background_plate(drawn.person(), lower, nets, np.random.default_rng(0))
    assert seen == [drawn.rgb.shape], "of a part of it more is made up"


def test_a_gradient_behind_the_person_goes_on() -> None:
    drawn = draw_mannequin(Look())
    ramp = np.linspace(150, 230, drawn.rgb.shape[1], dtype=np.float32)[None, :, None]
    photo = np.where(drawn.selfie[..., None] == CLEAR, ramp, drawn.rgb).astype(np.uint8)
    needed = drawn.cloth == 1
    plate = backdrop.background_plate(
        replace(drawn.person(), rgb=photo), needed, MannequinNets(drawn, None), np.random.default_rng(0)
    )
    truth = np.broadcast_to(ramp, plate.shape)
    assert np.abs(plate - truth)[needed].mean() < 6


def test_only_the_surroundings_of_what_is_needed_are_worked_out() -> None:
    drawn = draw_mannequin(Look(textured=True))
    needed = np.zeros(drawn.cloth.shape, bool)
    needed[150:160, 150:160] = True
    plate, _, _ = plate_of(Look(textured=True), needed)
    assert (plate[300:] == drawn.rgb[300:]).all()


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
