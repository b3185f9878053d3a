"""The shoulder line is the silhouette's, smooth and bounded; what hides it gives way to the default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from mannequin import TORSO, Look

from fittingroom.engines.drape.shoulders import (
    BARE_HIGHER,
    LOWER,
    SLOPE_U,
    SLOPE_V,
    rounded_shoulders,
    shoulder_half,
    shoulder_line,
    usual_height,
)

TIP = 0.58


def test_the_line_is_the_silhouettes(scene: Callable) -> None:
    made = scene(Look(sleeves="none"), "none")
    line = shoulder_line(made.person, made.body, TIP)
    ends = np.array(TORSO[:2])
    for u in (-0.45, -0.3, 0.3, 0.45):
        drawn = np.interp(abs(u), ends[:, 0], ends[:, 1])
        assert np.interp(u, line[:, 0], line[:, 1]) == pytest.approx(drawn, abs=0.08)


@pytest.mark.parametrize("look", [Look(), Look(long_hair=True), Look(sleeves="long", arms="raised")])
def test_it_runs_from_tip_to_tip_within_its_bounds(scene: Callable, look: Look) -> None:
    made = scene(look, "short")
    line = shoulder_line(made.person, made.body, TIP)
    assert (np.diff(line[:, 0]) > 0).all()
    np.testing.assert_allclose(line[[0, -1], 0], (-TIP, TIP), atol=1e-6)
    off = line[:, 1] - np.interp(np.abs(line[:, 0]), SLOPE_U, SLOPE_V)
    assert (off <= LOWER + 1e-6).all()
    assert (off >= -BARE_HIGHER - 1e-6).all()
    assert np.abs(np.diff(line[:, 1], 2)).max() < 0.1, "no steps"


def test_hidden_shoulders_get_the_default(scene: Callable) -> None:
    made = scene(Look(), "short")
    for hidden in ({"alpha": np.zeros(made.shape, np.float32)}, {"hair": np.ones(made.shape, np.float32)}):
        line = shoulder_line(replace(made.person, **hidden), made.body, TIP)
        np.testing.assert_allclose(line[:, 1], np.interp(np.abs(line[:, 0]), SLOPE_U, SLOPE_V), atol=0.02)


def test_one_hidden_shoulder_takes_after_the_other(scene: Callable) -> None:
    made = scene(Look(), "short")
    hair = np.zeros(made.shape, np.float32)
    hair[:, : round(float(made.body.origin[0]))] = 1.0
    line = shoulder_line(replace(made.person, hair=hair), made.body, TIP)
    typical = np.median(line[9:, 1] - np.interp(line[9:, 0], SLOPE_U, SLOPE_V))
    left = line[:9, 1] - np.interp(-line[:9, 0], SLOPE_U, SLOPE_V)
    np.testing.assert_allclose(left, typical, atol=0.05)


def test_a_slanting_person_has_slanting_shoulders(scene: Callable) -> None:
    body = scene(Look(), "short").body
    left, right = body.shoulders
    slanted = replace(body, shoulders=(left + 0.1 * body.sw * body.uy, right - 0.1 * body.sw * body.uy))
    heights = usual_height(slanted, np.array([-0.5, 0.0, 0.5]))
    plain = usual_height(body, np.array([-0.5, 0.0, 0.5]))
    np.testing.assert_allclose(heights - plain, (0.1, 0.0, -0.1), atol=0.02)


def test_half_width_is_the_silhouettes(scene: Callable) -> None:
    made = scene(Look(), "short")
    assert 0.4 < shoulder_half(made.person, made.body) < 1.0
    assert shoulder_half(replace(made.person, alpha=np.zeros(made.shape, np.float32)), made.body) == 1.0


def cornered(tip: tuple[int, int]) -> np.ndarray:
    """A garment whose outline has a square corner at `tip`."""
    cover = np.zeros((200, 160), np.float32)
    cover[tip[1] :, : tip[0]] = 1.0
    return cover


def test_a_corner_at_the_tip_is_rounded_and_nothing_else() -> None:
    sw, tip = 100.0, (100, 60)
    cover = cornered(tip)
    tips = (np.array(tip, np.float32), np.array((-900.0, 0.0), np.float32))
    smooth = rounded_shoulders(cover, tips, sw)
    rounded = cover * smooth
    assert rounded[tip[1] + 1, tip[0] - 2] < 0.05
    assert rounded[tip[1] + 12, tip[0] - 12] == 1.0
    # Where the outline is straight it stays where it is.
    assert rounded[tip[1] + 1, tip[0] - 18] > 0.5
    assert (smooth[tip[1] + 30 :] == 1.0).all()
    assert (smooth[:, : tip[0] - 30] == 1.0).all()
