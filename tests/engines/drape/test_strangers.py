"""Clothes and bags in the picture that the person does not wear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from mannequin import CLOTHES, OLD_TOP, SKIN, TOP, Look, Mannequin, MannequinNets, draw_mannequin

from fittingroom.engines.drape.body import body_of
from fittingroom.engines.drape.nets import Pose
from fittingroom.engines.drape.person import analyse_person
from fittingroom.engines.drape.strangers import near_outline, strangers

BAG = (150, 90, 30)


def beside(
    at: tuple[float, float], size: float, colour: tuple[int, int, int], within: bool
) -> tuple[Mannequin, np.ndarray]:
    """A mannequin with a disc that the clothes networks take for cloth. within: BlazePose takes it for the person."""
    drawn = draw_mannequin(Look(sleeves="long", width=480))
    centre = np.rint(np.asarray(at) * drawn.sw + drawn.origin).astype(int)
    disc = np.zeros(drawn.cloth.shape, np.uint8)
    cv2.circle(disc, (int(centre[0]), int(centre[1])), round(size * drawn.sw), 1, -1)
    where = disc > 0
    rgb, cloth, selfie = (a.copy() for a in (drawn.rgb, drawn.cloth, drawn.selfie))
    outline = selfie > 0
    rgb[where], cloth[where], selfie[where] = colour, TOP, CLOTHES
    made = replace(drawn, rgb=rgb, cloth=cloth, selfie=selfie)
    seen = drawn.pose().mask if not within else np.asarray(outline | where, np.float32)
    made.pose = lambda: replace(drawn.pose(), mask=np.asarray(seen, np.float32))  # type: ignore[method-assign]
    return made, where


class Seeing(MannequinNets):
    """Networks of which BlazePose outlines exactly what the mannequin's own `pose` tells."""

    def pose(self, rgb: np.ndarray) -> Pose | None:
        super().pose(rgb)
        return self.mannequin.pose()


def found(made: Mannequin) -> np.ndarray:
    return strangers(made.rgb, np.asarray(made.cloth > 0, np.float32), made.pose().mask, body_of(made.pose()), (0, 0))


def core(mask: np.ndarray, size: int = 9) -> np.ndarray:
    return cv2.erode(mask.astype(np.uint8), np.ones((size, size))) > 0


def test_a_bag_that_hangs_beside_is_a_stranger() -> None:
    made, bag = beside((1.25, 1.6), 0.35, BAG, within=False)
    got = found(made)
    assert got[core(bag)].min() > 0.9
    assert got[(made.cloth > 0) & ~cv2.dilate(bag.astype(np.uint8), np.ones((15, 15))).astype(bool)].max() < 0.05


def test_a_stranger_is_whole_where_it_enters_the_outline() -> None:
    made, bag = beside((1.0, 2.6), 0.45, BAG, within=False)
    inside = bag & (made.uv()[0] < 0.9)
    seen = np.maximum(made.pose().mask, np.asarray(inside, np.float32))
    body = body_of(made.pose())
    got = strangers(made.rgb, np.asarray(made.cloth > 0, np.float32), seen, body, (0, 0))
    assert got[core(inside)].min() > 0.9
    assert got[core(bag)].min() > 0.9


def test_what_blazepose_takes_for_the_person_is_worn() -> None:
    made, _ = beside((0.85, 2.0), 0.42, BAG, within=True)
    assert not found(made).any()


def test_nobody_wears_what_lies_far_off() -> None:
    made, coat = beside((1.3, 0.9), 0.5, OLD_TOP, within=False)
    away = core(coat) & (made.uv()[0] > 1.35)
    assert found(made)[away].min() > 0.9


def test_what_covers_the_thighs_is_worn_whatever_it_goes_on_in() -> None:
    """A coat over the arm has the colour of the skirt that it touches."""
    made, coat = beside((0.85, 1.9), 0.62, BAG, within=False)
    thigh = coat & (np.abs(made.uv()[0] - 0.3) < 0.1) & (made.pose().mask > 0.5)
    assert core(thigh, 3).any()
    got = found(made)
    assert got[core(thigh, 5)].max() < 0.1
    assert got[core(coat & (made.pose().mask < 0.5))].min() > 0.9


def test_a_wide_sleeve_is_worn_though_the_outline_lacks_it() -> None:
    drawn = draw_mannequin(Look(sleeves="long"))
    u, _ = drawn.uv()
    lacks = np.where(u > 0.78, 0.0, drawn.pose().mask).astype(np.float32)
    cloth = np.asarray(drawn.cloth == TOP, np.float32)
    assert ((cloth > 0) & (lacks < 0.5)).any()
    assert not strangers(drawn.rgb, cloth, lacks, body_of(drawn.pose()), (0, 0)).any()


@pytest.mark.parametrize("cloth", [0.0, 1.0])
def test_no_outline_or_no_cloth_is_no_stranger(cloth: float) -> None:
    rgb, body = np.zeros((60, 40, 3), np.uint8), body_of(draw_mannequin(Look()).pose())
    worn, outline = np.full((60, 40), cloth, np.float32), np.zeros((60, 40), np.float32)
    assert not strangers(rgb, worn, outline, body, (0, 0)).any()


def test_skin_counts_near_the_outline() -> None:
    outline = np.zeros((100, 200), np.float32)
    outline[:, :50] = 1.0
    near = near_outline(outline, 100.0)
    assert near[:, :54].min() == 1.0
    assert near[:, 61:].max() == 0.0


def test_a_bag_is_no_garment_of_the_person() -> None:
    made, bag = beside((0.95, 2.1), 0.3, BAG, within=False)
    person = analyse_person(made.rgb, Seeing(made, None))  # type: ignore[arg-type]
    assert person.beside is not None
    assert person.beside[core(bag)].mean() > 0.9
    assert person.cloth[core(bag)].mean() < 0.05
    assert person.upper[core(made.cloth == TOP) & ~bag].min() > 0.6


def test_somebody_elses_skin_is_not_the_persons() -> None:
    made, where = beside((1.05, 2.1), 0.3, SKIN, within=False)
    made.cloth[where], made.selfie[where] = 0, 2
    person = analyse_person(made.rgb, Seeing(made, None))  # type: ignore[arg-type]
    assert person.skin[core(where)].mean() < 0.1


def test_a_bag_stays_as_it_is(scene: Callable) -> None:
    made = scene(Look(sleeves="long"), "short")
    assert not made.beside.any()
    bag = np.asarray(made.uv[0] > 0.8, np.float32)
    with_bag = replace(made, person=replace(made.person, beside=bag))
    assert (with_bag.beside == bag).all()
