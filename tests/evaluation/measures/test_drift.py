"""How far the joints moved."""

from __future__ import annotations

import numpy as np
import pytest

from fittingroom.evaluation.measures.drift import JOINTS, drift

POINTS = np.full((33, 2), 50.0)
SURE = np.ones(33)
SIZE = (100, 80)


def test_it_is_the_mean_in_shoulder_distances() -> None:
    assert drift(POINTS, POINTS, SURE, SIZE, 20.0) == 0
    assert drift(POINTS, POINTS + np.array([3.0, 4.0]), SURE, SIZE, 20.0) == pytest.approx(0.25)


def test_only_body_joints_count() -> None:
    moved = POINTS.copy()
    moved[[1, 5, 17, 31]] += 40
    assert drift(POINTS, moved, SURE, SIZE, 20.0) == 0
    moved[JOINTS[3]] += [0.0, 13 * 20.0]
    assert drift(POINTS, moved, SURE, SIZE, 20.0) == pytest.approx(1.0)


def test_guessed_joints_and_those_beyond_the_frame_do_not_count() -> None:
    before, unsure, after = POINTS.copy(), SURE.copy(), POINTS.copy()
    before[27] = (50.0, 130.0)
    before[28] = (85.0, 50.0)
    unsure[15] = 0.2
    after[[15, 27, 28]] += 500
    assert drift(before, after, unsure, SIZE, 20.0) == 0
    assert drift(before, after, np.zeros(33), SIZE, 20.0) is None
