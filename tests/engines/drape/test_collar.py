"""The collar's inner back: warped like the trunk, never below the front neckline, absent where there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from mannequin import Look

from fittingroom.engines.drape import upper
from fittingroom.engines.drape.collar import back_part
from fittingroom.engines.drape.parts import Part
from fittingroom.engines.protocol import ClothesType


def trunk_of(alpha: np.ndarray) -> Part:
    points = np.array([[0, 0], [90, 0], [0, 90], [90, 90]], np.float32)
    return Part("trunk", points, points, alpha)


def test_it_moves_with_the_trunk(worn: Callable) -> None:
    garment = worn("short")
    back = np.zeros_like(garment.alpha)
    back[:] = garment.alpha
    part = back_part(replace(garment, back=back), trunk_of(garment.alpha))
    assert part is not None
    assert part.name == "back"
    assert (part.target == trunk_of(garment.alpha).target).all()
    row = round(float(garment.marks["neck_front"][1]))
    assert part.matte[:row].max() > 0.5
    assert not part.matte[row:].any()


@pytest.mark.parametrize("back", [None, 0.0])
def test_no_back_no_part(worn: Callable, back: float | None) -> None:
    garment = worn("short")
    given = None if back is None else np.full_like(garment.alpha, back)
    assert back_part(replace(garment, back=given), trunk_of(garment.alpha)) is None


@pytest.mark.parametrize("face", [0.0, 0.5])
def test_the_neck_stays_in_front_of_it_also_where_it_may_be_jaw(scene: Callable, face: float) -> None:
    made = scene(Look(sleeves="none"), "short")
    garment = made.garment
    back = np.zeros_like(garment.alpha)
    top, low = (round(float(garment.marks[k][1])) for k in ("neck_left", "neck_front"))
    x0, x1 = (round(float(garment.marks[k][0])) for k in ("neck_left", "neck_right"))
    back[top - 40 : low, x0:x1] = 1.0
    ys, xs = np.mgrid[0 : made.shape[0], 0 : made.shape[1]].astype(np.float32)
    uv = made.body.coords(np.stack([xs, ys], axis=-1))
    neck = (np.abs(uv[..., 0]) < 0.15) & (uv[..., 1] > -0.3) & (uv[..., 1] < -0.1)
    changed = {}
    for seen in (True, False):
        skin = np.where(neck, 1.0 - face if seen else 0.0, made.person.skin).astype(np.float32)
        jaw = np.where(neck, face if seen else 0.0, made.person.face).astype(np.float32)
        bare = np.where(neck, 0.0, made.person.upper).astype(np.float32)
        person = replace(made.person, skin=skin, face=jaw, upper=bare)
        pictures = []
        for given in (back, None):
            fresh = scene(Look(sleeves="none"), "short")
            fresh = replace(fresh, person=person, garment=replace(garment, back=given))
            pictures.append(upper.dress_upper(fresh, ClothesType.UPPER, lambda stage: None)[0])
        changed[seen] = (pictures[0] != pictures[1]).any(axis=-1) & neck
    assert changed[False].sum() > 10, "where no skin is seen, the collar's back shows"
    assert not changed[True].any()
