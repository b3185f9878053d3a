"""Marks on drawn garments, in per cent of the diagonal of the garment's box."""

import cv2
import numpy as np
import pytest

from fittingroom.engines.drape import landmarks as lm
from fittingroom.engines.drape.outline_fit import bank_for, query_of
from fittingroom.engines.drape.types import Cut
from fittingroom.engines.protocol import ClothesType


def worst_error(drawn, found) -> tuple[float, str]:
    """The largest distance of a found mark from the drawn one, % of the diagonal, and that mark."""
    _, _, w, h = query_of(drawn.classes > 0).box
    errors = [
        (float(np.linalg.norm(found.marks[k] - v)) / np.hypot(w, h) * 100, k)
        for k, v in drawn.marks.items()
        if k != "neck_front"
    ]
    return max(errors)


@pytest.mark.parametrize(
    ("kind", "type_", "cut"),
    [
        ("short", ClothesType.UPPER, Cut.SHORT_SLEEVE),
        ("long", ClothesType.UPPER, Cut.LONG_SLEEVE),
        ("none", ClothesType.UPPER, Cut.SLEEVELESS),
        ("dress", ClothesType.DRESS, Cut.SLEEVELESS),
    ],
)
def test_tops_and_dresses(top, kind, type_, cut):
    drawn = top(kind)
    found = lm.find_landmarks(drawn.classes > 0, bank_for(type_))
    assert found.cut is cut
    assert found.score > 0.75
    error, name = worst_error(drawn, found)
    assert error < 5.0, name


@pytest.mark.parametrize(("kind", "cut"), [("trousers", Cut.TROUSERS), ("shorts", Cut.SHORTS), ("skirt", Cut.SKIRT)])
def test_bottoms(bottom, kind, cut):
    drawn = bottom(kind)
    found = lm.find_landmarks(drawn.classes > 0, bank_for(ClothesType.LOWER))
    assert found.cut is cut
    error, name = worst_error(drawn, found)
    assert error < 5.0, name


def test_the_armpit_is_the_top_of_the_gap(top):
    drawn = top("long")
    mask = drawn.classes > 0
    gaps = lm.gap_tops(mask, query_of(mask))
    assert (gaps[:, 0] < 300).any()
    assert (gaps[:, 0] > 300).any()
    found = lm.find_landmarks(mask, bank_for(ClothesType.UPPER)).marks["armpit_left"]
    assert np.linalg.norm(gaps[:, :2] - found, axis=1).min() < 1.0


def test_a_tilted_tee_keeps_its_cut_and_marks(top):
    drawn = top("short")
    turn = cv2.getRotationMatrix2D((300, 400), 6, 1.0)
    mask = cv2.warpAffine(drawn.classes, turn, (600, 800), flags=cv2.INTER_NEAREST) > 0
    found = lm.find_landmarks(mask, bank_for(ClothesType.UPPER))
    drawn.marks = {k: tuple(turn @ np.array([*v, 1.0])) for k, v in drawn.marks.items()}
    assert found.cut is Cut.SHORT_SLEEVE
    error, name = worst_error(drawn, found)
    assert error < 6.0, name


def test_crotch_gap_is_none_for_a_skirt_and_near_the_truth_for_trousers(bottom):
    skirt, trousers = bottom("skirt").classes > 0, bottom("trousers").classes > 0
    assert lm.crotch_gap(skirt, query_of(skirt)) is None
    at = lm.crotch_gap(trousers, query_of(trousers))
    assert at is not None
    assert np.linalg.norm(at - [300, 290]) < 12


def test_neck_corner_of_a_standing_collar_is_its_foot():
    mask = np.zeros((300, 400), np.uint8)
    cv2.fillPoly(
        mask,
        [np.array([(60, 130), (150, 100), (155, 40), (245, 40), (250, 100), (340, 130), (340, 290), (60, 290)])],
        1,
    )
    corner = lm.neck_corner(mask > 0, np.array([60, 130], np.float32), 200.0, 280.0)
    assert corner is not None
    top, foot = corner
    assert np.linalg.norm(top - [155, 40]) < 8
    assert foot is not None
    assert np.linalg.norm(foot - [150, 100]) < 8


