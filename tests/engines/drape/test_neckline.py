"""The front neckline: found where it shows, never invented, never deeper than decency allows."""

import numpy as np
import pytest

from fittingroom.engines.drape import neckline as nl
from fittingroom.engines.drape.cutout import erode, pull_outward
from fittingroom.engines.drape.neck_rays import SHAPES

LEFT, RIGHT = np.array([240, 120], np.float32), np.array([360, 120], np.float32)


def expected(drawn, off: float = 0.0) -> nl.Expected:
    """What a network sees that is `off` px too low."""
    x, y = drawn.marks.get("neck_front", (300.0, 128.0))
    back = np.roll(drawn.lining, round(off), axis=0).astype(np.float32)
    return nl.Expected(np.array([x, y + off], np.float32), 10.0, back, np.zeros_like(back))


def cut(drawn, off: float = 0.0) -> tuple[np.ndarray, np.ndarray, bool]:
    alpha = (drawn.classes > 0).astype(np.float32)
    return nl.cut_neckline(pull_outward(drawn.rgb, alpha), alpha, LEFT, RIGHT, expected(drawn, off))


@pytest.mark.parametrize("off", [-7.0, 0.0, 7.0])
@pytest.mark.parametrize("depth", [36.0, 48.0, 66.0])
def test_inner_back_and_label_go_and_the_front_stays(top, depth, off):
    drawn = top("short", neck=depth)
    alpha, front, removed = cut(drawn, off)
    assert removed
    assert abs(front[1] - (120 + depth)) < 5
    assert alpha[erode(drawn.lining, 4)].max() < 0.1, "lining and label"
    cloth = (drawn.classes > 0) & ~drawn.lining
    assert alpha[erode(cloth, 6)].min() == 1


def test_without_an_inner_back_nothing_is_removed(top):
    drawn = top("short", neck=0.0)
    alpha, front, removed = cut(drawn)
    assert not removed
    assert np.array_equal(alpha, (drawn.classes > 0).astype(np.float32))
    assert abs(front[1] - 128) < 3, "the collar's own edge"


def test_a_print_is_not_taken_for_a_neckline(top):
    drawn = top("short", neck=0.0, print_on=True)
    drawn.rgb = np.roll(drawn.rgb, -130, axis=0)
    _, _, removed = cut(drawn)
    assert not removed


def test_a_neckline_that_the_outline_shows_already_is_left_alone(top):
    drawn = top("short", neck=60.0, back=50.0)
    alpha, front, removed = cut(drawn)
    assert not removed
    assert abs(front[1] - 170) < 4
    assert np.array_equal(alpha, (drawn.classes > 0).astype(np.float32))


def test_an_edge_at_the_mark_is_an_opening_though_the_network_saw_no_inner_back(top):
    drawn = top("short", neck=48.0)
    lining, drawn.lining = drawn.lining, np.zeros_like(drawn.lining)
    alpha, front, removed = cut(drawn)
    assert removed
    assert abs(front[1] - 168) < 5
    assert alpha[erode(lining, 4)].max() < 0.1


def test_what_neither_edge_nor_network_shows_stays(top):
    drawn = top("short", neck=0.0)
    drawn.marks["neck_front"] = (300.0, 170.0)
    alpha, _, removed = cut(drawn)
    assert not removed
    assert np.array_equal(alpha, (drawn.classes > 0).astype(np.float32))


def test_never_deeper_than_the_cap(top):
    drawn = top("short", neck=110.0)
    alpha, front, _ = cut(drawn)
    limit = 120 + nl.MAX_DEPTH * 120
    assert front[1] <= limit + 0.5
    below = np.zeros_like(alpha, bool)
    below[int(limit) + 3 :] = True
    assert np.array_equal(alpha[below], (drawn.classes > 0)[below].astype(np.float32))


def test_a_neck_too_small_to_judge_is_left_alone(top):
    drawn = top("short")
    alpha = (drawn.classes > 0).astype(np.float32)
    out, _, removed = nl.cut_neckline(
        drawn.rgb, alpha, np.array([295, 120], np.float32), np.array([305, 120], np.float32), expected(drawn)
    )
    assert not removed
    assert np.array_equal(out, alpha)


def shape(depth: float) -> float:
    """Height, in the whole depth, of a neckline half-way to its side, where nothing in the picture tells its shape."""
    alpha = np.zeros((800, 600), np.float32)
    alpha[125:700, 150:450] = 1.0
    ys, xs = np.mgrid[0:800, 0:600]
    v_shaped = (ys < 120 + 120 * depth * (1 - np.abs(xs - 300) / 60)) & (np.abs(xs - 300) < 60)
    rgb = np.full((800, 600, 3), 30, np.uint8)
    back = (v_shaped & (alpha > 0)).astype(np.float32)
    seen = nl.Expected(np.array([300, 120 + 120 * depth], np.float32), 10.0, back, np.zeros_like(back))
    after, front, removed = nl.cut_neckline(rgb, alpha, LEFT, RIGHT, seen)
    assert removed
    return float((np.argmax(after[:, 330] > 0.5) - 120) / (front[1] - 120))


