"""A garment photo from pixels to `Garment`: marks, cut, confidence, warnings, refusals."""

from dataclasses import replace

import numpy as np
import pytest

from fittingroom.engines.drape.cutout import WORK_SIDE, cut_out
from fittingroom.engines.drape.garment import _kind, analyse_garment
from fittingroom.engines.drape.garment_net import read_garment
from fittingroom.engines.drape.types import Cut
from fittingroom.engines.protocol import ClothesType, NoGarmentFound

K = WORK_SIDE / 800
TOP = {f"{k}_{s}" for k in ("neck", "shoulder", "armpit", "hem") for s in ("left", "right")} | {"neck_front"}
CUFFS = {f"cuff_{k}_{s}" for k in ("out", "in") for s in ("left", "right")}


@pytest.mark.parametrize(
    ("kind", "type_", "cut"),
    [
        ("short", ClothesType.UPPER, Cut.SHORT_SLEEVE),
        ("long", ClothesType.UPPER, Cut.LONG_SLEEVE),
        ("none", ClothesType.UPPER, Cut.SLEEVELESS),
        ("dress", ClothesType.DRESS, Cut.SLEEVELESS),
    ],
)
def test_tops(top, nets, kind, type_, cut):
    drawn = top(kind)
    garment = analyse_garment(drawn.rgb, type_, nets(drawn))
    assert garment.cut is cut
    assert set(garment.marks) >= (TOP if cut is Cut.SLEEVELESS else TOP | CUFFS)
    assert garment.warnings == ()
    assert garment.confidence > 0.5
    diagonal = np.hypot(420, 520) * K
    for name, mark in drawn.marks.items():
        assert np.linalg.norm(garment.marks[name] - np.array(mark) * K) < 0.06 * diagonal, name


def test_the_inner_back_is_not_part_of_the_garment(top, nets):
    drawn = top("short", neck=48.0)
    garment = analyse_garment(drawn.rgb, ClothesType.UPPER, nets(drawn))
    assert garment.alpha[round(140 * K), round(300 * K)] == 0
    assert garment.alpha[round(190 * K), round(300 * K)] == 1
    assert garment.marks["neck_front"][1] == pytest.approx(168 * K, abs=8)


@pytest.mark.parametrize(("kind", "cut"), [("trousers", Cut.TROUSERS), ("shorts", Cut.SHORTS), ("skirt", Cut.SKIRT)])
def test_bottoms(bottom, nets, kind, cut):
    drawn = bottom(kind)
    garment = analyse_garment(drawn.rgb, ClothesType.LOWER, nets(drawn))
    assert garment.cut is cut
    assert "neck_front" not in garment.marks
    assert garment.confidence > 0.5
    assert all(m.shape == (2,) and m.dtype == np.float32 for m in garment.marks.values())


def test_every_mark_lies_inside_the_picture(top, nets):
    drawn = top("long")
    garment = analyse_garment(drawn.rgb, ClothesType.UPPER, nets(drawn))
    height, width = garment.alpha.shape
    for name, (x, y) in garment.marks.items():
        assert 0 <= x < width, name
        assert 0 <= y < height, name


def test_an_empty_picture_is_refused(empty, nets):
    with pytest.raises(NoGarmentFound):
        analyse_garment(empty.rgb, ClothesType.DRESS, nets(empty))


@pytest.mark.parametrize("type_", [ClothesType.UPPER, ClothesType.DRESS])
def test_trousers_are_no_top_and_no_dress(bottom, nets, type_):
    drawn = bottom("trousers")
    with pytest.raises(NoGarmentFound, match="not like"):
        analyse_garment(drawn.rgb, type_, nets(drawn))


def test_a_long_sleeved_top_is_no_trousers(top, nets):
    drawn = top("long")
    with pytest.raises(NoGarmentFound, match="not like"):
        analyse_garment(drawn.rgb, ClothesType.LOWER, nets(drawn))


def test_a_skirt_that_the_network_calls_a_dress_is_accepted(bottom, nets):
    drawn = bottom("skirt")
    assert set(np.unique(drawn.classes)) == {0, 3}
    assert analyse_garment(drawn.rgb, ClothesType.LOWER, nets(drawn)).cut is Cut.SKIRT


def test_worn_garments_come_with_a_warning_and_less_confidence(top, nets):
    drawn = top("short")
    flat = analyse_garment(drawn.rgb, ClothesType.UPPER, nets(drawn))
    worn = analyse_garment(drawn.rgb, ClothesType.UPPER, nets(drawn, face=0.05))
    assert any("worn by a person" in w for w in worn.warnings)
    assert worn.confidence < flat.confidence


def test_a_garment_cut_off_by_the_frame_is_warned_about(top, nets):
    drawn = top("short")
    drawn.rgb, drawn.classes = drawn.rgb[:, 150:], drawn.classes[:, 150:]
    garment = analyse_garment(np.ascontiguousarray(drawn.rgb), ClothesType.UPPER, nets(drawn))
    assert any("cut off" in w for w in garment.warnings)
    assert garment.confidence < 0.8


def test_a_shapeless_heap_is_not_believed(nets, empty):
    ys, xs = np.mgrid[0:800, 0:600]
    crescent = (np.hypot(xs - 300, ys - 400) < 230) & (np.hypot(xs - 410, ys - 330) > 190)
    empty.classes[crescent] = 1
    garment = analyse_garment(empty.rgb, ClothesType.UPPER, nets(empty))
    assert any("unusual" in w for w in garment.warnings)
    assert garment.confidence < 0.4


