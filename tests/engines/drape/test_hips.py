"""Hips lie on the cloth's edge at a fixed share of the way down, whatever was there before."""

import numpy as np
import pytest

from fittingroom.engines.drape.hips import place_hips


def marks_of(**points: tuple[float, float]) -> dict[str, np.ndarray]:
    return {name: np.array(point, np.float32) for name, point in points.items()}


def trapeze() -> np.ndarray:
    ys, xs = np.mgrid[0:300, 0:400]
    return (ys >= 50) & (ys < 250) & (np.abs(xs - 200) <= 50 + (ys - 50) * 0.25)


def skirt() -> dict[str, np.ndarray]:
    return marks_of(waist_left=(150, 50), waist_right=(250, 50), hem_left=(100, 250), hem_right=(300, 250),
                    hip_left=(0, 0), hip_right=(399, 0))  # fmt: skip


def test_of_a_skirt_they_lie_on_the_edges_a_third_down():
    placed = place_hips(trapeze(), skirt())
    assert placed["hip_left"] == pytest.approx((134, 116), abs=1.5)
    assert placed["hip_right"] == pytest.approx((266, 116), abs=1.5)
    assert set(placed) == set(skirt())
    assert np.array_equal(placed["hem_left"], skirt()["hem_left"])


def test_of_trousers_they_lie_at_seven_tenths_of_the_rise():
    marks = marks_of(waist_left=(150, 50), waist_right=(250, 50), crotch=(200, 150), hip_left=(0, 0), hip_right=(9, 9))
    placed = place_hips(trapeze(), marks)
    assert placed["hip_left"] == pytest.approx((133, 120), abs=1.5)
    assert placed["hip_right"] == pytest.approx((267, 120), abs=1.5)


def test_a_narrow_gap_does_not_end_the_cloth_and_a_wide_one_does():
    narrow, wide = trapeze(), trapeze()
    narrow[:, 160:163] = False
    wide[:, 150:170] = False
    assert place_hips(narrow, skirt())["hip_left"][0] == pytest.approx(134, abs=1.5)
    assert place_hips(wide, skirt())["hip_left"][0] == pytest.approx(170, abs=1.5)


def test_a_turned_skirt_is_measured_across_its_own_axis():
    turned = {name: np.array([point[1], 400 - point[0]], np.float32) for name, point in skirt().items()}
    placed = place_hips(np.rot90(trapeze()).copy(), turned)
    assert placed["hip_left"] == pytest.approx((116, 266), abs=2.0)


def test_without_cloth_on_the_axis_the_hips_stay():
    placed = place_hips(np.zeros((300, 400), bool), skirt())
    assert np.array_equal(placed["hip_left"], skirt()["hip_left"])