def test_a_shallow_neckline_is_round_and_a_very_deep_one_a_v_even_on_black():
    assert shape(0.4) > 0.7, "a crew neck, though the network's mask comes to a point"
    assert shape(1.0) < 0.62


def test_only_a_collar_or_a_deep_neckline_comes_to_a_point():
    assert nl.shapes_for(0.49, standing=False) == SHAPES[1:]
    assert nl.shapes_for(0.49, standing=True) == SHAPES
    assert nl.shapes_for(0.5, standing=False) == SHAPES


def drawn_opening(inside: np.ndarray, spread: float = 10.0, top: int = 128) -> tuple[np.ndarray, np.ndarray, bool]:
    """A plain garment from row `top` on whose darker inner back is `inside`; its lowest point is marked."""
    alpha = np.zeros((800, 600), np.float32)
    alpha[top:700, 150:450] = 1.0
    alpha[:128, :240], alpha[:128, 360:] = 0.0, 0.0
    rgb = np.full((800, 600, 3), (70, 110, 170), np.uint8)
    rgb[inside] = (38, 62, 100)
    inside = inside & (alpha > 0)
    low = float(np.flatnonzero(inside.any(axis=1))[-1])
    seen = nl.Expected(np.array([300, low], np.float32), spread, inside.astype(np.float32), np.zeros_like(alpha))
    after, front, removed = nl.cut_neckline(rgb, alpha, LEFT, RIGHT, seen)
    return np.where(inside, 1.0 - after, after), front, removed


YS, XS = np.mgrid[0:800, 0:600]
HALF = np.abs(XS - 300) / 60
OPENINGS = {
    "V": (YS < 120 + 84 * (1 - HALF)) & (HALF < 1),
    "scoop": ((YS - 120) / 60.0) ** 2 + HALF**2 < 1,
    "square": (YS < 176) & (HALF < 0.95),
}


@pytest.mark.parametrize("name", OPENINGS)
def test_v_scoop_and_square_keep_their_shape(name):
    inside = OPENINGS[name] & (YS > 127)
    right, _, removed = drawn_opening(inside)
    assert removed
    zone = (YS > 131) & (YS < 230) & (HALF < 1.2)
    assert (right[zone] > 0.5).mean() > 0.975, "cloth stays and inner back goes, but for the edge"


def test_a_v_deeper_than_its_neck_is_wide_keeps_its_sides_and_ends_at_the_cap():
    inside = (YS < 120 + 180 * (1 - HALF)) & (HALF < 1) & (YS > 127)
    right, front, _ = drawn_opening(inside)
    assert front[1] <= 120 + nl.MAX_DEPTH * 120 + 0.5
    zone = (YS > 131) & (YS < 225) & (HALF < 1.2)
    assert (right[zone] > 0.5).mean() > 0.95


def test_the_opening_of_a_standing_collar_is_cut_between_its_leaves():
    inside = (YS > 80) & (175 - np.abs(XS - 300) * 1.4 > YS) & (HALF < 0.75)
    right, _, removed = drawn_opening(inside, top=80)
    assert removed
    zone = (YS > 84) & (YS < 200) & (HALF < 0.98)
    assert (right[zone] > 0.5).mean() > 0.95


def test_a_standing_collar_with_an_unsure_mark_is_closed(top):
    inside = (YS > 80) & (175 - np.abs(XS - 300) * 1.4 > YS) & (HALF < 0.75)
    _, _, removed = drawn_opening(inside, spread=nl.UNSURE * 120, top=80)
    assert not removed
    drawn, lining = collared(top)
    alpha = (drawn.classes > 0).astype(np.float32)
    unsure = nl.Expected(np.array([300, 165], np.float32), 62.0, lining.astype(np.float32), np.zeros_like(alpha))
    assert np.array_equal(nl.cut_collar(drawn.rgb, alpha, LEFT, RIGHT, unsure), alpha)


