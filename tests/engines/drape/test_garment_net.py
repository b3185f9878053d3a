"""The garment network on drawn garments: what it names, where it looks, and that nothing but the garment counts."""

import numpy as np
import pytest

from fittingroom.engines.drape import garment_net as gn
from fittingroom.engines.drape.types import Cut
from fittingroom.engines.protocol import ClothesType

TOPS = gn.CUTS[:4]


def read(drawn, clothes_type=ClothesType.UPPER):
    return gn.read_garment(drawn.rgb, (drawn.classes > 0).astype(np.float32), clothes_type)


@pytest.mark.parametrize(
    ("kind", "cuts"),
    [
        ("short", {Cut.SHORT_SLEEVE, Cut.HALF_SLEEVE}),
        ("long", {Cut.LONG_SLEEVE}),
        ("none", {Cut.SLEEVELESS}),
    ],
)
def test_the_cut_of_tops(top, kind, cuts):
    assert read(top(kind)).best_cut(TOPS) in cuts, "the marks tell short sleeves from half ones"


@pytest.mark.parametrize(("kind", "cut"), [("trousers", Cut.TROUSERS), ("shorts", Cut.SHORTS), ("skirt", Cut.SKIRT)])
def test_the_cut_of_bottoms(bottom, kind, cut):
    assert read(bottom(kind), ClothesType.LOWER).best_cut(gn.BOTTOMS) is cut


@pytest.mark.parametrize("kind", ["short", "long", "none"])
def test_marks_of_tops_lie_near_the_drawn_ones(top, kind):
    drawn = top(kind)
    seen = read(drawn)
    ys, xs = np.nonzero(drawn.classes)
    diagonal = np.hypot(np.ptp(xs), np.ptp(ys))
    away = [np.linalg.norm(seen.marks[k] - np.array(m)) / diagonal for k, m in drawn.marks.items()]
    assert np.median(away) < 0.03
    assert max(away) < 0.12


def test_every_mark_lies_in_the_frame_and_has_a_spread(top):
    drawn = top("long")
    seen = read(drawn)
    height, width = drawn.classes.shape
    assert set(seen.marks) == set(seen.spread) == set(gn.MARKS)
    for x, y in seen.marks.values():
        assert 0 <= x < width
        assert 0 <= y < height
    assert all(0 < s < 1 for s in seen.spread.values())


def test_odds_and_traits_are_probabilities(top):
    seen = read(top("short"))
    assert sum(seen.odds.values()) == pytest.approx(1.0, abs=1e-4)
    assert all(0 <= getattr(seen.traits, name) <= 1 for name in gn.TRAITS)
    assert seen.traits.worn == 0.0


def test_the_inner_back_is_seen_where_it_is_drawn(top):
    drawn = top("short", neck=70.0)
    seen = read(drawn)
    assert seen.back.shape == drawn.classes.shape
    assert seen.back[drawn.lining].mean() > 4 * seen.back[(drawn.classes > 0) & ~drawn.lining].mean()


def test_what_lies_outside_the_cut_out_does_not_count(top):
    drawn = top("short")
    before = read(drawn)
    drawn.rgb[drawn.classes == 0] = (200, 30, 90)
    after = read(drawn)
    ys, xs = np.nonzero(drawn.classes)
    diagonal = np.hypot(np.ptp(xs), np.ptp(ys))
    moved = [np.linalg.norm(after.marks[k] - before.marks[k]) / diagonal for k in gn.marks_of(Cut.SHORT_SLEEVE)]
    assert max(moved) < 0.02


def test_a_garment_moved_in_its_photo_is_read_alike(top):
    drawn = top("short")
    before = read(drawn)
    alpha = (drawn.classes > 0).astype(np.float32)
    moved = gn.read_garment(np.roll(drawn.rgb, 40, axis=1), np.roll(alpha, 40, axis=1), ClothesType.UPPER)
    for name in gn.marks_of(Cut.SHORT_SLEEVE):
        assert np.allclose(moved.marks[name] - before.marks[name], (40, 0), atol=4.0)


def test_two_readings_agree_to_the_bit(top):
    first, again = read(top("long")), read(top("long"))
    assert all(np.array_equal(first.marks[k], again.marks[k]) for k in gn.MARKS)
    assert np.array_equal(first.back, again.back)


@pytest.mark.parametrize("cut", list(Cut))
def test_the_marks_of_a_cut_are_known_to_the_network(cut):
    names = gn.marks_of(cut)
    assert set(names) <= set(gn.MARKS)
    assert len(set(names)) == len(names)
    assert ("crotch" in names) == (cut in (Cut.TROUSERS, Cut.SHORTS))
    assert ("cuff_in_left" in names) == (cut in TOPS and cut is not Cut.SLEEVELESS)


def test_the_file_is_small_enough_to_be_committed():
    assert gn.FILE.stat().st_size < 5_000_000


def test_a_mirrored_photo_is_read_as_its_mirror_image(top):
    drawn = top("long")
    width = drawn.classes.shape[1]
    seen = read(drawn)
    alpha = np.ascontiguousarray((drawn.classes > 0).astype(np.float32)[:, ::-1])
    mirrored = gn.read_garment(np.ascontiguousarray(drawn.rgb[:, ::-1]), alpha, ClothesType.UPPER)
    for name in gn.marks_of(Cut.LONG_SLEEVE):
        other = name.replace("left", "~").replace("right", "left").replace("~", "right")
        x, y = mirrored.marks[other]
        assert (width - 1 - x, y) == pytest.approx(tuple(seen.marks[name]), abs=0.01 * width), name


def test_views_that_disagree_widen_the_spread():
    places = np.zeros((2, 1, 2), np.float32)
    spread = np.full((2, 1), 3.0, np.float32)
    together = gn._agreed(places, spread)
    assert together[1] == pytest.approx([3.0])
    places[1, 0, 0] = 8.0
    apart = gn._agreed(places, spread)
    assert apart[0][0] == pytest.approx([4.0, 0.0])
    assert apart[1] == pytest.approx([5.0])


def test_a_sure_view_counts_more():
    places = np.array([[[0.0, 0.0]], [[10.0, 0.0]]], np.float32)
    mean, _ = gn._agreed(places, np.array([[1.0], [3.0]], np.float32))
    assert mean[0] == pytest.approx([1.0, 0.0])
