"""The pose map: each grey where the published drawing has it, nothing where nothing was seen."""

from __future__ import annotations

import numpy as np
import pytest

from fittingroom.engines.fashn.pose_map import FINGERS, LIMBS, WholePose, pose_map

SIZE = (864, 576)
NECK, RIGHT_SHOULDER, RIGHT_ELBOW, LEFT_HIP, NOSE = 1, 2, 3, 11, 0


def pose(**seen: tuple[int, int]) -> WholePose:
    """Body points by number, as `p3=(x, y)`; all others unseen."""
    points, scores = np.zeros((18, 2), np.float32), np.zeros(18, np.float32)
    for name, at in seen.items():
        points[int(name[1:])], scores[int(name[1:])] = at, 1.0
    return WholePose.of_body(points, scores)


def test_a_pose_of_nothing_is_black():
    assert not pose_map(None, SIZE).any()
    assert not pose_map(pose(), SIZE).any()
    assert pose_map(None, SIZE).shape == SIZE


def test_a_limb_is_an_ellipse_of_its_own_dimmed_grey():
    drawn = pose_map(pose(p2=(200, 100), p3=(200, 300)), SIZE)
    middle = drawn[200]
    # The limb from shoulder to elbow is the third: 45 of 20..240 in 18 steps, times 0.6.
    assert middle[200] == int(int(20 + 2 * 220 / 17) * 0.6)
    assert (middle > 0).sum() == 9
    assert drawn[200, 195] == drawn[200, 205] == 0


def test_joints_lie_over_limbs_in_the_grey_of_their_first_limb():
    drawn = pose_map(pose(p1=(300, 100), p2=(200, 100), p3=(200, 300)), SIZE)
    assert drawn[100, 200] == int(20 * 1.3)
    assert drawn[100, 300] == int(20 * 1.3)
    assert drawn[300, 200] == int(int(20 + 2 * 220 / 17) * 1.3)
    assert drawn[300, 204] > 0
    assert drawn[300, 206] == 0


def test_all_limbs_differ_and_reach_every_joint():
    assert len(LIMBS) == 17
    assert {joint for limb in LIMBS for joint in limb} == set(range(18))
    assert LIMBS[0] == (NECK, RIGHT_SHOULDER)
    assert LIMBS[9] == (NECK, LEFT_HIP)
    assert LIMBS[12] == (NECK, NOSE)


def test_a_limb_with_one_end_unseen_is_not_drawn():
    drawn = pose_map(pose(p2=(200, 100)), SIZE)
    assert drawn[100, 200] > 0
    assert not drawn[110:].any()
    weak = pose(p2=(200, 100), p3=(200, 300))
    weak.body_scores[3] = 0.3
    assert (pose_map(weak, SIZE) == drawn).all()


def test_hands_and_face_are_drawn_where_they_are_known():
    full = pose()
    full.hands[1] = [(100 + 10 * k, 400) for k in range(21)]
    full.hand_scores[1] = 1.0
    full.face[5], full.face_scores[5] = (300, 50), 0.31
    drawn = pose_map(full, SIZE)
    assert drawn[400, 100] == 240
    assert drawn[50, 300] == 200
    assert drawn[50, 303] == 200
    assert drawn[50, 304] == 0
    between = drawn[400, 105]
    assert 160 <= between <= 220
    full.hand_scores[:] = 0.0
    assert not pose_map(full, SIZE)[380:].any()


def test_fingers_begin_at_the_wrist():
    assert len(FINGERS) == 20
    assert [a for a, _ in FINGERS].count(0) == 5
    assert FINGERS[:5] == ((0, 1), (1, 2), (2, 3), (3, 4), (0, 5))


def test_widths_shrink_with_the_frame():
    small = pose_map(pose(p2=(20, 10), p3=(20, 30)), (96, 64))
    assert (small[20] > 0).sum() == 3


def test_moved_points_are_those_of_the_crop():
    moved = pose(p2=(200, 100)).moved(0.5, 100.0, 50.0)
    assert moved.body[2].tolist() == [50.0, 25.0]
    assert moved.seen == 1


@pytest.mark.parametrize("at", [(-50, -50), (5000, 5000)])
def test_points_beyond_the_frame_harm_nothing(at):
    assert pose_map(pose(p2=at, p3=(100, 100)), SIZE)[100, 100] > 0
