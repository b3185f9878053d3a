"""The cut-out: soft true edges, an opaque inside, no background colour in reach, and an honest refusal."""

import numpy as np
import pytest

from fittingroom.engines.drape import cutout
from fittingroom.engines.protocol import ClothesType, NoGarmentFound


def test_alpha_matches_the_drawn_garment(top, nets):
    drawn = top("short")
    cut = cutout.cut_out(drawn.rgb, ClothesType.UPPER, nets(drawn))
    true = cutout.to_working_size(np.repeat(drawn.classes[..., None] * 255, 3, axis=2))[..., 0] > 127
    found = cut.alpha > 0.5
    assert (found & true).sum() / (found | true).sum() > 0.985
    assert (cut.alpha[cutout.erode(true, 12)] == 1).all()
    assert (cut.alpha[~cutout.dilate(true, 12)] == 0).all()


def test_the_hanger_is_left_out(top, nets):
    drawn = top("short")
    cut = cutout.cut_out(drawn.rgb, ClothesType.UPPER, nets(drawn))
    k = cutout.WORK_SIDE / 800
    assert cut.alpha[: int(105 * k)].max() == 0


def test_long_side_is_the_working_size(top, nets):
    drawn = top("short")
    cut = cutout.cut_out(drawn.rgb, ClothesType.UPPER, nets(drawn))
    assert cut.rgb.shape == (1024, 768, 3)
    assert cut.rgb.dtype == np.uint8
    assert cut.alpha.shape == (1024, 768)
    assert cut.alpha.dtype == np.float32


def test_colours_reach_outward_so_that_no_background_shows(top, nets):
    drawn = top("short", neck=0.0)
    cut = cutout.cut_out(drawn.rgb, ClothesType.UPPER, nets(drawn))
    rim = cutout.dilate(cut.alpha > 0.5, 6) & ~cutout.erode(cut.alpha > 0.5, 1)
    assert cut.rgb[rim].min(axis=1).max() < 200, "the background is (236, 238, 240)"


def test_inside_pixels_are_the_photo_itself(top, nets):
    drawn = top("short")
    cut = cutout.cut_out(drawn.rgb, ClothesType.UPPER, nets(drawn))
    inside = cutout.erode(cut.alpha > 0.97, 4)
    assert np.array_equal(cut.rgb[inside], cut.photo[inside])


def test_empty_picture_is_refused(empty, nets):
    with pytest.raises(NoGarmentFound, match="cover only"):
        cutout.cut_out(empty.rgb, ClothesType.UPPER, nets(empty))


def test_shares_tell_the_class(bottom, nets):
    drawn = bottom("trousers")
    cut = cutout.cut_out(drawn.rgb, ClothesType.LOWER, nets(drawn))
    assert cut.shares == pytest.approx((0.0, 1.0, 0.0), abs=0.01)
    assert not cut.worn


def test_on_a_dressed_person_only_the_wanted_garment_is_kept(top, bottom, nets):
    drawn = top("short")
    lower = bottom("trousers").classes
    drawn.classes = np.where(drawn.classes > 0, drawn.classes, np.roll(lower, 300, axis=0))
    cut = cutout.cut_out(drawn.rgb, ClothesType.UPPER, nets(drawn, face=0.05))
    assert cut.worn
    assert cut.shares[0] > 0.99
    assert cut.alpha[int(700 * 1.28)].max() == 0, "below the shirt's hem"


def test_without_a_face_all_classes_are_one_garment(top, nets):
    drawn = top("dress")
    drawn.classes[400:][drawn.classes[400:] > 0] = 2
    cut = cutout.cut_out(drawn.rgb, ClothesType.DRESS, nets(drawn))
    assert not cut.worn
    assert cut.alpha[int(700 * 1.28), 384] == 1
    assert min(cut.shares[1], cut.shares[2]) > 0.2


