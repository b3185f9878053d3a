"""Where the trunk goes: rows in order, shoulders and armpits on their sides, the old top covered, sleeves left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from mannequin import TORSO, Look

from fittingroom.engines.drape.girth import COLUMNS
from fittingroom.engines.drape.parts import draw
from fittingroom.engines.drape.removal import coordinates
from fittingroom.engines.drape.torso import ease, fit_trunk, trunk_matte, trunk_part
from fittingroom.engines.drape.types import Cut, Garment
from fittingroom.engines.protocol import FitStyle, TryOnOptions, Tuck

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
    assert drawn.alpha[(v > fit.hem_v + 0.18) & (np.abs(u) < 0.9)].max() < 0.001, "less than a byte can show"
    assert not drawn.alpha[v < -0.5].any()


def test_a_raised_arm_lifts_its_armpit(scene: Callable) -> None:
    down, up = scene(Look(sleeves="long"), "short"), scene(Look(sleeves="long", arms="raised"), "short")
    heights = [
        made.body.coords(np.stack(fit_trunk(made.garment, made.person, made.body, False).pits))[:, 1]
        for made in (down, up)
    ]
    assert (heights[1] < heights[0] - 0.03).all()


def test_oversized_drops_the_shoulders_and_slim_never_does(scene: Callable) -> None:
    made = scene(Look(), "short")
    tips = {
        style: made.body.coords(
            np.stack(fit_trunk(made.garment, made.person, made.body, False, TryOnOptions(fit=style)).tips)
        )[1, 0]
        for style in FitStyle
    }
    assert tips[FitStyle.OVERSIZED] > tips[FitStyle.REGULAR] + 0.02
    assert tips[FitStyle.SLIM] <= tips[FitStyle.REGULAR]


def dropped(garment: Garment, by: float) -> Garment:
    """The same garment with shoulder seams that lie farther out, and sleeves that much shorter."""
    chest = np.linalg.norm(garment.marks["armpit_right"] - garment.marks["armpit_left"])
    marks = dict(garment.marks)
    for side, sign in (("left", -1.0), ("right", 1.0)):
        marks[f"shoulder_{side}"] = marks[f"shoulder_{side}"] + np.array([sign * by * chest, 0.0], np.float32)
    return replace(garment, marks=marks)


def test_long_sleeves_tell_the_size_of_a_top_with_dropped_shoulders(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "long")
    arm = np.mean([limb.length for limb in made.body.arms])
    garment = dropped(made.garment, 0.2)
    sleeve = np.linalg.norm(garment.marks["cuff_out_left"] - garment.marks["shoulder_left"])
    fitting, small = 1.02 * arm / sleeve, 0.8 * arm / sleeve
    assert ease(garment, made.body, fitting) == pytest.approx(1.0, abs=0.12)
    assert 1.05 < ease(garment, made.body, small) <= 1.4
    short = replace(garment, cut=Cut.HALF_SLEEVE)
    assert ease(short, made.body, small) <= ease(garment, made.body, small)


@pytest.mark.parametrize("kind", ["none", "short"])
def test_an_ordinary_top_reaches_the_hips_and_a_cropped_one_does_not(scene: Callable, kind: str) -> None:
    made, crop = scene(Look(), kind), scene(Look(), "crop").garment
    small = 0.5 * fit_trunk(made.garment, made.person, made.body, False).scale
    factor = ease(made.garment, made.body, small)
    assert 1.1 < factor <= 1.4
    assert ease(made.garment, made.body, 0.7 * small) == 1.4
    assert ease(crop, made.body, 0.7 * small) == 1.0


def test_no_top_is_lengthened_beyond_the_seat(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "long")
    assert ease(made.garment, made.body, 10.0) == 1.0


@pytest.mark.parametrize("trait", ["hooded", "open_front"])
def test_hoodies_and_open_jackets_are_not_tucked_in(scene: Callable, trait: str) -> None:
    made = scene(Look(), "short")
    above = np.asarray(made.uv[1] < 1.1, np.float32)
    lower = np.maximum(made.person.lower, made.person.upper * (1.0 - above))
    tucked = replace(made.person, upper=made.person.upper * above, lower=np.asarray(lower, np.float32))
    marks = {k: m - np.array([0.0, 300.0 * k.startswith("hem")], np.float32) for k, m in made.garment.marks.items()}
    made = replace(made, garment=replace(made.garment, marks=marks))
    assert fit_trunk(made.garment, tucked, made.body, False).waist is not None
    garment = replace(made.garment, traits=replace(made.garment.traits, **{trait: 0.9}))
    assert fit_trunk(garment, tucked, made.body, False).waist is None
    told = TryOnOptions(tuck=Tuck.IN)
    assert fit_trunk(garment, tucked, made.body, False, told).waist is not None


def test_a_boxy_garment_is_measured_by_its_shoulders(scene: Callable) -> None:
    made = scene(Look(), "short")
    marks = {k: v.copy() for k, v in made.garment.marks.items()}
    boxy = dict(marks)
    for side, sign in (("left", -1.0), ("right", 1.0)):
        boxy[f"armpit_{side}"] = marks[f"armpit_{side}"] + np.array([sign * 40.0, 0.0], np.float32)
    plain, wide = (fit_trunk(replace(made.garment, marks=m), made.person, made.body, True).scale for m in (marks, boxy))
    top = fit_trunk(replace(made.garment, marks=boxy), made.person, made.body, False).scale
    assert wide < plain, "a wider dress comes from a larger one"
    assert top > 1.1 * made.body.sw / np.linalg.norm(boxy["shoulder_right"] - boxy["shoulder_left"])


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


def test_the_trunks_matte_ends_at_its_sides(worn: Callable) -> None:
    """A sleeve that lies along the trunk is none of it."""
    garment = worn("long")
    filled = replace(garment, alpha=np.ones_like(garment.alpha))
    m = garment.marks
    row = round(float(0.5 * (m["armpit_left"][1] + m["hem_left"][1])))
    for alpha in (garment, filled):
        seen = np.nonzero(trunk_matte(alpha)[row] > 0.5)[0]
        wide = m["armpit_right"][0] - m["armpit_left"][0]
        assert m["armpit_left"][0] - 0.14 * wide < seen.min()
        assert seen.max() < m["armpit_right"][0] + 0.14 * wide


def test_a_sleeveless_trunk_is_the_whole_garment(worn: Callable) -> None:
    assert (trunk_matte(worn("none")) == worn("none").alpha).all()
