"""The hanging cloth: rows in order, one straight middle, no waves, widths of garment and body."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from mannequin import Look

from fittingroom.engines.drape.girth import COLUMNS, ROWS, Hang, arm_inside, calm, cloth_edges, trunk_rows
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.protocol import FitStyle

PITS = np.array([[-0.5, 0.45], [0.5, 0.45]], np.float32)


def rows(made: Scene, style: FitStyle = FitStyle.REGULAR, stretched: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    hang = Hang(PITS, 1.6, stretched, 0.4)
    target, source = trunk_rows(made.garment, made.person, made.body, hang, False, style)
    return made.body.coords(target).reshape(ROWS, len(COLUMNS), 2), source.reshape(ROWS, len(COLUMNS), 2)


@pytest.mark.parametrize("look", [Look(), Look(sleeves="long", arms="hips"), Look(long_hair=True)])
def test_the_middle_is_straight_in_both_pictures(scene: Callable, look: Look) -> None:
    for grid in rows(scene(look, "short")):
        middle = grid[:, 2, 0]
        assert np.abs(np.diff(middle, 2)).max() < 1e-2


def test_a_ragged_outline_makes_no_waves(scene: Callable) -> None:
    made = scene(Look(), "short")
    ragged = made.garment.alpha.copy()
    ragged[::30, :] = 0.0
    ragged[1::30, :] = 0.0
    found = cloth_edges(replace(made.garment, alpha=ragged), np.linspace(0, 1, ROWS))
    clean = cloth_edges(made.garment, np.linspace(0, 1, ROWS))
    for one, other in zip(found, clean, strict=True):
        assert np.abs(one - other).max() < 6.0


def test_calm_keeps_ends_and_lines_and_drops_a_spike() -> None:
    line = np.linspace(0.0, 8.0, 9)
    np.testing.assert_allclose(calm(line), line, atol=1e-9)
    spike = line.copy()
    spike[4] = 30.0
    assert np.abs(calm(spike) - line).max() < 1.0
    assert calm(spike)[[0, -1]].tolist() == [0.0, 8.0]


def test_looser_styles_hang_wider(scene: Callable) -> None:
    made = scene(Look(), "short")
    wide = [rows(made, style)[0][4, -1, 0] - rows(made, style)[0][4, 0, 0] for style in FitStyle]
    assert wide[0] <= wide[1] <= wide[2]
    assert wide[2] > wide[0]


def test_what_is_drawn_out_is_so_towards_the_hem(scene: Callable) -> None:
    made = scene(Look(), "short")
    steps = np.diff(rows(made, stretched=1.3)[0][:, 0, 1])
    even = np.diff(rows(made)[0][:, 0, 1])
    np.testing.assert_allclose(even, even[0], rtol=0.05)
    assert steps[0] < even[0]
    assert steps[-1] > 1.2 * steps[0]


def test_hems_are_rounded(scene: Callable) -> None:
    hem = rows(scene(Look(), "short"))[0][-1]
    assert hem[2, 1] > hem[[0, -1], 1].max() + 0.01


def test_an_arm_is_found_beside_the_trunk(scene: Callable) -> None:
    hanging, raised = (
        scene(Look(sleeves="long"), "short").body,
        scene(Look(sleeves="long", arms="raised"), "short").body,
    )
    for side in (0, 1):
        assert 0.2 < arm_inside(hanging, side, 0.6) < 0.9
        assert arm_inside(raised, side, 1.0) == 9.0


def test_a_hanging_arm_is_no_part_of_the_trunk(scene: Callable) -> None:
    """An old sleeve that touches the trunk must not widen the new one."""
    apart, close = scene(Look(sleeves="none"), "short"), scene(Look(sleeves="long"), "short")
    for one, other in zip(*(rows(made)[0][:, [0, -1], 0].T for made in (apart, close)), strict=True):
        assert np.abs(one - other).max() < 0.25


def test_a_dress_goes_round_the_legs_of_a_wide_stance(scene: Callable) -> None:
    made = scene(Look(), "dress")
    apart = [
        replace(leg, points=leg.points + np.outer([0.0, sign * 0.5, sign * 0.9], made.body.ux) * made.body.sw)
        for leg, sign in zip(made.body.legs, (-1.0, 1.0), strict=True)
    ]
    wide = replace(made, body=replace(made.body, legs=(apart[0], apart[1])))
    hang = Hang(np.array([[-0.5, 0.5], [0.5, 0.5]]), 3.2, 1.0, 0.5)
    narrow, spread = (
        s.body.coords(trunk_rows(s.garment, s.person, s.body, hang, True)[0]).reshape(-1, len(COLUMNS), 2)
        for s in (made, wide)
    )
    assert np.ptp(spread[-1, :, 0]) > np.ptp(narrow[-1, :, 0]) + 0.1
    np.testing.assert_allclose(spread[0], narrow[0], atol=1e-5)