def test_a_hood_lies_on_the_shoulders():
    inside = (YS > 40) & (YS < 160) & (HALF < 0.5)
    alpha = np.zeros((800, 600), np.float32)
    alpha[128:700, 150:450] = alpha[30:128, 240:360] = 1.0
    rgb = np.full((800, 600, 3), (70, 110, 170), np.uint8)
    rgb[inside] = (38, 62, 100)
    seen = nl.Expected(np.array([300, 160], np.float32), 10.0, inside.astype(np.float32), np.zeros_like(alpha))
    after, _, removed = nl.cut_neckline(rgb, alpha, LEFT, RIGHT, seen)
    assert removed
    assert after[: 120 + round(nl.HOOD * 120) - 2].max() < 0.1, "nothing stands beside the head"
    assert after[110, 245] == 1.0
    back = nl.without_hood(alpha, LEFT, RIGHT)
    assert back[: 120 + round(nl.HOOD * 120) - 2].max() == 0.0, "nor does its lining"
    assert back[110, 300] == 1.0


def test_the_corners_of_the_rim_beside_an_opening_go_with_it():
    inside = OPENINGS["scoop"] & (YS > 127)
    alpha = np.zeros((800, 600), np.float32)
    alpha[120:700, 150:450] = 1.0
    alpha[112:120, 238:362] = 1.0
    rgb = np.full((800, 600, 3), (70, 110, 170), np.uint8)
    rgb[inside] = (38, 62, 100)
    seen = nl.Expected(np.array([300, 178], np.float32), 10.0, inside.astype(np.float32), np.zeros_like(alpha))
    after, _, removed = nl.cut_neckline(rgb, alpha, LEFT, RIGHT, seen)
    assert removed
    assert after[113, 240:360].max() < 0.1


def collared(top):
    """A top whose collar stands 40 px above the neck points, its inside seen between them."""
    drawn = top("short")
    ys, xs = np.mgrid[0:800, 0:600]
    stand = (ys > 80) & (ys < 130) & (np.abs(xs - 300) < 58)
    inside = (ys > 80) & (ys < 165 - np.abs(xs - 300)) & (np.abs(xs - 300) < 45)
    drawn.classes[stand | inside] = 1
    drawn.rgb[stand] = (70, 110, 170)
    drawn.rgb[inside] = (38, 62, 100)
    return drawn, inside


def cut_standing(drawn, inside, front=165.0):
    alpha = (drawn.classes > 0).astype(np.float32)
    seen = nl.Expected(np.array([300, front], np.float32), 10.0, inside.astype(np.float32), np.zeros_like(alpha))
    return alpha, nl.cut_collar(drawn.rgb, alpha, LEFT, RIGHT, seen)


def test_the_inside_of_a_standing_collar_goes_and_its_leaves_stay(top):
    drawn, inside = collared(top)
    before, after = cut_standing(drawn, inside)
    assert after[erode(inside, 8)].max() < 0.2
    assert np.array_equal(after[180:], before[180:])
    leaves = (drawn.classes > 0) & ~inside
    assert after[erode(leaves, 6)].min() > 0.9


def test_a_standing_collar_with_nothing_seen_inside_stays(top):
    drawn, inside = collared(top)
    before, after = cut_standing(drawn, np.zeros_like(inside))
    assert np.array_equal(after, before)


def test_an_opening_too_deep_to_believe_is_left_alone(top):
    drawn, inside = collared(top)
    before, after = cut_standing(drawn, inside, front=120 + 1.2 * 120)
    assert np.array_equal(after, before)


def hood(top, rise: float):
    """The picture, a hood of `rise` px above the neck points as alpha, and the opening inside its closed rim."""
    drawn = top("short")
    ys, xs = np.mgrid[0:800, 0:600]
    rim = (np.abs(xs - 300) < 70) & (ys > 120 - rise) & (ys < 160)
    inside = (np.abs(xs - 300) < 30) & (ys > 135 - rise) & (ys < 150)
    return drawn, np.where(rim, 1.0, drawn.classes > 0).astype(np.float32), inside


@pytest.mark.parametrize("rise", [40.0, 100.0])
def test_the_rim_above_a_hoods_opening_lies_behind_the_head(top, rise):
    drawn, alpha, inside = hood(top, rise)
    seen = nl.Expected(np.array([300, 150], np.float32), 10.0, inside.astype(np.float32), np.zeros_like(alpha))
    after = nl.cut_collar(drawn.rgb, alpha, LEFT, RIGHT, seen)
    assert after[: round(135 - rise), 280:320].max() < 0.2, "the opening reaches the outside"
    assert after[130, 245] == 1.0, "the hood's sides stay"
    assert after[:60, 240:360].max() == 0.0, "nothing stands beside the head"


def test_a_collar_closed_round_the_throat_is_not_opened(top):
    drawn, alpha, inside = hood(top, 60.0)
    seen = nl.Expected(np.array([300, 90], np.float32), 10.0, inside.astype(np.float32), np.zeros_like(alpha))
    assert np.array_equal(nl.cut_collar(drawn.rgb, alpha, LEFT, RIGHT, seen), alpha)
