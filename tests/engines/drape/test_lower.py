"""Lower garments on the mannequin: behind the top that stays on, legs bare below short hems, shoes as they were."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from lower_fitting import fitted, legs_of
from mannequin import BACKDROP, BODY_SKIN, BOTTOM, HAIR_CLASS, OTHER, TOP, Look, skin_amount

from fittingroom.engines.drape.legs import measure_leg
from fittingroom.engines.drape.lower import _out_of_hems, _over_shafts, dress_lower, lower_parts
from fittingroom.engines.drape.lower_fit import fit_lower
from fittingroom.engines.drape.parts import draw, union
from fittingroom.engines.protocol import Cancelled, ClothesType

KINDS = ["trousers", "shorts", "skirt"]
LOOKS = [Look(), Look(bottom="shorts"), Look(bottom="skirt"), Look(sleeves="long", arms="hips")]


def well_inside(mask: np.ndarray, radius: int = 2) -> np.ndarray:
    return cv2.erode(mask.astype(np.uint8), np.ones((2 * radius + 1, 2 * radius + 1))) > 0


def blue(rgb: np.ndarray) -> np.ndarray:
    r, g, b = (rgb[..., i].astype(np.float32) for i in range(3))
    return (b - r > 0.35 * b) & (b - g > 0.18 * b) & (g > r)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_top_the_hands_and_the_head_stay_in_front(dressed: Callable, look: Look, kind: str) -> None:
    made = dressed(look, kind)
    _, v = made.mannequin.uv()
    for part in (
        well_inside(made.mannequin.cloth == TOP, 3),
        well_inside(made.mannequin.selfie == HAIR_CLASS),
        well_inside(made.mannequin.selfie == BODY_SKIN) & (v < 1.85),
        well_inside(made.mannequin.selfie == OTHER) & (v > 4.02),
    ):
        assert part.any()
        assert (made.image[part] == made.mannequin.rgb[part]).all()


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("kind", KINDS)
def test_hips_wear_the_new_cloth(dressed: Callable, look: Look, kind: str) -> None:
    made = dressed(look, kind)
    u, v = made.mannequin.uv()
    hips = (np.abs(u) > 0.1) & (np.abs(u) < 0.4) & (v > 1.72) & (v < 2.1)
    assert blue(made.image[hips]).mean() > 0.97


def test_new_trousers_cover_bare_legs(dressed: Callable, scene: Callable) -> None:
    look = Look(bottom="shorts")
    made, legs = dressed(look, "trousers"), scene(look, "trousers").legs
    for leg in legs:
        own = (leg.fraction > 0.3) & (leg.fraction < 0.9) & (leg.ratio < 0.6)
        assert blue(made.image[own]).mean() > 0.97


@pytest.mark.parametrize("kind", ["shorts"])
def test_legs_are_bare_below_short_hems_and_no_old_cloth_is_left(dressed: Callable, scene: Callable, kind: str) -> None:
    made, legs = dressed(Look(), kind), scene(Look(), kind).legs
    _, v = made.mannequin.uv()
    for leg in legs:
        shin = (leg.fraction > 0.8) & (leg.fraction < 0.95) & (leg.ratio < 0.7)
        assert skin_amount(made.image[shin]).min() > 0.5
    old = (made.mannequin.cloth == BOTTOM) & (v > 3.3) & (v < 3.7)
    grey = np.abs(made.image.astype(int) - (85, 85, 95)).max(axis=-1) < 25
    assert not (old & grey).any()


def test_beside_a_narrower_garment_the_backdrop_returns(dressed: Callable) -> None:
    made = dressed(Look(bottom="skirt"), "shorts")
    u, v = made.mannequin.uv()
    beside = well_inside(made.mannequin.cloth == BOTTOM) & (np.abs(u) > 0.63) & (v > 2.3) & (v < 2.5)
    assert beside.sum() > 10
    assert np.abs(made.image[beside].astype(float) - BACKDROP).mean() < 12


def test_stages_are_told_in_order_and_can_stop(scene: Callable) -> None:
    told: list[str] = []
    dress_lower(scene(Look(), "shorts"), ClothesType.LOWER, told.append)
    assert told == ["fit", "warp", "removal", "light", "composite"]

    def stop(stage: str) -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        dress_lower(scene(Look(), "shorts"), ClothesType.LOWER, stop)


def test_the_skirt_hides_what_lies_between_the_legs(dressed: Callable) -> None:
    made = dressed(Look(), "skirt")
    u, v = made.mannequin.uv()
    between = (np.abs(u) < 0.06) & (v > 2.0) & (v < 2.6)
    assert blue(made.image[between]).mean() > 0.97


def test_of_bare_legs_nothing_peeps_out_beside_new_trousers(dressed: Callable, scene: Callable) -> None:
    look = Look(bottom="shorts")
    made, plain = dressed(look, "trousers"), scene(look, "trousers")
    v = plain.uv[1]
    near = np.minimum(plain.legs[0].ratio, plain.legs[1].ratio) < 1.3
    legs = near & (v > plain.body.hip_v + 1.15) & (np.maximum(*(leg.fraction for leg in plain.legs)) < 0.85)
    assert legs.sum() > 100
    assert skin_amount(made.image[legs]).max() < 0.35


def test_the_signals_name_the_fold_over(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    dress_lower(made, ClothesType.LOWER, lambda stage: None)
    assert made.signals["fold_over"] < 0.02
    crossed = replace(made, garment=replace(made.garment, marks=_swapped(made.garment.marks)))
    dress_lower(crossed, ClothesType.LOWER, lambda stage: None)
    assert crossed.signals["fold_over"] > 0.05


def _swapped(marks: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The ends of the left leg's hem changed for each other."""
    return marks | {"hem_in_left": marks["hem_out_left"], "hem_out_left": marks["hem_in_left"]}