def test_main_parts_keeps_two_halves_split_by_a_belt_and_drops_specks():
    mask = np.zeros((200, 100), bool)
    mask[20:90, 20:80] = True
    mask[95:180, 18:82] = True
    mask[5:9, 5:9] = True
    kept = cutout.main_parts(mask)
    assert kept[50, 50]
    assert kept[150, 50]
    assert not kept[6, 6]


def test_main_parts_fills_pin_holes_but_not_gaps():
    mask = np.zeros((300, 300), bool)
    mask[20:280, 20:280] = True
    mask[100:102, 100:102] = False
    mask[150:250, 140:160] = False
    kept = cutout.main_parts(mask)
    assert kept[101, 101]
    assert not kept[200, 150]


def test_main_parts_of_nothing_is_nothing():
    assert not cutout.main_parts(np.zeros((20, 20), bool)).any()


def test_pull_push_keeps_known_pixels_and_fills_with_near_colours():
    values = np.zeros((64, 64, 3), np.float32)
    values[:, :20] = (200, 10, 10)
    values[:, 44:] = (10, 10, 200)
    weight = np.zeros((64, 64), np.float32)
    weight[:, :20] = weight[:, 44:] = 1
    filled = cutout.pull_push(values, weight)
    assert np.array_equal(filled[weight > 0], values[weight > 0])
    assert filled[32, 22, 0] > 150 > filled[32, 22, 2]
    assert filled[32, 41, 2] > 150 > filled[32, 41, 0]


def test_erode_counts_the_border_as_outside():
    mask = np.ones((30, 30), bool)
    shrunk = cutout.erode(mask, 3)
    assert not shrunk[0].any()
    assert shrunk[15, 15]
    assert cutout.dilate(shrunk, 3)[15].all()


def test_a_label_hole_in_the_collar_is_closed_and_a_gap_at_the_side_stays() -> None:
    mask = np.zeros((400, 300), bool)
    mask[50:350, 50:250] = True
    mask[70:82, 140:160] = False
    mask[150:200, 60:70] = False
    closed = cutout.without_label_holes(mask)
    assert closed[70:82, 140:160].all()
    assert not closed[150:200, 60:70].any()


def test_the_hole_of_a_price_tag_on_shorts_is_closed_and_the_gap_between_closed_legs_stays() -> None:
    mask = np.zeros((400, 300), bool)
    mask[50:350, 50:250] = True
    mask[120:160, 200:230] = False
    mask[260:300, 145:155] = False
    closed = cutout.without_label_holes(mask, lower=True)
    assert closed[120:160, 200:230].all()
    assert not closed[260:300, 145:155].any()
    assert not cutout.without_label_holes(mask)[120:160, 200:230].any(), "a gap beside the trunk of a top"


def test_a_neckline_that_opens_to_the_outside_is_no_label() -> None:
    mask = np.zeros((400, 300), bool)
    mask[50:350, 50:250] = True
    mask[50:82, 140:160] = False
    np.testing.assert_array_equal(cutout.without_label_holes(mask), mask)


def test_a_speck_taken_for_a_face_is_no_wearer_without_hair_or_skin() -> None:
    selfie, classes = np.zeros((100, 100, 6), np.float32), np.zeros((100, 100, 4), np.float32)
    classes[..., 0] = 1.0
    selfie[:6, :10, 3] = 1.0
    assert not cutout.is_worn(selfie, classes)
    with_hair = selfie.copy()
    with_hair[:15, 20:30, 1] = 1.0
    assert cutout.is_worn(with_hair, classes)
    selfie[:30, :10, 3] = 1.0
    assert cutout.is_worn(selfie, classes)


def test_trousers_beside_a_face_are_whole_where_a_part_of_them_is_called_a_dress(bottom, nets):
    drawn = bottom("trousers")
    drawn.classes[400:][drawn.classes[400:] > 0] = 3
    cut = cutout.cut_out(drawn.rgb, ClothesType.LOWER, nets(drawn, face=0.05))
    assert cut.worn
    true = cutout.to_working_size(np.repeat(drawn.classes[..., None] * 80, 3, axis=2))[..., 0] > 40
    assert ((cut.alpha > 0.5) & true).sum() / true.sum() > 0.98
