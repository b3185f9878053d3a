"""The formula against its published test data, and verdicts on drawn cloth."""

from __future__ import annotations

import numpy as np
import pytest

from fittingroom.engines.neural.colour import colour_check, delta_e

# Sharma, Wu and Dalal (2005), table 1: pairs 1, 7, 11, 17, 20, 25, 33.
PUBLISHED = [
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    ((50.0, 2.4900, -0.0010), (50.0, -2.4900, 0.0011), 7.2195),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((50.0, 2.5, 0.0), (58.0, 24.0, 15.0), 19.4535),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
]


@pytest.mark.parametrize(("one", "other", "expected"), PUBLISHED)
def test_the_formula_gives_the_published_values(one, other, expected):
    assert delta_e(np.array(one), np.array(other), light=1.0) == pytest.approx(expected, abs=1e-4)


def cloth(*colours, light=1.0):
    picture = np.zeros((120, 120, 3), np.float32)
    for k, colour in enumerate(colours):
        picture[:, k * 120 // len(colours) : (k + 1) * 120 // len(colours)] = colour
    return np.clip(picture * light, 0, 255).astype(np.uint8)


ALL = np.ones((120, 120), np.float32)
NAVY, RED, WHITE, GREEN = (30, 40, 90), (190, 30, 40), (240, 240, 238), (40, 120, 60)


def test_the_same_cloth_in_another_light_is_fine():
    verdict = colour_check(cloth(RED, WHITE, light=0.85), ALL, cloth(RED, WHITE), ALL)
    assert verdict.fine
    assert verdict.delta_e < 12


@pytest.mark.parametrize(("worn", "product"), [((GREEN,), (RED,)), ((NAVY,), (WHITE,)), ((WHITE,), (WHITE, RED))])
def test_another_colour_is_not(worn, product):
    verdict = colour_check(cloth(*worn), ALL, cloth(*product), ALL)
    assert not verdict.fine
    assert verdict.delta_e > 12


def test_only_the_masks_count():
    half = ALL.copy()
    half[:, 60:] = 0.0
    assert colour_check(cloth(RED, GREEN), half, cloth(RED, NAVY), half).fine


def test_too_little_to_tell_is_not_fine():
    verdict = colour_check(cloth(RED), np.zeros_like(ALL), cloth(RED), ALL)
    assert not verdict.fine
    assert verdict.delta_e == float("inf")
