"""Trousers and shorts on the mannequin: along the legs, no seam between the halves, curved hems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from lower_fitting import fitted, legs_of
from mannequin import Look

from fittingroom.engines.drape.body import SIDES
from fittingroom.engines.drape.parts import Part, draw, union
from fittingroom.engines.drape.removal import coordinates
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.drape.trousers import ACROSS, RISE_ROWS, crotch_point, sag, spread, trouser_legs
from fittingroom.engines.protocol import FitStyle

LOOKS = [Look(), Look(bottom="shorts"), Look(bottom="skirt"), Look(sleeves="long", arms="raised")]
RISE = 4 * len(RISE_ROWS)
ROWS = 13


def parts_of(made: Scene, **options: object) -> list[Part]:
    return trouser_legs(made.garment, made.body, fitted(made, **options), legs_of(made))


def cover(made: Scene, **options: object) -> np.ndarray:
    return union([draw(p, made.garment.rgb, made.shape).alpha for p in parts_of(made, **options)])


def legs_grid(part: Part) -> np.ndarray:
    """Targets of the leg rows: (row, column from the inner to the outer seam, 2)."""
    return part.target[RISE:].reshape(len(ACROSS), ROWS, 2).swapaxes(0, 1)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("kind", ["trousers", "shorts"])
def test_both_legs_share_the_line_from_waist_to_crotch(scene: Callable, look: Look, kind: str) -> None:
    left, right = parts_of(scene(look, kind))
    assert (left.name, right.name) == ("leg_left", "leg_right")
    for row in range(0, RISE, 4):
        np.testing.assert_allclose(left.target[row], right.target[row], atol=1e-3)
        np.testing.assert_allclose(left.source[row], right.source[row], atol=1e-3)
    np.testing.assert_allclose(legs_grid(left)[0, 0], legs_grid(right)[0, 0], atol=1e-3)
    assert (left.target[3:RISE:4, 0] < left.target[0:RISE:4, 0]).all()
    assert (right.target[3:RISE:4, 0] > right.target[0:RISE:4, 0]).all()


def test_both_inner_seams_begin_at_the_crotch(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    point = crotch_point(made.body, fitted(made))
    for part in parts_of(made):
        np.testing.assert_allclose(legs_grid(part)[0, 0], point, atol=1e-3)


@pytest.mark.parametrize("kind", ["trousers", "shorts"])
def test_rows_go_from_the_inner_to_the_outer_seam_and_down(scene: Callable, kind: str) -> None:
    for part, sign in zip(parts_of(scene(Look(), kind)), (-1, 1), strict=True):
        grid = legs_grid(part)
        assert (sign * np.diff(grid[..., 0], axis=1) > 0).all()
        assert (np.diff(grid[..., 1].mean(axis=1)) > 0).all()


def test_a_hem_hangs_in_front(scene: Callable) -> None:
    for part in parts_of(scene(Look(), "shorts")):
        hem = legs_grid(part)[-1]
        line = (hem[0, 1] + hem[-1, 1]) / 2
        assert hem[2, 1] > line + 0.5


@pytest.mark.parametrize("kind", ["trousers", "shorts"])
def test_hips_are_covered_without_a_seam(scene: Callable, kind: str) -> None:
    made = scene(Look(), kind)
    u, v = coordinates(made.body, made.shape)
    fit = fitted(made)
    hips = (np.abs(u) < 0.38) & (v > fit.waist_v + 0.08) & (v < fit.crotch_v - 0.02)
    assert hips.any()
    assert cover(made)[hips].min() > 0.9


@pytest.mark.parametrize("look", [Look(), Look(bottom="shorts")])
def test_trousers_cover_both_legs_down_to_the_ankle(scene: Callable, look: Look) -> None:
    made = scene(look, "trousers")
    alpha = cover(made)
    for leg in made.legs:
        axis = (leg.ratio < 0.6) & (leg.fraction > 0.2) & (leg.fraction < 0.93)
        assert (alpha[axis] > 0.9).mean() > 0.97
    beyond = made.body.coords(np.stack([made.body.legs[s].points[-1] for s in SIDES]))[:, 1].max() + 0.25
    assert not alpha[coordinates(made.body, made.shape)[1] > beyond].any()


def test_no_strip_of_the_old_trousers_stays_beside_the_new(scene: Callable) -> None:
    made = scene(Look(arms="raised"), "trousers")
    _, v = coordinates(made.body, made.shape)
    fit = fitted(made)
    old = (made.person.lower > 0.5) & (v > fit.waist_v + 0.1) & (v < 3.5)
    assert (cover(made)[old] > 0.5).mean() > 0.97


def test_shorts_leave_the_shins(scene: Callable) -> None:
    made = scene(Look(), "shorts")
    reach = max(fitted(made).reach)
    shins = np.minimum(made.legs[0].fraction, made.legs[1].fraction) > reach + 0.12
    assert shins.any()
    assert not cover(made)[shins].any()


def test_nothing_is_drawn_above_the_waist(scene: Callable) -> None:
    for kind in ("trousers", "shorts"):
        made = scene(Look(), kind)
        _, v = coordinates(made.body, made.shape)
        assert not cover(made)[v < fitted(made).waist_v - 0.25].any()


def test_an_oversized_fit_is_wider_on_the_legs(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    slim, wide = (cover(made, fit=f).sum() for f in (FitStyle.SLIM, FitStyle.OVERSIZED))
    assert wide > 1.02 * slim


def test_wide_legs_side_by_side_stay_two(scene: Callable) -> None:
    made = scene(Look(), "shorts")
    wide = replace(fitted(made), ease=2.5)
    left, right = (legs_grid(p) for p in trouser_legs(made.garment, made.body, wide, legs_of(made)))
    assert (left[4:, 0, 0] < right[4:, 0, 0]).all()
    narrow = legs_grid(parts_of(made)[0])
    assert left[-1, -1, 0] < narrow[-1, -1, 0] - 5, "their width goes to the outer side"


def test_columns_crowd_towards_the_silhouette() -> None:
    at = spread(np.linspace(-1, 1, 9).astype(np.float32))
    steps = np.diff(at)
    assert at[0] == pytest.approx(-1)
    assert at[-1] == pytest.approx(1)
    assert (steps > 0).all()
    assert steps[0] < steps[3]


def test_rings_sag_more_the_lower_they_lie(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    fit = fitted(made)
    sags = [sag(made.body, fit, fit.waist_v + d) for d in (0.0, 1.0, 2.0, 9.0)]
    assert 0 < sags[0] < sags[1] < sags[2] <= sags[3] < 0.35
