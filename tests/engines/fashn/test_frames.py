"""What the network is shown: one scale, black borders, the person large, and exact values."""

from __future__ import annotations

import numpy as np
import pytest

from fittingroom.engines.fashn.frames import SIZE, picture_of, planes, prepare
from fittingroom.engines.fashn.pose_map import WholePose
from fittingroom.engines.protocol import ClothesType

GREY, RED = (128, 128, 128), (200, 30, 30)


def photo(height: int, width: int, colour=GREY) -> np.ndarray:
    return np.full((height, width, 3), colour, np.uint8)


def someone(x: int, y: int) -> WholePose:
    points, scores = np.zeros((18, 2), np.float32), np.zeros(18, np.float32)
    points[0], scores[0] = (x, y), 1.0
    return WholePose.of_body(points, scores)


def prepared(person, garment, box, pose=None, **rest):
    return prepare(person, garment, ClothesType.UPPER, box, pose or someone(0, 0), **rest)


def test_shapes_types_and_range():
    one = prepared(photo(1200, 900), photo(500, 800), (300, 200, 600, 1100))
    assert SIZE == (864, 576)
    assert one.person.shape == one.garment.shape == (3, *SIZE)
    assert one.person_pose.shape == one.garment_pose.shape == (1, *SIZE)
    assert {a.dtype for a in (one.person, one.garment, one.person_pose, one.garment_pose)} == {np.dtype(np.float32)}
    assert all(-1 <= a.min() <= a.max() <= 1 for a in (one.person, one.garment, one.person_pose))


@pytest.mark.parametrize(
    ("clothes_type", "number"), [(ClothesType.UPPER, 1), (ClothesType.LOWER, 2), (ClothesType.DRESS, 3)]
)
def test_categories(clothes_type, number):
    one = prepare(photo(100, 100), photo(90, 90), clothes_type, (20, 10, 80, 95), someone(50, 20))
    assert one.category == number


def test_the_garment_lies_whole_and_unstretched_on_black():
    wide = prepared(photo(900, 600), photo(300, 600, (255, 255, 255)), (100, 100, 400, 800)).garment
    white = (wide > 0.99).all(axis=0)
    assert (wide[:, ~white] == -1).all()
    rows, columns = white.any(axis=1).sum(), white.any(axis=0).sum()
    assert (rows, columns) == (288, 576)
    assert white[432 - 144 : 432 + 144].all()


def test_nobody_wears_the_garment():
    assert (prepared(photo(900, 600), photo(300, 600), (100, 100, 400, 800)).garment_pose == -1).all()


def test_a_small_person_keeps_pixels():
    scene = photo(2000, 3000)
    scene[900:1200, 1400:1500] = RED
    shown = prepared(scene, photo(90, 90), (1400, 900, 1500, 1200)).person
    red = shown[0] > shown[1] + 0.5
    assert red.any(axis=1).sum() > 0.7 * SIZE[0]


def test_the_pose_moves_with_the_crop():
    scene = photo(2000, 3000)
    scene[1000:1003, 1450:1453] = RED
    one = prepared(scene, photo(90, 90), (1400, 900, 1500, 1200), someone(1451, 1001))
    joint = np.argwhere(one.person_pose[0] > -1).mean(axis=0)
    mark = np.argwhere(one.person[0] > one.person[1] + 0.5).mean(axis=0)
    assert np.abs(joint - mark).max() < 4


def test_scaling_is_the_published_one_and_comes_back():
    values = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    scaled = planes(values)
    assert scaled.shape == (3, 16, 16)
    assert (scaled.min(), scaled.max()) == (-1.0, 1.0)
    assert scaled[0, 0, 1] == pytest.approx(1 / 127.5 - 1)
    assert (picture_of(scaled) == values).all()
    assert picture_of(np.full((3, 2, 2), 7.0, np.float32)).tolist() == [[[255] * 3] * 2] * 2


def test_another_size_and_margin():
    one = prepared(photo(900, 600), photo(300, 600), (100, 100, 400, 800), size=(96, 64), margin=0.0)
    assert one.person.shape == (3, 96, 64)
    assert one.frame.size == (96, 64)
    assert one.frame.box[3] - one.frame.box[1] == 700
