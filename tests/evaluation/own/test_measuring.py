"""Measures on drawn pictures, whose values are known, and the reasons where there are none."""

from __future__ import annotations

import numpy as np
import pytest
from mannequin import Look, MannequinNets, draw_mannequin

from fittingroom.engines.protocol import ClothesType
from fittingroom.evaluation.own.measuring import MEASURES, Measured, Rulers, outside

from .conftest import Lacking


@pytest.fixture
def rulers() -> Rulers:
    found = Rulers(Lacking())
    found.lpips = lambda one, other: float(np.abs(one.astype(int) - other).mean())  # type: ignore[assignment]
    return found


def test_what_changed_outside_the_mask_is_found() -> None:
    photo = np.full((80, 60, 3), 100, np.uint8)
    made, mask = photo.copy(), np.zeros((80, 60), np.float32)
    mask[:40] = 1
    made[:40] = 200
    into = Measured()
    outside(photo, made, mask, into)
    assert into.values == {"outside": 0.0}
    made[60, 30, 1] = 93
    outside(photo, made, mask, into)
    assert into.values == {"outside": 7.0}


def test_likeness_is_of_one_size_and_needs_one_shape(rulers: Rulers) -> None:
    made = np.random.default_rng(1).integers(0, 255, (160, 120, 3)).astype(np.uint8)
    into = Measured()
    rulers.likeness("truth", made, made, into)
    assert into.values == {"truth_ssim": 1.0, "truth_lpips": 0.0}
    rulers.likeness("truth", np.full((320, 240, 3), 90, np.uint8), made, into)
    assert into.values["truth_ssim"] < 0.5
    into = Measured()
    rulers.likeness("round", made[:, :100], made, into)
    assert into.values == {}
    assert (
        into.missing["round_ssim"]
        == into.missing["round_lpips"]
        == "100x160 px has not the shape of the result, 120x160"
    )


def test_without_weights_the_reason_stands_in_the_place_of_the_value() -> None:
    lacking = Lacking()
    rulers, into = Rulers(lacking), Measured()
    grey = np.full((80, 60, 3), 100, np.uint8)
    rulers.body(grey, grey, grey, ClothesType.UPPER, into)
    rulers.likeness("truth", grey, grey, into)
    assert into.values == {"truth_ssim": 1.0}
    assert "pull" in into.missing["drift"]
    assert "pull" in into.missing["truth_lpips"]
    rulers.likeness("truth", grey, grey, into)
    assert lacking.asked == 2


def test_drift_is_counted_in_shoulders_and_colour_on_the_changed_cloth(rulers: Rulers, stage) -> None:
    rulers.nets = stage.nets
    made = stage.engine.try_on(stage.person.rgb, stage.cloth.rgb, ClothesType.UPPER).image
    into = Measured()
    rulers.body(stage.person.rgb, stage.cloth.rgb, made, ClothesType.UPPER, into)
    assert into.values["drift"] == 0.0
    near = into.values["colour"]
    assert near < 15  # the drawn classes are those of the old, long sleeves, so that some skin counts
    red = made.copy()
    red[(made != stage.person.rgb).any(axis=-1)] = (200, 30, 30)
    rulers.body(stage.person.rgb, stage.cloth.rgb, red, ClothesType.UPPER, into)
    assert into.values["colour"] > near + 20
    unchanged = Measured()
    rulers.body(stage.person.rgb, stage.cloth.rgb, stage.person.rgb, ClothesType.UPPER, unchanged)
    assert "too little" in unchanged.missing["colour"]


def test_nobody_in_the_picture_is_a_reason(rulers: Rulers, stage) -> None:
    blind = MannequinNets(draw_mannequin(Look()), stage.cloth)
    blind.sees = False
    rulers.nets = blind  # type: ignore[assignment]
    into = Measured()
    rulers.body(stage.person.rgb, np.full((200, 200, 3), 240, np.uint8), stage.person.rgb, ClothesType.UPPER, into)
    assert into.missing["drift"] == "no pose was found in the photo"


def test_every_measure_tells_what_is_better() -> None:
    assert {measure.better for measure in MEASURES.values()} == {"high", "low", "zero"}
