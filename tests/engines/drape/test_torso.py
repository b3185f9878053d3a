"""Where the trunk goes: rows in order, shoulders and armpits on their sides, the old top covered, sleeves left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from mannequin import TORSO, Look

from fittingroom.engines.drape.body import SIDES
from fittingroom.engines.drape.parts import draw
from fittingroom.engines.drape.removal import coordinates
from fittingroom.engines.drape.torso import (
    COLUMNS,
    fit_trunk,
    old_hem_v,
    shoulder_height,
    sleeve_outline,
    trunk_matte,
    trunk_part,
)

LOOKS = [
    Look(),
    Look(sleeves="long", arms="raised"),
    Look(arms="hips", sleeves="long"),
    Look(sleeves="none", bottom="dress", arms="out", width=420),
    Look(long_hair=True, sleeves="long"),
]
TOPS = ["none", "short", "long", "dress"]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("kind", TOPS)
def test_the_fit_is_a_bodys(scene: Callable, look: Look, kind: str) -> None:
    made = scene(look, kind)
    fit = fit_trunk(made.garment, made.person, made.body, kind == "dress")
    tips, pits = (made.body.coords(np.stack(p)) for p in (fit.tips, fit.pits))
    assert tips[0, 0] < -0.3
    assert tips[1, 0] > 0.3
    assert pits[0, 0] < 0 < pits[1, 0]
    assert (pits[:, 1] > tips[:, 1] + 0.2).all()
    assert fit.hem_v > pits[:, 1].max()
    assert 0 < fit.neck_half < tips[1, 0]
    assert fit.stretched >= 1.0
    assert fit.scale > 0
    assert (np.diff(fit.slope[:, 0]) > 0).all(), "the shoulder line is told from left to right"
    assert fit.neck_front_v > fit.slope[:, 1].min()


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("kind", TOPS)
def test_control_points_keep_their_order_in_every_row(scene: Callable, look: Look, kind: str) -> None:
    made = scene(look, kind)
    dress = kind == "dress"
    part = trunk_part(
        made.garment, made.person, made.body, fit_trunk(made.garment, made.person, made.body, dress), dress
    )
    rows = (16 if dress else 9) * len(COLUMNS)
    for points in (made.body.coords(part.target[-rows:]), part.source[-rows:]):
        grid = points.reshape(-1, len(COLUMNS), 2)
        assert (np.diff(grid[..., 0], axis=1) > 0).all()
        assert (np.diff(grid[..., 1].mean(axis=1)) > 0).all(), "rows go down"
    assert part.target.shape == part.source.shape
    assert part.target.dtype == part.source.dtype == np.float32
    assert np.isfinite(part.target).all()


@pytest.mark.parametrize("kind", ["none", "short", "long"])
def test_a_new_top_covers_the_old_one_down_to_its_hem(scene: Callable, kind: str) -> None:
    made = scene(Look(), kind)
    fit = fit_trunk(made.garment, made.person, made.body, False)
    assert fit.hem_v >= TORSO[-1][1]
    drawn = draw(trunk_part(made.garment, made.person, made.body, fit, False), made.garment.rgb, made.shape)
    u, v = coordinates(made.body, made.shape)
    assert drawn.alpha[(np.abs(u) < 0.35) & (v > 0.7) & (v < 1.5)].min() > 0.95
    assert not drawn.alpha[v > fit.hem_v + 0.15].any()
    assert not drawn.alpha[v < -0.5].any()


def test_a_dress_reaches_below_the_hips_however_short(scene: Callable) -> None:
    made = scene(Look(), "dress")
    marks = {k: v.copy() for k, v in made.garment.marks.items()}
    for side in ("left", "right"):
        marks[f"hem_{side}"][1] = marks[f"armpit_{side}"][1] + 60
    fit = fit_trunk(replace(made.garment, marks=marks), made.person, made.body, True)
    assert fit.hem_v > made.body.hip_v + 0.4
    assert fit.stretched > 1.0


def test_old_hem_is_found_where_it_was_drawn(scene: Callable) -> None:
    made = scene(Look(), "short")
    assert old_hem_v(made.person, made.body) == pytest.approx(TORSO[-1][1], abs=0.06)


def test_no_old_hem_where_no_top_ends_in_the_picture(scene: Callable) -> None:
    made = scene(Look(), "short")
    endless = replace(made.person, upper=np.ones(made.shape, np.float32))
    assert old_hem_v(endless, made.body) is None
    nothing = replace(made.person, upper=np.zeros(made.shape, np.float32))
    assert old_hem_v(nothing, made.body) is None


def test_shoulder_height_is_measured_and_bounded(scene: Callable) -> None:
    made = scene(Look(sleeves="none"), "none")
    for u in (-0.45, -0.3, 0.3, 0.45):
        ends = np.array(TORSO[:2])
        assert shoulder_height(made.person, made.body, u) == pytest.approx(
            np.interp(abs(u), ends[:, 0], ends[:, 1]), abs=0.08
        )


def test_hidden_shoulders_get_the_default(scene: Callable) -> None:
    made = scene(Look(), "short")
    empty = replace(made.person, alpha=np.zeros(made.shape, np.float32))
    hairy = replace(made.person, hair=np.ones(made.shape, np.float32))
    for u in (0.0, 0.3, 0.56):
        first, second = shoulder_height(empty, made.body, u), shoulder_height(hairy, made.body, u)
        assert first == second == shoulder_height(empty, made.body, -u)


@pytest.mark.parametrize("kind", ["short", "long"])
def test_the_trunks_matte_holds_no_sleeve_end_and_all_of_the_trunk(worn: Callable, kind: str) -> None:
    garment = worn(kind)
    matte = trunk_matte(garment)
    assert (matte <= garment.alpha + 1e-6).all()
    m = garment.marks
    for side in ("left", "right"):
        x, y = np.round((m[f"cuff_out_{side}"] + m[f"cuff_in_{side}"]) / 2).astype(int)
        assert matte[max(0, y - 6) : y + 1, x - 3 : x + 4].max() < 0.05
    x0, x1 = (round(float(m[f"armpit_{s}"][0])) for s in ("left", "right"))
    y0, y1 = round(float(m["armpit_left"][1])), round(float(m["hem_left"][1]))
    wide, high = x1 - x0, y1 - y0
    core = np.s_[y0 + high // 8 : y1 - high // 8, x0 + wide // 8 : x1 - wide // 8]
    assert matte[core].min() > 0.9


def test_a_sleeveless_trunk_is_the_whole_garment(worn: Callable) -> None:
    assert (trunk_matte(worn("none")) == worn("none").alpha).all()


@pytest.mark.parametrize("kind", ["short", "long"])
def test_sleeve_outlines_hold_the_cuffs(worn: Callable, kind: str) -> None:
    garment = worn(kind)
    for side, name in zip(SIDES, ("left", "right"), strict=True):
        outline = sleeve_outline(garment, side)
        later = sleeve_outline(garment, side, 0.5)
        assert len(later) < len(outline)
        low, high = outline.min(axis=0), outline.max(axis=0)
        for mark in (f"cuff_out_{name}", f"cuff_in_{name}"):
            assert (garment.marks[mark] >= low - 1).all()
            assert (garment.marks[mark] <= high + 1).all()
