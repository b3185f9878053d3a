"""Fields of a limb: how far along, how far across, for every pixel of the picture."""

from __future__ import annotations

import numpy as np
import pytest

from fittingroom.engines.drape.body import Limb
from fittingroom.engines.drape.limbs import LimbField, limb_field, line_field

SHAPE = (203, 158)
LINE = np.array([(80, 20), (80, 100), (80, 180)], np.float32)


@pytest.fixture
def arm() -> LimbField:
    """A straight limb down column 80, 20 px thick at its start and 10 px at its end (radii)."""
    return limb_field(Limb(LINE, True), np.array([20, 15, 10], np.float32), SHAPE)


def test_fields_have_the_pictures_shape_whatever_its_size(arm: LimbField) -> None:
    for values in (arm.fraction, arm.ratio):
        assert values.shape == SHAPE
        assert values.dtype == np.float32
        assert np.isfinite(values).all()


def test_fraction_grows_along_the_limb_and_ratio_across_it(arm: LimbField) -> None:
    np.testing.assert_allclose(arm.fraction[40:160, 80], (np.arange(40, 160) - 20) / 160, atol=0.04)
    assert arm.ratio[40:160, 80].max() < 0.15
    assert arm.ratio[100, 80 + 15] == pytest.approx(1.0, abs=0.12)
    assert arm.ratio[100, 80 - 30] == pytest.approx(2.0, abs=0.2)
    assert (np.diff(arm.ratio[100, 84:140]) > 0).all()


def test_band_covers_the_limb_between_its_ends_and_nothing_else(arm: LimbField) -> None:
    band = arm.band(0.25, 0.75)
    assert band[70:130, 72:88].min() == 1.0
    assert not band[:50].any()
    assert not band[150:].any()
    assert not band[:, :55].any()
    assert not band[:, 105:].any()


def test_a_wider_band_holds_the_narrower(arm: LimbField) -> None:
    narrow, wide = arm.band(0.0, 1.0), arm.band(0.0, 1.0, wide=1.6)
    assert (wide >= narrow).all()
    assert wide.sum() > 1.3 * narrow.sum()
    assert not (arm.band(0.3, 0.5) > arm.band(0.0, 1.0)).any()


def test_the_whole_limb_is_its_capsule(arm: LimbField) -> None:
    ys, xs = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]]
    radius = np.interp(ys, [20, 180], [20, 10])
    inside = (np.abs(xs - 80) < 0.85 * radius) & (ys > 24) & (ys < 176)
    outside = (np.abs(xs - 80) > 1.25 * radius + 2) | (ys < 20 - 27) | (ys > 180 + 15)
    band = arm.band(0.0, 1.0)
    assert (band[inside] > 0.9).all()
    assert not band[outside].any()


def test_a_tail_goes_on_straight_past_the_end() -> None:
    radii = np.array([20, 15, 10], np.float32)
    longer = limb_field(Limb(LINE - (0, 20), True), radii, SHAPE, tail=0.15)
    assert longer.fraction.max() == pytest.approx(1.15, abs=0.01)
    assert longer.fraction[160 + 16, 80] == pytest.approx(1.1, abs=0.03)
    assert longer.ratio[160 + 16, 80] < 0.3
    without = limb_field(Limb(LINE - (0, 20), True), radii, SHAPE)
    assert without.fraction.max() == pytest.approx(1.0)
    assert without.ratio[160 + 16, 80] > 1.2


def test_a_bent_limb_is_followed_round_its_corner() -> None:
    bent = np.array([(30, 30), (30, 150), (140, 150)], np.float32)
    field = limb_field(Limb(bent, True), np.full(3, 12, np.float32), SHAPE)
    assert field.ratio[90, 30] < 0.3
    assert field.ratio[150, 100] < 0.3
    assert field.ratio[60, 120] > 3
    assert field.fraction[60, 30] < field.fraction[120, 30] < field.fraction[150, 70] < field.fraction[150, 130]


def test_a_limb_outside_the_picture_leaves_it_empty() -> None:
    away = limb_field(Limb(LINE + 500, True), np.array([20, 15, 10], np.float32), SHAPE)
    assert not away.band(0.0, 1.0).any()


def test_a_limb_seen_end_on_is_no_error() -> None:
    dot = limb_field(Limb(np.full((3, 2), 60, np.float32), False), np.full(3, 9, np.float32), SHAPE)
    assert np.isfinite(dot.ratio).all()
    assert dot.band(0.0, 1.0)[60, 60] == 1.0


def test_across_has_a_side_and_ratio_as_its_size(arm: LimbField) -> None:
    assert (arm.across[40:160, 84:110] > 0).all()
    assert (arm.across[40:160, 50:77] < 0).all()
    np.testing.assert_allclose(np.abs(arm.across[40:160, 50:110]), arm.ratio[40:160, 50:110], atol=0.1)


def test_before_the_first_joint_only_across_goes_through_zero(arm: LimbField) -> None:
    """A ratio of 0 there would paint a line of limb up the picture."""
    assert arm.ratio[2:8, 60:100].min() > 0.5
    assert np.abs(arm.across[4, 79:82]).max() < 0.1


def test_a_hand_that_turns_off_the_limb_ends_it(arm: LimbField) -> None:
    ys, xs = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]]
    hand = np.asarray((ys > 165) & (ys < 172) & (xs > 70), np.float32)
    worn = arm.covered(hand)
    assert worn[100, 80] == 1.0
    assert worn[179, 80] < 0.2


def test_line_field_is_given_points_widths_and_fractions() -> None:
    steps = np.linspace(0, 1, 9, dtype=np.float32)
    line = np.stack([np.full(9, 80.0), 20 + 160 * steps], axis=1).astype(np.float32)
    field = line_field(line, np.full(9, 10, np.float32), steps, SHAPE)
    assert field.fraction[100, 80] == pytest.approx(0.5, abs=0.02)
    assert field.ratio[100, 95] == pytest.approx(1.5, abs=0.05)
    assert field.ratio[100, 5] > 4
