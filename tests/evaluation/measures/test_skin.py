"""The zone that must show no skin, and the two witnesses."""

from __future__ import annotations

import numpy as np

from fittingroom.evaluation.measures import skin

HIP_V = 1.6
V, U = np.mgrid[-0.5:2.5:301j, -1.0:1.0:201j]
CLOTHED = np.ones(U.shape, np.float32)
NO_LIMB = np.zeros(U.shape, bool)
ZONE = skin.zone(U, V, HIP_V, CLOTHED, NO_LIMB)


def at(u: float, v: float) -> tuple[int, int]:
    return round((v + 0.5) * 100), round((u + 1.0) * 100)


def test_the_zone_is_trunk_and_hips_below_the_neckline() -> None:
    for inside in ((0.0, 0.4), (0.4, 1.0), (-0.45, 1.5), (0.0, 1.7)):
        assert ZONE[at(*inside)]
    for outside in ((0.0, 0.3), (0.46, 1.0), (0.55, 1.5), (0.0, 1.8)):
        assert not ZONE[at(*outside)]


def test_what_was_bare_before_and_limbs_in_front_do_not_belong_to_it() -> None:
    bare, arm = CLOTHED.copy(), NO_LIMB.copy()
    bare[at(0.0, 1.2)] = 0.3
    arm[at(0.1, 1.2)] = True
    found = skin.zone(U, V, HIP_V, bare, arm)
    assert not found[at(0.0, 1.2)]
    assert not found[at(0.1, 1.2)]
    assert found.sum() == ZONE.sum() - 2


def test_any_painted_layer_counts_once() -> None:
    layer = np.zeros(U.shape, np.float32)
    layer[at(0.0, 0.2)] = 1.0
    assert skin.painted([layer], ZONE) == 0
    layer[at(0.0, 0.5)] = 0.03
    assert skin.painted([layer, layer], ZONE) == 1
    assert skin.painted([], ZONE) == 0


def test_shown_needs_a_patch_that_changed_and_is_no_cloth() -> None:
    seen, cloth, touched = np.zeros(U.shape, np.float32), np.zeros(U.shape, np.float32), np.ones(U.shape, bool)
    row, column = at(0.0, 0.8)
    patch = np.s_[row : row + 10, column : column + 10]
    seen[row, column] = 1.0
    assert skin.shown(seen, cloth, touched, ZONE) == 0, "a speck"
    seen[patch] = 1.0
    assert skin.shown(seen, cloth, touched, ZONE) == 100
    assert skin.shown(seen, cloth, ~touched, ZONE) == 0
    cloth[patch] = 1.0
    assert skin.shown(seen, cloth, touched, ZONE) == 0
