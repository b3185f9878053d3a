"""Measurements along outlines: right where the picture shows them, the stated default where it does not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fittingroom.engines.drape.outline import contour_of, march, path_between, resample, row_edges


@pytest.fixture
def box() -> np.ndarray:
    """A rectangle, columns 20..59, rows 10..89, and a speck."""
    alpha = np.zeros((100, 80), np.float32)
    alpha[10:90, 20:60] = 1.0
    alpha[2:4, 2:4] = 1.0
    return alpha


def test_contour_is_the_largest_pieces_border(box: np.ndarray) -> None:
    contour = contour_of(box)
    assert contour.dtype == np.float32
    np.testing.assert_allclose(contour.min(axis=0), (20, 10))
    np.testing.assert_allclose(contour.max(axis=0), (59, 89))


def test_path_takes_the_shorter_way_and_meets_both_ends(box: np.ndarray) -> None:
    start, end = np.array([20.0, 12.0], np.float32), np.array([21.0, 80.0], np.float32)
    path = path_between(contour_of(box), start, end, 30)
    assert path.shape == (30, 2)
    np.testing.assert_allclose(path[[0, -1]], [start, end])
    np.testing.assert_allclose(path[2:-2, 0], 20, atol=1.5)
    assert (np.diff(path[:, 1]) > -0.5).all()


def test_path_is_the_same_from_the_other_end(box: np.ndarray) -> None:
    start, end = np.array([40.0, 10.0], np.float32), np.array([59.0, 60.0], np.float32)
    there = path_between(contour_of(box), start, end)
    back = path_between(contour_of(box), end, start)
    np.testing.assert_allclose(there, back[::-1], atol=1.0)


def test_a_mark_inside_the_garment_is_reached_straight(box: np.ndarray) -> None:
    start, end = np.array([20.0, 20.0], np.float32), np.array([34.0, 80.0], np.float32)
    path = path_between(contour_of(box), start, end)
    np.testing.assert_allclose(path[:, 0], 20 + (path[:, 1] - 20) * 14 / 60, atol=1e-2)


def test_a_path_round_a_deep_fold_is_cut_short() -> None:
    alpha = np.zeros((100, 100), np.float32)
    alpha[10:90, 10:90] = 1.0
    alpha[10:80, 45:55] = 0.0
    start, end = np.array([44.0, 10.0], np.float32), np.array([55.0, 10.0], np.float32)
    path = path_between(contour_of(alpha), start, end)
    np.testing.assert_allclose(path[:, 1], 10.0, atol=1e-3)


polylines = st.lists(st.tuples(st.floats(-99, 99), st.floats(-99, 99)), min_size=2, max_size=9)


@given(polylines, st.integers(2, 40))
@settings(max_examples=50, deadline=None)
def test_resampling_keeps_ends_and_never_lengthens(points: list[tuple[float, float]], count: int) -> None:
    line = np.array(points, np.float32)
    out = resample(line, count)
    assert out.shape == (count, 2)
    np.testing.assert_allclose(out[[0, -1]], line[[0, -1]], atol=1e-3)
    length = np.linalg.norm(np.diff(line, axis=0), axis=1).sum()
    steps = np.linalg.norm(np.diff(out, axis=0), axis=1)
    assert steps.sum() <= length + 1e-2
    assert steps.max() <= length / (count - 1) + 1e-2


def test_row_edges_find_the_garments_sides(box: np.ndarray) -> None:
    assert row_edges(box, 50.0, 23.0, 57.0, 8.0) == (19.5, 59.5)


def test_row_edges_keep_what_was_expected_where_nothing_ends(box: np.ndarray) -> None:
    assert row_edges(box, 50.0, 35.0, 45.0, 4.0) == (35.0, 45.0), "inside the cloth"
    assert row_edges(box, 95.0, 20.0, 60.0, 6.0) == (20.0, 60.0), "below the cloth"
    assert row_edges(box, -40.0, 21.0, 58.0, 6.0) == (21.0, 58.0), "above the picture"


def test_row_edges_want_cloth_inside_and_background_outside(box: np.ndarray) -> None:
    left, right = row_edges(box, 50.0, 57.0, 22.0, 6.0)
    assert (left, right) == (57.0, 22.0), "an edge that leads into the cloth outwards is none"


@pytest.mark.parametrize(
    ("start", "way", "expected"),
    [
        ((40, 50), (1, 0), 20),
        ((40, 50), (-1, 0), 21),
        ((40, 50), (0, -1), 41),
        ((5, 50), (1, 0), None),
        ((-9, 50), (1, 0), None),
        ((40, 500), (0, 1), None),
    ],
)
def test_march_stops_at_the_end_of_the_mask(
    box: np.ndarray, start: tuple[int, int], way: tuple[int, int], expected: float | None
) -> None:
    found = march(box > 0.5, np.array(start, np.float32), np.array(way, np.float32), 70.0)
    assert found == expected


def test_march_that_never_ends_within_its_limit_is_none(box: np.ndarray) -> None:
    assert march(box > 0.5, np.array([40, 50], np.float32), np.array([1, 0], np.float32), 15.0) is None


@given(st.floats(0, 6.28), st.integers(22, 57), st.integers(12, 87))
@settings(max_examples=50, deadline=None)
def test_march_ends_just_outside(angle: float, x: int, y: int) -> None:
    mask = np.zeros((100, 80), bool)
    mask[10:90, 20:60] = True
    way = np.array([np.cos(angle), np.sin(angle)], np.float32)
    start = np.array([x, y], np.float32)
    length = march(mask, start, way, 200.0)
    assert length is not None
    before, after = (np.round(start + d * way).astype(int) for d in (length - 1, length))
    assert mask[before[1], before[0]]
    inside = 0 <= after[0] < 80 and 0 <= after[1] < 100
    assert not (inside and mask[after[1], after[0]])