def test_a_waistband_taken_for_a_top_does_not_stay_before_the_new_one(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    band = np.asarray((made.person.upper > 0.5) & (made.uv[1] > 1.3), np.float32)
    person = replace(made.person, upper=band)
    image, _ = dress_lower(replace(made, person=person), ClothesType.LOWER, lambda stage: None)
    inside = well_inside(band > 0.5, 4) & (np.abs(made.uv[0]) < 0.3)
    assert blue(image[inside]).mean() > 0.9


def test_the_nearer_leg_is_drawn_last(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    pose = made.person.pose
    names = []
    for near in ((25, 27), (26, 28)):
        depth = pose.depth.copy()
        depth[list(near)] = -0.3
        person = replace(made.person, pose=replace(pose, depth=depth))
        changed = replace(made, person=person)
        names.append([p.name for p in lower_parts(changed, fitted(changed), legs_of(changed))])
    assert names[0] == names[1][::-1]


@pytest.mark.parametrize("kind", KINDS)
def test_it_says_how_sure_it_is(dressed: Callable, kind: str) -> None:
    told = dressed(Look(), kind).signals
    assert told["mark_doubt"] < 0.2
    assert told["lower_fallback"] == 0.0
    assert told["waist_doubt"] < 0.5
    assert told["leg_overlap"] == 0.0


def test_it_says_when_marks_had_to_be_replaced(scene: Callable) -> None:
    made = scene(Look(), "skirt")
    marks = {n: 0.2 * m + 40 for n, m in made.garment.marks.items()}
    astray = replace(made, garment=replace(made.garment, marks=marks))
    dress_lower(astray, ClothesType.LOWER, lambda stage: None)
    assert astray.signals["lower_fallback"] == 1.0
    assert astray.signals["mark_doubt"] > 0.35


def test_what_hides_the_old_waistband_hides_the_new_one(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    u, v = made.uv
    bag = (np.abs(u) < 0.2) & (v > made.body.hip_v - 0.4) & (v < made.body.hip_v - 0.05)
    person = made.person
    nothing = {n: np.where(bag, np.float32(0.0), getattr(person, n)) for n in ("upper", "lower")}
    held = replace(made, person=replace(person, **nothing))
    picture, _ = dress_lower(held, ClothesType.LOWER, lambda stage: None)
    top = fitted(held).old_top
    assert top is not None
    seen = well_inside(bag & (v < top - 0.05))
    assert seen.any()
    assert (picture[seen] == person.rgb[seen]).all()


def test_legs_come_out_of_hems_and_not_beside_them(scene: Callable) -> None:
    made = scene(Look(), "shorts")
    lower = made.person.lower
    legs = measure_leg(made.person, made.body, 0, lower), measure_leg(made.person, made.body, 1, lower)
    fit = fit_lower(made.garment, made.person, made.body, legs, lower, made.options)
    parts = [draw(part, made.cloth, made.shape) for part in lower_parts(made, fit, legs)]
    everywhere = np.ones(made.shape, np.float32)
    kept = _out_of_hems(made, everywhere, parts, fit, None)
    cover = union([part.alpha for part in parts])
    leg, end = made.legs[0], fit.reach[0]
    beside = (leg.ratio > 0.9) & (leg.ratio < 1.1) & (leg.fraction > end - 0.1) & (leg.fraction < end - 0.03)
    assert (beside & (cover < 0.05)).any()
    assert kept[beside & (cover < 0.05)].max() < 0.05
    assert kept[(leg.ratio < 0.6) & (leg.fraction > end - 0.1)].min() > 0.9
    assert kept[(leg.ratio < 1.2) & (leg.fraction > end + 0.03)].min() > 0.9


@pytest.mark.parametrize("kind", ["trousers", "skirt"])
def test_trouser_legs_fall_over_the_shafts_of_boots_and_skirts_hide_none(scene: Callable, kind: str) -> None:
    made = scene(Look(), kind)
    fit = fitted(made)
    drawn = [draw(part, made.cloth, made.shape) for part in lower_parts(made, fit, legs_of(made))]
    over = _over_shafts(made, drawn, fit)
    legs = zip(made.legs, fit.reach, strict=True)
    above, below = np.max([(leg.band(0.7, end - 0.05, 0.8), leg.band(end + 0.05, 1.5)) for leg, end in legs], axis=0)
    assert below.any()
    assert over[below > 0.99].max() < 0.05
    assert (over[above > 0.9].mean() > 0.9) == (kind == "trousers")
    assert over.any() == (kind == "trousers")
