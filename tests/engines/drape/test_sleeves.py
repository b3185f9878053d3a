"""Sleeves follow their arms: never mirrored, as long as the garment says, to the wrist where they are long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from mannequin import Look

from fittingroom.engines.drape.body import SIDES, body_of
from fittingroom.engines.drape.parts import draw
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.drape.sleeves import (
    ROLLED,
    SAMPLES,
    arm_radius,
    measured_radius,
    outward,
    sleeve_outline,
    sleeve_part,
    sleeve_reach,
)
from fittingroom.engines.drape.torso import fit_trunk
from fittingroom.engines.protocol import FitStyle

LOOKS = [
    Look(sleeves="long"),
    Look(sleeves="long", arms="raised"),
    Look(sleeves="long", arms="hips"),
    Look(sleeves="none", arms="out", width=420),
    Look(sleeves="short", arms=("raised", "hips"), width=420),
]


def signed_area(outer: np.ndarray, inner: np.ndarray) -> float:
    x, y = np.concatenate([outer, inner[::-1]]).T
    return float(0.5 * np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))


def fitted(made: Scene) -> object:
    return fit_trunk(made.garment, made.person, made.body, False)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("kind", ["short", "long"])
@pytest.mark.parametrize("side", SIDES)
def test_rails_keep_their_handedness(scene: Callable, look: Look, kind: str, side: int) -> None:
    made = scene(look, kind)
    part = sleeve_part(made.garment, made.person, made.body, fitted(made), side)
    areas = [signed_area(p[:SAMPLES], p[SAMPLES : 2 * SAMPLES]) for p in (part.target, part.source)]
    assert areas[0] * areas[1] > 0
    assert part.target.shape == part.source.shape
    assert np.isfinite(part.target).all()


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("kind", ["short", "long"])
def test_rails_begin_at_shoulder_tip_and_armpit(scene: Callable, look: Look, kind: str) -> None:
    made = scene(look, kind)
    fit = fitted(made)
    for side, name in zip(SIDES, ("left", "right"), strict=True):
        part = sleeve_part(made.garment, made.person, made.body, fit, side)
        np.testing.assert_allclose(part.target[0], fit.tips[side], atol=0.02 * made.body.sw)
        np.testing.assert_allclose(part.target[SAMPLES], fit.pits[side], atol=0.02 * made.body.sw)
        np.testing.assert_allclose(part.source[0], made.garment.marks[f"shoulder_{name}"], atol=1e-3)
        np.testing.assert_allclose(part.source[SAMPLES - 1], made.garment.marks[f"cuff_out_{name}"], atol=1e-3)


@pytest.mark.parametrize("look", LOOKS)
def test_long_sleeves_end_at_the_wrist(scene: Callable, look: Look) -> None:
    made = scene(look, "long")
    fit = fitted(made)
    for side in SIDES:
        assert sleeve_reach(made.garment, made.body, fit, side) == 1.0
        alpha = draw(sleeve_part(made.garment, made.person, made.body, fit, side), made.garment.rgb, made.shape).alpha
        field = made.arms[side]
        axis = field.ratio < 0.4
        covered = field.fraction[axis & (alpha > 0.5)]
        assert 0.93 < covered.max() < 1.12
        middle = axis & (field.fraction > 0.35) & (field.fraction < 0.85)
        assert (alpha[middle] > 0.5).mean() > 0.97


@pytest.mark.parametrize("look", LOOKS)
def test_short_sleeves_leave_the_forearm(scene: Callable, look: Look) -> None:
    made = scene(look, "short")
    fit = fitted(made)
    for side in SIDES:
        reach = sleeve_reach(made.garment, made.body, fit, side)
        assert 0.1 < reach < 0.75
        alpha = draw(sleeve_part(made.garment, made.person, made.body, fit, side), made.garment.rgb, made.shape).alpha
        beyond = (made.arms[side].fraction > reach + 0.2) & (made.arms[side].ratio < 1.2)
        assert not alpha[beyond].any()


def test_longer_cuffs_reach_further(scene: Callable) -> None:
    made = scene(Look(), "short")
    fit = fitted(made)
    marks = {k: v.copy() for k, v in made.garment.marks.items()}
    short = sleeve_reach(made.garment, made.body, fit, 0)
    marks["cuff_out_left"] = 2 * marks["cuff_out_left"] - marks["shoulder_left"]
    assert sleeve_reach(replace(made.garment, marks=marks), made.body, fit, 0) > short


def test_a_mirrored_person_has_mirrored_sleeves(scene: Callable, mannequin: Callable) -> None:
    look = Look(sleeves="long", arms=("raised", "hips"), width=401)
    made = scene(look, "long")
    flipped = replace(
        made.person,
        pose=mannequin(look).flipped().pose(),
        **{
            name: np.ascontiguousarray(getattr(made.person, name)[:, ::-1])
            for name in ("rgb", "alpha", "hair", "face", "skin", "upper", "lower", "full")
        },
    )
    body = body_of(flipped.pose)
    fit, other = fitted(made), fit_trunk(made.garment, flipped, body, False)
    for side in SIDES:
        here = sleeve_part(made.garment, made.person, made.body, fit, side).target[:SAMPLES]
        there = sleeve_part(made.garment, flipped, body, other, 1 - side).target[:SAMPLES]
        there = np.stack([look.width - 1 - there[:, 0], there[:, 1]], axis=1)
        assert np.abs(here - there).max() < 0.12 * made.body.sw


@pytest.mark.parametrize("look", LOOKS)
def test_radii_are_an_arms(scene: Callable, look: Look) -> None:
    made = scene(look, "short")
    at = np.linspace(0, 1, 9).astype(np.float32)
    nominal = arm_radius(made.body, at)
    assert (np.diff(nominal) <= 0).all()
    for side in SIDES:
        radius = measured_radius(made.person, made.body, made.body.arms[side], at, side)
        assert radius.shape == at.shape
        assert (radius >= 0.6 * nominal).all()
        assert (radius <= 1.4 * nominal).all()


def test_outward_points_away_from_a_hanging_arms_trunk() -> None:
    down = np.array([0.0, 1.0], np.float32)
    np.testing.assert_allclose(outward(down, 0), (-1, 0))
    np.testing.assert_allclose(outward(down, 1), (1, 0))


@pytest.mark.parametrize("kind", ["short", "long"])
def test_sleeve_outlines_hold_the_cuffs(worn: Callable, kind: str) -> None:
    garment = worn(kind)
    for name in ("left", "right"):
        ends = {k: garment.marks[f"{k}_{name}"] for k in ("shoulder", "cuff_out", "armpit", "cuff_in")}
        outline = sleeve_outline(
            garment,
            np.linspace(ends["shoulder"], ends["cuff_out"], 12),
            np.linspace(ends["armpit"], ends["cuff_in"], 12),
        )
        low, high = outline.min(axis=0), outline.max(axis=0)
        for mark in ("cuff_out", "cuff_in"):
            assert (ends[mark] >= low - 1).all()
            assert (ends[mark] <= high + 1).all()
        size = np.hypot(*garment.alpha.shape)
        assert np.linalg.norm(outline[0] - ends["shoulder"]) < 0.01 * size
        assert 0.01 * size < np.linalg.norm(outline[-1] - ends["armpit"]) < 0.02 * size, "an overlap, no more"


def test_cuffs_bulge_towards_the_hand(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "long")
    fit = fitted(made)
    for side in SIDES:
        part = sleeve_part(made.garment, made.person, made.body, fit, side)
        ends = (part.target[SAMPLES - 1] + part.target[2 * SAMPLES - 1]) / 2
        limb = made.body.arms[side].points
        assert (part.target[-1] - ends) @ (limb[-1] - limb[-2]) > 0


def test_oversized_sleeves_are_wider(scene: Callable) -> None:
    made = scene(Look(), "short")
    marks = {k: v.copy() for k, v in made.garment.marks.items()}
    marks["cuff_out_left"] += np.array([-60.0, -60.0], np.float32)
    marks["shoulder_left"] += np.array([-20.0, -40.0], np.float32)
    wide_sleeved = replace(made.garment, marks=marks, alpha=np.zeros_like(made.garment.alpha))
    wide_sleeved.alpha[:] = made.garment.alpha
    wide = []
    for style in (FitStyle.SLIM, FitStyle.OVERSIZED):
        fit = replace(fitted(made), style=style)
        rails = sleeve_part(wide_sleeved, made.person, made.body, fit, 0).target
        wide.append(float(np.linalg.norm(rails[SAMPLES - 1] - rails[2 * SAMPLES - 1])))
    assert wide[1] > wide[0]


def test_rolled_sleeves_end_below_the_elbow(scene: Callable) -> None:
    made = scene(Look(sleeves="none"), "long")
    fit = replace(fitted(made), rolled=True)
    for side in SIDES:
        assert sleeve_reach(made.garment, made.body, fit, side) == ROLLED
        part = sleeve_part(made.garment, made.person, made.body, fit, side)
        whole = sleeve_part(made.garment, made.person, made.body, fitted(made), side)
        assert part.source[:SAMPLES, 1].max() < whole.source[:SAMPLES, 1].max() - 20
        alpha = draw(part, made.garment.rgb, made.shape).alpha
        beyond = (made.arms[side].fraction > ROLLED + 0.12) & (made.arms[side].ratio < 1.2)
        assert not (alpha[beyond] > 0.1).any()


def test_short_sleeves_are_not_rolled_up(scene: Callable) -> None:
    made = scene(Look(), "short")
    fit = fitted(made)
    for side in SIDES:
        reach = sleeve_reach(made.garment, made.body, fit, side)
        assert sleeve_reach(made.garment, made.body, replace(fit, rolled=True), side) == min(reach, ROLLED)
