"""The frame of shoulders and spine: same picture sides for every view, lengths in shoulder widths, straight limbs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mannequin import ARMS, LEG, Look, draw_mannequin

from fittingroom.engines.drape.body import MIN_SHOULDER_TO_TORSO, SIDES, Body, along, body_of, smooth


@pytest.fixture(params=["front", "behind"])
def body(request: pytest.FixtureRequest) -> Body:
    drawn = draw_mannequin(Look())
    return body_of((drawn if request.param == "front" else drawn.from_behind()).pose())


def test_left_and_right_are_the_pictures(body: Body) -> None:
    for pair in (body.shoulders, body.hips, (body.hands[0][0], body.hands[1][0])):
        assert pair[0][0] < pair[1][0]
    for limbs, first in ((body.arms, body.shoulders), (body.legs, body.hips)):
        for side in SIDES:
            np.testing.assert_allclose(limbs[side].points[0], first[side])
        assert limbs[0].points[-1, 0] < limbs[1].points[-1, 0]


def test_measures_are_those_of_the_drawing(body: Body) -> None:
    drawn = draw_mannequin(Look())
    assert body.sw == pytest.approx(drawn.sw, rel=1e-3)
    np.testing.assert_allclose(body.origin, drawn.origin, atol=0.1)
    np.testing.assert_allclose(body.ux, (1, 0), atol=1e-3)
    np.testing.assert_allclose(body.uy, (0, 1), atol=1e-3)
    assert body.hip_v == pytest.approx(LEG[0][1], abs=1e-3)
    assert body.turned == pytest.approx(0.0, abs=1e-6)
    joints = np.array(ARMS["down"][:3])
    assert body.arms[1].length == pytest.approx(
        np.linalg.norm(np.diff(joints, axis=0), axis=1).sum() * drawn.sw, rel=1e-3
    )
    assert all(limb.seen for limb in (*body.arms, *body.legs))


@given(st.floats(-3, 3), st.floats(-3, 5), st.floats(-0.6, 0.6), st.floats(0.3, 4))
@settings(max_examples=40, deadline=None)
def test_coords_undo_at_for_tilted_bodies_of_any_size(u: float, v: float, tilt: float, size: float) -> None:
    pose = draw_mannequin(Look()).pose()
    turn = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
    pose.points[:] = pose.points @ turn.T * size
    body = body_of(pose)
    np.testing.assert_allclose(body.coords(body.at(u, v)), (u, v), atol=2e-3)
    np.testing.assert_allclose(body.ux @ body.uy, 0.0, atol=1e-5)
    np.testing.assert_allclose([np.linalg.norm(body.ux), np.linalg.norm(body.uy)], 1.0, atol=1e-5)
    assert body.ux[0] > 0
    np.testing.assert_allclose(body.uy, turn @ (0, 1), atol=1e-3)


def test_a_turned_persons_shoulder_width_keeps_a_floor() -> None:
    pose = draw_mannequin(Look()).pose()
    middle = pose.points[[11, 12]].mean(axis=0)
    pose.points[[11, 12]] = middle + 0.2 * (pose.points[[11, 12]] - middle)
    body = body_of(pose)
    torso = np.linalg.norm(pose.points[[23, 24]].mean(axis=0) - middle)
    assert body.sw == pytest.approx(MIN_SHOULDER_TO_TORSO * torso, rel=1e-3)
    assert 0.5 < body.turned < 1.0


def test_a_limb_out_of_the_picture_is_not_seen() -> None:
    pose = draw_mannequin(Look()).pose()
    pose.visibility[[14]] = 0.1  # the right elbow, which is at the picture's left
    body = body_of(pose)
    assert [limb.seen for limb in body.arms] == [False, True]


lines = st.lists(st.tuples(st.floats(-500, 500), st.floats(-500, 500)), min_size=2, max_size=5, unique=True)


@given(lines)
@settings(max_examples=50, deadline=None)
def test_along_walks_the_line_at_its_own_length(points: list[tuple[float, float]]) -> None:
    line = np.array(points, np.float32)
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    if steps.min() < 1:
        return
    at, tangents = along(line, np.array([0.0, steps[0], steps.sum(), steps.sum() + 50], np.float32))
    np.testing.assert_allclose(at[[0, 1, 2]], line[[0, 1, -1]], atol=0.5)
    np.testing.assert_allclose(at[3], line[-1] + 50 * (line[-1] - line[-2]) / steps[-1], atol=0.5)
    np.testing.assert_allclose(np.linalg.norm(tangents, axis=1), 1.0, atol=1e-4)


@given(lines)
@settings(max_examples=50, deadline=None)
def test_smoothing_keeps_the_ends_and_stays_near(points: list[tuple[float, float]]) -> None:
    line = np.array(points, np.float32)
    length = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
    if length < 10:
        return
    smoothed = smooth(line)
    assert smoothed.shape == (48, 2)
    np.testing.assert_allclose(smoothed[[0, -1]], line[[0, -1]], atol=1e-2 + 1e-3 * length)
    low, high = line.min(axis=0) - 0.2 * length, line.max(axis=0) + 0.2 * length
    assert ((smoothed >= low) & (smoothed <= high)).all()


def test_a_straight_line_stays_straight() -> None:
    smoothed = smooth(np.array([(0.0, 0.0), (30.0, 40.0), (60.0, 80.0)], np.float32))
    np.testing.assert_allclose(smoothed[:, 1] * 3, smoothed[:, 0] * 4, atol=1e-2)
