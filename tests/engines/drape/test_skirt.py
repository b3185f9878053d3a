"""Skirts on the mannequin: from the waist, round the hips, wider than the legs, to a curved hem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from lower_fitting import fitted, legs_of
from mannequin import Look

from fittingroom.engines.drape.parts import draw
from fittingroom.engines.drape.removal import coordinates
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.drape.skirt import COLUMNS, STEEPEST, hem_v, skirt
from fittingroom.engines.drape.types import Garment

LOOKS = [Look(), Look(bottom="shorts"), Look(bottom="skirt")]


def made_of(made: Scene, garment: Garment | None = None, **options: object) -> np.ndarray:
    """Targets (row, column, 2) in sw."""
    cloth = garment or made.garment
    part = skirt(cloth, made.body, fitted(made, cloth, **options), legs_of(made))
    return made.body.coords(part.target).reshape(-1, len(COLUMNS), 2)


def flared(garment: Garment, by: float) -> Garment:
    """The skirt with its lower rows spread wider, in its picture and in its marks."""
    marks = {k: v.copy() for k, v in garment.marks.items()}
    h, w = garment.alpha.shape
    ys = np.arange(h, dtype=np.float32)
    top, bottom = marks["waist_left"][1], marks["hem_left"][1]
    wider = 1 + by * np.clip((ys - top) / (bottom - top), 0, 1)
    middle = float((marks["waist_left"][0] + marks["waist_right"][0]) / 2)
    source = np.clip(middle + (np.arange(w)[None, :] - middle) / wider[:, None], 0, w - 1).astype(int)
    alpha = np.take_along_axis(garment.alpha, source, axis=1)
    for name in ("hem_left", "hem_right"):
        marks[name][0] = middle + (1 + by) * (marks[name][0] - middle)
    return replace(garment, alpha=alpha, marks=marks)


@pytest.mark.parametrize("look", LOOKS)
def test_a_skirt_is_one_part_and_its_rows_go_down_and_right(scene: Callable, look: Look) -> None:
    made = scene(look, "skirt")
    part = skirt(made.garment, made.body, fitted(made), legs_of(made))
    assert part.name == "skirt"
    for points in (made.body.coords(part.target), part.source):
        grid = points.reshape(-1, len(COLUMNS), 2)
        assert (np.diff(grid[..., 0], axis=1) > 0).all()
        assert (np.diff(grid[..., 1].mean(axis=1)) > 0).all()


def test_it_begins_at_the_waist_and_ends_at_its_own_length(scene: Callable) -> None:
    made = scene(Look(), "skirt")
    grid, fit = made_of(made), fitted(made)
    assert grid[0, :, 1].mean() == pytest.approx(fit.waist_v, abs=0.06)
    assert grid[-1, 0, 1] == pytest.approx(hem_v(made.body, fit, legs_of(made)), abs=0.02)
    assert made_of(made, length=1.2)[-1, 0, 1] > grid[-1, 0, 1] + 0.1


def test_its_width_at_the_waist_is_the_bodys(scene: Callable) -> None:
    made = scene(Look(), "skirt")
    grid, fit = made_of(made), fitted(made)
    assert np.ptp(grid[0, :, 0]) == pytest.approx(float(fit.sides[0].sum()), abs=0.03)


def test_it_has_room_for_both_legs(scene: Callable) -> None:
    made = scene(Look(), "skirt")
    grid = made_of(made)
    for leg, column, sign in zip(legs_of(made), (0, -1), (-1, 1), strict=True):
        edge = made.body.coords(leg.centre + leg.bare[:, None] * leg.outward)
        rows = grid[6:-1, column]
        legs = np.interp(rows[:, 1], edge[:, 1], sign * edge[:, 0])
        assert (sign * rows[:, 0] > legs).all()


def test_a_flared_skirt_flares_and_a_straight_one_does_not(scene: Callable) -> None:
    made = scene(Look(), "skirt")
    plain, wide = (np.ptp(made_of(made, g)[-1, :, 0]) for g in (made.garment, flared(made.garment, 0.8)))
    assert wide > 1.3 * plain


def test_its_hem_hangs_in_front(scene: Callable) -> None:
    hem = made_of(scene(Look(), "skirt"))[-1, :, 1]
    assert hem[[2, 3]].min() > hem[[0, -1]].max() + 0.02


def test_a_hem_that_is_curved_in_the_photo_is_not_curved_twice(scene: Callable) -> None:
    made = scene(Look(), "skirt")
    h, w = made.garment.alpha.shape
    left, right = made.garment.marks["hem_left"], made.garment.marks["hem_right"]
    xs, ys = np.meshgrid(np.arange(w), np.arange(h))
    c = np.clip(2 * (xs - left[0]) / (right[0] - left[0]) - 1, -1, 1)
    below = (ys >= left[1] - 2) & (ys < left[1] + 0.15 * (right[0] - left[0]) * (1 - c * c))
    rounded = replace(made.garment, alpha=np.asarray(np.maximum(made.garment.alpha, below), np.float32))
    plain, curved = (made_of(made, g)[-1, :, 1] for g in (made.garment, rounded))
    assert curved[2] - curved[0] < 0.5 * (plain[2] - plain[0])


def test_it_hides_what_lies_between_the_legs(scene: Callable) -> None:
    made = scene(Look(), "skirt")
    part = skirt(made.garment, made.body, fitted(made), legs_of(made))
    u, v = coordinates(made.body, made.shape)
    grid = made_of(made)
    inside = (np.abs(u) < 0.3) & (v > grid[0, :, 1].max() + 0.06) & (v < grid[-1, :, 1].min() - 0.06)
    assert draw(part, made.garment.rgb, made.shape).alpha[inside].min() > 0.9


def test_even_a_full_circle_falls_in_a_cone(scene: Callable) -> None:
    made = scene(Look(), "skirt")
    grid = made_of(made, flared(made.garment, 1.2))
    slope = np.diff(np.ptp(grid[..., 0], axis=1) / 2) / np.diff(grid[:, 0, 1])
    assert slope[3:-3].max() < STEEPEST + 0.02


def test_a_waistband_photographed_in_a_curve_is_worn_straight(scene: Callable) -> None:
    made = scene(Look(), "skirt")
    left, right = made.garment.marks["waist_left"], made.garment.marks["waist_right"]
    h, w = made.garment.alpha.shape
    xs, ys = np.meshgrid(np.arange(w), np.arange(h))
    c = np.clip(2 * (xs - left[0]) / (right[0] - left[0]) - 1, -1, 1)
    dip = 0.12 * (right[0] - left[0]) * (1 - c * c)
    dipped = replace(made.garment, alpha=np.asarray(np.where(ys < left[1] + dip, 0.0, made.garment.alpha), np.float32))
    u, _ = coordinates(made.body, made.shape)
    rows = []
    for garment in (made.garment, dipped):
        seen = draw(skirt(garment, made.body, fitted(made), legs_of(made)), garment.rgb, made.shape).alpha > 0.5
        rows.append(float(np.argmax(seen[:, np.abs(u[seen.shape[0] // 2]) < 0.1], axis=0).mean()))
    assert abs(rows[1] - rows[0]) < 0.02 * made.body.sw


def test_tight_trousers_worn_before_are_covered(scene: Callable) -> None:
    made = scene(Look(), "skirt")
    legs = legs_of(made)
    stout = [replace(leg, half=1.2 * leg.bare) for leg in legs]
    fit = fitted(made)
    plain, wide = (
        made.body.coords(skirt(made.garment, made.body, fit, (a, b)).target).reshape(-1, len(COLUMNS), 2)
        for a, b in ((legs[0], legs[1]), (stout[0], stout[1]))
    )
    assert (np.ptp(wide[..., 0], axis=1) >= np.ptp(plain[..., 0], axis=1) - 1e-4).all()
