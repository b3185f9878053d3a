"""The tables of arms and legs: whole, plausible, and looked up where they should be."""

from __future__ import annotations

import numpy as np
import pytest

from fittingroom.engines.drape.anatomy import FIRST, LAST, anatomy, joint_of
from fittingroom.engines.drape.body import Limb

RIGHT_ANGLE = Limb(np.array([(0, 0), (0, 60), (40, 60)], np.float32), True)


@pytest.mark.parametrize("leg", [False, True])
def test_the_tables_are_whole_and_those_of_limbs(leg: bool) -> None:
    usual = anatomy(leg)
    rows, columns = usual.normal.shape[:2]
    assert usual.skin.shape == (rows, columns, 3)
    assert usual.radius.shape == usual.shift.shape == (rows,)
    np.testing.assert_allclose(np.linalg.norm(usual.normal, axis=-1), 1.0, atol=1e-3)
    assert usual.normal[..., 2].min() > 0, "all of it is seen from the front"
    middle, inner, outer = (usual.normal[:, k, 0].mean() for k in (columns // 2, 0, -1))
    assert inner < -0.5 < middle < 0.5 < outer
    assert np.abs(usual.skin).max() < 0.4
    assert 0.05 < usual.radius.min() < usual.radius.max() < 0.3
    assert np.abs(usual.shift).max() < 0.06
    assert 0.4 < usual.joint < 0.6


def test_a_leg_is_an_s() -> None:
    usual = anatomy(True)
    thigh, calf = usual.along(usual.shift, np.array([0.3, 0.7], np.float32))
    assert thigh < -0.01 < 0.01 < calf


def test_fractions_have_their_joint_where_the_picture_shows_it() -> None:
    usual = anatomy(True)
    true = usual.true(np.array([0.0, 0.3, 0.6, 1.0, 1.1], np.float32), 0.6)
    np.testing.assert_allclose(true, [0.0, usual.joint / 2, usual.joint, 1.0, 1.1], atol=1e-6)
    assert joint_of(RIGHT_ANGLE) == pytest.approx(0.6)
    nothing = Limb(np.zeros((3, 2), np.float32), True)
    assert 0.0 < joint_of(nothing) < 1.0


def test_looked_up_between_cells_and_at_the_border_beyond() -> None:
    usual = anatomy(False)
    rows, columns = usual.skin.shape[:2]
    table = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).astype(np.float32)
    fraction = np.array([FIRST, (FIRST + LAST) / 2, LAST, 3.0], np.float32)
    found = usual.looked_up(table, fraction, np.array([-1.0, 0.0, 1.0, 4.0], np.float32))
    middle = [(columns - 1) / 2, (rows - 1) / 2]
    np.testing.assert_allclose(found, [[0, 0], middle, [columns - 1, rows - 1], [columns - 1, rows - 1]], atol=0.05)


def test_many_points_at_once() -> None:
    usual = anatomy(True)
    many = np.full(70_000, 0.5, np.float32)
    found = usual.looked_up(usual.skin, many, 0.0 * many)
    assert found.shape == (70_000, 3)
    np.testing.assert_allclose(found, found[:1].repeat(len(many), axis=0))
