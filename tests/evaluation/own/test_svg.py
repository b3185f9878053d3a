"""Plots: every value has its dot inside the frame, and names are escaped."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from fittingroom.evaluation.own.svg import WIDTH, strips, ticks_of


def test_every_value_is_a_dot_on_one_axis() -> None:
    drawn = strips({"a<b": [1.0, 2.0, 4.0], "c": [10.0], "d": []}, 1, "t")
    root = ElementTree.fromstring(drawn)
    xs = [float(dot.attrib["cx"]) for dot in root.iter("circle")]
    assert len(xs) == 4
    assert all(0 < x < WIDTH for x in xs)
    assert xs == sorted(xs)
    assert (xs[2] - xs[1]) == pytest.approx(2 * (xs[1] - xs[0]), abs=0.2)
    assert "not measured" in drawn
    assert len(re.findall('class="band"', drawn)) == 1


@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 1.0), (0.0, 0.0), (5.0, 5.0), (-3.0, 17.0), (0.8812, 0.8899), (0, 41.3)]
)
def test_ticks_enclose_the_values(low: float, high: float) -> None:
    ticks = ticks_of(low, high)
    assert ticks[0] <= low + 1e-9
    assert ticks[-1] >= high - 1e-9
    assert 2 <= len(ticks) <= 8