def test_neck_corner_of_a_flat_edge_is_none():
    mask = np.zeros((100, 200), bool)
    mask[20:] = True
    assert lm.neck_corner(mask, np.array([10, 20], np.float32), 100.0, 180.0) is None


def test_sleeve_cut_goes_by_length_in_shoulder_widths():
    def marks(reach: float) -> dict[str, np.ndarray]:
        points = {"shoulder_left": (100, 0), "shoulder_right": (200, 0)}
        points |= {"cuff_out_left": (100, reach), "cuff_out_right": (200, reach)}
        return {k: np.array(v, np.float32) for k, v in points.items()}

    assert lm.sleeve_cut(marks(40)) is Cut.SHORT_SLEEVE
    assert lm.sleeve_cut(marks(80)) is Cut.HALF_SLEEVE
    assert lm.sleeve_cut(marks(140)) is Cut.LONG_SLEEVE


def test_snapper_finds_corners_and_their_kind():
    mask = np.zeros((200, 200), bool)
    mask[50:150, 50:150] = True
    mask[50:100, 100:150] = False
    snap = lm.Snapper(mask, 200.0)
    assert np.linalg.norm(snap(np.array([55, 145], np.float32), (-0.6, 0.8), 0.9) - [50, 149]) < 4
    assert snap.fullness(np.array([50, 149], np.float32)) < 0.4
    assert snap.fullness(np.array([99, 100], np.float32)) > 0.6
    limited = snap(np.array([60, 149], np.float32), (-0.6, 0.8), 0.9, sign=-1.0, limit=-58.0)
    assert limited[0] >= 58


def test_path_is_the_short_way_and_needs_both_ends_on_the_contour():
    mask = np.zeros((100, 100), bool)
    mask[20:80, 20:80] = True
    snap = lm.Snapper(mask, 100.0)
    path = snap.path(np.array([20, 20], np.float32), np.array([20, 50], np.float32))
    assert path is not None
    assert len(path) == 31
    assert (path[:, 0] == 20).all()
    assert snap.path(np.array([20, 20], np.float32), np.array([50, 50], np.float32)) is None


def box_mask() -> np.ndarray:
    mask = np.zeros((400, 300), bool)
    mask[50:350, 60:240] = True
    return mask


def test_the_outlines_mark_is_taken_where_it_lies_near_the_seen_one():
    seen = {"hem_left": np.array([66, 340], np.float32)}
    near = {"hem_left": np.array([61, 345], np.float32)}
    far = {"hem_left": np.array([200, 349], np.float32)}
    assert np.array_equal(lm.settle(box_mask(), near, seen)["hem_left"], near["hem_left"])
    settled = lm.settle(box_mask(), far, seen)["hem_left"]
    assert np.linalg.norm(settled - seen["hem_left"]) < 0.03 * np.hypot(180, 300)
    assert settled[0] == 60 or settled[1] == 349, "on the contour"


def test_a_seen_mark_far_from_the_contour_stays():
    seen = {"armpit_left": np.array([150, 200], np.float32), "neck_front": np.array([150, 90], np.float32)}
    settled = lm.settle(box_mask(), {}, seen)
    assert np.array_equal(settled["armpit_left"], seen["armpit_left"])
    assert np.array_equal(settled["neck_front"], seen["neck_front"])


def test_a_crotch_near_the_seen_one_is_the_gaps():
    gap, seen = np.array([150, 200], np.float32), np.array([152, 190], np.float32)
    assert np.array_equal(lm.settle(box_mask(), {"crotch": gap}, {"crotch": seen})["crotch"], gap)


def test_only_allowed_cuts_are_fitted(top):
    drawn = top("short")
    found = lm.find_landmarks(drawn.classes > 0, bank_for(ClothesType.UPPER), (Cut.LONG_SLEEVE,))
    assert [f.cut for f in found.fits] == [Cut.LONG_SLEEVE]
