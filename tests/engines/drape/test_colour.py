"""Light on a colour: nothing at 1, white not grey, black not drowned, hue kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fittingroom.engines.drape.colour import DIMMEST, evened, exposure, garment_raster, relit
from fittingroom.engines.drape.relief import read_relief
from fittingroom.engines.drape.types import Garment


def lit(colour: tuple[float, float, float], factor: float) -> np.ndarray:
    rgb = np.full((2, 2, 3), colour, np.float32)
    return relit(rgb, np.full((2, 2), factor, np.float32))[0, 0]


@given(st.tuples(*[st.floats(0, 255, width=32)] * 3))
@settings(max_examples=40, deadline=None)
def test_a_factor_of_one_changes_nothing(colour: tuple[float, float, float]) -> None:
    np.testing.assert_allclose(lit(colour, 1.0), colour, atol=1e-4)


@given(st.tuples(*[st.floats(0, 255, width=32)] * 3), st.floats(0.6, 0.98), st.floats(1.02, 1.25))
@settings(max_examples=60, deadline=None)
def test_more_light_is_never_darker_and_stays_in_range(
    colour: tuple[float, float, float], less: float, more: float
) -> None:
    dim, bright = lit(colour, less), lit(colour, more)
    assert (dim <= np.array(colour) + 1e-3).all()
    assert (bright >= np.array(colour) - 1e-3).all()
    assert bright.max() <= 256.0


def test_white_stays_white() -> None:
    assert lit((250, 250, 250), 1.15).max() < 254
    assert lit((250, 250, 250), 0.95).min() > 235


@pytest.mark.parametrize("factor", [0.85, 1.15])
def test_black_shows_its_folds_but_stays_black(factor: float) -> None:
    change = lit((12, 12, 14), factor) - np.array((12, 12, 14))
    assert 2.0 < np.abs(change).max() < 12.0
    assert (np.sign(change) == np.sign(factor - 1)).all()


def test_a_mid_colour_keeps_its_hue() -> None:
    dim = lit((180, 90, 60), 0.8)
    np.testing.assert_allclose(dim / dim.sum(), np.array((180, 90, 60)) / 330, atol=0.01)


def photographed(garment: Garment, factor: np.ndarray) -> Garment:
    return replace(garment, rgb=np.clip(garment.rgb * factor[..., None], 0, 255).astype(np.uint8))


def made_even(garment: Garment) -> np.ndarray:
    own = read_relief(garment.rgb, garment.alpha, garment_raster(garment))
    return evened(garment, own).astype(np.float32)


def test_a_lamp_at_one_side_is_evened_out(worn) -> None:
    garment = replace(worn("short"), rgb=np.full_like(worn("short").rgb, (150, 120, 110)))
    ramp = np.linspace(0.8, 1.2, garment.alpha.shape[1], dtype=np.float32)[None] * np.ones_like(garment.alpha)
    before, after = photographed(garment, ramp).rgb.astype(np.float32), made_even(photographed(garment, ramp))
    inside = garment.alpha > 0.99
    assert after[inside].std(axis=0).max() < 0.5 * before[inside].std(axis=0).max()
    np.testing.assert_allclose(np.median(after[inside], axis=0), np.median(before[inside], axis=0), atol=6)


def test_a_print_is_not_evened_out(worn) -> None:
    garment = worn("short")
    rgb = np.full_like(garment.rgb, (205, 203, 200))
    ys, xs = np.nonzero(garment.alpha > 0.99)
    y, x = int(np.median(ys)), int(np.median(xs))
    rgb[y - 60 : y + 60, x - 60 : x + 60] = (40, 60, 150)
    printed = replace(garment, rgb=rgb)
    change = np.abs(made_even(printed) - rgb)[garment.alpha > 0.99]
    assert np.median(change) < 3.0
    assert np.percentile(change, 95) < 12.0


def test_an_even_garment_stays(worn) -> None:
    garment = replace(worn("short"), rgb=np.full_like(worn("short").rgb, 180))
    assert np.abs(made_even(garment) - 180.0)[garment.alpha > 0.9].max() <= 1.0
    gone = replace(garment, alpha=np.zeros_like(garment.alpha))
    assert (made_even(gone) == garment.rgb).all()


def test_only_plainly_dim_photos_dim_the_product() -> None:
    photo = np.full((80, 60, 3), 40, np.uint8)
    photo[:20] = 210
    assert exposure(photo) == 1.0, "dark clothes and dark skin before a bright wall are no dim light"
    assert exposure(photo // 3) == DIMMEST
    assert DIMMEST < exposure((photo * 0.73).astype(np.uint8)) < 1.0
