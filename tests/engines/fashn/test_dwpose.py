"""DWPose's arithmetic on arrays of known answers; the published ONNX files themselves never ran here."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from fittingroom.engines.fashn.dwpose import (
    COCO_BODY,
    DETECTOR,
    POSE,
    DwPose,
    apart,
    detector_input,
    people,
    pose_input,
    simcc,
    whole_pose,
)
from fittingroom.engines.protocol import NoPersonFound

CELLS = 80 * 80 + 40 * 40 + 20 * 20


def cell(stride: int, column: int, row: int) -> int:
    start = {8: 0, 16: 6400, 32: 8000}[stride]
    return start + row * (640 // stride) + column


def answer(*found: tuple[int, int, int, float, float, float]) -> np.ndarray:
    """The detector's raw answer: (stride, column, row, width, height, score) of persons, in px of the square."""
    out = np.zeros((CELLS, 85), np.float32)
    for stride, column, row, width, height, score in found:
        at = cell(stride, column, row)
        out[at, :6] = 0.5, 0.25, np.log(width / stride), np.log(height / stride), score, 1.0
    return out


def test_the_detector_sees_the_photo_in_the_upper_left_of_a_grey_square():
    photo = np.zeros((400, 800, 3), np.uint8)
    photo[...] = (10, 20, 30)
    given, ratio = detector_input(photo)
    assert given.shape == (1, 3, 640, 640)
    assert given.dtype == np.float32
    assert ratio == 0.8
    assert given[0, :, 319, 639].tolist() == [10, 20, 30]
    assert (given[0, :, 320:] == 114).all()


def test_boxes_come_from_cells_in_px_of_the_photo():
    boxes = people(answer((16, 10, 20, 100.0, 200.0, 0.9)), 0.5)
    middle = np.array([(10 + 0.5) * 16, (20 + 0.25) * 16])
    wanted = np.concatenate([middle - np.array([50, 100]), middle + np.array([50, 100])]) / 0.5
    assert boxes == pytest.approx(wanted[None], abs=1e-3)


def test_only_persons_over_the_score_count():
    raw = answer((32, 3, 3, 60, 90, 0.31), (32, 9, 3, 60, 90, 0.29), (32, 15, 3, 60, 90, 0.9))
    raw[cell(32, 15, 3), 5:7] = 0.0, 1.0  # a bicycle
    assert len(people(raw, 1.0)) == 1
    assert people(answer(), 1.0).shape == (0, 4)


def test_one_person_seen_by_two_cells_is_one_person():
    boxes = np.array([[0, 0, 100, 100], [5, 5, 105, 105], [60, 0, 160, 100]], np.float64)
    assert apart(boxes, np.array([0.5, 0.9, 0.4])) == [1, 2]


def test_the_crop_has_the_networks_aspect_and_imagenets_scale():
    photo = np.zeros((1000, 1000, 3), np.uint8)
    photo[450:551, 450:551] = (255, 0, 0)
    given, middle, extent = pose_input(photo, np.array([400.0, 300.0, 600.0, 700.0]), (384, 288))
    assert given.shape == (1, 3, 384, 288)
    assert middle.tolist() == [500, 500]
    assert extent == pytest.approx([375, 500])
    assert given[0, :, 192, 144] == pytest.approx([(255 - 123.675) / 58.395, -116.28 / 57.12, -103.53 / 57.375])
    assert given[0, :, 0, 0] == pytest.approx([-123.675 / 58.395, -116.28 / 57.12, -103.53 / 57.375])


def test_a_point_lies_where_both_axes_are_highest():
    x, y = np.zeros((2, 576), np.float32), np.zeros((2, 768), np.float32)
    x[0, 101], y[0, 501], x[1, 7], y[1, 9] = 0.9, 0.4, 0.2, 0.8
    points, scores = simcc(x, y)
    assert points.tolist() == [[50.5, 250.5], [3.5, 4.5]]
    assert scores == pytest.approx([0.4, 0.2])


def test_cocos_points_become_openposes():
    points = np.stack([np.arange(133), 1000 - np.arange(133)], axis=1).astype(float)
    scores = np.ones(133)
    scores[5] = 0.2
    pose = whole_pose(points, scores)
    assert pose.body[:, 0].tolist() == [5.5 if n is None else n for n in COCO_BODY]
    assert pose.body_scores[1] == pytest.approx(0.2)
    assert pose.face[[0, -1], 0].tolist() == [23, 90]
    assert pose.hands[:, [0, -1], 0].tolist() == [[91, 111], [112, 132]]


class Said:
    """A session that answers what it was told and keeps what it was asked."""

    def __init__(self, shape: tuple[int, ...], *answers: np.ndarray) -> None:
        self.shape, self.answers, self.asked = shape, answers, []

    def get_inputs(self):
        return [SimpleNamespace(name="input", shape=list(self.shape))]

    def run(self, names, feed):
        (given,) = feed.values()
        assert given.shape == self.shape
        assert given.dtype == np.float32
        self.asked.append(given)
        return list(self.answers)


def nets(detected: np.ndarray, score: float = 0.9) -> DwPose:
    x, y = np.zeros((1, 133, 576), np.float32), np.zeros((1, 133, 768), np.float32)
    x[:, :, 288], y[:, :, 384] = score, score
    return DwPose(Said((1, 3, 640, 640), detected[None]), Said((1, 3, 384, 288), x, y))


PHOTO = np.zeros((640, 640, 3), np.uint8)
LEFT, RIGHT = (16, 8, 20, 100.0, 200.0, 0.9), (16, 30, 20, 100.0, 200.0, 0.95)


@pytest.mark.parametrize(("box", "column"), [((80, 230, 190, 420), 8), ((430, 230, 540, 420), 30)])
def test_of_two_people_the_one_that_parsing_saw_is_read(box, column):
    pose = nets(answer(LEFT, RIGHT)).read(PHOTO, box)
    assert pose.body[0] == pytest.approx([(column + 0.5) * 16, 20.25 * 16], abs=0.01)


def test_the_pose_network_looks_where_parsing_saw_the_person_if_the_detector_saw_nobody():
    assert nets(answer()).read(PHOTO, (100, 200, 300, 600)).body[0] == pytest.approx([200, 400])


def test_nobody_is_an_error():
    with pytest.raises(NoPersonFound, match="no body"):
        nets(answer(LEFT), score=0.2).read(PHOTO, (80, 230, 190, 420))


def test_both_networks_are_shown_bgr():
    photo = PHOTO.copy()
    photo[...] = (200, 0, 0)
    read = nets(answer(LEFT))
    read.read(photo, (80, 230, 190, 420))
    assert read._detector.asked[0][0, :, 0, 0].tolist() == [0, 0, 200]
    assert read._pose.asked[0][0, 2, 192, 144] == pytest.approx((200 - 103.53) / 57.375)


def test_both_files_are_needed(tmp_path):
    (tmp_path / DETECTOR).touch()
    assert not DwPose.lies_in(tmp_path)
    (tmp_path / POSE).touch()
    assert DwPose.lies_in(tmp_path)