def test_sheer_cloth_is_warned_about(top, nets):
    drawn = top("short")

    class Faint(nets):
        def cloth(self, rgb):
            p = super().cloth(rgb)
            p[..., 1] *= 0.7
            p[..., 0] = 1 - p[..., 1:].sum(axis=-1)
            return p

    garment = analyse_garment(drawn.rgb, ClothesType.UPPER, Faint(drawn))
    assert any("sheer" in w for w in garment.warnings)


def test_two_runs_agree_to_the_bit(top, nets):
    drawn = top("long")
    first, again = (analyse_garment(drawn.rgb, ClothesType.UPPER, nets(drawn)) for _ in range(2))
    assert np.array_equal(first.alpha, again.alpha)
    assert all(np.array_equal(first.marks[k], again.marks[k]) for k in first.marks)


def test_folded_trousers_are_warned_about(nets, empty):
    empty.classes[100:650, 170:430] = 2
    ys, xs = np.mgrid[0:800, 0:600]
    empty.classes[(ys > 540) & (np.abs(xs - 300) < (ys - 540) * 0.35)] = 0
    garment = analyse_garment(empty.rgb, ClothesType.LOWER, nets(empty))
    assert garment.cut in (Cut.SHORTS, Cut.TROUSERS)
    assert any("trousers seem to be folded" in w for w in garment.warnings)


def test_marks_that_the_caller_places_win_and_others_are_ignored(top, nets):
    drawn = top("short", neck=48.0)
    free = analyse_garment(drawn.rgb, ClothesType.UPPER, nets(drawn))
    placed = analyse_garment(
        drawn.rgb,
        ClothesType.UPPER,
        nets(drawn),
        {"hem_left": (0.4, 0.7), "neck_front": (0.5, 0.3), "crotch": (0.5, 0.5)},
    )
    height, width = placed.alpha.shape
    assert placed.marks["hem_left"] == pytest.approx((0.4 * width, 0.7 * height), abs=0.01)
    assert placed.marks["neck_front"] == pytest.approx((0.5 * width, 0.3 * height), abs=0.01)
    assert set(placed.marks) == set(free.marks)
    assert np.array_equal(placed.marks["hem_right"], free.marks["hem_right"])


def test_the_inner_back_goes_on_under_the_fronts_edge(top, nets):
    drawn = top("short", neck=48.0)
    garment = analyse_garment(drawn.rgb, ClothesType.UPPER, nets(drawn))
    assert garment.back is not None
    edge = (garment.alpha > 0.2) & (garment.alpha < 0.8)
    x0, x1 = (round(float(garment.marks[k][0])) for k in ("neck_left", "neck_right"))
    low = round(float(garment.marks["neck_front"][1]))
    edge[:, : x0 + 4] = edge[:, x1 - 4 :] = edge[low + 2 :] = edge[: low - 25] = False
    assert edge.any()
    assert garment.back[edge].min() > 0.9


def test_the_label_is_painted_over_with_lining(top, nets):
    drawn = top("short", neck=70.0)
    garment = analyse_garment(drawn.rgb, ClothesType.UPPER, nets(drawn))
    assert garment.back is not None
    label = np.asarray(garment.back > 0.5) & (garment.rgb.min(axis=-1) > 180)
    assert label.mean() < 0.002


def test_traits_and_confidence_are_shares(top, nets):
    drawn = top("long")
    garment = analyse_garment(drawn.rgb, ClothesType.UPPER, nets(drawn))
    assert 0 <= garment.confidence <= 1
    assert all(0 <= getattr(garment.traits, f) <= 1 for f in ("collared", "hooded", "straps"))


def test_the_signals_tell_a_plain_garment_from_a_shapeless_heap(top, nets, empty):
    drawn = top("short")
    plain = analyse_garment(drawn.rgb, ClothesType.UPPER, nets(drawn)).signals
    ys, xs = np.mgrid[0:800, 0:600]
    empty.classes[(np.hypot(xs - 300, ys - 400) < 230) & (np.hypot(xs - 410, ys - 330) > 190)] = 1
    heap = analyse_garment(empty.rgb, ClothesType.UPPER, nets(empty)).signals
    assert plain.keys() == heap.keys() == {"cut_odds", "spread", "worst_spread", "apart", "worst_apart", "outline"}
    assert all(np.isfinite(value) for value in (*plain.values(), *heap.values()))
    assert plain["apart"] <= plain["worst_apart"]
    assert plain["spread"] <= plain["worst_spread"]
    assert plain["outline"] > heap["outline"] + 0.1
    assert plain["worst_spread"] < heap["worst_spread"]


@pytest.mark.parametrize(
    ("odds", "cut"),
    [
        ({Cut.SLEEVELESS: 0.30, Cut.LONG_SLEEVE: 0.45}, Cut.SLEEVELESS),
        ({Cut.SLEEVELESS: 0.30, Cut.LONG_SLEEVE: 0.65}, Cut.LONG_SLEEVE),
        ({Cut.SLEEVELESS: 0.05, Cut.SHORT_SLEEVE: 0.5, Cut.HALF_SLEEVE: 0.4}, Cut.SHORT_SLEEVE),
    ],
)
def test_a_doubtful_sleeve_is_none(top, nets, odds, cut):
    drawn = top("none")
    seen = cut_out(drawn.rgb, ClothesType.UPPER, nets(drawn))
    reading = read_garment(seen.photo, seen.alpha, ClothesType.UPPER)
    told = replace(reading, odds=dict.fromkeys(reading.odds, 0.0) | odds)
    assert _kind(told, seen.alpha > 0.5, ClothesType.UPPER) is cut
