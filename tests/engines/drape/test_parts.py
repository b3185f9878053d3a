"""A part paints inside its window alone, brings its cloth where the controls say, and stays sharp or free of moire."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fittingroom.engines.drape.parts import Part, draw, polygon, turned_over, union

SQUARE = np.array([(0, 0), (80, 0), (80, 100), (0, 100), (40, 50)], np.float32)


def cloth(width: int = 80, height: int = 100) -> np.ndarray:
    """Red grows to the right, green downwards: each colour tells its place."""
    xs, ys = np.meshgrid(np.arange(width), np.arange(height))
    return np.stack([2 * xs, 2 * ys, np.full_like(xs, 90)], axis=-1).astype(np.uint8)


def part(target: np.ndarray, window: np.ndarray | None = None) -> Part:
    return Part("trunk", target.astype(np.float32), SQUARE, np.ones((100, 80), np.float32), window)


def test_each_pixel_shows_the_cloth_that_belongs_there() -> None:
    made = draw(part(SQUARE + np.array((30, 20))), cloth(), (200, 160))
    assert made.rgb.shape == (200, 160, 3)
    assert made.rgb.dtype == made.alpha.dtype == np.float32
    inside = np.s_[25:115, 35:105]
    assert (made.alpha[inside] == 1).all()
    np.testing.assert_allclose(made.rgb[inside], cloth()[5:95, 5:75], atol=2.0)
    assert not made.alpha[125:].any()
    assert not made.alpha[:, 115:].any()


def test_nothing_is_painted_beyond_the_cloths_own_edge() -> None:
    alpha = draw(part(SQUARE * 1.5 + 20), cloth(), (240, 200)).alpha
    assert not alpha[:18].any()
    assert not alpha[:, :18].any()
    assert not alpha[:, 144:].any()
    assert not alpha[174:].any()


windows = st.lists(st.tuples(st.floats(-40, 200), st.floats(-40, 240)), min_size=3, max_size=7)


@given(windows)
@settings(max_examples=40, deadline=None)
def test_nothing_is_painted_outside_the_window(points: list[tuple[float, float]]) -> None:
    window = np.array(points, np.float32)
    made = draw(part(SQUARE * 1.5 + 10, window), cloth(), (200, 160))
    assert made.alpha.min() >= 0.0
    assert made.alpha.max() <= 1.0 + 1e-6
    filled = polygon(window, (200, 160), soft=0) > 0
    reach = np.pad(filled, 6)
    near = np.zeros_like(reach)
    for dy in range(-6, 7):
        for dx in range(-6, 7):
            near |= np.roll(reach, (dy, dx), axis=(0, 1))
    assert not made.alpha[~near[6:-6, 6:-6]].any()


@pytest.mark.parametrize("shift", [(500, 0), (0, 500), (-500, 0), (0, -500)])
def test_a_part_beside_the_picture_paints_nothing(shift: tuple[int, int]) -> None:
    window = SQUARE[:4] + shift
    made = draw(part(SQUARE + shift, window), cloth(), (200, 160))
    assert not made.alpha.any()
    assert not draw(part(SQUARE + np.multiply(shift, 4)), cloth(), (200, 160)).alpha.any()


def test_a_part_over_the_pictures_edge_is_drawn_as_far_as_it_is_seen() -> None:
    whole = draw(part(SQUARE + 60), cloth(), (200, 200))
    cut = draw(part(SQUARE), cloth(), (140, 140))
    np.testing.assert_allclose(cut.alpha[10:90, 10:70], whole.alpha[70:150, 70:130], atol=0.02)
    np.testing.assert_allclose(cut.rgb[10:90, 10:70], whole.rgb[70:150, 70:130], atol=3.0)


def test_the_matte_decides_what_is_cloth() -> None:
    matte = np.zeros((100, 80), np.float32)
    matte[:, 40:] = 1.0
    alpha = draw(replace(part(SQUARE + 30), matte=matte), cloth(), (200, 160)).alpha
    assert not alpha[35:125, 32:68].any()
    assert (alpha[35:125, 73:105] == 1).all()


def test_fine_stripes_do_not_turn_into_moire_when_made_small() -> None:
    stripes = np.zeros((400, 320, 3), np.uint8)
    stripes[:, ::2] = 255
    small = Part("trunk", SQUARE, SQUARE * 4, np.ones((400, 320), np.float32))
    shown = draw(small, stripes, (100, 80)).rgb[20:80, 15:65]
    assert shown.std() < 20
    assert abs(float(shown.mean()) - 127.5) < 12


points = st.lists(st.tuples(st.floats(-20, 80), st.floats(-20, 60)), min_size=3, max_size=8)


@given(points, st.sampled_from([0.0, 1.2, 2.0]))
@settings(max_examples=40, deadline=None)
def test_polygon_is_a_mask(corners: list[tuple[float, float]], soft: float) -> None:
    mask = polygon(np.array(corners, np.float32), (50, 70), soft)
    assert mask.shape == (50, 70)
    assert mask.dtype == np.float32
    assert mask.min() >= 0
    assert mask.max() <= 1


def test_polygon_covers_its_own_area() -> None:
    mask = polygon(np.array([(10, 10), (50, 10), (50, 40), (10, 40)], np.float32), (60, 70))
    assert mask[15:35, 15:45].min() > 0.99
    assert not mask[:4].any()
    assert abs(float(mask.sum()) - 41 * 31) < 0.06 * 41 * 31


@given(st.integers(1, 4), st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_union_is_never_less_than_any_and_knows_no_order(count: int, seed: int) -> None:
    masks = list(np.random.default_rng(seed).random((count, 5, 6)).astype(np.float32))
    together = union(masks)
    assert together.max() <= 1 + 1e-6
    for mask in masks:
        assert (together >= mask - 1e-5).all()
    np.testing.assert_allclose(together, union(masks[::-1]), atol=1e-5)


def test_a_warp_that_turns_the_cloth_over_is_counted() -> None:
    xs, ys = np.meshgrid(np.arange(64, dtype=np.float32), np.arange(64, dtype=np.float32))
    seen = np.ones((64, 64), np.float32)
    assert turned_over(np.stack([xs, ys], axis=-1), seen) == 0.0
    assert turned_over(np.stack([-xs, ys], axis=-1), seen) == 1.0
    half = np.where(xs < 32, xs, 64 - xs)
    assert 0.3 < turned_over(np.stack([half, ys], axis=-1), seen) < 0.7
    assert turned_over(np.stack([-xs, ys], axis=-1), np.zeros_like(seen)) == 0.0
