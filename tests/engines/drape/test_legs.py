"""Trousers, shorts and skirts: on the old waistband, along the legs, no seam between the halves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from mannequin import HIPS, Look

from fittingroom.engines.drape.body import SIDES
from fittingroom.engines.drape.legs import LowerFit, fit_lower, hem_height, leg_radius, lower_parts
from fittingroom.engines.drape.parts import draw, union
from fittingroom.engines.drape.removal import coordinates
from fittingroom.engines.drape.scene import Scene

LOOKS = [Look(), Look(bottom="shorts"), Look(bottom="skirt"), Look(sleeves="long", arms="raised")]
KINDS = ["trousers", "shorts", "skirt"]


def fitted(made: Scene) -> LowerFit:
    return fit_lower(made.garment, made.person, made.body)


def cover(made: Scene) -> np.ndarray:
    parts = lower_parts(made.garment, made.person, made.body, fitted(made))
    return union([draw(p, made.garment.rgb, made.shape).alpha for p in parts])


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_fit_is_a_bodys(scene: Callable, look: Look, kind: str) -> None:
    made = scene(look, kind)
    fit = fitted(made)
    assert fit.waist_v < made.body.hip_v < fit.crotch_v
    assert 0.2 < fit.waist_half <= fit.hip_half < 1.0
    assert 0.1 < fit.reach <= 1.06
    assert fit.scale > 0
    assert fit.waist_v < hem_height(made.body, fit)


def test_trousers_reach_the_ankle_and_shorts_do_not(scene: Callable) -> None:
    assert fitted(scene(Look(), "trousers")).reach == 1.0
    assert fitted(scene(Look(), "shorts")).reach < 0.75


def test_the_waist_is_the_old_one(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    # The old top hangs over the trousers; what is seen of them begins at its hem.
    assert HIPS[0][1] - 0.2 < fitted(made).waist_v < 1.62


def test_without_an_old_waist_the_default_is_above_the_hips(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    nothing = np.zeros(made.shape, np.float32)
    fit = fit_lower(made.garment, replace(made.person, lower=nothing, upper=nothing, full=nothing), made.body)
    assert made.body.hip_v - 0.6 < fit.waist_v < made.body.hip_v
    assert fit.waist_half <= fit.hip_half


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("kind", ["trousers", "shorts"])
def test_both_legs_share_the_line_from_waist_to_crotch(scene: Callable, look: Look, kind: str) -> None:
    made = scene(look, kind)
    left, right = lower_parts(made.garment, made.person, made.body, fitted(made))
    assert (left.name, right.name) == ("leg_left", "leg_right")
    for row in (0, 3, 6, 9):
        np.testing.assert_allclose(left.target[row], right.target[row], atol=1e-3)
        np.testing.assert_allclose(left.source[row], right.source[row], atol=1e-3)
    assert (left.target[[2, 5, 8, 11], 0] < left.target[[0, 3, 6, 9], 0]).all()
    assert (right.target[[2, 5, 8, 11], 0] > right.target[[0, 3, 6, 9], 0]).all()


def test_a_skirt_is_one_part_and_its_rows_go_down_and_right(scene: Callable) -> None:
    made = scene(Look(), "skirt")
    (part,) = lower_parts(made.garment, made.person, made.body, fitted(made))
    for points in (made.body.coords(part.target), part.source):
        grid = points.reshape(-1, 5, 2)
        assert (np.diff(grid[..., 0], axis=1) > 0).all()
        assert (np.diff(grid[..., 1].mean(axis=1)) > 0).all()


@pytest.mark.parametrize("kind", KINDS)
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
        beyond = made.body.coords(np.stack([made.body.legs[s].points[-1] for s in SIDES]))[:, 1].max() + 0.2
    assert not alpha[coordinates(made.body, made.shape)[1] > beyond].any()


def test_shorts_leave_the_shins(scene: Callable) -> None:
    made = scene(Look(), "shorts")
    reach = fitted(made).reach
    shins = np.minimum(made.legs[0].fraction, made.legs[1].fraction) > reach + 0.12
    assert shins.any()
    assert not cover(made)[shins].any()


def test_nothing_is_drawn_above_the_waist(scene: Callable) -> None:
    for kind in KINDS:
        made = scene(Look(), kind)
        _, v = coordinates(made.body, made.shape)
        assert not cover(made)[v < fitted(made).waist_v - 0.15].any()


def test_leg_radius_narrows(scene: Callable) -> None:
    body = scene(Look(), "trousers").body
    radius = leg_radius(body, np.linspace(0, 1, 20))
    assert (np.diff(radius) <= 0).all()
    assert (radius > 0).all()
